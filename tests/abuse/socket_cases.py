"""Group F: WebSockets: frames, sizes, floods and their number."""
import contextlib
import hashlib
import os
import socket
import struct

from paddock import wait_for
from sockets import open_wire, upgrade
from suite import at, below, case, equal
from terminal import WebSocket

MIB = 1 << 20


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
