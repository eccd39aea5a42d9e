"""Runner and question service as processes of their own: the acceptance of the front ends once more, and what
happens when a service is gone or a client is not welcome.

usage: services_test.py PADDOCK_BINARY [unittest arguments]
"""
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import unittest

import playground_test
from paddock import SKIPPED, Paddock, wait_for, why_not
from people_test import BINARY

LOCAL = "127.0.0.1"
SPLIT = ["--split", "--runner-listen", f"{LOCAL}:0", "--questions-listen", f"{LOCAL}:0"]
QUERY = {"schema": "CREATE TABLE dev(ID int); INSERT INTO dev VALUES(1)", "query": "SELECT * FROM dev"}
KILLS_MAX = 8  # the pause before a restart doubles, so that one of them is long enough to be noticed


class SplitPlaygroundTest(playground_test.PlaygroundTest):
    """Everything that one process does, a set of them does."""

    FLAGS = [*playground_test.PlaygroundTest.FLAGS, *SPLIT, "--runner-clients", "friend"]

    def setUp(self):
        """The test before may have left a dead service behind."""
        wait_for(lambda: self.ask("GET", "/questions")[0] == 200 and self.run_of_question("run")[0] == 200)

    def port_of(self, name):
        """Where a service listens: it stays there when it is restarted."""
        found = re.findall(rf"{name} ready on port (\d+)", self.paddock.log_text())
        self.assertEqual(len(set(found)), 1, found)
        return int(found[0])

    def certs(self, *words):
        done = subprocess.run([BINARY, "certs", *words], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)

    def files(self, link, name, directory=None):
        place = directory or self.paddock.data / "services"
        return [f"--{link}-certificate", f"{place}/{name}.pem", f"--{link}-key", f"{place}/{name}.key",
                f"--{link}-ca", f"{place}/ca.pem"]

    def kill(self, verb):
        os.kill(self.paddock.children()[verb], signal.SIGKILL)

    def answer_without(self, verb, ask):
        """What `ask` answers while the service is dead; afterwards it is there again."""
        for _ in range(KILLS_MAX):
            self.kill(verb)
            answer = ask()
            self.assertIn(answer[0], (200, 503), answer)
            wait_for(lambda: ask()[0] == 200)
            if answer[0] == 503:
                return answer[1]
        self.fail("it was never noticed to be dead")

    def test_each_is_a_process_of_its_own_and_none_is_root(self):
        children = self.paddock.children()
        self.assertEqual(sorted(children), ["node", "question-service", "runner", "serve", "sql-runner"])
        for verb in ("runner", "question-service"):
            status = pathlib.Path(f"/proc/{children[verb]}/status").read_text()
            self.assertNotIn("0", re.search(r"Uid:(.*)", status)[1].split())
            self.assertIn("NoNewPrivs:\t1", status)
        environment = pathlib.Path(f"/proc/{children['runner']}/environ").read_bytes()
        self.assertEqual([entry.split(b"=")[0] for entry in environment.split(b"\0") if entry], [b"PATH"])
        workers = pathlib.Path(f"/proc/{children['serve']}/task/{children['serve']}/children").read_text()
        self.assertEqual(workers, "", "the server runs no challenges")

    def test_without_its_runner_each_place_says_so_in_its_own_form(self):
        body = {"questionID": "101", "query": playground_test.RIGHT}
        error = self.answer_without("runner", lambda: self.ask("POST", "/challenges", body))
        self.assertEqual(error["code"], "unavailable")
        self.assertIn("not user-side", error["message"])
        error = self.answer_without(
            "runner", lambda: self.ask("POST", "/sqlrunner/query", QUERY, port=self.paddock.port))
        self.assertEqual((error["success"], error["code"]), (False, "INTERNAL_ERROR"))
        error = self.answer_without("runner", lambda: self.run_of_question("run"))
        self.assertEqual(error["code"], "unavailable")
        self.assertIn("request_id", error)

    def test_without_its_question_service_only_the_front_ends_notice(self):
        error = self.answer_without("question-service", lambda: self.ask("GET", "/questions"))
        self.assertEqual(error["code"], "unavailable")
        self.assertIn("Failed to fetch questions.", error["message"])
        self.kill("question-service")
        status, _ = self.ask("GET", "/api/v1/questions", port=self.paddock.port)
        self.assertEqual(status, 200)
        wait_for(lambda: self.ask("GET", "/questions")[0] == 200)

    def test_the_question_service_sees_what_the_server_writes(self):
        self.assertEqual(self.ask("GET", "/questions/102")[0], 200)
        self.assertEqual(self.root.ask("DELETE", "/questions/102").status, 204)
        wait_for(lambda: self.ask("GET", "/questions/102")[0] == 404)

    def test_a_dead_runner_is_nobodys_failed_attempt(self):
        answers, is_over = [], threading.Event()

        def submit():
            while not is_over.is_set():
                answers.append(self.run_of_question("submit"))

        with_others = threading.Thread(target=submit)
        with_others.start()
        for _ in range(3):
            pid = self.paddock.children()["runner"]
            self.kill("runner")
            wait_for(lambda: self.paddock.children().get("runner", pid) != pid)
            count = len(answers)
            wait_for(lambda: any(status == 200 for status, _ in answers[count:]))
        is_over.set()
        with_others.join()
        self.assertLessEqual({status for status, _ in answers}, {200, 503})
        self.assertTrue(all(answer["passed"] for status, answer in answers if status == 200))
        status, page = self.ask("GET", "/api/v1/questions/101/submissions?limit=100", port=self.paddock.port)
        self.assertEqual(status, 200)
        self.assertTrue(all(attempt["passed"] for attempt in page["submissions"]
                            if attempt["query"] == playground_test.RIGHT))

    def handshake(self, port, directory=None, name=None):
        """What a client gets that presents this certificate; it sends what is no HTTP/2."""
        context = ssl.create_default_context(cafile=self.paddock.data / "services" / "ca.pem")
        context.set_alpn_protocols(["h2"])
        if name:
            context.load_cert_chain(f"{directory}/{name}.pem", f"{directory}/{name}.key")
        with socket.create_connection((LOCAL, port), timeout=30) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as encrypted:
                encrypted.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
                return encrypted.recv(1024)

    def test_a_client_without_a_certificate_of_the_authority_gets_no_handshake(self):
        other = self.paddock.root / "other-authority"
        self.certs("init", str(other))
        self.certs("client", str(other), "server")
        own = self.paddock.data / "services"
        for service in ("runner", "question service"):
            port = self.port_of(service)
            self.assertNotEqual(self.handshake(port, own, "server"), b"", "HTTP/2 begins")
            for refused in ((None, None), (other, "server"), (own, "questions")):
                with self.subTest(service=service, refused=refused):
                    with self.assertRaises((ssl.SSLError, ConnectionError)):
                        if self.handshake(port, *refused) == b"":
                            raise ConnectionError

    def ask_through(self, name):
        """The status of a query through another server, whose certificate has this name."""
        services = self.paddock.data / "services"
        self.certs("client", str(services), name)
        place = self.paddock.root / f"of-{name}"
        log = self.paddock.root / f"log-of-{name}"
        words = [BINARY, "serve", "--server-only", "--sqlrunner-open", "--listen", f"{LOCAL}:0", "--data-dir",
                 str(place), "--run-dir", str(place / "run"), "--runner", f"{LOCAL}:{self.port_of('runner')}",
                 *self.files("runner", name)]
        with open(log, "wb") as said, subprocess.Popen(words, stdout=subprocess.PIPE, stderr=said, text=True) as server:
            line = next(line for line in server.stdout if "Paddock is" in line)
            port = int(re.search(r":(\d+)$", line.strip())[1])
            answer = self.ask("POST", "/sqlrunner/query", QUERY, port=port, token="none")
            server.terminate()
            self.assertEqual(server.wait(30), 0)
        return answer, log.read_text()

    def test_a_server_that_is_not_named_is_refused_and_one_that_is_is_served(self):
        (status, error), log = self.ask_through("stranger")
        self.assertEqual((status, error["code"]), (503, "INTERNAL_ERROR"))
        self.assertIn("'stranger' is good, but this service does not serve it: name it in --runner-clients", log)
        self.assertIn('"client":"stranger"', self.paddock.log_text())
        (status, answer), _ = self.ask_through("friend")
        self.assertEqual((status, answer["data"]["rows"]), (200, [["1"]]))

    def refused(self, *words):
        done = subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=60)
        self.assertIn(done.returncode, (1, 2))
        return done.stderr

    def test_half_of_what_is_needed_starts_nothing(self):
        unused = ["--data-dir", str(self.paddock.root / "unused")]
        for link in ("runner", "questions"):
            files = self.files(link, "server")
            for words in ([f"--{link}", "localhost:3008"], files, [f"--{link}", "localhost:3008", *files[:4]]):
                said = self.refused("serve", *unused, *words)
                for flag in (f"--{link}", f"--{link}-certificate", f"--{link}-key", f"--{link}-ca"):
                    self.assertRegex(said, rf"{flag}\b(?!-)")
            self.assertIn("leave out", self.refused("serve", *unused, "--split", f"--{link}", "localhost:3008"))
            self.assertIn("--split", self.refused("serve", *unused, f"--{link}-listen", f"{LOCAL}:0"))
            self.assertIn("127.0.0.1:PORT", self.refused(
                "serve", "--data-dir", str(self.paddock.root / "public"), "--run-dir",
                str(self.paddock.root / "public-run"), "--user", "nobody", "--split", f"--{link}-listen", "0.0.0.0:0"))
        for verb, link in (("runner", "runner"), ("question-service", "questions")):
            said = self.refused(verb, f"--{link}-listen", f"{LOCAL}:0")
            self.assertIn(f"--{link}-certificate, --{link}-key, --{link}-ca, --{link}-clients missing", said)

    def test_files_that_cannot_work_are_refused_at_the_start(self):
        server = ["serve", "--server-only", "--listen", f"{LOCAL}:0", "--data-dir", str(self.paddock.root / "other"),
                  "--runner", "localhost:3008"]
        self.assertIn("is no client certificate", self.refused(*server, *self.files("runner", "runner")))
        mixed = [*self.files("runner", "server")[:2], *self.files("runner", "questions")[2:]]
        self.assertIn("is not the key of", self.refused(*server, *mixed))


class CertificatesTest(unittest.TestCase):
    def test_certificates_are_kept_until_they_are_due(self):
        paddock = Paddock(BINARY, *SPLIT)
        services = paddock.data / "services"
        self.assertEqual(oct((services / "ca.key").stat().st_mode & 0o777), "0o600")
        self.assertEqual((services / "ca.key").stat().st_uid, 0)
        before = {file.name: file.read_bytes() for file in services.iterdir()}
        paddock.stop()
        due = subprocess.run([BINARY, "certs", "server", str(services), "runner", "--host", LOCAL, "--days", "20",
                              "--force"], capture_output=True, text=True, timeout=60)
        self.assertEqual(due.returncode, 0, due.stderr)
        short_lived = (services / "runner.pem").read_bytes()
        paddock.start()
        after = {file.name: file.read_bytes() for file in services.iterdir()}
        self.assertNotIn(after["runner.pem"], (short_lived, before["runner.pem"]))
        for name in ("ca.pem", "ca.key", "server.pem", "server.key", "questions.pem"):
            self.assertEqual(after[name], before[name], name)
        wait_for(lambda: paddock.log_text().count("runner ready") == 2)
        log = paddock.log_text()
        ended = paddock.destroy()
        self.assertEqual(ended.returncode, 0, ended.stderr + log)


if __name__ == "__main__":
    if reason := why_not():
        print(reason)
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
