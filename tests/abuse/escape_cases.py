"""Group E: ways out of the sandbox, and what of the kernel can be reached."""
import os
import pathlib
import re

from suite import at, case, equal

# What a sandbox must be refused, and with what. "allowed" marks what must go on working.
SYSTEM_CALLS = {
    "E3_no_new_namespaces": ["unshare-user", "unshare-mount", "unshare-time", "clone-user", "setns"],
    "E4_no_mounts": ["mount", "bind-mount", "open_tree", "fsopen", "pivot_root", "mknod-disk"],
    "E11_no_rare_system_calls": [
        "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "keyctl", "add_key", "request_key", "kexec_load",
        "init_module", "modify_ldt", "open_by_handle_at", "personality-read-implies-exec", "socket-packet",
        "socket-vsock", "socket-alg", "socket-bluetooth", "socket-raw", "socket-netlink-netfilter"],
    "E13_no_typing_into_a_terminal_by_ioctl": ["tiocsti", "tiocsti-high", "tioclinux", "tiocsetd"],
    "E18_no_clock_no_name_no_reboot": ["sethostname", "settimeofday", "reboot"],
}


def probe_system_calls(bench):
    sandbox = bench.create()
    program = bench.send_payload(sandbox, "syscalls")
    lines = bench.exec(sandbox, program)["stdout"].splitlines()
    return dict(line.split(" ", 1) for line in lines)


def add_system_call_cases():
    for name, calls in SYSTEM_CALLS.items():
        def run(bench, calls=calls):
            found = probe_system_calls(bench)
            for call in calls:
                assert found[call] in ("EPERM", "ENOSYS", "EAFNOSUPPORT", "EACCES", "EPROTONOSUPPORT", "EINVAL"), (
                    call, found[call])
            equal(found["socket-inet"], "allowed")  # the probe itself works
        case(name)(run)


add_system_call_cases()


@case("E12_no_32_bit_and_x32_system_calls")
def foreign_calls(bench):
    found = probe_system_calls(bench)
    assert found["i386"] == "killed" and "x32" in found, found


@case("E1_no_socket_of_the_host_is_inside")
def host_sockets(bench):
    sandbox = bench.create()
    result = bench.exec(sandbox, "find / -xdev -type s 2> /dev/null; "
                                 "find /run /var/run /tmp /dev -type s 2> /dev/null; "
                                 "cat /proc/net/unix | tail -n +2")
    equal(re.findall(r"docker|containerd|paddock|@", result["stdout"]), [])
    equal([line for line in result["stdout"].splitlines() if line.startswith("/")], [])


@case("E2_the_capabilities_are_the_eight_documented_ones")
def capabilities(bench):
    sandbox = bench.create()
    status = bench.exec(sandbox, "cat /proc/self/status")["stdout"]
    found = dict(re.findall(r"(Cap\w+|NoNewPrivs|Seccomp):\s+(\w+)", status))
    # CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, NET_BIND_SERVICE (docs/security.md)
    wanted = sum(1 << bit for bit in (0, 1, 3, 4, 5, 6, 7, 10))
    for name in ("CapPrm", "CapEff", "CapBnd"):
        equal(int(found[name], 16) & ~wanted, 0, name)
    equal((found["NoNewPrivs"], found["Seccomp"]), ("1", "2"))
    equal(bench.exec(sandbox, "cat /proc/self/uid_map")["stdout"].split()[1] != "0", True, "a user namespace")


@case("E7_the_agents_program_cannot_be_changed")
def overwrite_agent(bench):
    sandbox = bench.create()
    result = bench.python(sandbox, "import os\n"
                                   "agent = open('/proc/1/cmdline').read().split('\\0')[0]\n"
                                   "for path in ('/proc/1/exe', agent):\n"
                                   "  for flags in (os.O_WRONLY, os.O_RDWR | os.O_TRUNC):\n"
                                   "    try: os.open(path, flags); print('opened', path)\n"
                                   "    except OSError: pass\n"
                                   "for call in (os.unlink, os.rmdir, lambda p: os.rename(p, '/root/x'),\n"
                                   "             lambda p: os.chmod(p, 0o777), lambda p: os.truncate(p, 0)):\n"
                                   "  try: call(agent); print('changed', agent)\n"
                                   "  except OSError: pass\n")
    equal((result["stdout"], result["stderr"]), ("", ""))
    bench.alive(sandbox)


@case("E8_proc_and_sys_neither_leak_nor_obey")
def proc_and_sys(bench):
    sandbox = bench.create()
    readable = ("/proc/kcore /proc/keys /proc/key-users /proc/kmsg /proc/timer_list /proc/sched_debug /proc/kallsyms "
                "/proc/modules /proc/vmallocinfo /proc/slabinfo /proc/interrupts /proc/config.gz /proc/kpagecount")
    result = bench.exec(sandbox, f"for f in {readable}; do head -c 64 $f 2> /dev/null | tr -d '\\0' | grep -q . && "
                                 "echo read $f; done; ls /sys/firmware /proc/acpi /proc/scsi 2> /dev/null | "
                                 "grep -v : | grep .; "
                                 "for f in /proc/sysrq-trigger /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe "
                                 "/proc/sys/vm/overcommit_memory /proc/sys/fs/binfmt_misc/register "
                                 "/proc/sys/kernel/panic "
                                 "/proc/irq/default_smp_affinity /sys/kernel/uevent_helper /sys/power/state "
                                 "/sys/block/loop0/queue/nr_requests /sys/module/loop/parameters/max_loop; do "
                                 "(echo 1 > $f) 2> /dev/null && echo wrote $f; done; dmesg 2> /dev/null | head -1; :")
    equal(result["stdout"], "")


@case("E9_the_agent_cannot_be_traced_or_read")
def trace_agent(bench):
    sandbox = bench.create()
    result = bench.python(sandbox, "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
                                   "print('attach', libc.ptrace(16, 1, 0, 0), 'seize', libc.ptrace(0x4206, 1, 0, 0))\n"
                                   "buffer = ctypes.create_string_buffer(64)\n"
                                   "iov = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 64)\n"
                                   "far = (ctypes.c_size_t * 2)(0x400000, 64)\n"
                                   "print('readv', libc.process_vm_readv(1, iov, 1, far, 1, 0))\n"
                                   "print('pidfd_getfd', libc.syscall(438, libc.syscall(434, 1, 0), 3, 0))\n"
                                   "for p in ('mem', 'maps', 'environ', 'auxv', 'stack', 'syscall'):\n"
                                   "  try:\n"
                                   "    if open(f'/proc/1/{p}', 'rb').read(64): print('read', p)\n"
                                   "  except OSError: pass\n"
                                   "for n in range(64):\n"  # that they are there may be seen, but not what they are
                                   "  for use in (os.readlink, lambda p: os.open(p, os.O_RDONLY)):\n"
                                   "    try: print('descriptor', use(f'/proc/1/fd/{n}'))\n"
                                   "    except OSError: pass\n")
    equal(result["stdout"].splitlines(), ["attach -1 seize -1", "readv -1", "pidfd_getfd -1"])


@case("E10_the_agent_cannot_be_killed_stopped_or_starved")
def kill_agent(bench):
    sandbox = bench.create()
    bench.python(sandbox, "import os, signal\n"
                          "for number in range(1, 65):\n"
                          "  try: os.kill(1, number)\n"
                          "  except OSError: pass\n")
    bench.alive(sandbox)
    result = bench.python(sandbox, "import os, resource\nlibc = __import__('ctypes').CDLL(None)\n"
                                   "tries = [lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0)),\n"
                                   "         lambda: resource.prlimit(1, resource.RLIMIT_AS, (0, 0)),\n"
                                   "         lambda: resource.prlimit(1, resource.RLIMIT_CPU, (1, 1)),\n"
                                   "         lambda: os.setpriority(os.PRIO_PROCESS, 1, 19),\n"
                                   "         lambda: os.setpriority(os.PRIO_PGRP, 1, 19),\n"
                                   "         lambda: os.setpriority(os.PRIO_USER, 0, 19),\n"
                                   "         lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0)),\n"
                                   "         lambda: os.sched_setaffinity(1, {0})]\n"
                                   "for t in tries:\n"
                                   "  try: t(); print('limited')\n"
                                   "  except OSError: pass\n")
    equal(result["stdout"], "", "limits and priorities set on the agent")
    bench.python(sandbox, "import os\nos.kill(-1, 9)")  # everything that may be killed
    bench.alive(sandbox)


@case("E14_no_descriptor_is_inherited")
def descriptors(bench):
    sandbox = bench.create()
    result = bench.exec(sandbox, "ls -l /proc/self/fd | grep -o '[0-9]* -> .*'")
    numbers = sorted(int(line.split()[0]) for line in result["stdout"].splitlines())
    assert set(numbers) <= {0, 1, 2, 3}, result["stdout"]  # 3 is the directory that ls itself reads
    viewer = bench.terminal(bench.open_terminal(sandbox, argv=["/bin/sh", "-c", "ls /proc/self/fd; sleep 0.1"]))
    equal(set(bytes(viewer.read_to_exit()).split()) <= {b"0", b"1", b"2", b"3"}, True, "a terminal's descriptors")
    viewer.close()


@case("E15_no_token_and_nothing_of_the_host_in_the_environment")
def environment(bench):
    sandbox = bench.create()
    shown = bench.exec(sandbox, "printenv; cat /proc/self/cgroup /proc/1/cmdline; cat /proc/1/environ 2> /dev/null; :")
    for word in (bench.ann.token, bench.paddock.root.name, str(bench.paddock.data), "LD_", "SUDO"):
        assert word not in shown["stdout"], f"{word} in {shown['stdout']}"
    host = {f"{name}={value}" for name, value in os.environ.items() if name not in ("PATH", "HOME", "TERM", "LANG",
                                                                                    "USER", "SHELL", "PWD", "LOGNAME")}
    equal(host & set(shown["stdout"].splitlines()), set())


@case("E16_two_sandboxes_share_no_channel")
def channels(bench):
    one, two = bench.create(), bench.create()
    made = bench.python(one, "import ctypes\nlibc = ctypes.CDLL(None)\n"
                             "print(libc.shmget(4711, 4096, 0o1666) >= 0, libc.msgget(4711, 0o1666) >= 0)\n"
                             "open('/dev/shm/name', 'w').write('x')")
    equal(made["stdout"], "True True\n")
    holding = bench.background(bench.exec, one, "exec 9< /usr/bin/env; flock 9 && touch /root/locked && sleep 2")
    bench.exec(one, "while [ ! -e /root/locked ]; do sleep 0.05; done")
    seen = bench.python(two, "import ctypes, fcntl, os\nlibc = ctypes.CDLL(None)\n"
                             "print(libc.shmget(4711, 4096, 0), libc.msgget(4711, 0))\n"
                             "print(os.path.exists('/dev/shm/name'))\n"
                             "fd = os.open('/usr/bin/env', os.O_RDONLY)\n"
                             "fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB); print('free')\n"
                             "print(sum(n.isdigit() for n in os.listdir('/proc')) < 10)")
    holding()
    equal(seen["stdout"], "-1 -1\nFalse\nfree\nTrue\n", seen["stderr"])


@case("E17_a_crash_with_a_crafted_name_starts_nothing_on_the_host")
def core_pattern(bench):
    sandbox = bench.create()
    mark = pathlib.Path(f"/tmp/paddock-abuse-{os.getpid()}-core")
    program = bench.send_payload(sandbox, "attack")
    bench.exec(sandbox, f"cd /root; ulimit -c unlimited; mv {program} '|touch tmp'; './|touch tmp' overflow; "
                        f"mv '|touch tmp' ';touch {mark.name}'; './;touch {mark.name}' overflow; :")
    assert not mark.exists()
    bench.alive(sandbox)


@case("E18_the_sandboxs_name_is_its_own")
def host_name(bench):
    sandbox = bench.create()
    before = os.uname().nodename
    result = bench.exec(sandbox, "hostname evil; date -s '2001-01-01'; sysctl -w kernel.hostname=evil; hostname")
    equal(os.uname().nodename, before)
    assert "evil" not in result["stdout"], result


@case("E10_a_sandbox_whose_first_process_dies_ends_cleanly")
def agent_dies(bench):
    sandbox = bench.create()
    for group in bench.host.groups():
        if group.endswith(f"{sandbox}/agent"):
            for pid in pathlib.Path(group, "cgroup.procs").read_text().split():
                os.kill(int(pid), 9)  # as the host's OOM killer might
            break
    else:
        raise AssertionError("the agent was not found")
    answer = bench.ann.ask("POST", at(sandbox, "/exec"), {"shell": "echo"})
    assert answer.status in (409, 503), (answer.status, answer.body)
    equal(bench.ann.ask("DELETE", at(sandbox)).status, 204)
