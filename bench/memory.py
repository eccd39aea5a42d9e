"""What processes and cgroups hold, in KiB."""
import pathlib
import re

# v1 counts a cgroup's kernel memory in a file of its own; v2 as a line of memory.stat.
HIERARCHIES = [pathlib.Path("/sys/fs/cgroup/memory"), pathlib.Path("/sys/fs/cgroup")]


def pss_kib(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1])


def cgroup(name):
    """The directory of a cgroup, where memory is counted."""
    return next((at / name for at in HIERARCHIES if (at / name).exists()), None)


def pids_below(directory):
    return [int(pid) for procs in directory.rglob("cgroup.procs")
            for pid in procs.read_text().split()]


def kernel_kib(directory):
    v1 = directory / "memory.kmem.usage_in_bytes"
    if v1.exists():
        return int(v1.read_text()) / 1024
    return int(re.search(r"^kernel (\d+)", (directory / "memory.stat").read_text(), re.M)[1]) / 1024


def held_kib(directory):
    """PSS of every process in a cgroup and the kernel memory that they cause."""
    return sum(map(pss_kib, pids_below(directory))) + kernel_kib(directory)
