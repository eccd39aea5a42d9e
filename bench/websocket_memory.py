#!/usr/bin/env python3
"""usage: websocket_memory.py SERVER_BINARY [COUNT]

Server memory per idle WebSocket, after a message of 3 KB on each. One JSON line; there is no floor, the
aim is a ceiling. Kernel buffers are not counted: an idle socket has none worth naming.
"""
import json
import re
import socket
import subprocess
import sys

UPGRADE = (
    b"GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
MESSAGE = b"\x82\xfe" + (3000).to_bytes(2, "big") + bytes(4) + bytes(3000)


def rss_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])


def connect(port):
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(UPGRADE)
    assert client.recv(4096).startswith(b"HTTP/1.1 101"), "no upgrade"
    client.sendall(MESSAGE)
    # The answer to a ping shows that the message has been taken.
    client.sendall(b"\x89\x80" + bytes(4))
    assert client.recv(2) == b"\x8a\x00"
    return client


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 900
    server = subprocess.Popen([sys.argv[1]], stdout=subprocess.PIPE, text=True)
    try:
        port = int(server.stdout.readline())
        warm = [connect(port) for _ in range(20)]
        before = rss_kib(server.pid)
        clients = [connect(port) for _ in range(count)]
        after = rss_kib(server.pid)
        figure = {"figure": "idle_websocket_server_memory", "unit": "KiB", "value": round((after - before) / count, 2),
                  "count": len(clients), "warm": len(warm)}
        print(json.dumps(figure))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
