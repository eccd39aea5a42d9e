"""SQL sessions whose stream to the database does not pass the server (docs/decisions/0017-direct-forwards.md).

usage: sql_direct_test.py PADDOCK_BINARY [unittest arguments]
"""
import os
import pathlib
import re
import signal
import socket
import sys
import unittest

from paddock import IMAGES, SKIPPED, Paddock, wait_for, why_not
from sql import Closed, SqlSession
from unix_sockets import connections, peers

BINARY = sys.argv.pop(1) if len(sys.argv) > 1 else "paddock"
FLAGS = ["--user-creation-rate", "100", "--address-creation-rate", "100", "--guest-rate", "100",
         "--user-rate", "1000"]
MACHINE = {"image": "postgres", "limits": {"memory_bytes": 512 << 20}}
FIRST = re.compile(r"(?m)^NSpid:.*\t1$")
PASSRIGHTS = 83  # SO_PASSRIGHTS
KILL_DATABASE = """for process in /proc/[0-9]*; do
  if [ "$(cat $process/comm)" = postgres ]; then kill -9 ${process#/proc/} || true; fi
done"""
ENDLESS = "select generate_series(1, 1000000000), repeat('x', 100)"


def why_not_direct():
    """Why this kernel has every stream relayed; None when it has not."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.setsockopt(socket.SOL_SOCKET, PASSRIGHTS, 0)
        except OSError:
            return "needs a kernel that can refuse descriptors (Linux 6.16): this one has every stream relayed"
    try:
        peers()
    except OSError as error:
        return f"needs a kernel that tells which sockets are connected (CONFIG_UNIX_DIAG): {error}"
    return None


class SqlDirectTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.paddock = Paddock(BINARY, *FLAGS)
        cls.ann = cls.paddock.client()
        cls.machine = cls.ann.create(**MACHINE)

    @classmethod
    def tearDownClass(cls):
        log = cls.paddock.log_text()
        ended = cls.paddock.destroy()
        assert ended.returncode == 0, ended.stderr + log

    def open(self, machine=None):
        session = SqlSession(self.ann, machine or self.machine)
        self.addCleanup(session.close)
        self.assertEqual(session.opened["type"], "opened", session.opened)
        return session

    def agent_of(self, machine):
        """The first process of a sandbox."""
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if machine in (process / "cgroup").read_text() and \
                        FIRST.search((process / "status").read_text()):
                    return int(process.name)
            except (FileNotFoundError, ProcessLookupError):
                pass
        return self.fail("no agent")

    def count(self, verb, machine):
        """Connections between one of our processes and the agent of a machine."""
        return connections(self.paddock.children()[verb], self.agent_of(machine))

    def assert_direct(self, machine, sessions):
        self.assertEqual(self.count("sql-runner", machine), sessions, "the kernel can, and they are relayed")

    def test_a_sessions_stream_joins_the_runner_and_the_agent_and_passes_no_server(self):
        first = self.open()
        self.assertEqual(first.rows("select 1"), [["1"]])
        self.assert_direct(self.machine, 1)
        of_server = self.count("serve", self.machine)
        second = self.open()
        self.assertEqual(second.rows("select 2"), [["2"]])
        self.assert_direct(self.machine, 2)
        self.assertEqual(self.count("serve", self.machine), of_server)
        for session in (first, second):
            session.close()
        wait_for(lambda: self.count("sql-runner", self.machine) == 0)

    def streaming(self, machine):
        """A direct session in the middle of a stream."""
        session = self.open(machine)
        session.request("execute", text=ENDLESS)
        while session.receive()["type"] != "rows":
            pass
        self.assert_direct(machine, 1)
        return session

    def assert_told(self, session, *reasons):
        """In words, and with a reason that the page knows."""
        with self.assertRaises(Closed) as closed:
            session.finish()
        self.assertEqual(closed.exception.code, 4000)
        self.assertIn(closed.exception.message["reason"], reasons)
        self.assertIn("open the session again", closed.exception.message["message"])

    def assert_unharmed(self, other, pids):
        """The session on the other machine, and all processes."""
        self.assertEqual(other.rows("select 1"), [["1"]])
        self.assertEqual(self.paddock.children(), pids)

    def test_the_sandbox_is_removed_in_the_middle_of_a_stream(self):
        other, pids = self.open(), self.paddock.children()
        machine = self.ann.create(**MACHINE)
        session = self.streaming(machine)
        self.assertEqual(self.ann.ask("DELETE", f"/api/v1/sandboxes/{machine}").status, 204)
        self.assert_told(session, "sandbox_stopped")
        self.assert_unharmed(other, pids)

    def test_the_sandbox_dies_in_the_middle_of_a_stream(self):
        other, pids = self.open(), self.paddock.children()
        machine = self.ann.create(**MACHINE)
        session = self.streaming(machine)
        os.kill(self.agent_of(machine), signal.SIGKILL)
        # Whoever asks at once may hear of it before the node does.
        self.assert_told(session, "sandbox_stopped", "database_gone")
        self.assert_unharmed(other, pids)
        self.ann.ask("DELETE", f"/api/v1/sandboxes/{machine}")

    def test_the_database_is_killed_in_the_middle_of_a_stream(self):
        other, pids = self.open(), self.paddock.children()
        machine = self.ann.create(**MACHINE)
        session = self.streaming(machine)
        killed = self.ann.exec(machine, KILL_DATABASE)
        self.assertEqual(killed["exit_code"], 0, killed)
        self.assert_told(session, "database_gone")
        self.assert_unharmed(other, pids)
        self.assertEqual(self.ann.exec(machine, "echo alive")["stdout"], "alive\n")
        self.ann.ask("DELETE", f"/api/v1/sandboxes/{machine}")


if __name__ == "__main__":
    reason = why_not()
    if reason is None and not (IMAGES / "names" / "postgres").exists():
        reason = "needs the image postgres: run `paddock images build postgres`"
    reason = reason or why_not_direct()
    if reason:
        print("skipped: " + reason)
        sys.exit(SKIPPED)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    unittest.main(verbosity=2)
