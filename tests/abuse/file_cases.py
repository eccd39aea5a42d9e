"""Group C: the file API and archives."""
import io
import os
import pathlib
import tarfile
import time
import urllib.parse

from suite import at, below, case, equal

MIB = 1 << 20


def files(bench, method, sandbox, path, body=None, rest=""):
    """`path` goes into the target as it is: the case encodes it as an attacker would."""
    return bench.ann.ask(method, at(sandbox, f"/files{rest}?path={path}"), body)


def archive(*entries):
    """A tar of (name, type, link or content)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, kind, what, *headers in entries:
            info = tarfile.TarInfo("x")
            info.name, info.type, info.mode = name, kind, 0o6755
            info.pax_headers = headers[0] if headers else {}
            if kind == tarfile.REGTYPE:
                info.size = len(what)
                tar.addfile(info, io.BytesIO(what))
            else:
                info.linkname = what
                tar.addfile(info)
    return out.getvalue()


def unpack(bench, sandbox, *entries):
    return bench.ann.ask("PUT", at(sandbox, "/files/tar?path=/root/in"), archive(*entries))


@case("C1_dot_dot_is_refused_however_it_is_written")
def traversal(bench):
    sandbox = bench.create()
    for path in ("/../../etc/passwd", "../../etc/passwd", "/root/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
                 "/root/%2e%2e/x", "/a/..", "/..", "", "etc/passwd", "/a%00b", "/" + "a/" * 2100):
        for method, rest, body in (("GET", "", None), ("PUT", "", b"x"), ("DELETE", "", None),
                                   ("GET", "/list", None), ("GET", "/stat", None), ("GET", "/tar", None)):
            answer = files(bench, method, sandbox, path, body, rest)
            equal(answer.status, 400, f"{method} {rest} {path:.60}")
    for path in ("/root/%252e%252e%252fpasswd", "/root/..%5c..%5cpasswd"):  # these are plain names here
        equal(files(bench, "PUT", sandbox, path, b"x").status, 204, path)
    left = bench.exec(sandbox, "ls -A /root | grep -c passwd; ls /passwd /etc/passwd")
    equal(left["stdout"], "2\n/etc/passwd\n")


@case("C2_absolute_paths_mean_the_sandbox")
def absolute_paths(bench):
    sandbox = bench.create()
    equal(files(bench, "GET", sandbox, "/etc/passwd").body,
          bench.exec(sandbox, "cat /etc/passwd")["stdout"].encode())
    name = f"paddock-abuse-{os.getpid()}"
    pathlib.Path("/tmp", name).write_text("of the host")
    try:
        equal(files(bench, "GET", sandbox, f"/tmp/{name}").status, 404)
        equal(files(bench, "GET", sandbox, "/proc/1/root/tmp/" + name).status in (400, 403, 404), True)
        equal(files(bench, "PUT", sandbox, f"/tmp/{name}", b"of the sandbox").status, 204)
        equal(pathlib.Path("/tmp", name).read_text(), "of the host")
    finally:
        pathlib.Path("/tmp", name).unlink()
    equal(files(bench, "GET", sandbox, urllib.parse.quote(str(bench.paddock.data))).status, 404)
    environment = files(bench, "GET", sandbox, "/proc/1/environ")
    assert environment.status != 200 or environment.body == b"", environment.body


@case("C3_C4_a_symlink_means_something_inside_only")
def symlinks(bench):
    sandbox = bench.create()
    host_file = bench.paddock.root / "victim"
    host_file.write_text("host")
    bench.exec(sandbox, f"cd /root; ln -s /etc/shadow shadow; ln -s {host_file} victim; ln -s / top; "
                        "ln -s ../../../../../../../../etc/passwd up; ln -s loop loop; echo inside > /etc/mine; "
                        "ln -s /etc/mine mine")
    inside = bench.exec(sandbox, "cat /etc/shadow")["stdout"].encode()
    equal(files(bench, "GET", sandbox, "/root/shadow").body, inside)
    assert inside != pathlib.Path("/etc/shadow").read_bytes()
    equal(files(bench, "GET", sandbox, "/root/victim").status, 404)
    equal(files(bench, "GET", sandbox, "/root/loop").status, 400)
    equal(files(bench, "GET", sandbox, "/root/up").body, bench.exec(sandbox, "cat /etc/passwd")["stdout"].encode())
    equal(files(bench, "PUT", sandbox, "/root/top" + str(host_file), b"evil").status in (204, 400, 404), True)
    files(bench, "PUT", sandbox, "/root/victim", b"evil")
    equal(host_file.read_text(), "host", "a host file behind a symlink")
    equal(files(bench, "PUT", sandbox, "/root/mine", b"new").status, 204)
    equal(files(bench, "DELETE", sandbox, "/root/top", rest="").status, 204, "the link itself goes")
    bench.alive(sandbox)


@case("C5_a_directory_that_turns_into_a_symlink_and_back_gains_nothing")
def symlink_race(bench):
    sandbox = bench.create()
    victim = bench.paddock.root / "victim_directory"
    victim.mkdir()
    (victim / "file").write_text("host")
    bench.exec(sandbox, f"cd /root; mkdir -p a{victim}; mkdir d; ln -s {victim} l; touch d/file")
    racing = bench.background(bench.python, sandbox,
                              "import os, time\nos.chdir('/root')\nend = time.time() + 4\nn = 0\n"
                              "while time.time() < end:\n"
                              "  os.rename('d', 't'); os.rename('l', 'd'); os.rename('d', 'l'); os.rename('t', 'd')\n"
                              "  n += 1\nprint(n)", timeout_ms=20_000)
    end = time.monotonic() + 4
    while time.monotonic() < end:
        for answer in (files(bench, "PUT", sandbox, "/root/d/file", b"evil"),
                       files(bench, "GET", sandbox, "/root/d/file"),
                       files(bench, "DELETE", sandbox, "/root/d/file"),
                       bench.ann.ask("PUT", at(sandbox, "/files/tar?path=/root/d"),
                                     archive(("file", tarfile.REGTYPE, b"evil")))):
            assert answer.status < 500 and answer.body != b"host", (answer.status, answer.body)
    assert int(racing()["stdout"]) > 1000, "the race was not run"
    equal(sorted(os.listdir(victim)), ["file"])
    equal((victim / "file").read_text(), "host")


@case("C6_magic_links_lead_nowhere")
def magic_links(bench):
    sandbox = bench.create()
    marker = b"inside"
    files(bench, "PUT", sandbox, "/root/marker", marker)
    for path in ("/proc/1/root/root/marker", "/proc/1/cwd/marker", "/proc/1/fd/3", "/proc/1/exe", "/proc/1/mem",
                 *(f"/proc/self/fd/{i}" for i in range(12)), "/proc/self/exe", "/proc/self/mem",
                 "/proc/1/ns/mnt", "/proc/1/task/1/root/root/marker"):
        answer = files(bench, "GET", sandbox, path)
        assert answer.status != 500 and answer.status < 504, (path, answer.status, answer.body)
        # What can be read at all is the sandbox's own.
        if answer.status == 200 and path.endswith("marker"):
            equal(answer.body, marker)
    equal(files(bench, "GET", sandbox, "/proc/self/root" + str(bench.paddock.root)).status, 404)
    bench.alive(sandbox)


@case("C7_only_regular_files_are_files")
def special_files(bench):
    sandbox = bench.create()
    bench.python(sandbox, "import os, socket\nos.mkfifo('/root/fifo')\n"
                          "socket.socket(socket.AF_UNIX).bind('/root/socket')")
    for path in ("/root/fifo", "/root/socket", "/dev/zero", "/dev/random", "/dev/ptmx", "/dev/tty", "/root"):
        began = time.monotonic()
        answer = files(bench, "GET", sandbox, path)
        assert 400 <= answer.status < 500, (path, answer.status)
        below(time.monotonic() - began, 5, f"seconds for {path}")
    began = time.monotonic()
    tar = files(bench, "GET", sandbox, "/root", rest="/tar")
    equal(tar.status, 200)
    below(time.monotonic() - began, 5, "seconds for a tar with a FIFO in it")


@case("C8_a_growing_file_ends_where_it_was")
def growing_file(bench):
    sandbox = bench.create(disk_bytes=256 * MIB)
    grow = bench.background(bench.exec, sandbox, "cd /root; while :; do head -c 20000 /dev/zero >> big; sleep 0.01; "
                                                 "done", timeout_ms=2000)
    time.sleep(0.3)
    for _ in range(10):
        answer = files(bench, "GET", sandbox, "/root/big")
        equal((answer.status, len(answer.body)), (200, int(answer.headers["Content-Length"])))
        equal(files(bench, "GET", sandbox, "/root", rest="/tar").status, 200)
    grow()


@case("C9_no_hard_link_to_what_is_not_the_learners")
def hard_links(bench):
    sandbox = bench.create()
    result = bench.exec(sandbox, "for f in /proc/1/exe $(cat /proc/1/cmdline | tr '\\0' '\\n' | head -1) /dev/null "
                                 "/etc/resolv.conf /dev/shm; do ln -L $f /root/link 2> /dev/null && "
                                 "[ $f != /etc/resolv.conf ] && echo linked $f; rm -f /root/link; done; :")
    equal(result["stdout"], "")


@case("C10_an_archive_that_leads_out_is_refused_before_it_writes_there")
def zip_slip(bench):
    sandbox = bench.create()
    file, link, hard = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
    for entries in ([("../evil", file, b"x")], [("/evil", file, b"x")], [("a/../../evil", file, b"x")],
                    [("l", link, "/etc"), ("l/evil", file, b"x")], [("l", link, ".."), ("l/evil", file, b"x")],
                    [("h", hard, "/etc/passwd"), ("h", file, b"x")], [("h", hard, "../../etc/passwd")]):
        bench.exec(sandbox, "rm -rf /root/in; mkdir /root/in; cp /etc/passwd /root/before")
        answer = unpack(bench, sandbox, *entries)
        equal(answer.status, 400, f"{entries}: {answer.body}")
        left = bench.exec(sandbox, "ls /evil /root/evil /etc/evil 2> /dev/null; cmp /etc/passwd /root/before")
        equal(left["stdout"], "", str(entries))
    bench.exec(sandbox, "rm -rf /root/in; mkdir /root/in")
    # Names that are only special elsewhere are names; an overlay's whiteout is not made by one.
    equal(unpack(bench, sandbox, ("C:\\x", file, b"1"), (".wh.passwd", file, b"2")).status, 204)
    equal(bench.exec(sandbox, "ls -A /root/in | wc -l")["stdout"], "2\n")


@case("C11_an_archive_that_is_too_much_ends_at_the_quota")
def tar_bomb(bench):
    sandbox = bench.create(disk_bytes=64 * MIB, inodes_max=4096)
    bench.exec(sandbox, "mkdir /root/in")
    huge = bytearray(archive(("huge", tarfile.REGTYPE, b"")))
    huge[124:136] = b"777777777777"  # says 64 GiB, and ends
    checksum = sum(huge[:148]) + 8 * 32 + sum(huge[156:512])
    huge[148:156] = b"%06o\0 " % checksum
    answer = bench.ann.ask("PUT", at(sandbox, "/files/tar?path=/root/in"), bytes(huge))
    assert answer.status in (400, 507), (answer.status, answer.body)
    many = archive(*((f"f{i}", tarfile.REGTYPE, b"") for i in range(8000)))
    answer = bench.ann.ask("PUT", at(sandbox, "/files/tar?path=/root/in"), many)
    equal((answer.status, answer.json["code"]), (507, "disk_full"))
    bench.exec(sandbox, "rm -rf /root/in; mkdir /root/in")
    deep = archive(("/".join(["d"] * 1500) + "/f", tarfile.REGTYPE, b"x"))
    answer = bench.ann.ask("PUT", at(sandbox, "/files/tar?path=/root/in"), deep)
    assert answer.status in (204, 400, 507), (answer.status, answer.body)
    bench.alive(sandbox)


@case("C12_devices_capabilities_and_attributes_in_an_archive_are_not_made")
def tar_special(bench):
    sandbox = bench.create()
    bench.exec(sandbox, "mkdir /root/in")
    for kind in (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE):
        answer = unpack(bench, sandbox, ("special", kind, ""))
        assert answer.status in (204, 400), answer.status
    capability = {"SCHILY.xattr.security.capability": "\x01\x00\x00\x02\x00 \x00\x00\x00\x00\x00\x00"}
    answer = unpack(bench, sandbox, ("capable", tarfile.REGTYPE, b"x", capability))
    assert answer.status in (204, 400), answer.status
    result = bench.python(sandbox, "import os, stat\n"
                                   "for n in os.listdir('/root/in'):\n"
                                   "  p = '/root/in/' + n; s = os.lstat(p)\n"
                                   "  print(stat.S_ISCHR(s.st_mode) or stat.S_ISBLK(s.st_mode), os.listxattr(p))")
    for line in result["stdout"].splitlines():
        equal(line, "False []")


@case("C14_names_that_look_alike_stay_apart")
def unicode_names(bench):
    sandbox = bench.create()
    names = ["file", "File", "FILE", "\u0130", "i\u0307", "\u00e9", "e\u0301", "\ufb01le"]
    for name in names:
        path = urllib.parse.quote("/root/" + name)
        equal(files(bench, "PUT", sandbox, path, name.encode()).status, 204)
    for name in names:
        equal(files(bench, "GET", sandbox, urllib.parse.quote("/root/" + name)).body, name.encode())
