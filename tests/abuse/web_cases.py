"""Group F: HTTP, WebSockets and the API."""
import contextlib
import hashlib
import http.client
import os
import re
import socket
import struct
import time

from paddock import wait_for
from suite import at, below, case, equal
from terminal import WebSocket

MIB = 1 << 20


def upgrade(bench, terminal, headers, ticket=None):
    """The status of an attempt to open the terminal's socket."""
    target = f"/api/v1/terminals/{terminal}/socket" + (f"?ticket={ticket}" if ticket else "")
    wire = WebSocket(bench.paddock.port, target, headers)
    wire.close()
    return wire.status


def ticket_for(client, terminal):
    answer = client.ask("POST", "/api/v1/tickets", {"path": f"/api/v1/terminals/{terminal}/socket"})
    return answer.json["ticket"] if answer.status == 201 else answer.status


def raw(bench, data, timeout=15):
    """Sends bytes and returns all that comes back until the server closes or is silent."""
    got = b""
    with socket.create_connection(("127.0.0.1", bench.paddock.port), timeout=timeout) as wire:
        with contextlib.suppress(OSError):
            wire.sendall(data)
        with contextlib.suppress(OSError):
            while piece := wire.recv(65536):
                got += piece
    return got


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0


@case("F1_a_foreign_page_cannot_open_a_terminal")
def cross_site(bench):
    terminal = bench.open_terminal(bench.create())
    port, token = bench.paddock.port, bench.ann.token
    own = f"http://127.0.0.1:{port}"
    cookie, bearer = f"Cookie: paddock_session={token}", f"Authorization: Bearer {token}"
    for origin in ("http://evil.example", "null", f"{own}.evil.example", f"http://127.0.0.1:{port + 1}",
                   "http://127.0.0.1", f"https://127.0.0.1:{port}", f"http://localhost:{port}.evil", f"http://x@127.0.0.1:{port}",
                   f"http://preview.127.0.0.1:{port}", "file://", f"{own}/", ""):
        for who in (cookie, bearer):
            status = upgrade(bench, terminal, [who, f"Origin: {origin}"])
            assert status in (400, 401, 403), (origin, who[:6], status)
        status = upgrade(bench, terminal, [f"Origin: {origin}"], ticket_for(bench.ann, terminal))
        assert status in (400, 403), (origin, "ticket", status)
    for headers in ([cookie], [cookie, f"Origin: {own}"]):  # a cookie alone never opens one
        assert upgrade(bench, terminal, headers) in (401, 403), headers
    equal(upgrade(bench, terminal, [bearer]), 101)
    equal(upgrade(bench, terminal, [f"Origin: {own}"], ticket_for(bench.ann, terminal)), 101)


@case("F2_a_ticket_works_once_for_one_terminal_of_one_user")
def tickets(bench):
    sandbox = bench.create()
    one, two = bench.open_terminal(sandbox), bench.open_terminal(sandbox)
    ticket = ticket_for(bench.ann, one)
    for other in (ticket_for(bench.ann, one),):
        assert upgrade(bench, two, [], other) in (401, 403), "a ticket of another terminal"
    equal(upgrade(bench, one, [], ticket), 101)
    assert upgrade(bench, one, [], ticket) in (401, 403), "a ticket used twice"
    for forged in ("x", "0" * 26, ticket[:-1], ticket + "a", "%00", "../" + ticket):
        assert upgrade(bench, one, [], forged) in (400, 401, 403), forged
    equal(ticket_for(bench.guest(), one), 404)


@case("F3_what_is_somebody_elses_does_not_exist")
def foreign_ids(bench):
    sandbox, bob = bench.create(), bench.guest()
    terminal = bench.open_terminal(sandbox)
    missing = "a" * 26
    for method, path, body in (
            ("GET", "", None), ("DELETE", "", None), ("GET", "/stats", None), ("GET", "/logs", None),
            ("POST", "/exec", {"shell": "id"}), ("GET", "/files?path=/etc/passwd", None),
            ("PUT", "/files?path=/root/x", b"x"), ("DELETE", "/files?path=/root/x", None),
            ("GET", "/files/list?path=/", None), ("GET", "/files/stat?path=/", None),
            ("GET", "/files/tar?path=/", None),
            ("PUT", "/files/tar?path=/", b""), ("POST", "/files/directory?path=/root/d", None),
            ("POST", "/files/move", {"from": "/a", "to": "/b"}), ("GET", "/terminals", None),
            ("POST", "/terminals", {"cols": 80, "rows": 24})):
        foreign, nowhere = bob.ask(method, at(sandbox, path), body), bob.ask(method, at(missing, path), body)
        equal(foreign.status, nowhere.status, f"{method} {path}")
        assert foreign.status in (404, 400) and (foreign.status == 404 or path == "/files/move"), (path, foreign.body)
        equal(foreign.json["message"], nowhere.json["message"], "the answer tells nothing")
    for method in ("GET", "DELETE"):
        equal(bob.ask(method, f"/api/v1/terminals/{terminal}").status, 404)
    equal(upgrade(bench, terminal, [f"Authorization: Bearer {bob.token}"]), 404)
    equal(bob.ask("GET", "/api/v1/sandboxes").json, {"sandboxes": []})
    bench.alive(sandbox)


@case("F4_ids_cannot_be_guessed")
def ids(bench):
    found = [bench.create() for _ in range(3)] + [bench.guest().ask("GET", "/api/v1/session").json["user"]["id"]]
    for text in found:
        assert re.fullmatch("[a-z2-7]{26}", text), text  # 128 bits and two of padding
    for i, one in enumerate(found):
        for other in found[:i]:
            assert sum(a == b for a, b in zip(one, other)) < 10, (one, other)
    for wrong in ("1", "a", "../x", "a" * 25, "a" * 27, "A" * 26, "%2e%2e", "0" * 26):
        assert bench.ann.ask("GET", at(wrong)).status in (400, 404), wrong


@case("F7_F18_forged_proxy_headers_count_for_nothing")
def forged_headers(bench):
    for headers in ({"X-Forwarded-User": "admin"}, {"X-Remote-User": "admin"}, {"X-Forwarded-For": "1.2.3.4"},
                    {"X-Forwarded-Host": "evil.example"}, {"Forwarded": "for=1.2.3.4;host=evil.example"}):
        answer = bench.ann.ask("GET", "/api/v1/session", headers=headers)
        equal(answer.status, 200)
        assert "evil" not in answer.body.decode() and "evil" not in str(answer.headers)
        anonymous = bench.ann.ask("GET", "/api/v1/session", headers={**headers, "Cookie": "x=y"})
        equal(anonymous.status, 401, str(headers))
    marked = {"X-Forwarded-For": "203.0.113.99"}
    bench.ann.ask("GET", "/api/v1/session", headers=marked)
    time.sleep(0.2)
    assert '"remote":"203.0.113.99"' not in bench.paddock.log_text(), "an address that nobody vouched for"


@case("F8_smuggling_and_malformed_requests_are_refused")
def smuggling(bench):
    host = b"Host: 127.0.0.1\r\n"
    for head in (b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"Content-Length: 4\r\nContent-Length: 5\r\n",
                 b"Transfer-Encoding: chunked, identity\r\n", b"Transfer-Encoding: xchunked\r\n",
                 b"Content-Length: +4\r\n", b"Content-Length: 4, 4\r\n", b"Content-Length: 18446744073709551617\r\n",
                 b"Content-Length : 4\r\n", b" Content-Length: 4\r\n", b"Transfer-Encoding:\x0bchunked\r\n",
                 b"X: a\nY: b\r\n\x00\r\n"):
        answer = raw(bench, b"POST /api/v1/session HTTP/1.1\r\n" + host + head + b"\r\n0\r\n\r\n"
                     b"GET /smuggled HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n")
        assert status_of(answer) in (400, 413, 501), (head, answer[:80])
        equal(answer.count(b"HTTP/1.1 "), 1, f"answers to {head}")
    for first in (b"GET  / HTTP/1.1\r\n", b"GET / HTTP/9.9\r\n", b"GET\r\n", b"\x16\x03\x01\x02\x00",
                  b"GET / HTTP/1.1\r\n\r\n"):
        answer = raw(bench, first + host + b"\r\n", timeout=12)
        assert status_of(answer) in (0, 400, 405, 501, 505), (first, answer[:80])


@case("F8_a_head_without_end_is_refused")
def endless_head(bench):
    before = bench.host.server_memory()
    for piece in (b"X-Long: " + b"a" * (64 << 20) + b"\r\n", b"X: y\r\n" * 200_000):
        answer = raw(bench, b"GET / HTTP/1.1\r\nHost: x\r\n" + piece)
        assert status_of(answer) in (0, 431), answer[:80]
    long_target = raw(bench, b"GET /" + b"a" * MIB + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert status_of(long_target) in (0, 414, 431), long_target[:80]
    below(bench.host.server_memory() - before, 32 * MIB, "growth of the server")


@case("F8_slow_clients_are_let_go")
def slow_loris(bench):
    wires = []
    try:
        for _ in range(200):
            wire = socket.create_connection(("127.0.0.1", bench.paddock.port), timeout=30)
            wire.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-")
            wires.append(wire)
        equal(bench.ann.ask("GET", "/api/v1/session").status, 200)
        end = time.monotonic() + 20
        for wire in wires:  # one more byte now and then does not help: the head's time counts as a whole
            wire.settimeout(max(0.1, end - time.monotonic()))
            answer = wire.recv(4096)
            assert status_of(answer) in (0, 408), answer
    finally:
        for wire in wires:
            wire.close()


def open_wire(bench, terminal, attach=True):
    ticket = ticket_for(bench.ann, terminal)
    wire = WebSocket(bench.paddock.port, f"/api/v1/terminals/{terminal}/socket?ticket={ticket}")
    equal(wire.status, 101)
    if attach:
        wire.send(struct.pack(">BBHHQQ", 1, 0, 80, 24, 0, 1 << 18) + os.urandom(16))
    return wire


@case("F8_fragments_and_pings_without_end_are_bounded")
def fragments(bench):
    terminal = bench.open_terminal(bench.create())
    before = bench.host.server_memory()
    wire = open_wire(bench, terminal)
    with contextlib.suppress(OSError):
        wire.send(b"\x02", final=False)
        for _ in range(200):
            wire.socket.sendall(WebSocket.frame(b"a" * 1000, opcode=0, final=False) * 10)
    assert wire.close_code() in (0, 1002, 1008, 1009), "a message of endless fragments"
    wire.close()
    wire = open_wire(bench, terminal)
    with contextlib.suppress(OSError):
        wire.socket.settimeout(1)
        for _ in range(100):
            wire.socket.sendall(WebSocket.frame(b"p" * 125, opcode=9) * 200)  # and no pong is read
    below(bench.host.server_memory() - before, 32 * MIB, "growth of the server")
    wire.close()


@case("F9_broken_frames_close_the_socket_with_the_right_code")
def broken_frames(bench):
    terminal = bench.open_terminal(bench.create())
    attach = struct.pack(">BBHHQQ", 1, 0, 80, 24, 0, 1 << 18) + os.urandom(16)
    frame = WebSocket.frame
    cases = {
        "unmasked": (frame(attach, masked=False), {1002}),
        "a reserved opcode": (frame(attach, opcode=3), {1002}),
        "a reserved bit": (bytes([frame(attach)[0] | 0x40]) + frame(attach)[1:], {1002}),
        "an oversized message": (frame(b"\x02" + bytes(8) + b"x" * 66_000), {1009}),
        "a claim of 2^63 bytes": (b"\x82\xff" + b"\x7f" + b"\xff" * 7 + b"mask", {1002, 1009}),
        "a text message": (frame(b"hello", opcode=1), {1002, 1003}),
        "bad UTF-8": (frame(b"\xff\xfe", opcode=1), {1002, 1003, 1007}),
        "a continuation of nothing": (frame(b"x", opcode=0), {1002}),
        "a fragmented ping": (frame(b"x", opcode=9, final=False), {1002}),
        "a long ping": (frame(b"x" * 126, opcode=9), {1002}),
        "a close of one byte": (frame(b"x", opcode=8), {1002}),
        "an unknown type": (frame(b"\x7fxyz"), {1002}),
        "a flag without a meaning": (frame(attach[:1] + b"\x80" + attach[2:]), {1002}),
        "an ATTACH cut short": (frame(attach[:-1]), {1002}),
        "INPUT before ATTACH": (frame(b"\x02" + bytes(8) + b"x"), {1002}),
        "two ATTACH": (frame(attach) + frame(attach), {1002}),
        "an empty message": (frame(b""), {1002}),
    }
    for what, (data, wanted) in cases.items():
        wire = open_wire(bench, terminal, attach=False)
        wire.socket.sendall(data)
        code = wire.close_code()
        assert code in wanted, f"{what}: closed with {code}"
        wire.close()
    bench.terminal(terminal).close()


@case("F10_absurd_sizes_are_clamped_and_ten_thousand_of_them_harmless")
def resizes(bench):
    terminal = bench.open_terminal(bench.create())
    viewer = bench.terminal(terminal)
    for columns, rows in ((65535, 65535), (0, 0), (0, 65535)):
        viewer.resize(columns, rows)
    for i in range(10_000):
        viewer.resize(20 + i % 100, 10 + i % 50)
    viewer.resize(65535, 65535)
    def size():
        shown = bench.ann.ask("GET", f"/api/v1/terminals/{terminal}").json
        return shown["cols"], shown["rows"]
    wait_for(lambda: size() == (1000, 1000))
    viewer.type("stty size; echo $((6*7))-done\n")
    assert b"1000 1000" in viewer.read_until(b"42-done"), bytes(viewer.output[-200:])
    viewer.resize(0, 0)
    wait_for(lambda: size() == (1, 1))
    for cols in (0, -1, 1001, 1e9, "80", None):
        bad = bench.ann.ask("POST", "/api/v1/sandboxes/" + "a" * 26 + "/terminals", {"cols": cols, "rows": 24})
        assert bad.status in (400, 404), bad.status
    viewer.close()


@case("F11_a_paste_of_twenty_megabytes_to_a_program_that_does_not_read")
def input_flood(bench):
    sandbox = bench.create()
    terminal = bench.open_terminal(sandbox, argv=["/bin/sh", "-c", "stty raw -echo; echo ready; exec sleep 600"])
    before = bench.host.server_memory()
    viewer = bench.terminal(terminal)
    viewer.read_until(b"ready")
    viewer.wire.socket.settimeout(2)
    sent = 0
    with contextlib.suppress(OSError):  # back-pressure: the socket takes no more
        while sent < 20 * MIB:
            viewer.type(b"x" * 32_768)
            sent += 32_768
    below(bench.host.server_memory() - before, 32 * MIB, "growth of the server")
    below(sent, 16 * MIB, "bytes taken although nobody reads them")
    viewer.close()
    bench.alive(sandbox)


@case("F12_twenty_thousand_keystrokes_in_frames_of_one_byte_keep_their_order")
def keystroke_order(bench):
    terminal = bench.open_terminal(bench.create(), argv=[
        "/bin/sh", "-c", "stty raw -echo; echo ready; head -c 20000 | sha256sum; stty sane"])
    viewer = bench.terminal(terminal)
    viewer.read_until(b"ready")
    keys = bytes(33 + i * i % 90 for i in range(20_000))
    for start in range(0, len(keys), 100):
        for i in range(start, start + 100):
            viewer.type(keys[i:i + 1])
        while viewer.sent - viewer.taken > 65_536:
            viewer.step()
    assert hashlib.sha256(keys).hexdigest().encode() in viewer.read_to_exit(), bytes(viewer.output[-100:])
    viewer.close()


@case("F13_one_user_cannot_open_sockets_without_end")
def many_sockets(bench):
    sandbox = bench.create()
    terminals = [bench.open_terminal(sandbox) for _ in range(16)]
    full = bench.ann.ask("POST", at(sandbox, "/terminals"), {"cols": 80, "rows": 24})
    equal(full.status, 429, "the seventeenth terminal")
    wires, refused = [], []
    for i in range(60):  # 48 is the limit
        wire = WebSocket(bench.paddock.port, f"/api/v1/terminals/{terminals[i % 16]}/socket",
                         [f"Authorization: Bearer {bench.ann.token}"])
        (wires if wire.status == 101 else refused).append(wire)
    equal((len(wires), {wire.status for wire in refused}), (48, {429}))
    for wire in wires + refused:
        wire.close()
    silent = [socket.create_connection(("127.0.0.1", bench.paddock.port)) for _ in range(900)]
    equal(bench.guest().ask("GET", "/api/v1/session").status, 200)
    for wire in silent:
        wire.close()
    wait_for(lambda: upgrade(bench, terminals[0], [f"Authorization: Bearer {bench.ann.token}"]) == 101)


@case("F14_creating_and_deleting_without_end_is_slowed_down")
def churn(bench):
    statuses, end = [], time.monotonic() + 60
    while 429 not in statuses and time.monotonic() < end:
        answers = [bench.background(bench.ann.ask, "POST", "/api/v1/sandboxes", {}) for _ in range(40)]
        for answer in (each() for each in answers):
            statuses.append(answer.status)
            if answer.status == 429:
                assert int(answer.headers["Retry-After"]) >= 1
            if answer.status == 201:
                equal(bench.ann.ask("DELETE", at(answer.json["id"])).status, 204)
    assert set(statuses) <= {201, 429} and 429 in statuses, set(statuses)


@case("F15_delete_exec_resize_upload_and_attach_at_once")
def races(bench):
    seen = set()

    def swallow(what):
        try:
            answer = what()
        except (OSError, EOFError, AssertionError, http.client.HTTPException):
            return  # cut off in the middle, as the sandbox was
        if answer is not None:
            seen.add(answer.status)

    for round_ in range(12):
        sandbox = bench.create()
        terminal = bench.open_terminal(sandbox)
        viewer = bench.terminal(terminal)
        work = [lambda: bench.ann.ask("POST", at(sandbox, "/exec"), {"shell": "sleep 0.05; echo"}),
                lambda: bench.ann.ask("POST", at(sandbox, "/exec"), {"shell": "yes", "timeout_ms": 2000}),
                lambda: bench.ann.ask("PUT", at(sandbox, "/files?path=/root/x"), os.urandom(1_000_000)),
                lambda: bench.ann.ask("GET", at(sandbox, "/files/tar?path=/usr/bin")),
                lambda: bench.ann.ask("GET", at(sandbox, "/stats")),
                lambda: [viewer.resize(20 + i, 20) for i in range(200)] and None,
                lambda: bench.terminal(terminal).close(),
                lambda: bench.ann.ask("DELETE", at(sandbox))]
        if round_ % 3 == 0:
            work.append(lambda: bench.ann.ask("DELETE", at(sandbox)))
        waits = []
        for step in work:
            waits.append(bench.background(swallow, step))
            time.sleep(0.002 * round_)
        for wait in waits:
            wait()
        viewer.close()
        equal(bench.ann.ask("GET", at(sandbox)).status, 404)
    assert not seen & {500, 502, 504}, seen
    assert 204 in seen, seen


@case("F16_what_a_learner_made_is_never_served_as_a_page")
def stored_scripts(bench):
    sandbox = bench.create()
    evil = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
    for name in ("x.html", "x.svg", "x.js"):
        bench.ann.ask("PUT", at(sandbox, f"/files?path=/root/{name}"), evil)
        got = bench.ann.ask("GET", at(sandbox, f"/files?path=/root/{name}"))
        equal(got.headers["Content-Type"], "application/octet-stream")
        assert got.headers["Content-Disposition"].startswith("attachment"), got.headers
        equal(got.headers["X-Content-Type-Options"], "nosniff")
    name = "%3Cimg%20src=x%20onerror=alert(1)%3E%22%0d%0aX-Injected:%201"
    bench.ann.ask("PUT", at(sandbox, f"/files?path=/root/{name}"), evil)
    got = bench.ann.ask("GET", at(sandbox, f"/files?path=/root/{name}"))
    equal((got.status, "X-Injected" in got.headers), (200, False))
    missing = bench.ann.ask("GET", at(sandbox, "/files?path=/root/%3Cscript%3E"))
    equal(missing.headers["Content-Type"].split(";")[0], "application/json")
    page = bench.ann.ask("GET", "/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src" in policy and "unsafe-eval" not in policy and "frame-ancestors 'none'" in policy, policy
    assert not re.search(r"script-src[^;]*unsafe-inline", policy), policy


@case("F17_a_form_of_another_site_changes_nothing")
def cross_site_forms(bench):
    sandbox = bench.create()
    cookie = {"Cookie": "paddock_session=" + bench.ann.token}
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        for origin in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
            for method, path, body in (("POST", "/api/v1/sandboxes", "{}"), ("DELETE", at(sandbox), None),
                                       ("POST", at(sandbox, "/exec"), '{"shell":"id"}'),
                                       ("DELETE", "/api/v1/session", None)):
                answer = bench.ann.ask(method, path, body, {**cookie, **origin, "Content-Type": kind})
                equal(answer.status, 403, f"{method} {path} {origin}")
    own = {"Origin": f"http://127.0.0.1:{bench.paddock.port}"}
    session = bench.ann.ask("POST", "/api/v1/session", None, {**cookie, **own})
    for wanted in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert wanted in session.headers["Set-Cookie"], session.headers["Set-Cookie"]
    bench.alive(sandbox)


@case("F15_two_users_at_once_stay_apart")
def two_users(bench):
    bob = bench.guest()

    def work(client, word):
        for i in range(10):
            sandbox = client.create()
            result = client.exec(sandbox, f"echo {word}-{i} > /root/mine; cat /root/mine; ls /root")
            equal(result["stdout"], f"{word}-{i}\nmine\n")
            shown = bench.terminal(bench.open_terminal(sandbox, client), client)
            shown.type(f"echo $((6*7))-$(cat /root/mine)\n")
            shown.read_until(f"42-{word}-{i}".encode())
            shown.close()
            listed = [each["id"] for each in client.ask("GET", "/api/v1/sandboxes").json["sandboxes"]]
            equal(listed, [sandbox])
            equal(client.ask("DELETE", at(sandbox)).status, 204)
    for result in [bench.background(work, bench.ann, "ann"), bench.background(work, bob, "bob")]:
        result()
