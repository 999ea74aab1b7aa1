"""Offers Bonjour services, or browses for them, with python3-zeroconf.

bonjour.py browse SECONDS TYPE...             browses and asks where what it finds is
bonjour.py offer SECONDS HOST SERVICE...      offers services, each given as "instance|type|port|txt|txt..."
"""

import socket
import sys
import time

from zeroconf import ServiceBrowser, ServiceInfo, Zeroconf


class Resolver:
    def add_service(self, zeroconf, kind, name):
        zeroconf.get_service_info(kind, name)

    update_service = add_service

    def remove_service(self, zeroconf, kind, name):
        pass


def browse(zeroconf, *kinds):
    ServiceBrowser(zeroconf, [kind + ".local." for kind in kinds], Resolver())


def offer(zeroconf, host, *services):
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    own.connect(("192.168.7.1", 53))
    address = socket.inet_aton(own.getsockname()[0])
    for service in services:
        instance, kind, port, *entries = service.split("|")
        kind += ".local."
        zeroconf.register_service(
            ServiceInfo(
                kind,
                f"{instance}.{kind}",
                port=int(port),
                addresses=[address],
                server=host + ".local.",
                properties=dict(entry.split("=", 1) for entry in entries),
            )
        )


what, seconds, *rest = sys.argv[1:]
mdns = Zeroconf()
{"browse": browse, "offer": offer}[what](mdns, *rest)
time.sleep(float(seconds))
mdns.close()  # says goodbye
