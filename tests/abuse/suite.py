"""What every abuse case runs in: one Paddock, a neighbour that must not notice, and a host that must
be afterwards as it was before.

A case is a function with @case("A1_fork_bomb"); it gets a Bench and fails by AssertionError. After each case
its sandboxes are destroyed, and then nothing of them may be left on the host: loop devices, mounts, cgroups,
processes, bytes of disk, descriptors of server and node.
"""
import collections
import contextlib
import http.client
import json
import os
import pathlib
import sys
import threading
import time
import traceback

from paddock import Client, Paddock, wait_for
from terminal import Terminal

CASES = []
PROBE_PERIOD_S = 0.1
# Generous on purpose: a neighbour that starves answers after its exec's timeout, or never.
PROBE_SLOWEST_S = 5.0
PROBE_P99_S = 2.0
LEFT_TIME_MAX_S = 20
DISK_SLACK_BYTES = 8 << 20  # logs and the journal grow
FLAGS = ["--user-rate", "1000", "--address-rate", "10000", "--user-creation-rate", "10",
         "--address-creation-rate", "100", "--guest-rate", "100"]


def case(name):
    def take(function):
        CASES.append((name, function))
        return function
    return take


def equal(found, wanted, what=""):
    assert found == wanted, f"{what}: {found!r:.2000} instead of {wanted!r:.500}"


def below(found, limit, what=""):
    assert found <= limit, f"{what}: {found!r} is above {limit!r}"


class Probe:
    """The neighbour: an exec with an echo every 100 ms, on a connection of its own."""

    def __init__(self, paddock):
        self.client = Client(paddock)
        self.sandbox = self.client.create()
        self.times, self.failures = [], []
        self._lock, self._ending = threading.Lock(), threading.Event()
        self._connection, self._count = None, 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._ending.wait(PROBE_PERIOD_S):
            with self._lock:  # held by paused(): then there is no server to ask
                self._connection = self._connection or http.client.HTTPConnection(
                    "127.0.0.1", self.client.paddock.port, timeout=30)
                try:
                    self._once(self._connection)
                except (OSError, http.client.HTTPException) as error:
                    self.failures.append(repr(error))
                    self._connection = None

    def _once(self, connection):
        self._count += 1
        began = time.monotonic()
        connection.request("POST", f"/api/v1/sandboxes/{self.sandbox}/exec",
                           json.dumps({"shell": f"echo {self._count}"}),
                           {"Authorization": "Bearer " + self.client.token})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200 or json.loads(body)["stdout"] != f"{self._count}\n":
            self.failures.append(f"{answer.status} {body!r:.300}")
        self.times.append(time.monotonic() - began)

    @contextlib.contextmanager
    def paused(self):
        """For cases that end the server under the neighbour, too."""
        with self._lock:
            yield
            self._connection = None

    def stop(self):
        self._ending.set()
        self._thread.join()

    @staticmethod
    def p99(times):
        return sorted(times)[max(0, -(-len(times) * 99 // 100) - 1)] if times else 0.0


class Host:
    """What sandboxes of one Paddock leave on the host."""

    def __init__(self, paddock, neighbour):
        self.paddock, self.neighbour = paddock, neighbour

    def groups(self):
        """The node's, but for the neighbour's, who runs commands all the time."""
        found, name = [], self.paddock.root.name
        for top in (f"/sys/fs/cgroup/{name}", *(str(path / name) for path in pathlib.Path("/sys/fs/cgroup").iterdir())):
            for path, below_it, _ in os.walk(top):
                below_it[:] = [each for each in below_it if each != self.neighbour]
                found.append(path)
        return sorted(found)

    def processes(self):
        """In the node's cgroups; and the supervisor with its children, which may not become more."""
        inside = set()
        for group in self.groups():
            with contextlib.suppress(OSError):
                inside |= set(pathlib.Path(group, "cgroup.procs").read_text().split())
        return len(inside) + len(self.paddock.children())

    def loops(self):
        files = pathlib.Path("/sys/block").glob("loop*/loop/backing_file")
        return sorted(text for text in map(self._text, files) if str(self.paddock.root) in text)

    @staticmethod
    def _text(path):
        try:
            return path.read_text()
        except OSError:  # a loop device that went away meanwhile
            return ""

    def mounts(self):
        lines = pathlib.Path("/proc/1/mountinfo").read_text().splitlines()
        return [line for line in lines if str(self.paddock.root) in line]

    def descriptors(self):
        return {verb: len(os.listdir(f"/proc/{pid}/fd")) for verb, pid in self.paddock.children().items()}

    def disk_bytes(self):
        total = 0
        for path, _, names in os.walk(self.paddock.root):
            for name in names:
                with contextlib.suppress(OSError):
                    total += os.lstat(os.path.join(path, name)).st_blocks * 512
        return total

    def server_memory(self):
        text = pathlib.Path(f"/proc/{self.paddock.children()['serve']}/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0]) << 10

    def has_reaped(self):
        """Whether nothing that was destroyed is still being removed."""
        return not any((self.paddock.data / "node/trash").iterdir())

    def state(self):
        return {"cgroups": self.groups(), "processes": self.processes(), "loop devices": self.loops(),
                "mounts": self.mounts()}

    def excess(self, before, descriptors, disk):
        """What there is now beyond `before`, in words; empty when nothing."""
        now, found = self.state(), []
        for what, was in before.items():
            if now[what] != was:
                found.append(f"{what}: {now[what]} instead of {was}")
        for verb, count in self.descriptors().items():
            if count > descriptors.get(verb, 0):
                found.append(f"descriptors of {verb}: {count} instead of {descriptors.get(verb)}")
        if self.disk_bytes() > disk + DISK_SLACK_BYTES:
            found.append(f"disk: {self.disk_bytes()} instead of {disk} bytes")
        return "; ".join(found)


class Bench:
    """What a case works with: a guest of its own, `ann`, and what she makes."""

    def __init__(self, paddock, probe, host, payloads):
        self.paddock, self.probe, self.host, self.payloads = paddock, probe, host, payloads
        self.guests = []
        self.ann = self.guest()

    def guest(self):
        self.guests.append(Client(self.paddock))
        return self.guests[-1]

    def create(self, **limits):
        return self.ann.create(limits=limits) if limits else self.ann.create()

    def exec(self, sandbox, shell, **fields):
        return self.ann.exec(sandbox, shell, **fields)

    def python(self, sandbox, program, **fields):
        """Runs `program` by the sandbox's python3 and returns the whole answer."""
        answer = self.ann.ask("POST", at(sandbox, "/exec"), {"argv": ["python3", "-c", program], **fields})
        assert answer.status == 200, answer.body
        return answer.json

    def alive(self, sandbox):
        equal(self.exec(sandbox, "echo alive")["stdout"], "alive\n", "the sandbox after the attack")

    def background(self, function, *arguments, **fields):
        """Runs `function` in a thread; the returned function waits for it and gives what it returned."""
        box = {}

        def run():
            try:
                box["value"] = function(*arguments, **fields)
            except BaseException as error:  # handed to the case's own thread
                box["error"] = error

        thread = threading.Thread(target=run, daemon=True)
        thread.start()

        def result():
            thread.join(120)
            assert not thread.is_alive(), "a request hangs"
            if "error" in box:
                raise box["error"]
            return box["value"]
        return result

    def send_payload(self, sandbox, name):
        content = pathlib.Path(self.payloads[name]).read_bytes()
        put = self.ann.ask("PUT", at(sandbox, f"/files?path=/root/{name}&mode=755"), content)
        equal(put.status, 204, "upload of the payload")
        return f"/root/{name}"

    def open_terminal(self, sandbox, client=None, **fields):
        opened = (client or self.ann).ask("POST", at(sandbox, "/terminals"),
                                          {"cols": 80, "rows": 24, **fields})
        equal(opened.status, 201, opened.body)
        return opened.json["id"]

    def terminal(self, terminal, client=None, **fields):
        return Terminal(client or self.ann, terminal, **fields)

    def clean(self):
        for guest in self.guests:
            listed = guest.ask("GET", "/api/v1/sandboxes")
            equal(listed.status, 200, listed.body)
            for sandbox in listed.json["sandboxes"]:
                gone = guest.ask("DELETE", at(sandbox["id"]))
                equal(gone.status, 204, gone.body)


def at(sandbox, rest=""):
    return f"/api/v1/sandboxes/{sandbox}{rest}"


def run_one(function, paddock, probe, host, payloads):
    """Why it failed, or None."""
    wait_for(host.has_reaped, LEFT_TIME_MAX_S)  # what the case before has destroyed
    before, descriptors, disk = host.state(), host.descriptors(), host.disk_bytes()
    first_time, first_failure = len(probe.times), len(probe.failures)
    bench, why = None, None
    try:
        bench = Bench(paddock, probe, host, payloads)
        function(bench)
    except Exception:
        why = traceback.format_exc(limit=-4)
    try:
        if bench:
            bench.clean()
        wait_for(lambda: not host.excess(before, descriptors, disk), LEFT_TIME_MAX_S)
    except Exception as error:
        why = (why or "") + f"left behind ({error}): {host.excess(before, descriptors, disk)}"
    times, failures = probe.times[first_time:], probe.failures[first_failure:]
    if failures or max(times, default=0) > PROBE_SLOWEST_S:
        why = (why or "") + f"the neighbour: slowest {max(times, default=0):.2f} s, failures {failures[:3]}"
    return why


def run_all(binary, payloads, wanted):
    cases = [(name, function) for name, function in CASES
             if not wanted or any(name.startswith(word) for word in wanted)]
    paddock = Paddock(binary, *FLAGS)
    count = collections.Counter()
    try:
        probe = Probe(paddock)
        host = Host(paddock, probe.sandbox)
        warm = Client(paddock)  # what server and node keep open for good is open before the first count
        warm.ask("DELETE", at(warm.create()))
        wait_for(lambda: probe.times)
        for name, function in cases:
            began = time.monotonic()
            why = run_one(function, paddock, probe, host, payloads)
            count["failed" if why else "passed"] += 1
            print(f"{'FAIL' if why else 'PASS'} {name} ({time.monotonic() - began:.1f} s)", flush=True)
            if why:
                print(why, flush=True)
        probe.stop()
        p99 = Probe.p99(probe.times)
        verdict = "PASS" if p99 <= PROBE_P99_S else "FAIL"
        count["passed" if verdict == "PASS" else "failed"] += 1
        median = sorted(probe.times)[len(probe.times) // 2]
        print(f"{verdict} neighbour_p99 ({len(probe.times)} execs, median {median * 1000:.0f} ms, "
              f"p99 {p99 * 1000:.0f} ms)")
        if count["failed"]:
            errors = [line for line in paddock.log_text().splitlines() if '"level":"info"' not in line]
            print("\n".join(errors[-50:]), file=sys.stderr)
    finally:
        ended = paddock.destroy()
    if ended.returncode != 0:
        count["failed"] += 1
        print("FAIL stop_all\n" + ended.stderr)
    print(f"{count['passed']} passed, {count['failed']} failed", flush=True)
    return 1 if count["failed"] else 0
