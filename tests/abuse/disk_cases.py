"""Group B: disk, inodes and floods of output."""
import base64
import io
import json
import pathlib
import re
import tarfile
import threading
import time
import urllib.parse

from paddock import wait_for
from suite import at, below, case, equal

MIB = 1 << 20
DISK = 64 * MIB
SERVER_GROWTH_MAX = 32 * MIB  # of its memory while somebody floods it; all its buffers are below this


def file_at(path):
    return "/files?path=" + urllib.parse.quote(path, safe="")


def put(bench, sandbox, path, content):
    return bench.ann.ask("PUT", at(sandbox, file_at(path)), content)


def names_in(bench, sandbox, path):
    listed = bench.ann.ask("GET", at(sandbox, "/files/list?path=" + path))
    equal(listed.status, 200, listed.body)
    return {entry["name"] for entry in listed.json["entries"]}


def fill(bench, sandbox):
    bench.exec(sandbox, "cat /dev/zero > /root/big 2> /dev/null; cat /dev/zero > /root/rest 2> /dev/null; :",
               timeout_ms=60_000)


@case("B1_a_full_disk_is_said_and_costs_the_host_no_more_than_the_quota")
def disk_fill(bench):
    before = bench.host.disk_bytes()
    sandbox = bench.create(disk_bytes=DISK)
    refused = bench.exec(sandbox, "fallocate -l 1T /root/x; echo $?; rm -f /root/x")
    assert refused["stdout"].strip() != "0" and re.search("(?i)no space|too large", refused["stderr"]), refused
    fill(bench, sandbox)
    below(bench.host.disk_bytes() - before, DISK + 8 * MIB, "bytes on the host")
    stats = bench.ann.ask("GET", at(sandbox, "/stats")).json
    below(stats["disk_bytes"], stats["disk_limit_bytes"], "disk_bytes of the stats")
    bench.alive(sandbox)
    bench.exec(sandbox, "rm /root/big /root/rest")
    equal(put(bench, sandbox, "/root/small", b"fits again").status, 204)


@case("B1_the_api_says_507_disk_full_and_leaves_nothing_half_made")
def disk_full_answers(bench):
    sandbox = bench.create(disk_bytes=DISK)
    equal(put(bench, sandbox, "/root/old", b"old").status, 204)
    fill(bench, sandbox)
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        info = tarfile.TarInfo("inner")
        info.size = 4 * MIB
        tar.addfile(info, io.BytesIO(bytes(info.size)))
    attempts = {
        "a new file": put(bench, sandbox, "/root/new", bytes(4 * MIB)),
        "an old file": put(bench, sandbox, "/root/old", bytes(4 * MIB)),
        "a tar": bench.ann.ask("PUT", at(sandbox, "/files/tar?path=/root"), archive.getvalue()),
    }
    for what, answer in attempts.items():
        equal(answer.status, 507, f"{what}: {answer.body}")
        equal(answer.json["code"], "disk_full", what)
        assert "disk" in answer.json["message"].lower(), answer.body
        assert "Retry-After" not in answer.headers, "waiting does not empty a disk"
    equal(bench.ann.ask("GET", at(sandbox, file_at("/root/old"))).body, b"old", "the file that was to be replaced")
    left = names_in(bench, sandbox, "/root")
    assert not {"new", "inner"} & left and not any("paddock" in name for name in left), left


@case("B2_no_more_inodes")
def inode_exhaustion(bench):
    sandbox = bench.create(inodes_max=4096, disk_bytes=DISK)
    made = bench.python(sandbox, "import os\nos.mkdir('/root/m')\n"
                                 "try:\n"
                                 "  for i in range(5000000): os.close(os.open(f'/root/m/{i}', os.O_CREAT))\n"
                                 "except OSError as error: print(error.errno, i)", timeout_ms=60_000)
    code, count = map(int, made["stdout"].split())
    equal(code, 28, "errno (ENOSPC)")
    below(count, 4096, "files")
    below(bench.ann.ask("GET", at(sandbox, "/stats")).json["inodes"], 4096, "inodes")
    full = put(bench, sandbox, "/root/one_more", b"x")
    equal((full.status, full.json["code"]), (507, "disk_full"))
    bench.alive(sandbox)
    began = time.monotonic()
    equal(bench.ann.ask("DELETE", at(sandbox)).status, 204)
    below(time.monotonic() - began, 10, "seconds to delete it")


@case("B3_a_very_deep_directory_can_be_removed")
def deep_directory(bench):
    sandbox = bench.create()
    made = bench.python(sandbox, "import os\nos.chdir('/root')\n"
                                 "for _ in range(20000): os.mkdir('d'); os.chdir('d')\nprint('made')",
                        timeout_ms=60_000)
    equal(made["stdout"], "made\n")
    gone = bench.ann.ask("DELETE", at(sandbox, file_at("/root/d") + "&recursive=true"))
    equal(gone.status, 204, gone.body)
    assert "d" not in names_in(bench, sandbox, "/root")
    bench.python(sandbox, "import os\nos.chdir('/root')\n"
                          "for _ in range(5000): os.mkdir('d'); os.chdir('d')", timeout_ms=60_000)
    bench.alive(sandbox)  # and the sandbox is destroyed with such a tree in it


@case("B4_weird_names_are_listed_and_removed")
def weird_names(bench):
    sandbox = bench.create()
    names = [b"new\nline", b"-rf", b"\xff\xfe bad utf-8", b"a" * 255, b"\x1b[31mred", b'quo"te\\', b" ",
             "ünïcode".encode(), "u\u0308nicode".encode(), b"..."]
    bench.python(sandbox, f"import os\nos.mkdir('/root/w')\nfor n in {names!r}: open(b'/root/w/' + n, 'wb').write(n)")
    listed = bench.ann.ask("GET", at(sandbox, "/files/list?path=/root/w"))
    entries = json.loads(listed.body.decode("utf-8"))["entries"]
    found = {base64.urlsafe_b64decode(e["name_base64"] + "==") if "name_base64" in e else e["name"].encode()
             for e in entries}
    equal(found, set(names))
    for name in names:
        path = base64.urlsafe_b64encode(b"/root/w/" + name).decode().rstrip("=")
        read = bench.ann.ask("GET", at(sandbox, "/files?path_base64=" + path))
        equal((read.status, read.body), (200, name))
        equal(bench.ann.ask("DELETE", at(sandbox, "/files?path_base64=" + path)).status, 204, name)
    equal(names_in(bench, sandbox, "/root/w"), set())


@case("B5_a_sparse_file_counts_by_its_blocks")
def sparse_file(bench):
    sandbox = bench.create(disk_bytes=DISK)
    bench.exec(sandbox, "truncate -s 8T /root/hole && truncate -s 1P /root/more")
    below(bench.ann.ask("GET", at(sandbox, "/stats")).json["disk_bytes"], DISK)
    whole = bench.ann.ask("GET", at(sandbox, file_at("/root/hole")), headers={"Range": "bytes=0-9"})
    equal(whole.status, 206)
    equal(whole.body, bytes(10))
    bench.alive(sandbox)


@case("B6_files_that_are_open_and_deleted_count_too")
def open_deleted(bench):
    sandbox = bench.create(disk_bytes=DISK)
    result = bench.python(sandbox, "import os\nfd = os.open('/root/x', os.O_CREAT | os.O_WRONLY)\n"
                                   "os.unlink('/root/x')\n"
                                   "n = 0\n"
                                   "try:\n"
                                   "  while True: n += os.write(fd, bytes(1 << 20))\n"
                                   "except OSError as error: print(error.errno, n)", timeout_ms=60_000)
    code, written = map(int, result["stdout"].split())
    equal(code, 28, "errno (ENOSPC)")
    below(written, DISK, "bytes written")
    equal(put(bench, sandbox, "/root/again", bytes(MIB)).status, 204)


@case("B7_nothing_of_a_sandbox_is_in_the_next")
def persistence(bench):
    places = "/dev/shm /run /tmp /var/tmp /root /etc /dev/mqueue"
    first = bench.create()
    bench.exec(first, f"for d in {places}; do echo secret > $d/bean; done")
    equal(bench.ann.ask("DELETE", at(first)).status, 204)
    second = bench.create()
    equal(bench.exec(second, f"for d in {places}; do ls $d/bean 2> /dev/null; done; :")["stdout"], "")


@case("B8_a_flood_through_a_pipe_is_cut_and_costs_the_server_nothing")
def pipe_flood(bench):
    sandbox = bench.create()
    before = bench.host.server_memory()
    result = bench.exec(sandbox, "yes & yes >&2", timeout_ms=2000, output_bytes_max=100_000)
    assert result["timed_out"] and result["stdout_truncated"] and result["stderr_truncated"], result["wall_ms"]
    equal((len(result["stdout"]), len(result["stderr"])), (100_000, 100_000))
    below(bench.host.server_memory() - before, SERVER_GROWTH_MAX, "growth of the server")


@case("B9_a_flood_at_a_viewer_who_does_not_read_stops_the_program_and_nobody_else")
def terminal_flood(bench):
    sandbox = bench.create()
    flooded, other = bench.open_terminal(sandbox), bench.open_terminal(sandbox)
    before = bench.host.server_memory()
    slow = bench.terminal(flooded, reading=False)
    slow.type("yes\n")
    quiet = bench.terminal(other)
    for i in range(10):
        quiet.type(f"echo $((6*7))-{i}\n")
        quiet.read_until(f"42-{i}".encode())
        time.sleep(0.1)
    below(bench.host.server_memory() - before, SERVER_GROWTH_MAX, "growth of the server")
    cpu = bench.ann.ask("GET", at(sandbox, "/stats")).json["cpu_ms"]
    time.sleep(0.5)
    below(bench.ann.ask("GET", at(sandbox, "/stats")).json["cpu_ms"] - cpu, 300, "ms of CPU of a stopped flood")
    slow.type("\x03")
    slow.reading = True
    slow._grant()
    slow.type("echo $((6*7))-over\n")
    slow.read_until(b"42-over")
    slow.close()
    quiet.close()


@case("B10_one_endless_line_and_every_byte_value_pass")
def binary_output(bench):
    sandbox = bench.create()
    every = bytes(range(256)) * 2000
    result = bench.python(sandbox, "import sys\nsys.stdout.buffer.write(bytes(range(256)) * 2000)")
    equal((result["stdout_encoding"], base64.b64decode(result["stdout"]) == every), ("base64", True))
    line = bench.exec(sandbox, "head -c 200M /dev/zero | tr '\\0' x", timeout_ms=60_000)
    equal((line["exit_code"], len(line["stdout"]), line["stdout_truncated"]), (0, MIB, True))
    program = ["python3", "-c", "import os, time\nos.system('stty raw')\n"
                                "data = bytes(range(256)) * 2000\n"
                                "while data: data = data[os.write(1, data):]"]
    viewer = bench.terminal(bench.open_terminal(sandbox, argv=program))
    equal(bytes(viewer.read_to_exit()) == every, True, "every byte through a raw terminal")
    viewer.close()


@case("B12_hostile_names_cannot_forge_a_line_of_the_log")
def log_injection(bench):
    sandbox, forged = bench.create(), '{"level":"info","message":"forged"}'
    evil = urllib.parse.quote(f"/root/\x1b[2J\n{forged}\n", safe="")
    put(bench, sandbox, f"/root/\x1b[2J\n{forged}\n", b"x")
    bench.ann.ask("GET", at(sandbox, f"/files?path={evil}missing"))
    bench.ann.ask("GET", f"/api/v1/{evil}")
    bench.ann.ask("GET", "/api/v1/status", headers={"Authorization": "Bearer \x1b[31m" + forged})
    time.sleep(0.2)
    for line in bench.paddock.log_text().splitlines():
        assert "\x1b" not in line, line
        assert json.loads(line)["message"] != "forged" if line.startswith("{") else "forged" not in line, line


@case("B13_no_device_can_be_made")
def device_nodes(bench):
    sandbox = bench.create()
    result = bench.exec(sandbox, "mknod /root/sda b 8 0; mknod /root/mem c 1 1; mknod /dev/kmsg c 1 11; "
                                 "ls /root/sda /root/mem /dev/kmsg /dev/sda /dev/vda /dev/mem /dev/loop0 2> /dev/null; "
                                 "grep -v nodev /proc/mounts | grep -Ev '^[^ ]+ /(dev|proc|sys)'")
    equal(result["stdout"], "", "devices, or file systems where they work")


@case("B14_a_setuid_program_gives_nothing")
def setuid_program(bench):
    sandbox = bench.create()
    result = bench.exec(sandbox, "cp /usr/bin/id /root/id; chmod 4755 /root/id /root; chmod 755 /root; "
                                 "python3 -c \"import os; os.setgid(1000); os.setuid(1000); "
                                 "os.execv('/root/id', ['id', '-u'])\"; grep NoNewPrivs /proc/self/status")
    equal(result["stdout"].split(), ["1000", "NoNewPrivs:", "1"])


@case("B15_allocating_to_the_limit_again_and_again_thrashes_nobody")
def thrash(bench):
    sandbox = bench.create(memory_bytes=64 * MIB)
    ended = threading.Event()

    def hog():
        while not ended.is_set():
            bench.python(sandbox, "hoard = []\nwhile True: hoard.append(b'x' * (1 << 20))", timeout_ms=5000)
    result = bench.background(hog)
    time.sleep(3)
    ended.set()
    result()
    bench.alive(sandbox)
    for group in bench.host.groups():  # what it may not take in memory it may not take in swap
        limit = pathlib.Path(group, "memory.memsw.limit_in_bytes")
        if group.endswith(sandbox) and limit.exists():
            equal(int(limit.read_text()), 64 * MIB, "memory and swap together")
        swap = pathlib.Path(group, "memory.swap.max")
        if group.endswith(sandbox) and swap.exists():
            equal(swap.read_text().strip(), "0", "swap")
    wait_for(lambda: bench.ann.ask("GET", at(sandbox, "/stats")).json["processes"] <= 2)
