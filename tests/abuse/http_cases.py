"""Group F: requests that are malformed, endless or slow, and what is served."""
import contextlib
import re
import socket
import time

from suite import at, below, case, equal

MIB = 1 << 20


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
