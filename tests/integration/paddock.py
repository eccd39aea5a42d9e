"""A Paddock of a test's own: `paddock serve` as root on a free port, with temporary directories.

Used by the integration tests of this folder. Needs root, the base image (built by `./dev run` or
`paddock images build base`) and the standard library only. Nothing of it is left when it is stopped.
"""
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
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
    """With `data_bytes` the data directory is a file system of that size; with `run_in_memory` the run
    directory is one, as /run is on an ordinary host."""

    def __init__(self, binary, *flags, data_bytes=None, run_in_memory=False):
        self.binary = binary
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="paddock-test-"))
        self.root.chmod(0o755)
        self.data, self.run = self.root / "data", self.root / "run"
        self.data.mkdir()
        self.data_is_mount = data_bytes is not None
        if self.data_is_mount:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={data_bytes},mode=755", "paddock-test",
                            str(self.data)], check=True)
        self.run_is_mount = run_in_memory
        if self.run_is_mount:
            self.run.mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "paddock-test", str(self.run)], check=True)
        (self.data / "images").symlink_to(IMAGES)
        self.places = ["--data-dir", str(self.data), "--run-dir", str(self.run),
                       "--cgroup-root", self.root.name]
        self.flags = ["--listen", "127.0.0.1:0", "--user", "nobody", *self.places, *flags]
        self.process = None
        self.said = []  # the lines of its standard output
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
        self.said.append(line)
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
            try:
                words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue  # it was there when the list was read, and has been waited for since
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
        for place, is_mount in ((self.data, self.data_is_mount), (self.run, self.run_is_mount)):
            if is_mount:
                subprocess.run(["umount", str(place)], check=True)
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


def wait_for(condition, timeout_s=30):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
