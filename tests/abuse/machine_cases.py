"""Group A: processes, processor and memory."""
import os
import pathlib
import time

from paddock import wait_for
from suite import at, below, case, equal

MIB = 1 << 20


def stats(bench, sandbox):
    answer = bench.ann.ask("GET", at(sandbox, "/stats"))
    equal(answer.status, 200, answer.body)
    return answer.json


def sandbox_groups(bench, sandbox, controller):
    """The sandbox's own directories of one controller on the host."""
    return [pathlib.Path(path) for path in bench.host.groups()
            if path.endswith(sandbox) and (f"/{controller}/" in path or "/unified/" in path or
                                           path.count("/") == 5)]


def storm(bench, run, pids_max=200):
    """`run` starts a bomb that lasts; the limit holds, the sandbox lives, and a second one is ended by DELETE."""
    sandbox = bench.create(pids_max=pids_max)
    first = bench.background(run, sandbox, 4000)
    peak, end = 0, time.monotonic() + 3
    while time.monotonic() < end:
        peak = max(peak, stats(bench, sandbox)["processes"])
        time.sleep(0.05)
    below(peak, pids_max, "processes")
    assert peak > pids_max // 2, f"the bomb never went off: {peak} processes"
    first()
    bench.alive(sandbox)
    wait_for(lambda: stats(bench, sandbox)["processes"] < 10)
    second = bench.background(run, sandbox, 60_000)
    wait_for(lambda: stats(bench, sandbox)["processes"] > pids_max // 2)
    began = time.monotonic()
    equal(bench.ann.ask("DELETE", at(sandbox)).status, 204)
    below(time.monotonic() - began, 10, "seconds to end a bomb")
    try:
        second()
    except AssertionError:
        pass  # its exec ended in an error, as it must: the sandbox is gone


@case("A1_fork_bomb")
def fork_bomb(bench):
    storm(bench, lambda sandbox, ms: bench.ann.ask(
        "POST", at(sandbox, "/exec"),
        {"argv": ["bash", "-c", "b() { b | b & }; b; sleep 60"], "timeout_ms": ms}))


@case("A2_fork_exec_storm_in_eight_threads")
def fork_exec_storm(bench):
    storm(bench, lambda sandbox, ms: bench.ann.ask(
        "POST", at(sandbox, "/exec"),
        {"argv": [bench.send_payload(sandbox, "attack"), "storm"], "timeout_ms": ms}))


@case("A3_thread_bomb")
def thread_bomb(bench):
    sandbox = bench.create(pids_max=100)
    result = bench.python(sandbox, "import threading, time\n"
                                   "count = 0\n"
                                   "try:\n"
                                   "  while True:\n"
                                   "    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
                                   "    count += 1\n"
                                   "except RuntimeError:\n"
                                   "  print(count, flush=True)\n")
    started = int(result["stdout"])
    assert 50 < started < 100, f"{started} threads of 100"
    bench.alive(sandbox)


@case("A4_busy_loops_stay_within_the_processor_quota")
def busy_loops(bench):
    sandbox = bench.create(cpu_millis=500)
    loops = bench.background(bench.exec, sandbox,
                             "for i in $(seq 64); do while :; do :; done & done; wait", timeout_ms=8000)
    wait_for(lambda: stats(bench, sandbox)["processes"] >= 60)
    first, began = stats(bench, sandbox)["cpu_ms"], time.monotonic()
    time.sleep(5)
    used, passed = stats(bench, sandbox)["cpu_ms"] - first, (time.monotonic() - began) * 1000
    below(used, 0.5 * passed * 1.05 + 100, "CPU time in ms")  # 100 ms: one period's quota, twice
    assert loops()["timed_out"]


@case("A5_sleeping_for_ever_ends_at_the_time_limit_and_frees_its_place")
def sleep_for_ever(bench):
    sandbox = bench.create()
    for _ in range(12):  # more than the eight commands that one user may run at once
        result = bench.exec(sandbox, "sleep 1000000000", timeout_ms=100)
        assert result["timed_out"] and result["signal"] == 9, result


@case("A6_limits_of_zero_nan_infinity_or_null_are_refused")
def strange_limits(bench):
    sandbox = bench.create()
    for value in ("0", "-1", "1e308", "NaN", "Infinity", '"1"', "1e-9", "[]", "18446744073709551616"):
        for field in ("timeout_ms", "output_bytes_max"):
            answer = bench.ann.ask("POST", at(sandbox, "/exec"), f'{{"shell": "id", "{field}": {value}}}')
            equal(answer.status, 400, f"{field} = {value}: {answer.body}")
        for field in ("memory_bytes", "cpu_millis", "pids_max", "disk_bytes", "inodes_max", "lifetime_s"):
            answer = bench.ann.ask("POST", "/api/v1/sandboxes", f'{{"limits": {{"{field}": {value}}}}}')
            equal(answer.status, 400, f"{field} = {value}: {answer.body}")
    # null is the same as left out: the default holds, not the absence of a limit.
    standard = bench.ann.ask("GET", "/api/v1/status").json["limits_default"]
    nothing = bench.ann.ask("POST", "/api/v1/sandboxes", {"limits": dict.fromkeys(standard)})
    equal((nothing.status, nothing.json["limits"]), (201, standard))
    endless = bench.exec(sandbox, "sleep 1000", timeout_ms=None)
    assert endless["timed_out"], endless


@case("A7_ignoring_signals_does_not_help")
def ignore_signals(bench):
    sandbox = bench.create()
    result = bench.exec(sandbox, "trap '' TERM HUP INT QUIT USR1 ALRM; while :; do sleep 1; done", timeout_ms=300)
    assert result["timed_out"] and result["signal"] == 9, result
    below(result["wall_ms"], 5000, "ms until it was killed")


@case("A8_daemons_do_not_survive_their_command")
def daemons(bench):
    sandbox = bench.create()
    bench.exec(sandbox, "(setsid sh -c 'setsid yes > /dev/null & setsid yes > /dev/null &' &) ; sleep 0.2")
    left = bench.exec(sandbox, "grep -lx yes /proc/[0-9]*/comm | wc -l")
    equal(left["stdout"], "0\n", "daemons left")
    wait_for(lambda: stats(bench, sandbox)["processes"] <= 2)


@case("A9_a_stopped_child_that_holds_the_pipe_does_not_hold_the_run")
def stopped_child(bench):
    sandbox = bench.create()
    began = time.monotonic()
    result = bench.python(sandbox, "import os, signal, subprocess\n"
                                   "child = subprocess.Popen(['sleep', '600'])\n"
                                   "os.kill(child.pid, signal.SIGSTOP)\n"
                                   "print('parent', flush=True)\n", timeout_ms=3000)
    equal(result["stdout"], "parent\n")
    below(time.monotonic() - began, 8, "seconds although a stopped child held the pipe")


@case("A10_touching_ten_gigabytes_kills_the_command_alone")
def memory_hog(bench):
    sandbox = bench.create(memory_bytes=128 * MIB)
    result = bench.python(sandbox, "hoard = []\nwhile True: hoard.append(b'x' * (1 << 20))", timeout_ms=30_000)
    equal(result["signal"], 9, "what ended the hog")
    below(stats(bench, sandbox)["memory_peak_bytes"], 128 * MIB, "memory")
    kills = 0
    for group in sandbox_groups(bench, sandbox, "memory"):
        for name in ("memory.oom_control", "memory.events"):
            if (group / name).exists():
                words = (group / name).read_text().split()
                kills += int(words[words.index("oom_kill") + 1])
    # On cgroup v1 a kill counts in the group whose process died, which is below and gone by now.
    assert kills > 0 or stats(bench, sandbox)["memory_peak_bytes"] > 100 * MIB
    bench.alive(sandbox)


@case("A11_files_in_memory_are_charged_to_the_sandbox")
def page_cache_bomb(bench):
    sandbox = bench.create(memory_bytes=128 * MIB)
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    result = bench.exec(sandbox, "for d in /dev/shm /run /tmp; do head -c 2G /dev/zero > $d/bomb; done",
                        timeout_ms=30_000)
    assert result["signal"] == 9 or result["exit_code"] != 0, result
    below(stats(bench, sandbox)["memory_peak_bytes"], 128 * MIB, "memory")
    lost = free - os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    below(lost, 2 << 30, "bytes of memory that the host lost")
    bench.exec(sandbox, "rm -f /dev/shm/bomb /run/bomb /tmp/bomb")
    bench.alive(sandbox)


@case("A12_memfd_and_mlock_are_charged")
def memfd_and_mlock(bench):
    sandbox = bench.create(memory_bytes=128 * MIB)
    filled = bench.python(sandbox, "import os\nfd = os.memfd_create('hog')\n"
                                   "while True: os.write(fd, b'x' * (1 << 20))", timeout_ms=30_000)
    assert filled["signal"] == 9 or filled["exit_code"] != 0, filled
    locked = bench.python(sandbox, "import ctypes, mmap\nlibc = ctypes.CDLL(None, use_errno=True)\n"
                                   "m = mmap.mmap(-1, 1 << 30)\n"
                                   "a = ctypes.addressof(ctypes.c_char.from_buffer(m))\n"
                                   "failed = libc.mlock(ctypes.c_void_p(a), ctypes.c_size_t(1 << 30))\n"
                                   "print('locked' if failed == 0 else ctypes.get_errno())", timeout_ms=30_000)
    assert locked["stdout"] != "locked\n", "1 GiB locked in a sandbox of 128 MiB"
    below(stats(bench, sandbox)["memory_peak_bytes"], 128 * MIB, "memory")
    bench.alive(sandbox)


HANDLES = """
import os, select, socket, ctypes
libc = ctypes.CDLL(None)
def made(number):
    if number < 0: raise OSError('no more')
    return number
makers = [lambda: socket.socketpair(), lambda: os.pipe(), lambda: select.epoll(), lambda: made(libc.inotify_init()),
          lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM), lambda: os.eventfd(0), lambda: os.openpty(),
          lambda: made(libc.timerfd_create(1, 0))]
for _ in range(40):
    if os.fork() == 0:
        hoard = []
        try:
            for i in range(1000000):
                maker = makers[i % len(makers)]
                try: hoard.append(maker())
                except OSError: makers.remove(maker)
        except (ArithmeticError, MemoryError):
            pass
        import time
        time.sleep(4)
        os._exit(0)
while True:
    try: os.wait()
    except ChildProcessError: break
print('over')
"""
# Of each what the kernel counts per user or for the whole host.
SOME_HANDLES = """
import ctypes, os
libc = ctypes.CDLL(None)
print(libc.inotify_init() >= 0, libc.timerfd_create(1, 0) >= 0, len(os.openpty()))
"""


@case("A13_a_million_sockets_pipes_and_watches_do_not_use_up_the_host")
def kernel_memory_hog(bench):
    sandbox, other = bench.create(memory_bytes=256 * MIB), bench.create()
    hog = bench.background(bench.python, sandbox, HANDLES, timeout_ms=20_000)
    most, end = 0, time.monotonic() + 4
    while time.monotonic() < end:
        used, _, limit = map(int, pathlib.Path("/proc/sys/fs/file-nr").read_text().split())
        most = max(most, used)
        time.sleep(0.1)
        equal(bench.python(other, SOME_HANDLES)["stdout"], "True True 2\n", "what a neighbour has left")
    below(most, min(limit // 2, 2_000_000), "open files of the host")
    hog()
    below(stats(bench, sandbox)["memory_peak_bytes"], 256 * MIB, "memory")
    bench.alive(sandbox)


@case("A14_a_stack_overflow_leaves_no_core_on_the_host")
def stack_overflow(bench):
    sandbox = bench.create()
    pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip()
    where = pathlib.Path(pattern).parent if pattern.startswith("/") else pathlib.Path("/")
    cores = set(where.glob("core*"))
    program = bench.send_payload(sandbox, "attack")
    result = bench.exec(sandbox, f"mkdir /tmp/d; cd /tmp/d; ulimit -c unlimited; {program} overflow; echo $?; du -m .")
    status, used = result["stdout"].split()[:2]
    equal(status, "139", "how a stack overflow ends (128 + SIGSEGV)")
    below(int(used), 64, "MiB of core files in the sandbox")
    equal(set(where.glob("core*")) - cores, set(), "core files on the host")
    bench.alive(sandbox)


@case("A15_no_priority_above_the_others")
def priorities(bench):
    sandbox = bench.create()
    result = bench.python(sandbox, "import ctypes, os\nlibc = ctypes.CDLL(None)\n"
                                   "def tried(what):\n"
                                   "  try: return what()\n"
                                   "  except OSError as error: return error.errno\n"
                                   "print(tried(lambda: os.setpriority(os.PRIO_PROCESS, 0, -20)))\n"
                                   "print(tried(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))))\n"
                                   "print(tried(lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))))\n"
                                   "print(libc.syscall(251, 1, 0, 1 << 13))\n")  # ioprio_set, real time
    first, *rest = result["stdout"].split()
    assert first in ("1", "13"), result  # EPERM, EACCES
    equal(rest, ["1", "1", "-1"], "real-time scheduling")


@case("A16_the_agent_is_never_the_victim_of_the_oom_killer")
def oom_score(bench):
    sandbox = bench.create(memory_bytes=128 * MIB)
    result = bench.exec(sandbox, "echo -1000 > /proc/self/oom_score_adj && echo lowered; "
                                 "for f in /proc/1/oom_score_adj /proc/1/oom_adj /proc/1/task/1/oom_score_adj; "
                                 "do echo 15 > $f && echo offered; done")
    equal(result["stdout"], "", "writing oom_score_adj")
    for size in (8, 16, 128):  # many small ones too: none of them looks worse than the agent by its size
        hogs = ("import os, time\n"
                f"for _ in range(256 // {size}):\n"
                f"  if os.fork() == 0: hoard = b'x' * ({size} << 20); time.sleep(2); os._exit(0)\n"
                "while True:\n"
                "  try: print(os.wait()[1])\n"
                "  except ChildProcessError: break\n")
        ended = bench.python(sandbox, hogs, timeout_ms=30_000)
        assert ended["signal"] == 9 or "9\n" in ended["stdout"], f"nothing was killed: {ended}"
        bench.alive(sandbox)


@case("A18_no_way_into_the_cgroups")
def cgroup_escape(bench):
    sandbox = bench.create()
    result = bench.exec(sandbox, "find / -xdev -name release_agent -o -xdev -name cgroup.procs 2> /dev/null; "
                                 "grep cgroup /proc/mounts; mkdir /tmp/c; "
                                 "mount -t cgroup -o memory x /tmp/c && echo mounted; "
                                 "mount -t cgroup2 x /tmp/c && echo mounted; "
                                 "echo 1 > /sys/fs/cgroup/cgroup.procs && echo written; "
                                 "unshare -C true && echo unshared")
    equal(result["stdout"], "", "a way into the cgroups")
