"""Server and node as on two hosts: mutual TLS between them and nothing else that they share.

usage: split_test.py PADDOCK_BINARY. Needs root and the base image; says so when it skips.
"""
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import unittest

from paddock import SKIPPED, Paddock, wait_for, why_not
from terminal import Terminal

LOCAL = "127.0.0.1"


class SplitPaddock(Paddock):
    """A node with its own directories and a server with others; each has its three files, as an operator
    would hand them out."""

    node = None
    node_port = 0

    def start(self):
        if not self.node:
            self.make_certificates()
            self.start_node()
            self.flags = ["--listen", f"{LOCAL}:0", "--user", "nobody", "--data-dir", str(self.root / "server"),
                          "--run-dir", str(self.root / "server-run"), "--node", f"localhost:{self.node_port}",
                          *self.files("web")]
        super().start()

    def certs(self, *words):
        done = subprocess.run([self.binary, "certs", *words], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def make_certificates(self):
        self.authority = str(self.root / "authority")
        self.certs("init", self.authority)
        self.certs("server", self.authority, "node", "--host", "localhost", LOCAL)
        for name in ("web", "stranger"):
            self.certs("client", self.authority, name)
        for name, user in (("node", "root"), ("web", "nobody"), ("stranger", "nobody")):
            self.hand_out(name, user)

    def hand_out(self, name, user):
        """Copies a service's files to where it reads them, each in one step."""
        place = self.root / f"of-{name}"
        place.mkdir(exist_ok=True)
        for file in (f"{name}.key", f"{name}.pem", "ca.pem"):
            shutil.copy(pathlib.Path(self.authority) / file, place / "new")
            ids = pwd.getpwnam(user)
            os.chown(place / "new", ids.pw_uid, ids.pw_gid)
            (place / "new").rename(place / file)

    def files(self, name):
        place = self.root / f"of-{name}"
        return ["--node-certificate", f"{place}/{name}.pem", "--node-key", f"{place}/{name}.key",
                "--node-ca", f"{place}/ca.pem"]

    def node_words(self):
        return [self.binary, "node", "--data-dir", str(self.data), "--run-dir", str(self.run), "--cgroup-root",
                self.root.name, "--user", "daemon", "--node-listen", f"{LOCAL}:{self.node_port}",
                "--node-clients", "web", *self.files("node")]

    def start_node(self):
        self.run.mkdir(exist_ok=True)
        with open(self.root / "node-log", "wb") as log:
            self.node = subprocess.Popen(self.node_words(), stderr=log)
        wait_for(lambda: self.node.poll() is not None or "reach it on port" in self.node_log())
        found = re.search(r"reach it on port (\d+)", self.node_log())
        assert found, self.node_log()
        self.node_port = int(found[1])

    def node_log(self):
        return (self.root / "node-log").read_text(errors="replace")

    def end_node(self, number):
        self.node.send_signal(number)
        return self.node.wait(30)

    def destroy(self):
        if self.process.poll() is None:
            self.stop()
        self.end_node(signal.SIGTERM)
        return super().destroy()


class SplitTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.paddock = SplitPaddock(BINARY, "--user-creation-rate", "100", "--address-creation-rate", "100")
        cls.ann = cls.paddock.client()

    @classmethod
    def tearDownClass(cls):
        log = cls.paddock.log_text() + cls.paddock.node_log()
        ended = cls.paddock.destroy()
        assert ended.returncode == 0, ended.stderr + log

    def setUp(self):
        self.sandbox = self.ann.create()
        self.at = f"/api/v1/sandboxes/{self.sandbox}"

    def tearDown(self):
        self.ann.ask("DELETE", self.at)

    def terminal(self):
        opened = self.ann.ask("POST", self.at + "/terminals", {"cols": 80, "rows": 24})
        self.assertEqual(opened.status, 201, opened.body)
        return opened.json["id"]

    def test_a_command_runs_on_the_other_host(self):
        result = self.ann.exec(self.sandbox, "cat; echo oops >&2; exit 3", stdin="typed")
        self.assertEqual((result["stdout"], result["stderr"], result["exit_code"]), ("typed", "oops\n", 3))
        self.assertEqual(self.ann.ask("GET", self.at).json["state"], "running")

    def test_the_server_has_nothing_of_the_node(self):
        self.assertEqual(sorted(self.paddock.children()), ["serve", "sql-runner"])
        self.assertFalse((self.paddock.root / "server-run" / "node.sock").exists())

    def test_files_go_in_and_out_unchanged(self):
        content, path = os.urandom(8_000_000), self.at + "/files?path=/root/bytes"
        self.assertEqual(self.ann.ask("PUT", path, content).status, 204)
        self.assertEqual(self.ann.ask("GET", path).body, content)
        tar = self.ann.ask("GET", self.at + "/files/tar?path=/root")
        self.assertEqual(tar.status, 200)
        self.assertGreater(len(tar.body), len(content))

    def test_a_terminal_echoes_and_shows_a_megabyte(self):
        viewer = Terminal(self.ann, self.terminal())
        viewer.type("echo $((6*7))-echo\n")
        viewer.read_until(b"42-echo")
        viewer.type("head -c 1000000 /dev/zero | tr '\\0' y; echo; echo $((6*7))-done\n")
        shown = viewer.read_until(b"42-done")
        self.assertGreaterEqual(shown.count(b"y"), 1_000_000)
        viewer.close()

    def test_a_terminal_outlives_a_killed_server(self):
        terminal = self.terminal()
        viewer = Terminal(self.ann, terminal)
        viewer.type("X=alive; echo $((6*7))-ready\n")
        viewer.read_until(b"42-ready")
        self.paddock.kill_child("serve")
        viewer.close()
        wait_for(lambda: self.ann.ask("GET", "/readyz").status == 200)
        again = Terminal(self.ann, terminal)
        again.type("echo $((6*7))-$X\n")
        again.read_until(b"42-alive")
        again.close()

    def test_a_terminal_outlives_a_killed_node(self):
        terminal = self.terminal()
        viewer = Terminal(self.ann, terminal)
        viewer.type("X=alive; echo $((6*7))-ready\n")
        viewer.read_until(b"42-ready")
        self.paddock.end_node(signal.SIGKILL)
        self.paddock.start_node()
        viewer.close()
        wait_for(lambda: self.ann.ask("GET", self.at + "/stats").status == 200)
        again = Terminal(self.ann, terminal)
        again.type("echo $((6*7))-$X\n")
        again.read_until(b"42-alive")
        again.close()

    def serial_shown(self):
        place = self.paddock.root / "of-web"
        context = ssl.create_default_context(cafile=place / "ca.pem")
        context.load_cert_chain(place / "web.pem", place / "web.key")
        with socket.create_connection((LOCAL, self.paddock.node_port), timeout=30) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as encrypted:
                return encrypted.getpeercert()["serialNumber"]

    def test_renewed_certificates_are_used_without_a_restart(self):
        viewer = Terminal(self.ann, self.terminal())
        viewer.type("echo $((6*7))-before\n")
        viewer.read_until(b"42-before")
        before = self.serial_shown()
        self.paddock.certs("renew", self.paddock.authority, "--all")
        self.paddock.hand_out("node", "root")
        self.paddock.hand_out("web", "nobody")
        wait_for(lambda: self.serial_shown() != before)
        viewer.type("echo $((6*7))-after\n")
        viewer.read_until(b"42-after")
        viewer.close()

    def refused(self, *words):
        done = subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=60)
        self.assertIn(done.returncode, (1, 2))
        return done.stderr

    def test_half_of_what_is_needed_starts_nothing(self):
        files = self.paddock.files("node")
        for words in (files, files[:2], ["--node-listen", f"{LOCAL}:0"], ["--node-clients", "web"],
                      [*files, "--node-listen", f"{LOCAL}:0"], [*files, "--node-clients", "web"]):
            said = self.refused("node", "--data-dir", str(self.paddock.root / "unused"), *words)
            for flag in ("--node-listen", "--node-clients", "--node-certificate", "--node-key", "--node-ca"):
                self.assertIn(flag, said)
        for words in (files, ["--node", "localhost:3007"], ["--node", "localhost:3007", *files[:4]]):
            said = self.refused("serve", "--data-dir", str(self.paddock.root / "unused"), *words)
            for flag in ("--node", "--node-certificate", "--node-key", "--node-ca"):
                self.assertRegex(said, rf"{flag}\b(?!-)")
        self.assertFalse((self.paddock.root / "unused").exists())

    def test_files_that_cannot_work_are_refused_at_the_start(self):
        server = ["serve", "--server-only", "--listen", f"{LOCAL}:0", "--data-dir", str(self.paddock.root / "other"),
                  "--node", f"localhost:{self.paddock.node_port}"]
        self.assertIn("is no client certificate", self.refused(*server, *self.paddock.files("node")))
        mixed = [*self.paddock.files("web")[:2], *self.paddock.files("stranger")[2:]]
        self.assertIn("is not the key of", self.refused(*server, *mixed))

    def test_a_server_that_the_node_does_not_name_is_told_so(self):
        place = self.paddock.root / "stranger"
        with open(self.paddock.root / "stranger-log", "wb") as log, subprocess.Popen(
                [BINARY, "serve", "--server-only", "--listen", f"{LOCAL}:0", "--data-dir", str(place), "--node",
                 f"localhost:{self.paddock.node_port}", *self.paddock.files("stranger")],
                stdout=subprocess.DEVNULL, stderr=log) as stranger:
            text = self.paddock.root / "stranger-log"
            wait_for(lambda: "'stranger' is good, but this service does not serve it" in text.read_text())
            stranger.terminate()
            self.assertEqual(stranger.wait(30), 0)
        self.assertIn('"client":"stranger"', self.paddock.node_log())

    def test_plain_text_gets_no_answer(self):
        with socket.create_connection((LOCAL, self.paddock.node_port), timeout=30) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = plain.recv(1024)
        self.assertNotIn(b"HTTP", answer)


if __name__ == "__main__":
    BINARY = sys.argv.pop(1)
    reason = why_not()
    if reason:
        print(f"SKIPPED: split_test.py {reason}")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
