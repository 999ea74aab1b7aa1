#!/usr/bin/env python3
"""Records TLS conversations of OpenSSL with itself; see README.md.

Usage: unshare --net ./record.py [NAME...]     (root; needs openssl, tcpdump, ip)
"""

import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PORT = 4433
REQUEST = b"GET / HTTP/1.0\r\n\r\n"
HELLO = ["-servername", "gs.apple.com", "-alpn", "h2,http/1.1", "-CAfile", "root.pem"]
WEB = ["-www", "-alpn", "http/1.1"]
STRICT = ["-verify_return_error"]

# name: (arguments of s_server, arguments of s_client, arguments of an s_client that goes before)
CONVERSATIONS = {
    "tls12-full": (WEB, ["-tls1_2", *STRICT], None),
    "tls12-ticket": (WEB, ["-tls1_2", "-sess_in", "session"], ["-tls1_2", "-sess_out", "session"]),
    "tls12-session-id": (
        [*WEB, "-no_ticket"],
        ["-tls1_2", "-no_ticket", "-sess_in", "session"],
        ["-tls1_2", "-no_ticket", "-sess_out", "session"],
    ),
    "tls13-full": (WEB, STRICT, None),
    "tls13-resumed": (WEB, ["-sess_in", "session"], ["-sess_out", "session"]),
    "tls13-retry": ([*WEB, "-groups", "P-384"], ["-groups", "X25519:P-384"], None),
    "tls13-early-data": (
        ["-early_data", "-alpn", "http/1.1"],
        ["-sess_in", "session", "-early_data", "early"],
        ["-sess_out", "session"],
    ),
    "tls13-client-certificate": (
        [*WEB, "-Verify", "1", "-verify_return_error", "-CAfile", "root.pem"],
        ["-cert", "leaf.pem", "-key", "leaf.key"],
        None,
    ),
    "tls13-certificate-required": ([*WEB, "-Verify", "1", "-verify_return_error"], [], None),
    "tls13-unknown-ca": (WEB, [*STRICT, "-CAfile", "stranger.pem"], None),
    "tls12-unknown-ca": (WEB, ["-tls1_2", *STRICT, "-CAfile", "stranger.pem"], None),
    "tls12-handshake-failure": (WEB, ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"], None),
    "tls13-protocol-version": ([*WEB, "-tls1_3"], ["-tls1_2"], None),
}


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def make_certificates():
    for name, subject in (("root", "/O=windfall/CN=windfall test root"), ("stranger", "/CN=stranger")):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650",
                "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", subject)
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "leaf.key",
            "-out", "leaf.csr", "-subj", "/C=US/O=Example, Inc./CN=gs.apple.com")
    pathlib.Path("names").write_text("subjectAltName=DNS:gs.apple.com,DNS:*.itunes.apple.com\n")
    openssl("x509", "-req", "-in", "leaf.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
            "-days", "3650", "-extfile", "names", "-out", "leaf.pem")
    pathlib.Path("early").write_bytes(REQUEST)


def connect(server, arguments):
    client = subprocess.Popen(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{PORT}", *HELLO, *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.4)
        client.stdin.write(REQUEST)
        client.stdin.flush()
        time.sleep(0.4)
        # Only a server without -www sends what it is typed.
        server.stdin.write(b"an answer that was typed by hand\n")
        server.stdin.flush()
        time.sleep(0.4)
        client.stdin.close()
    except BrokenPipeError:
        pass
    client.wait(10)


def record(name, server_arguments, client_arguments, before):
    server = subprocess.Popen(
        ["openssl", "s_server", "-accept", str(PORT), "-cert", "leaf.pem", "-key", "leaf.key",
         "-cert_chain", "root.pem", "-quiet", *server_arguments],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.3)
    if before is not None:
        connect(server, before)
    capture = subprocess.Popen(["tcpdump", "-i", "lo", "-s", "0", "-U", "-w", "capture", f"tcp port {PORT}"],
                               stderr=subprocess.DEVNULL)
    time.sleep(0.7)
    connect(server, client_arguments)
    time.sleep(0.7)
    capture.terminate()
    capture.wait(5)
    server.terminate()
    server.wait(5)
    write(name, pathlib.Path("capture").read_bytes())


def segments(capture):
    """Side, sequence number, acknowledgment number, flags and payload of each TCP segment of an Ethernet pcap."""
    at = 24
    while at < len(capture):
        length = struct.unpack_from("<I", capture, at + 8)[0]
        packet = capture[at + 16 + 14 : at + 16 + length]
        at += 16 + length
        total = struct.unpack_from(">H", packet, 2)[0]
        tcp = packet[(packet[0] & 15) * 4 : total]
        source, _, seq, ack, offset, flags = struct.unpack_from(">HHIIBB", tcp)
        side = "server" if source == PORT else "client"
        yield side, seq, ack, flags, tcp[(offset >> 4) * 4 :]


def write(name, capture):
    first, sent, lines = {}, {"client": b"", "server": b""}, []
    for side, seq, ack, flags, payload in segments(capture):
        peer = "client" if side == "server" else "server"
        if flags & 2:
            first[side] = seq + 1
        if payload:
            assert (seq - first[side]) % 2**32 == len(sent[side]), "a segment was repeated or lost: record again"
            sent[side] += payload
            lines.append(f"{side} {len(payload)} {min((ack - first[peer]) % 2**32, len(sent[peer]))}\n")
    assert sent["client"] and sent["server"], name
    (HERE / f"{name}.segments").write_text("".join(lines))
    for side, payload in sent.items():
        (HERE / f"{name}.{side}").write_bytes(payload)
    print(name, len(lines), "segments")


def main():
    names = sys.argv[1:] or list(CONVERSATIONS)
    subprocess.run(["ip", "link", "set", "lo", "mtu", "1500", "up"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make_certificates()
        for name in names:
            record(name, *CONVERSATIONS[name])


main()
