"""Holds packets back: joins two TUN devices and gives each packet on after a fixed delay.

relay.py DEVICE DEVICE MILLISECONDS. The devices are made in this namespace and may be moved to others afterwards.
"""

import collections
import fcntl
import os
import select
import struct
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000


def tun(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


def give(device, packet):
    try:
        os.write(device, packet)
    except OSError:
        pass  # the device is not up yet


def main(one, other, milliseconds):
    a, b = tun(one), tun(other)
    peer, delay = {a: b, b: a}, float(milliseconds) / 1000
    held = collections.deque()  # (due, device, packet); due times rise
    while True:
        wait = max(0, held[0][0] - time.monotonic()) if held else None
        for device in select.select([a, b], [], [], wait)[0]:
            try:
                held.append((time.monotonic() + delay, peer[device], os.read(device, 65536)))
            except OSError:
                time.sleep(0.01)  # the device is not up yet
        while held and held[0][0] <= time.monotonic():
            _, device, packet = held.popleft()
            give(device, packet)


main(*sys.argv[1:])
