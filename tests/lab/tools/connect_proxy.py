"""An HTTP proxy that wants a login: CONNECT without Proxy-Authorization is answered 407, with it a tunnel opens.

connect_proxy.py PORT. Any name and password will do. Several requests on one connection, as RFC 9110 9.3.6 allows.
"""

import select
import socket
import sys
import threading

BODY = b"<html><body>This proxy wants a name and a password.</body></html>\n"
DENIED = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\n"
    b'Proxy-Authenticate: Basic realm="lab proxy"\r\n'
    b"Content-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
)


def tunnel(one, other):
    peer = {one: other, other: one}
    while True:
        for stream in select.select(list(peer), [], [])[0]:
            data = stream.recv(65536)
            if not data:
                return
            peer[stream].sendall(data)


def serve(client):
    while True:
        head = b""
        while b"\r\n\r\n" not in head:
            data = client.recv(65536)
            if not data:
                return client.close()
            head += data
        if b"proxy-authorization:" not in head.lower():
            client.sendall(DENIED)
            continue
        host, _, port = head.split(b" ")[1].decode().rpartition(":")
        with socket.create_connection((host, int(port))) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            tunnel(client, server)
        return client.close()


def main(port):
    listener = socket.create_server(("", int(port)))
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()


main(*sys.argv[1:])
