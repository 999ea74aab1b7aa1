"""A middlebox: forges a RST from the server when a ClientHello passes, and lets the hello pass.

forge_reset.py INTERFACE SERVER. Sees frames by a packet socket and sends the RST by a raw one, with this host's TTL.
"""

import socket
import struct
import sys

ETH_P_IP, RST, TLS_HANDSHAKE = 0x0800, 0x04, 0x16


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def reset(client, server, client_port, server_port, sequence):
    """A RST from server to client at the sequence number that the client waits for."""
    segment = struct.pack("!HHIIBBHHH", server_port, client_port, sequence, 0, 5 << 4, RST, 0, 0, 0)
    pseudo = server + client + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(segment))
    segment = segment[:16] + struct.pack("!H", checksum(pseudo + segment)) + segment[18:]
    header = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, socket.IPPROTO_TCP, 0, server, client
    )
    return header + segment


def main(interface, address):
    wanted = socket.inet_aton(address)
    frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
    frames.bind((interface, 0))
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    print("ready", flush=True)
    while True:
        packet = frames.recv(65536)[14:]
        if packet[9] != socket.IPPROTO_TCP or packet[16:20] != wanted:
            continue
        segment = packet[(packet[0] & 15) * 4 :]
        client_port, server_port, _, acknowledged = struct.unpack("!HHII", segment[:12])
        if segment[(segment[12] >> 4) * 4 :][:1] == bytes([TLS_HANDSHAKE]):
            forged = reset(packet[12:16], wanted, client_port, server_port, acknowledged)
            raw.sendto(forged, (socket.inet_ntoa(packet[12:16]), 0))


main(*sys.argv[1:])
