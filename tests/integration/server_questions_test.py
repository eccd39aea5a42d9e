"""Questions on PostgreSQL and MariaDB against the real thing: a server that has databases for them by itself.

usage: server_questions_test.py PADDOCK_BINARY [unittest arguments]
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import unittest

from paddock import IMAGES, SKIPPED, Client, Paddock, wait_for, why_not

BINARY = sys.argv.pop(1) if len(sys.argv) > 1 else "paddock"
FLAGS = ["--user-creation-rate", "100", "--guest-rate", "100", "--user-rate", "1000"]
QUESTIONS = pathlib.Path(__file__).parent / "server_questions"
PASSWORD = "correct horse battery staple"
SCOPES = ["manage:server", "manage:class", "read:question", "write:resource"]
LINK = re.compile(r"/welcome#(\S+)")
RUNS_MAX = 10
OWNER = "a" * 13  # how the owner of what a server has for itself begins


class Admin(Client):
    """The first admin, by an API token that may write questions."""

    def __init__(self, paddock):
        self.paddock, self.token = paddock, None
        wait_for(lambda: any(LINK.search(line) for line in paddock.said))
        secret = next(found[1] for found in map(LINK.search, paddock.said) if found)
        used = self.ask("POST", "/api/v1/links/use", {"secret": secret, "name": "root", "password": PASSWORD})
        assert used.status == 201, used.body
        made = self.ask("POST", "/api/v1/account/tokens",
                        {"name": "test", "scopes": SCOPES},
                        {"Cookie": used.headers["Set-Cookie"].split(";")[0],
                         "Origin": f"http://127.0.0.1:{paddock.port}"})
        assert made.status == 201, made.body
        self.token = made.json["secret"]

    def import_questions(self):
        file = self.paddock.root / "token"
        file.write_text(self.token + "\n")
        return subprocess.run([BINARY, "questions", "import", "--server", f"http://127.0.0.1:{self.paddock.port}",
                               "--token-file", str(file), str(QUESTIONS)], capture_output=True, text=True, timeout=120)


class Neighbour:
    """Another server on the node of `paddock`, with a store of its own. Its process is killed, not stopped."""

    def __init__(self, paddock):
        self.root, self.said, self.port = paddock.root / "neighbour", [], None
        self.root.mkdir()
        self.words = [BINARY, "serve", "--server-only", "--listen", "127.0.0.1:0", "--data-dir", str(self.root / "data"),
                      "--run-dir", str(paddock.run), *FLAGS]
        self.start()

    def start(self):
        with open(self.root / "log", "ab") as log:
            self.process = subprocess.Popen(self.words, stdout=subprocess.PIPE, stderr=log, text=True)
        line = next(line for line in self.process.stdout if "Paddock is ready" in line)
        self.said.append(line)
        self.port = int(re.search(r":(\d+)$", line.strip())[1])
        threading.Thread(target=self.listen, args=(self.process.stdout,), daemon=True).start()

    def listen(self, stream):
        with stream:
            self.said.extend(stream)

    def kill(self):
        self.process.kill()
        self.process.wait(30)


class Learner(Client):
    def run(self, number, query):
        return self.ask("POST", f"/api/v1/questions/{number}/run", {"query": query})

    def submit(self, number, query):
        return self.ask("POST", f"/api/v1/questions/{number}/submit", {"query": query})

    def submissions(self, number):
        return self.ask("GET", f"/api/v1/questions/{number}/submissions").json["submissions"]


class Postgres:
    number, task = 901, 903
    version = "PostgreSQL "
    right = """SELECT name, berth, came_at FROM ships JOIN visits ON ship_id = ships.id
               WHERE came_at = (SELECT max(came_at) FROM visits AS v WHERE v.ship_id = ships.id)"""
    known_wrong = """SELECT name, berth, came_at FROM ships JOIN visits ON ship_id = ships.id
                     WHERE came_at = (SELECT min(came_at) FROM visits AS v WHERE v.ship_id = ships.id)"""
    feedback = "These are the first visits."
    hidden_wrong = "SELECT name, berth, came_at FROM ships JOIN visits ON ship_id = ships.id WHERE visits.id >= 3"
    done = "UPDATE visits SET left_at = '2024-05-05 12:00' WHERE left_at IS NULL AND ship_id = 2"
    mistake = ("SELECT 'ö',\n  nam FROM ships", "42703", 15)
    refused = ("COPY ships TO PROGRAM 'id > /tmp/paddock-was-here'", "42501")
    slow = "SELECT name, pg_sleep(30) FROM ships"

    @staticmethod
    def is_at_it(process):
        title = (process / "cmdline").read_bytes()
        return title.startswith(b"postgres: paddock_challenge_") and b" SELECT" in title


class Mariadb:
    number, task = 911, None
    version = "MariaDB "
    right = """SELECT LEFT(title, 1) AS letter, title, GROUP_CONCAT(DISTINCT hall ORDER BY hall SEPARATOR ',') AS halls
               FROM showings JOIN films ON film_id = films.id GROUP BY title"""
    known_wrong = """SELECT LEFT(title, 1) AS letter, title, GROUP_CONCAT(hall ORDER BY hall) AS halls
                     FROM showings JOIN films ON film_id = films.id GROUP BY title"""
    feedback = "A hall is there as often as the film runs in it."
    hidden_wrong = """SELECT LEFT(title, 1) AS letter, title, MIN(hall) AS halls
                      FROM showings JOIN films ON film_id = films.id GROUP BY title"""
    done = None
    mistake = ("SELECT 'ö',\n  titel FROM films", "1054", 15)
    refused = ("SELECT * FROM films INTO OUTFILE '/tmp/paddock-was-here'", "1227")
    slow = "CREATE TABLE at_it (n INT); SELECT SLEEP(30)"

    @staticmethod
    def is_at_it(process):
        return any((process / "root/var/lib/mysql").glob("paddock_challenge_*/at_it.*"))


class ServerQuestionsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.paddock = Paddock(BINARY, *FLAGS)
        cls.admin = Admin(cls.paddock)
        before = cls.sandboxes()
        imported = cls.admin.import_questions()
        assert before == [], before
        assert imported.stdout == "7 added, 0 changed, 0 unchanged, 0 refused\n", imported.stderr

    @classmethod
    def tearDownClass(cls):
        log = cls.paddock.log_text()
        cls.paddock.stop()
        left = cls.sandboxes()
        ended = cls.paddock.destroy()
        assert ended.returncode == 0, ended.stderr + log
        assert left == [], f"the server has left {left}"

    @classmethod
    def sandboxes(cls):
        return sorted(entry.name for entry in (cls.paddock.data / "node" / "sandboxes").iterdir())

    def processes(self):
        """Of the server's own sandboxes."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if f"/{self.paddock.root.name}/{OWNER}" in (process / "cgroup").read_text():
                    found.append(process)
            except (FileNotFoundError, ProcessLookupError):
                pass
        return found

    def is_at_it(self, engine):
        for process in self.processes():
            try:
                if engine.is_at_it(process):
                    return True
            except (FileNotFoundError, ProcessLookupError):
                pass
        return False

    def kill_servers(self):
        for process in self.processes():
            try:
                os.kill(int(process.name), signal.SIGKILL)
            except ProcessLookupError:
                pass

    def each(self):
        return [(engine, Learner(self.paddock)) for engine in (Postgres, Mariadb)]

    def test_a_run_shows_rows_and_is_no_attempt(self):
        for engine, learner in self.each():
            answer = learner.run(engine.number, engine.right)
            self.assertEqual(answer.status, 200, answer.body)
            self.assertIsNone(answer.json["error"], answer.json)
            self.assertGreater(len(answer.json["results"][0]["rows"]), 1)
            self.assertTrue(answer.json["engine_version"].startswith(engine.version), answer.json)
            self.assertEqual(learner.submissions(engine.number), [])

    def test_right_and_wrong_answers_are_told_apart_and_what_is_known_has_its_words(self):
        for engine, learner in self.each():
            wrong = learner.submit(engine.number, "SELECT 1").json
            self.assertEqual((wrong["passed"], wrong["verdict"]["rule"]), (False, "column_count"))
            hidden = learner.submit(engine.number, engine.hidden_wrong).json
            self.assertFalse(hidden["passed"], hidden)
            right = learner.submit(engine.number, engine.right).json
            self.assertEqual((right["passed"], right["verdict"]["rule"]), (True, "same"), right)
            self.assertGreaterEqual(right["points_earned"], 20)
            self.assertEqual([made["passed"] for made in learner.submissions(engine.number)], [True, False, False])

    def test_a_mistake_that_is_known_has_its_words(self):
        for engine, learner in self.each():
            known = learner.submit(engine.number, engine.known_wrong).json
            self.assertEqual(known["verdict"]["rule"], "known_wrong", known)
            self.assertIn(engine.feedback, known["verdict"]["message"])

    def test_a_task_is_graded_by_the_data_and_leaves_none(self):
        learner = Learner(self.paddock)
        left = learner.run(Postgres.task, "DELETE FROM visits; SELECT count(*) FROM visits").json
        self.assertEqual(left["results"][-1]["rows"], [["0"]])
        done = learner.submit(Postgres.task, Postgres.done).json
        self.assertTrue(done["passed"], done)
        self.assertEqual(len(done["outcome"]["checks"][0]["rows"]), 5)

    def test_an_error_says_where_it_is(self):
        for engine, learner in self.each():
            query, code, position = engine.mistake
            error = learner.run(engine.number, query).json["error"]
            self.assertEqual((error["code"], error["position"]), (code, position), error)

    def test_what_reaches_out_is_refused(self):
        for engine, learner in self.each():
            query, code = engine.refused
            error = learner.run(engine.number, query).json["error"]
            self.assertEqual(error["code"], code, error)

    def test_nobody_sees_the_servers_or_reaches_them(self):
        for engine, learner in self.each():
            self.assertEqual(learner.run(engine.number, engine.right).status, 200)
        ids = self.sandboxes()
        self.assertEqual(len(ids), 2)
        for client in (self.admin, Learner(self.paddock)):
            self.assertEqual(client.ask("GET", "/api/v1/sandboxes").json["sandboxes"], [])
            for sandbox in ids:
                for method, rest in (("GET", ""), ("DELETE", ""), ("POST", "/exec"), ("GET", "/stats")):
                    body = {"shell": "id"} if method == "POST" else None
                    answer = client.ask(method, f"/api/v1/sandboxes/{sandbox}{rest}", body)
                    self.assertEqual(answer.status, 404, f"{method} {rest}: {answer.body}")
        self.assertEqual(self.admin.ask("GET", "/api/v1/system").json["sandboxes"]["live"], 0)

    def killed_in_a_run(self, engine):
        """Who submitted, and the answer. A run may be over before anybody looks: then it is another one's turn."""
        for _ in range(RUNS_MAX):
            learner, answers = Learner(self.paddock), []
            asking = threading.Thread(target=lambda: answers.append(learner.submit(engine.number, engine.slow)))
            asking.start()
            wait_for(lambda: self.is_at_it(engine) or not asking.is_alive())
            self.kill_servers()
            asking.join()
            if answers[0].status != 200:
                return learner, answers[0]
        self.fail("no run lasted")

    def test_a_server_that_dies_in_a_run_is_a_fault_and_counts_for_nothing(self):
        for engine in (Postgres, Mariadb):
            learner, answer = self.killed_in_a_run(engine)
            self.assertEqual(answer.status, 503, answer.body)
            self.assertIn("nothing was counted", answer.json["message"])
            self.assertEqual(learner.submissions(engine.number), [])
            again = learner.submit(engine.number, engine.right)
            self.assertTrue(again.json["passed"], again.body)

    def test_a_killed_server_process_leaves_no_sandbox_behind(self):
        learner = Learner(self.paddock)
        self.assertEqual(learner.run(Postgres.number, "SELECT 10").status, 200)
        before = set(self.sandboxes())
        self.paddock.kill_child("serve")
        wait_for(lambda: not before & set(self.sandboxes()))
        self.assertEqual(learner.run(Postgres.number, "SELECT 11").json["results"][0]["rows"], [["11"]])


    def test_two_servers_on_a_node_leave_each_other_what_they_have_and_take_away_their_own(self):
        ours = Learner(self.paddock)
        self.assertEqual(ours.run(Postgres.number, "SELECT 20").status, 200)
        own = set(self.sandboxes())
        neighbour = Neighbour(self.paddock)
        self.addCleanup(neighbour.kill)
        imported = Admin(neighbour).import_questions()
        self.assertEqual(imported.returncode, 0, imported.stderr)
        self.assertEqual(Learner(neighbour).run(Postgres.number, "SELECT 20").status, 200)
        of_neighbour = set(self.sandboxes()) - own
        self.assertEqual(len(of_neighbour), 2)
        self.paddock.kill_child("serve")
        wait_for(lambda: not own & set(self.sandboxes()))
        self.assertEqual(ours.run(Postgres.number, "SELECT 21").status, 200)
        self.assertLessEqual(of_neighbour, set(self.sandboxes()))
        neighbour.kill()
        own = set(self.sandboxes()) - of_neighbour
        neighbour.start()
        wait_for(lambda: not of_neighbour & set(self.sandboxes()))
        self.assertEqual(Learner(neighbour).run(Postgres.number, "SELECT 22").status, 200)
        self.assertLessEqual(own, set(self.sandboxes()))
        neighbour.process.terminate()
        self.assertEqual(neighbour.process.wait(30), 0)
        self.assertEqual(set(self.sandboxes()), own)


class IdleTest(unittest.TestCase):
    """Where nobody waits for half an hour."""

    @classmethod
    def setUpClass(cls):
        cls.paddock = Paddock(BINARY, *FLAGS, "--challenge-idle-s", "1")
        imported = Admin(cls.paddock).import_questions()
        assert imported.returncode == 0, imported.stderr

    @classmethod
    def tearDownClass(cls):
        log = cls.paddock.log_text()
        ended = cls.paddock.destroy()
        assert ended.returncode == 0, ended.stderr + log

    def sandboxes(self):
        return list((self.paddock.data / "node" / "sandboxes").iterdir())

    def test_a_database_that_nobody_needs_goes_and_is_there_again_for_the_next_run(self):
        learner = Learner(self.paddock)
        for engine in (Postgres, Mariadb):
            for count in (1, 2):
                answer = learner.run(engine.number, f"SELECT {count}")
                self.assertEqual(answer.json["results"][0]["rows"], [[str(count)]])
                wait_for(lambda: not self.sandboxes())
            self.assertTrue(learner.submit(engine.number, engine.right).json["passed"])


class WithoutImageTest(unittest.TestCase):
    """Where nothing but the base image is built."""

    @classmethod
    def setUpClass(cls):
        cls.paddock = Paddock(BINARY, *FLAGS)
        images = cls.paddock.root / "images"
        (images / "names").mkdir(parents=True)
        base = os.readlink(IMAGES / "names" / "base")
        (images / "names" / "base").symlink_to(base)
        name = pathlib.PurePath(base).name
        (images / name).symlink_to(IMAGES / name)
        (cls.paddock.data / "images").unlink()
        (cls.paddock.data / "images").symlink_to(images)

    @classmethod
    def tearDownClass(cls):
        assert cls.paddock.destroy().returncode == 0

    def test_who_wants_to_use_it_is_told_which_command_builds_it(self):
        refused = Admin(self.paddock).import_questions()
        self.assertEqual(refused.returncode, 1)
        for image in ("postgres", "mariadb"):
            self.assertIn(f"`paddock images build {image}`", refused.stderr)
            self.assertIn(f"--challenge-{image}", refused.stderr)


if __name__ == "__main__":
    reason = why_not()
    for needed in ("postgres", "mariadb"):
        if reason is None and not (IMAGES / "names" / needed).exists():
            reason = f"needs the image {needed} in {IMAGES}: run `paddock images build {needed}`"
    if reason:
        print("skipped:", reason)
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
