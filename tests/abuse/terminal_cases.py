"""Group G, and what a terminal must keep when everything around it breaks."""
import os
import pathlib
import re
import time

from paddock import wait_for
from suite import at, below, case, equal
from terminal import WATCH

MIB = 1 << 20
AGENT_MEMORY_MAX = 32 * MIB  # a ring of 1 MiB a terminal, and what it runs with
EXIT_RUNS = int(os.environ.get("PADDOCK_ABUSE_RUNS", "100"))
RECONNECTS = 100


def agent_memory(bench, sandbox):
    for group in bench.host.groups():
        if group.endswith(f"{sandbox}/agent"):
            pid = pathlib.Path(group, "cgroup.procs").read_text().split()[0]
            return int(pathlib.Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0]) << 10
    raise AssertionError("the agent was not found")


def run_unwatched(bench, sandbox, program):
    """The terminal of a program that has printed all it had before anybody looked."""
    terminal = bench.open_terminal(sandbox, argv=["python3", "-c", program])
    wait_for(lambda: bench.ann.ask("GET", f"/api/v1/terminals/{terminal}").json["exited"])
    return terminal


@case("G3_what_is_replayed_is_marked_so_that_no_answer_is_typed_into_the_shell")
def report_back(bench):
    terminal = run_unwatched(bench, bench.create(), "print('\\033[c\\033[6n\\033P$qm\\033\\\\\\033]11;?\\007', end='')")
    viewer = bench.terminal(terminal)
    output = bytes(viewer.read_to_exit())
    assert b"\x1b[6n" in output
    equal((viewer.live, viewer.exit[0]), (len(output), len(output)), "all of it is replay")
    viewer.close()


@case("G4_a_wrapped_ring_begins_between_two_sequences")
def replay_cut(bench):
    piece = "\033[38;5;123m\u00e9\u00a7\033[0m"
    terminal = run_unwatched(bench, bench.create(),
                             f"import sys\nfor _ in range(3000): sys.stdout.write({piece!r} * 50)")
    for _ in range(5):
        viewer = bench.terminal(terminal)
        text = bytes(viewer.read_to_exit()).decode("utf-8")  # strict: no character is cut
        assert viewer.resets or viewer.offset == len(text), "a RESET says that something is missing"
        below(512 << 10, len(text.encode()), "bytes kept")
        assert re.fullmatch("(?:\x1b\\[38;5;123m|\u00e9|\u00a7|\x1b\\[0m)*", text), repr(text[:80])
        equal(viewer.exit[0], 3000 * 50 * len(piece.encode()), "the offset of the end")
        viewer.close()


@case("G5_bombs_for_emulators_cost_the_agent_nothing")
def memory_bombs(bench):
    sandbox = bench.create()
    bombs = ["'e' + chr(0x301) * 1000000", "'\\033[1000000000b'", "'\\033P0;0;0q' + '#0!100000~-' * 200000",
             "'\\033]0;' + 't' * 4000000 + '\\007'", "'\\033]8;;http://' + 'u' * 2000000",
             "'\\033[' + '1;' * 1000000 + 'm'",
             "'\\033[1;1000000000r' + '\\033[1000000000S'", "'\\033[?1049h' * 200000", "'\\033(0' + '\\016' * 1000000",
             "'\\033X' + 'never ended' * 200000", "'\\033[?' + ';'.join(str(i) for i in range(100000)) + 'h'"]
    for bomb in bombs:
        terminal = run_unwatched(bench, sandbox, f"import sys\nsys.stdout.write({bomb})")
        viewer = bench.terminal(terminal)
        viewer.read_to_exit()
        viewer.close()
        equal(bench.ann.ask("DELETE", f"/api/v1/terminals/{terminal}").status, 204)
    below(agent_memory(bench, sandbox), AGENT_MEMORY_MAX, "the agent's memory")
    bench.alive(sandbox)


@case("G6_a_killed_full_screen_programs_modes_are_in_the_replay")
def modes(bench):
    terminal = bench.open_terminal(bench.create())
    first = bench.terminal(terminal)
    first.type("python3 -c \"import os; os.write(1, b'\\033[?1049h\\033[?1000h\\033[?2004h\\033[?25l'); "
               "os.kill(0, 9)\"\n")
    first.type("python3 -c \"print('x' * 2000000)\"; echo $((6*7))-over\n")
    first.read_until(b"42-over")
    first.close()
    second = bench.terminal(terminal)
    second.type("echo $((6*7))-seen\n")
    second.read_until(b"42-seen")
    for mode in (b"?1049h", b"?1000h", b"?25l"):
        assert mode in b"".join(second.resets), (mode, second.resets)
    second.close()


@case("G7_a_watcher_can_neither_type_nor_resize_nor_take_over")
def watcher(bench):
    terminal = bench.open_terminal(bench.create())
    owner = bench.terminal(terminal, size=(90, 30))
    watching = bench.terminal(terminal, flags=WATCH, size=(20, 10))
    assert owner.owner and not watching.owner
    watching.type("echo $((6*7))-typed\n")
    watching.resize(33, 11)
    watching.wire.send(b"\x05")  # OWN
    time.sleep(0.3)
    owner.type("stty size; echo $((6*7))-owner\n")
    owner.read_until(b"42-owner")
    watching.read_until(b"42-owner")
    assert b"42-typed" not in owner.output and b"30 90" in owner.output, bytes(owner.output)
    owner.close()
    time.sleep(0.2)
    watching.type("echo $((6*7))-heir\n")
    again = bench.terminal(terminal)
    again.type("echo $((6*7))-new\n")
    again.read_until(b"42-new")
    assert b"42-heir" not in again.output, "a watcher does not inherit"
    for viewer in (watching, again):
        viewer.close()


class Steady:
    """A viewer that comes back at the byte where it was, as the page does."""

    def __init__(self, bench, terminal):
        self.bench, self.terminal = bench, terminal
        self.viewer, self.output = bench.terminal(terminal), bytearray()

    def take(self, count):
        """Reads until `count` bytes are there or the program has ended."""
        while len(self.output) + len(self.viewer.output) < count and self.viewer.exit is None:
            self.viewer.step()

    def come_back(self):
        self.viewer.close()
        assert not self.viewer.resets, "bytes were lost"
        self.output += self.viewer.output
        old = self.viewer
        self.viewer = self.bench.terminal(self.terminal, offset=old.offset, viewer=old.viewer)
        equal(self.viewer.offset, old.offset, "where it goes on")

    def finish(self):
        self.viewer.read_to_exit()
        assert not self.viewer.resets, "bytes were lost"
        self.output += self.viewer.output
        self.viewer.close()
        return bytes(self.output)


def million_lines(bench):
    """A viewer of `seq 1 1000000`, which waits for a key; and what must be seen of it."""
    terminal = bench.open_terminal(bench.create(), argv=[
        "/bin/sh", "-c", "stty -echo; echo ready; read key; seq 1 1000000"])
    steady = Steady(bench, terminal)
    steady.viewer.read_until(b"ready\r\n")
    steady.viewer.type("\n")
    return steady, b"ready\r\n" + b"".join(b"%d\r\n" % i for i in range(1, 1_000_001))


def same(found, wanted):
    if found != wanted:
        first = next((i for i, (a, b) in enumerate(zip(found, wanted)) if a != b), min(len(found), len(wanted)))
        raise AssertionError(f"{len(found)} bytes instead of {len(wanted)}, different from byte {first}: "
                             f"{found[first - 20:first + 40]!r} instead of {wanted[first - 20:first + 40]!r}")


@case("R1_a_hundred_broken_connections_lose_no_byte_of_a_million_lines")
def reconnects(bench):
    steady, wanted = million_lines(bench)
    for i in range(1, RECONNECTS + 1):
        steady.take(i * len(wanted) // (RECONNECTS + 1))
        assert steady.viewer.exit is None, "the output ended before the last reconnect"
        steady.come_back()
    same(steady.finish(), wanted)


@case("B11_no_byte_is_lost_between_the_last_output_and_the_exit")
def exit_race(bench):
    sandbox = bench.create()
    bench.exec(sandbox, "seq -f %06.0f 1 62500 > /root/1; seq -f %06.0f 62501 125000 > /root/2")
    program = ["/bin/sh", "-c", "cat /root/1; cat /root/2 >&2; exit 7"]
    wanted = b"".join(b"%06d\r\n" % i for i in range(1, 125_001))
    for run in range(EXIT_RUNS):
        terminal = bench.open_terminal(sandbox, argv=program)
        viewer = bench.terminal(terminal)
        same(bytes(viewer.read_to_exit()), wanted)
        equal(viewer.exit, (len(wanted), 0, 7), f"EXIT of run {run}")
        equal(viewer.wire.close_code(), 1000)
        viewer.close()
        equal(bench.ann.ask("DELETE", f"/api/v1/terminals/{terminal}").status, 204)
    halves = {"stdout": b"".join(b"%06d\n" % i for i in range(1, 62_501)),
              "stderr": b"".join(b"%06d\n" % i for i in range(62_501, 125_001))}
    for _ in range(EXIT_RUNS // 4):
        result = bench.ann.ask("POST", at(sandbox, "/exec"), {"argv": program}).json
        equal(result["exit_code"], 7)
        for stream, half in halves.items():
            same(result[stream].encode(), half)


@case("R2_kill_9_of_server_and_node_loses_no_byte_of_a_million_lines")
def kill_nine(bench):
    steady, wanted = million_lines(bench)
    with bench.probe.paused():
        for share, verbs in ((0.2, ["serve"]), (0.4, ["node"]), (0.6, ["serve", "node"]), (0.8, ["node", "serve"])):
            steady.take(int(share * len(wanted)))
            assert steady.viewer.exit is None, "the output ended before the last kill"
            for verb in verbs:
                bench.paddock.kill_child(verb)
            if "serve" in verbs:
                wait_for(lambda: bench.ann.ask("GET", "/readyz").status == 200)
                steady.come_back()
        same(steady.finish(), wanted)
    answered = len(bench.probe.times)
    wait_for(lambda: len(bench.probe.times) > answered + 3)
