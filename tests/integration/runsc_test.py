"""The real agent under gVisor's kernel. usage: runsc_test.py PADDOCK_BINARY

What the driver's contract cannot see with its probe: commands, what they leave behind, files, terminals,
a killed node. Needs root, the base image and runsc; says so when it skips.
"""
import shutil
import sys
import unittest

from paddock import SKIPPED, Paddock, wait_for, why_not
from terminal import Terminal


class RunscTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.paddock = Paddock(BINARY, "--runtime", "runsc")
        cls.ann = cls.paddock.client()
        cls.sandbox = cls.ann.create()
        cls.path = f"/api/v1/sandboxes/{cls.sandbox}"

    @classmethod
    def tearDownClass(cls):
        ended = cls.paddock.destroy()
        assert ended.returncode == 0, ended.stderr

    def exec(self, shell, **fields):
        return self.ann.exec(self.sandbox, shell, **fields)

    def sleepers(self):
        return self.exec("grep -lx sleep /proc/[0-9]*/comm | wc -l")["stdout"]

    def test_the_kernel_is_not_the_hosts(self):
        with open("/proc/version", encoding="utf-8") as version:
            self.assertNotEqual(self.exec("cat /proc/version")["stdout"], version.read())

    def test_output_status_and_input_come_through(self):
        answer = self.exec("cat; echo err >&2; exit 3", stdin="in")
        self.assertEqual((answer["stdout"], answer["stderr"], answer["exit_code"]), ("in", "err\n", 3))

    def test_a_timeout_kills_all_that_was_started(self):
        answer = self.exec("(setsid sleep 1000 &); sleep 1000", timeout_ms=1000)
        self.assertTrue(answer["timed_out"])
        wait_for(lambda: self.sleepers() == "0\n")

    def test_a_daemon_ends_with_its_command(self):
        self.exec("(setsid sleep 1000 &); sleep 0.2")
        wait_for(lambda: self.sleepers() == "0\n")

    def test_files_go_in_and_come_back(self):
        body = bytes(range(256)) * 1000
        file = self.path + "/files?path=/root/bytes"
        self.assertEqual(self.ann.ask("PUT", file, body).status, 204)
        self.assertEqual(self.ann.ask("GET", file).body, body)

    def test_the_disk_has_its_ceiling(self):
        small = self.ann.create(limits={"disk_bytes": 64 << 20})
        answer = self.ann.exec(small, "head -c 200M /dev/zero > /root/big || echo full", timeout_ms=60_000)
        self.assertEqual(answer["stdout"], "full\n")
        self.assertEqual(self.ann.ask("DELETE", f"/api/v1/sandboxes/{small}").status, 204)

    def test_a_terminal_lives_on_when_the_node_is_killed(self):
        opened = self.ann.ask("POST", self.path + "/terminals",
                              {"cols": 80, "rows": 24, "argv": ["sh", "-c", "read a; echo got-$a; exec cat"]})
        self.assertEqual(opened.status, 201, opened.body)
        viewer = Terminal(self.ann, opened.json["id"])
        self.paddock.kill_child("node")
        viewer.type(b"word\n")
        viewer.read_until(b"got-word")
        viewer.close()
        self.assertEqual(self.ann.ask("DELETE", f"/api/v1/terminals/{opened.json['id']}").status, 204)


if __name__ == "__main__":
    BINARY = sys.argv.pop(1)
    reason = why_not() or (None if shutil.which("runsc") else "needs runsc: apt-get install runsc")
    if reason:
        print(f"SKIPPED: runsc_test.py {reason}")
        sys.exit(SKIPPED)
    unittest.main()
