"""One viewer of one terminal: WebSocket (RFC 6455) and docs/protocol/terminal.md, standard library only.

Used by the tests of this folder and of tests/abuse. It checks what the protocol promises while it
reads: every OUTPUT begins where the last one ended, or a RESET says why not.
"""
import base64
import hashlib
import os
import socket
import struct

WINDOW = 1 << 18
RESUME, OWN, WATCH = 1, 2, 4
ATTACHED, OUTPUT, TAKEN, SIZE, EXIT, PONG, RESET, NOTICE, ERROR = range(0x81, 0x8A)


class WebSocket:
    """A client's half of a WebSocket, which can also send what no honest client sends."""

    def __init__(self, port, target, headers=(), timeout=30, protocol="paddock.terminal.v1"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.buffer = bytearray()
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {target} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: Upgrade",
                 "Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}",
                 f"Sec-WebSocket-Protocol: {protocol}", *headers]
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        head = self._until(b"\r\n\r\n").decode()
        self.status = int(head.split(" ", 2)[1])
        if self.status == 101:
            accept = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
            assert base64.b64encode(accept).decode() in head

    def _fill(self):
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise EOFError
        self.buffer += piece

    def _until(self, end):
        while end not in self.buffer:
            self._fill()
        at = self.buffer.index(end)
        head = bytes(self.buffer[:at])
        del self.buffer[:at + len(end)]
        return head

    def _take(self, count):
        while len(self.buffer) < count:
            self._fill()
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    @staticmethod
    def frame(message, opcode=2, final=True, masked=True):
        length = len(message)
        head = bytes([(0x80 if final else 0) | opcode])
        bit = 0x80 if masked else 0
        if length < 126:
            head += bytes([bit | length])
        elif length < 1 << 16:
            head += struct.pack(">BH", bit | 126, length)
        else:
            head += struct.pack(">BQ", bit | 127, length)
        if not masked:
            return head + message
        mask = os.urandom(4)
        repeated = int.from_bytes(mask * (length // 4 + 1), "big") >> (8 * (4 - length % 4))
        return head + mask + (int.from_bytes(message, "big") ^ repeated).to_bytes(length, "big")

    def send(self, message, **form):
        self.socket.sendall(self.frame(message, **form))

    def receive(self):
        """The next message. EOFError carries the payload of a close frame."""
        while True:
            first, second = self._take(2)
            length = second & 127
            if length == 126:
                length = struct.unpack(">H", self._take(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self._take(8))[0]
            payload = self._take(length)
            if first & 15 == 9:
                self.send(payload, opcode=10)
            elif first & 15 == 8:
                raise EOFError(payload)
            elif first & 15 != 10:
                return payload

    def close_code(self):
        """Reads until the server closes; its close code, 0 when there was no close frame."""
        try:
            while True:
                self.receive()
        except EOFError as end:
            return struct.unpack(">H", end.args[0][:2])[0] if end.args else 0
        except ConnectionResetError:
            return 0

    def close(self):
        """Without a goodbye, as when a network breaks."""
        self.socket.close()


class Terminal:
    """`viewer` is the 16 bytes that name its input stream; with `offset` it resumes there.

    With `reading` false it never grants more output than its first WINDOW.
    """

    def __init__(self, client, terminal, offset=None, viewer=None, flags=0, reading=True, size=(80, 24)):
        path = f"/api/v1/terminals/{terminal}/socket"
        ticket = client.ask("POST", "/api/v1/tickets", {"path": path})
        assert ticket.status == 201, ticket.body
        self.wire = WebSocket(client.paddock.port, f"{path}?ticket={ticket.json['ticket']}")
        assert self.wire.status == 101, self.wire.status
        self.viewer, self.reading = viewer or os.urandom(16), reading
        self.output, self.sent, self.taken = bytearray(), 0, 0
        self.resets, self.exit, self.error, self.owner = [], None, None, False
        flags |= RESUME if offset is not None else 0
        self.wire.send(struct.pack(">BBHHQQ", 1, flags, *size, offset or 0, WINDOW) + self.viewer)
        while self.step() != ATTACHED:
            assert self.error is None, self.error

    def step(self):
        """Takes one message and returns its type."""
        message = self.wire.receive()
        kind, body = message[0], message[1:]
        if kind == ATTACHED:
            flags, self.columns, self.rows, self.offset, self.live, self.taken = struct.unpack(">BHHQQQ", body)
            self.owner, self.sent = bool(flags & 1), self.taken
        elif kind == OUTPUT:
            assert struct.unpack(">Q", body[:8])[0] == self.offset, "output with a gap"
            self.output += body[8:]
            self.offset += len(body) - 8
            self._grant()
        elif kind == TAKEN:
            self.taken = struct.unpack(">Q", body)[0]
        elif kind == SIZE:
            flags, self.columns, self.rows = struct.unpack(">BHH", body)
            self.owner = bool(flags & 1)
        elif kind == EXIT:
            self.exit = struct.unpack(">QBI", body)
        elif kind == RESET:
            self.offset = struct.unpack(">Q", body[:8])[0]
            self.resets.append(body[8:])
            self._grant()
        elif kind == ERROR:
            self.error = struct.unpack(">H", body[:2])[0]
        return kind

    def _grant(self):
        if self.reading:
            self.wire.send(struct.pack(">BQ", 3, self.offset + WINDOW))

    def type(self, text):
        data = text.encode() if isinstance(text, str) else text
        self.wire.send(struct.pack(">BQ", 2, self.sent) + data)
        self.sent += len(data)

    def resize(self, columns, rows):
        self.wire.send(struct.pack(">BHH", 4, columns, rows))

    def read_until(self, wanted):
        """Output until it holds `wanted`."""
        seen = 0
        while self.output.find(wanted, max(0, seen - len(wanted))) < 0:
            seen = len(self.output)
            self.step()
        return self.output

    def read_to_exit(self):
        """All output of a program that ends."""
        while self.exit is None:
            self.step()
        return self.output

    def close(self):
        self.wire.close()
