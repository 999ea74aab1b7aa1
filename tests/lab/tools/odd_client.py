"""A client that does what curl never does.

odd_client.py keep-alive NAME AUTHORITY SECONDS   TLS, then idle with TCP keep-alives every second, then a request
odd_client.py reset NAME AUTHORITY                TLS, a request, and a RST once the whole answer is there
odd_client.py stop-reading NAME SECONDS [READ]    plain HTTP with a small window that is not read for SECONDS; with
                                                  READ it is read to the end afterwards
"""

import socket
import ssl
import struct
import sys
import time


def connect(name, port, prepare=lambda plain: None):
    plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    prepare(plain)
    plain.connect((socket.gethostbyname(name), port))
    return plain


def secure(plain, name, authority):
    return ssl.create_default_context(cafile=authority).wrap_socket(
        plain, server_hostname=name, suppress_ragged_eofs=True
    )


def request(name, path="/"):
    return f"GET {path} HTTP/1.1\r\nHost: {name}\r\nUser-Agent: iTunes lab\r\n\r\n".encode()


def read_answer(stream):
    """Reads head and body: the lab's answers all say their length."""
    head, _, body = b"", b"", b""
    while b"\r\n\r\n" not in head:
        head += stream.recv(65536)
    head, _, body = head.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += stream.recv(65536)


def keep_alive(name, authority, seconds):
    def prepare(plain):
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)

    stream = secure(connect(name, 443, prepare), name, authority)
    time.sleep(float(seconds))
    stream.sendall(request(name))
    read_answer(stream)
    stream.close()


def reset(name, authority):
    stream = secure(connect(name, 443), name, authority)
    stream.sendall(request(name))
    read_answer(stream)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.close()


def stop_reading(name, seconds, read=""):
    def prepare(plain):
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)

    stream = connect(name, 80, prepare)
    stream.sendall(request(name, "/artwork.jpg"))
    time.sleep(float(seconds))
    if read:
        read_answer(stream)
    else:
        time.sleep(1)
    stream.close()


{"keep-alive": keep_alive, "reset": reset, "stop-reading": stop_reading}[sys.argv[1]](*sys.argv[2:])
