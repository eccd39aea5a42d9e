"""A Paddock of a test's own: `paddock serve` as root on a free port, with temporary directories.

Used by the integration tests of this folder. Needs root, the base image (built by `./dev run` or
`paddock images build base`) and the standard library only. Nothing of it is left when it is stopped.
"""
import base64
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

IMAGES = pathlib.Path(os.environ.get("PADDOCK_TEST_IMAGES", "/var/lib/paddock/images"))
START_TIME_MAX_S = 60
SKIPPED = 77  # ctest shows such a test as skipped, with what it printed


def why_not():
    """Why this host cannot run these tests; None when it can."""
    if os.geteuid() != 0:
        return "needs root"
    if not (IMAGES / "names" / "base").exists():
        return f"needs the base image in {IMAGES}: run `paddock images build base`"
    return None


class Paddock:
    def __init__(self, binary, *flags):
        self.binary = binary
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="paddock-test-"))
        self.root.chmod(0o755)
        self.data, self.run = self.root / "data", self.root / "run"
        self.data.mkdir()
        (self.data / "images").symlink_to(IMAGES)
        self.places = ["--data-dir", str(self.data), "--run-dir", str(self.run),
                       "--cgroup-root", self.root.name]
        self.flags = ["--listen", "127.0.0.1:0", "--user", "nobody", *self.places, *flags]
        self.process = None
        self.start()

    def start(self):
        with open(self.root / "log", "ab") as log:
            self.process = subprocess.Popen([self.binary, "serve", *self.flags],
                                            stdout=subprocess.PIPE, stderr=log, text=True)
        self.read_address()
        threading.Thread(target=self._drain, args=(self.process.stdout,), daemon=True).start()

    def _drain(self, stream):
        """A restarted server has another port, and says so."""
        with stream:
            for line in stream:
                self._take_address(line)

    def _take_address(self, line):
        found = re.search(r"Paddock is ready: http://127\.0\.0\.1:(\d+)", line)
        if found:
            self.port = int(found[1])
        return found

    def read_address(self):
        killer = threading.Timer(START_TIME_MAX_S, self.process.kill)
        killer.start()
        for line in self.process.stdout:
            if self._take_address(line):
                killer.cancel()
                return
        killer.cancel()
        raise RuntimeError("paddock serve did not start:\n" + self.log_text())

    def log_text(self):
        return (self.root / "log").read_text(errors="replace")

    def children(self):
        """The processes of the supervisor, by their verb: {"node": pid, "serve": pid}."""
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        found = {}
        for pid in pathlib.Path(path).read_text().split():
            words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if len(words) > 1:  # a dead one that nobody has waited for yet has none
                found[words[1].decode()] = int(pid)
        return found

    def kill_child(self, verb):
        """kill -9, and waits until the supervisor has another one in its place."""
        old, port = self.children()[verb], getattr(self, "port", None)
        os.kill(old, signal.SIGKILL)
        wait_for(lambda: self.children().get(verb, old) != old)
        if verb == "serve":
            wait_for(lambda: self.port != port)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def destroy(self):
        """Ends everything and removes every trace."""
        if self.process.poll() is None:
            self.stop()
        ended = subprocess.run([self.binary, "stop", "--all", *self.places], capture_output=True,
                               text=True, timeout=120)
        (self.data / "images").unlink()
        shutil.rmtree(self.root)
        return ended

    def client(self):
        return Client(self)


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    """One guest, by bearer token."""

    def __init__(self, paddock):
        self.paddock = paddock
        self.token = None
        session = self.ask("POST", "/api/v1/session")
        assert session.status == 201, session.body
        self.token = session.json["token"]

    def ask(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if self.token and "Cookie" not in headers:
            headers.setdefault("Authorization", "Bearer " + self.token)
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", self.paddock.port, timeout=60)
        try:
            connection.request(method, path, body=body, headers=headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def create(self, **fields):
        answer = self.ask("POST", "/api/v1/sandboxes", fields)
        assert answer.status == 201, answer.body
        return answer.json["id"]

    def exec(self, sandbox, shell, **fields):
        answer = self.ask("POST", f"/api/v1/sandboxes/{sandbox}/exec", {"shell": shell, **fields})
        assert answer.status == 200, answer.body
        return answer.json


class Terminal:
    """One viewer: WebSocket (RFC 6455) and docs/protocol/terminal.md, as far as tests need them."""

    def __init__(self, client, terminal, offset=None):
        path = f"/api/v1/terminals/{terminal}/socket"
        ticket = client.ask("POST", "/api/v1/tickets", {"path": path})
        assert ticket.status == 201, ticket.body
        self.socket = socket.create_connection(("127.0.0.1", client.paddock.port), timeout=30)
        self.buffer, self.output, self.sent = b"", b"", 0
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET {path}?ticket={ticket.json['ticket']} HTTP/1.1\r\n"
                             f"Host: 127.0.0.1:{client.paddock.port}\r\nConnection: Upgrade\r\n"
                             f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                             f"Sec-WebSocket-Key: {key}\r\n"
                             f"Sec-WebSocket-Protocol: paddock.terminal.v1\r\n\r\n").encode())
        head = self._until(b"\r\n\r\n").decode()
        assert " 101 " in head.splitlines()[0], head
        accept = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        assert base64.b64encode(accept).decode() in head
        resume = offset is not None
        self._send(struct.pack(">BBHHQQ", 1, 1 if resume else 0, 80, 24, offset or 0,
                               (offset or 0) + (1 << 18)) + os.urandom(16))

    def _fill(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise EOFError
        self.buffer += piece

    def _until(self, end):
        while end not in self.buffer:
            self._fill()
        head, self.buffer = self.buffer.split(end, 1)
        return head

    def _take(self, count):
        while len(self.buffer) < count:
            self._fill()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def _send(self, message, opcode=2):
        length = len(message)
        head = bytes([0x80 | opcode])
        head += bytes([0x80 | length]) if length < 126 else struct.pack(">BH", 0x80 | 126, length)
        mask = os.urandom(4)
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(message)))

    def _message(self):
        while True:
            first, second = self._take(2)
            length = second & 127
            if length == 126:
                length = struct.unpack(">H", self._take(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self._take(8))[0]
            payload = self._take(length)
            if first & 15 == 9:
                self._send(payload, opcode=10)
            elif first & 15 == 8:
                raise EOFError(payload)
            else:
                return payload

    def type(self, text):
        data = text.encode()
        self._send(struct.pack(">BQ", 2, self.sent) + data)
        self.sent += len(data)

    def read_until(self, wanted):
        """Output until it holds `wanted`."""
        while wanted not in self.output:
            message = self._message()
            if message[0] == 0x82:
                self.output += message[9:]
                end = struct.unpack(">Q", message[1:9])[0] + len(message) - 9
                self._send(struct.pack(">BQ", 3, end + (1 << 18)))
        return self.output

    def close(self):
        self.socket.close()


def wait_for(condition, timeout_s=30):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
