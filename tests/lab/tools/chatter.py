"""Small datagrams that go by on any network: NTP, PCP and mDNS.

chatter.py ntp-server        answers NTP on port 123 (RFC 5905), over IPv4
chatter.py ntp-kiss PORT     answers NTP with a kiss-o'-death, RATE (section 7.4)
chatter.py ntp NAME          asks for the time once
chatter.py pcp GATEWAY PORT  asks to map a TCP port by PCP (RFC 6887 section 11)
chatter.py mdns-ask          asks for AirPlay receivers (RFC 6762)
chatter.py mdns-answer       tells of one
"""

import socket
import struct
import sys
import time

EPOCH_1900 = 2208988800
GROUP = ("224.0.0.251", 5353)


def stamp():
    now = time.time() + EPOCH_1900
    return struct.pack("!II", int(now), int(now % 1 * 2**32))


def ntp_server():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.IPPROTO_IP, 8, 1)  # IP_PKTINFO: answer from the address that was asked
    server.bind(("", 123))
    while True:
        question, control, _, asker = server.recvmsg(512, 64)
        received = stamp()
        head = struct.pack("!BBBbII4s", 0x24, 1, 6, -20, 0, 16, b"GPSs")
        reply = head + received + question[40:48] + received + stamp()
        asked = control[0][2][4:8]
        info = [(socket.IPPROTO_IP, 8, struct.pack("=i4s4s", 0, asked, asked))]
        server.sendmsg([reply], info, 0, asker)


def ntp_kiss(port):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.IPPROTO_IP, 8, 1)
    server.bind(("", int(port)))
    while True:
        question, control, _, asker = server.recvmsg(512, 64)
        head = struct.pack("!BBbbII4s", 0xE4, 0, question[2], -20, 0, 0, b"RATE")
        info = [(socket.IPPROTO_IP, 8, struct.pack("=i4s4s", 0, control[0][2][4:8], bytes(4)))]
        server.sendmsg([head + bytes(8) + question[40:48] * 3], info, 0, asker)


def pcp(gateway, port):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(2)
    client.connect((gateway, 5351))
    own = bytes(10) + b"\xff\xff" + socket.inet_aton(client.getsockname()[0])
    wanted = struct.pack("!B3xHH16s", 6, int(port), int(port), bytes(10) + b"\xff\xff" + bytes(4))
    client.send(struct.pack("!BBHI", 2, 1, 0, 3600) + own + b"windfall-lab" + wanted)
    client.recv(1100)


def ntp(name):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(2)
    client.sendto(bytes([0x23]) + bytes(39) + stamp(), (socket.gethostbyname(name), 123))
    client.recv(512)


def labels(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split("|")) + b"\0"


def record(name, kind, data, flush=0x8000):
    return labels(name) + struct.pack("!HHIH", kind, flush | 1, 120, len(data)) + data


def multicast(message):
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    sender.bind(("", 5353))
    sender.sendto(message, GROUP)


def mdns_ask():
    head = struct.pack("!6H", 0, 0, 1, 0, 0, 0)
    multicast(head + labels("_airplay|_tcp|local") + struct.pack("!HH", 12, 1))


def mdns_answer():
    service, host = "Kitchen Speaker|_airplay|_tcp|local", "kitchen-speaker|local"
    multicast(
        struct.pack("!6H", 0, 0x8400, 0, 3, 0, 0)
        + record("_airplay|_tcp|local", 12, labels(service), flush=0)
        + record(service, 33, struct.pack("!3H", 0, 0, 7000) + labels(host))
        + record(host, 1, socket.inet_aton("192.168.7.20"))
    )


what = {
    "ntp-server": ntp_server,
    "ntp-kiss": ntp_kiss,
    "ntp": ntp,
    "pcp": pcp,
    "mdns-ask": mdns_ask,
    "mdns-answer": mdns_answer,
}
what[sys.argv[1]](*sys.argv[2:])
