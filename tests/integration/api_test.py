"""The API against the real thing: server, node, OCI runtime, base image and agent.

usage: api_test.py PADDOCK_BINARY [unittest arguments]
"""
import base64
import io
import os
import pathlib
import re
import signal
import sys
import tarfile
import unittest

from paddock import SKIPPED, Paddock, wait_for, why_not
from terminal import Terminal

BINARY = sys.argv.pop(1) if len(sys.argv) > 1 else "paddock"
FLAGS = ["--user-creation-rate", "100", "--address-creation-rate", "100", "--guest-rate", "100"]


class ApiTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.paddock = Paddock(BINARY, *FLAGS)

    @classmethod
    def tearDownClass(cls):
        log = cls.paddock.log_text()
        ended = cls.paddock.destroy()
        assert ended.returncode == 0, ended.stderr + log

    def setUp(self):
        self.ann = self.paddock.client()

    def tearDown(self):
        for sandbox in self.ann.ask("GET", "/api/v1/sandboxes").json["sandboxes"]:
            self.ann.ask("DELETE", f"/api/v1/sandboxes/{sandbox['id']}")

    def at(self, sandbox, rest=""):
        return f"/api/v1/sandboxes/{sandbox}{rest}"

    def test_a_command_runs_in_a_fresh_sandbox(self):
        sandbox = self.ann.create()
        result = self.ann.exec(sandbox, "id -u; hostname; echo oops >&2; exit 3")
        self.assertEqual(result["exit_code"], 3)
        self.assertEqual(result["stdout"].splitlines()[0], "0")
        self.assertEqual(result["stderr"], "oops\n")
        self.assertGreater(result["memory_peak_bytes"], 0)
        shown = self.ann.ask("GET", self.at(sandbox)).json
        self.assertEqual(shown["state"], "running")
        self.assertRegex(shown["image"], r"^base@sha256:[0-9a-f]{64}$")

    def test_input_environment_directory_and_binary_output(self):
        sandbox = self.ann.create(env={"LESSON": "7"})
        result = self.ann.exec(sandbox, 'echo "$LESSON$EXTRA"; pwd; cat; printf "\\377" >&2',
                               stdin="typed", env={"EXTRA": "8"}, cwd="/tmp")
        self.assertEqual(result["stdout"], "78\n/tmp\ntyped")
        self.assertEqual((result["stderr_encoding"], base64.b64decode(result["stderr"])),
                         ("base64", b"\xff"))

    def test_a_timeout_kills_everything_the_command_started(self):
        sandbox = self.ann.create()
        result = self.ann.exec(sandbox, "setsid sleep 987 & setsid setsid sleep 987 & sleep 987",
                               timeout_ms=300)
        self.assertTrue(result["timed_out"])
        left = self.ann.exec(sandbox, "grep -lx sleep /proc/[0-9]*/comm | wc -l")
        self.assertEqual(left["stdout"], "0\n")

    def test_a_flood_of_output_is_cut_and_costs_nothing_more(self):
        sandbox = self.ann.create()
        result = self.ann.exec(sandbox, "head -c 50000000 /dev/zero | tr '\\0' y",
                               output_bytes_max=1000, timeout_ms=60000)
        self.assertEqual(result["exit_code"], 0)
        self.assertEqual(result["stdout"], "y" * 1000)
        self.assertTrue(result["stdout_truncated"])

    def test_files_go_in_and_out_unchanged(self):
        sandbox, content = self.ann.create(), os.urandom(3_000_000)
        path = self.at(sandbox, "/files?path=/root/a%20b")
        self.assertEqual(self.ann.ask("PUT", path, content).status, 204)
        self.assertEqual(self.ann.ask("GET", path).body, content)
        part = self.ann.ask("GET", path, headers={"Range": "bytes=1000000-1999999"})
        self.assertEqual((part.status, part.body), (206, content[1_000_000:2_000_000]))
        listed = self.ann.ask("GET", self.at(sandbox, "/files/list?path=/root")).json["entries"]
        sizes = {entry["name"]: entry["size_bytes"] for entry in listed}
        self.assertEqual(sizes["a b"], len(content))
        self.assertEqual(self.ann.ask("DELETE", path).status, 204)
        self.assertEqual(self.ann.ask("GET", path).status, 404)

    def test_a_tree_comes_back_as_the_tar_that_went_in(self):
        sandbox, archive = self.ann.create(), io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for name, text in {"d/one": b"1" * 100_000, "d/e/two": b"22"}.items():
                info = tarfile.TarInfo(name)
                info.size = len(text)
                tar.addfile(info, io.BytesIO(text))
        self.ann.exec(sandbox, "mkdir -p /root/in")
        put = self.ann.ask("PUT", self.at(sandbox, "/files/tar?path=/root/in"), archive.getvalue())
        self.assertEqual(put.status, 204, put.body)
        got = self.ann.ask("GET", self.at(sandbox, "/files/tar?path=/root/in"))
        self.assertEqual(got.status, 200)
        with tarfile.open(fileobj=io.BytesIO(got.body)) as tar:
            two = next(name for name in tar.getnames() if name.endswith("d/e/two"))
            self.assertEqual(tar.extractfile(two).read(), b"22")

    def test_a_tar_that_leads_out_is_refused(self):
        sandbox = self.ann.create()
        for name in ("../evil", "/evil", "d/../../evil"):
            archive = io.BytesIO()
            with tarfile.open(fileobj=archive, mode="w") as tar:
                info = tarfile.TarInfo("x")
                info.name, info.size = name, 1
                tar.addfile(info, io.BytesIO(b"x"))
            put = self.ann.ask("PUT", self.at(sandbox, "/files/tar?path=/tmp"), archive.getvalue())
            self.assertEqual(put.status, 400, (name, put.body))

    def test_somebody_elses_sandbox_does_not_exist(self):
        sandbox, bob = self.ann.create(), self.paddock.client()
        for method, rest, body in (("GET", "", None), ("DELETE", "", None), ("GET", "/stats", None),
                                   ("POST", "/exec", {"argv": ["id"]}), ("GET", "/logs", None),
                                   ("GET", "/files?path=/etc/passwd", None),
                                   ("POST", "/terminals", {"cols": 80, "rows": 24})):
            self.assertEqual(bob.ask(method, self.at(sandbox, rest), body).status, 404, rest)
        self.assertEqual(bob.ask("GET", "/api/v1/sandboxes").json, {"sandboxes": []})

    def test_bad_limits_are_refused_and_good_ones_hold(self):
        for field in ("memory_bytes", "cpu_millis", "pids_max", "disk_bytes", "inodes_max", "lifetime_s"):
            for value in (0, -1, 1e308, "1", 2**62):
                answer = self.ann.ask("POST", "/api/v1/sandboxes", {"limits": {field: value}})
                self.assertEqual(answer.status, 400)
                self.assertIn(field, answer.json["message"])
        sandbox = self.ann.create(limits={"disk_bytes": 64 << 20, "pids_max": 64})
        full = self.ann.exec(sandbox, "head -c 500M /dev/zero > /root/big", timeout_ms=60000)
        self.assertIn("No space left", full["stderr"])
        self.assertEqual(self.ann.exec(sandbox, "rm /root/big; echo ok")["stdout"], "ok\n")

    def test_a_foreign_page_may_do_nothing(self):
        cookie = {"Cookie": "paddock_session=" + self.ann.token}
        own = f"http://127.0.0.1:{self.paddock.port}"
        for origin in ("http://evil.example", "null", own + ".evil.example", own[:-1]):
            answer = self.ann.ask("POST", "/api/v1/sandboxes", {}, {**cookie, "Origin": origin})
            self.assertEqual(answer.status, 403, origin)
        self.assertEqual(self.ann.ask("POST", "/api/v1/sandboxes", {}, cookie).status, 403)
        answer = self.ann.ask("POST", "/api/v1/sandboxes", {}, {**cookie, "Origin": own})
        self.assertEqual(answer.status, 201)

    def test_an_unknown_image_is_refused_in_words_of_the_user(self):
        answer = self.ann.ask("POST", "/api/v1/sandboxes", {"image": "nothing"})
        self.assertEqual((answer.status, answer.json["message"]), (404, "there is no image 'nothing'"))

    def test_the_quota_answers_429(self):
        for _ in range(3):
            self.ann.create()
        full = self.ann.ask("POST", "/api/v1/sandboxes", {})
        self.assertEqual(full.status, 429)
        self.assertEqual(full.json["message"], "your 3 sandboxes are in use; delete one")
        self.assertGreaterEqual(int(full.headers["Retry-After"]), 1)

    def test_stats_measure_and_logs_can_be_read(self):
        sandbox = self.ann.create()
        self.ann.exec(sandbox, "head -c 5000000 /dev/urandom > /root/file; sync")
        stats = self.ann.ask("GET", self.at(sandbox, "/stats")).json
        self.assertGreater(stats["disk_bytes"], 4_000_000)
        self.assertGreater(stats["cpu_ms"], 0)
        self.assertGreaterEqual(stats["processes"], 1)
        self.assertEqual(self.ann.ask("GET", self.at(sandbox, "/logs")).status, 200)

    def test_a_terminal_answers_and_outlives_its_viewer(self):
        sandbox = self.ann.create()
        opened = self.ann.ask("POST", self.at(sandbox, "/terminals"), {"cols": 80, "rows": 24})
        self.assertEqual(opened.status, 201, opened.body)
        first = Terminal(self.ann, opened.json["id"])
        first.type("echo $((6*7))-first; X=kept\n")
        first.read_until(b"42-first")
        first.close()
        second = Terminal(self.ann, opened.json["id"])
        second.type("echo $((6*7))-$X\n")
        self.assertIn(b"42-first", second.read_until(b"42-kept"))
        second.close()

    def test_neither_half_of_paddock_takes_a_sandbox_with_it_when_it_dies(self):
        sandbox = self.ann.create()
        self.ann.exec(sandbox, "echo kept > /root/file")
        terminal = self.ann.ask("POST", self.at(sandbox, "/terminals"), {"cols": 80, "rows": 24}).json["id"]
        viewer = Terminal(self.ann, terminal)
        viewer.type("X=alive; echo $((6*7))-ready\n")
        viewer.read_until(b"42-ready")
        self.paddock.kill_child("node")
        viewer.type("echo $((6*7))-node\n")
        viewer.read_until(b"42-node")
        self.paddock.kill_child("serve")
        viewer.close()
        wait_for(lambda: self.ann.ask("GET", "/readyz").status == 200)
        self.assertEqual(self.ann.exec(sandbox, "cat /root/file")["stdout"], "kept\n")
        again = Terminal(self.ann, terminal)
        again.type("echo $((6*7))-$X\n")
        again.read_until(b"42-alive")
        again.close()

    def test_a_hangup_reaches_the_server_alone_and_ends_nothing(self):
        before = self.paddock.children()
        self.paddock.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "certificate was not read again" in self.paddock.log_text())
        self.assertEqual(self.paddock.children(), before)
        self.assertEqual(self.ann.ask("GET", "/readyz").status, 200)

    def test_both_halves_may_open_as_many_files_as_the_host_allows(self):
        for pid in self.paddock.children().values():
            limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
            soft, hard = re.search(r"Max open files +(\S+) +(\S+)", limits).groups()
            self.assertEqual(soft, hard)

    def test_an_environment_that_would_burden_the_node_is_refused(self):
        full = self.ann.ask("POST", "/api/v1/sandboxes", {"env": {"A": "x" * 16_383}})
        self.assertEqual(full.status, 201)
        over = self.ann.ask("POST", "/api/v1/sandboxes", {"env": {"A": "x" * 16_383, "B": "y"}})
        self.assertEqual(over.status, 400)
        self.assertIn("env", over.json["message"])
        self.assertEqual(self.ann.exec(full.json["id"], 'printf %s "$A" | wc -c')["stdout"], "16383\n")

    def test_a_stopped_paddock_finds_its_sandboxes_again(self):
        sandbox = self.ann.create()
        self.ann.exec(sandbox, "(sleep 600 & echo $! > /root/pid) > /dev/null 2>&1")
        self.assertEqual(self.paddock.stop(), 0)
        self.paddock.start()
        self.assertEqual(self.ann.ask("GET", self.at(sandbox)).json["state"], "running")
        self.assertEqual(self.ann.exec(sandbox, "echo back")["stdout"], "back\n")


if __name__ == "__main__":
    reason = why_not()
    if reason:
        print(f"SKIPPED: {pathlib.Path(__file__).name} {reason}")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
