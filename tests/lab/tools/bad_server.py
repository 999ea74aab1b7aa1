"""A TCP server that misbehaves after the first message.

bad_server.py HOW PORT, where HOW is
  silent  never answers
  close   closes without a word
  reset   closes with a RST
  half    gives the first 600 bytes of what the real server on 443 answers, and then nothing
"""

import socket
import struct
import sys
import threading
import time


def answer(how, connection):
    message = connection.recv(65536)
    if how == "half":
        real = socket.create_connection(("127.0.0.1", 443))
        real.sendall(message)
        time.sleep(0.05)
        connection.sendall(real.recv(65536)[:600])
    if how in ("silent", "half"):
        while connection.recv(65536):
            pass
    if how == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def main(how, port):
    server = socket.create_server(("", int(port)))
    while True:
        connection, _ = server.accept()
        threading.Thread(target=answer, args=(how, connection), daemon=True).start()


main(*sys.argv[1:])
