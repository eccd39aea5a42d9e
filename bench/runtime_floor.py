"""The floor under the figures of sandboxes: the OCI runtime alone, on the same image.

usage: unshare --mount runtime_floor.py ROOTFS    commands on standard input, one answer a line each

    once             milliseconds of one `run` of `true`
    many CLIENTS N   seconds of N `run`s of `true` from so many clients
    idle N           KiB that one of N idle containers holds (`run -d` of `sleep`)

In a mount namespace of its own, because crun refuses a host that mounts cgroup v2 beside v1.
"""
import concurrent.futures
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import memory

RUNNER = "crun"  # the fastest; Paddock's own choice too where it works
KEEPER = "runc" if shutil.which("runc") else RUNNER


def hide_unified():
    """v2 beside v1. crun makes plain directories in its place, so it gets a place that goes away."""
    unified = "/sys/fs/cgroup/unified"
    if subprocess.run(["umount", unified], capture_output=True).returncode == 0:
        subprocess.run(["mount", "-t", "tmpfs", "none", unified], check=True)


class Floor:
    def __init__(self, rootfs):
        hide_unified()
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="paddock-bench-"))
        self.names = (f"{self.root.name}-{number}" for number in itertools.count())
        self.state = self.root / "state"  # in memory, as /run is on an ordinary host
        self.state.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "none", self.state], check=True)
        subprocess.run([RUNNER, "spec"], cwd=self.root, check=True)
        self.config = json.loads((self.root / "config.json").read_text())
        self.config["process"]["terminal"] = False
        self.config["root"] = {"path": str(pathlib.Path(rootfs).resolve()), "readonly": True}

    def prepare(self, *argv):
        """A bundle that nobody has run yet, and its name."""
        name = next(self.names)
        self.config["process"]["args"] = argv
        self.config["linux"]["cgroupsPath"] = f"/{self.root.name}/{name}"
        (self.root / name).mkdir()
        (self.root / name / "config.json").write_text(json.dumps(self.config))
        return name, self.root / name

    def run(self, prepared):
        name, directory = prepared
        subprocess.run([RUNNER, "--root", self.state, "run", "--bundle", directory, name], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def once(self):
        prepared = self.prepare("true")
        start = time.monotonic()
        self.run(prepared)
        return (time.monotonic() - start) * 1000

    def many(self, clients, count):
        prepared = [self.prepare("true") for _ in range(int(count))]
        with concurrent.futures.ThreadPoolExecutor(int(clients)) as pool:
            start = time.monotonic()
            list(pool.map(self.run, prepared))
            return time.monotonic() - start

    def idle(self, count):
        prepared = [self.prepare("sleep", "1000") for _ in range(int(count))]
        try:
            for name, directory in prepared:
                subprocess.run([KEEPER, "--root", self.state, "run", "-d", "--bundle", directory, name], check=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
            held = [memory.held_kib(memory.cgroup(f"{self.root.name}/{name}"))
                    for name, _ in prepared]
            return sum(held) / len(held)
        finally:
            for name, _ in prepared:
                subprocess.run([KEEPER, "--root", self.state, "delete", "--force", name], capture_output=True)

    def close(self):
        subprocess.run(["umount", self.state], check=True)
        shutil.rmtree(self.root)
        for left in pathlib.Path("/sys/fs/cgroup").glob(f"*/{self.root.name}"):
            if left.parent.name == "unified":
                continue
            for directory, _, _ in os.walk(left, topdown=False):
                os.rmdir(directory)


def main():
    floor = Floor(sys.argv[1])
    try:
        for line in sys.stdin:
            verb, *arguments = line.split()
            print(getattr(floor, verb)(*arguments), flush=True)
    finally:
        floor.close()


if __name__ == "__main__":
    main()
