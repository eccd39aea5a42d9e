"""Front ends of Database Playground against the real thing: the shipped questions, workers, both places.

usage: playground_test.py PADDOCK_BINARY [unittest arguments]
"""
import http.client
import json
import re
import sys
import unittest

from paddock import SKIPPED, Paddock, wait_for, why_not
from people_test import BINARY, LINK, PASSWORD, Person

PLACE = re.compile(r"For front ends of Database Playground: http://127\.0\.0\.1:(\d+)")
SCOPES = ["challenge", "read:question", "read:schema", "read:solution"]
RIGHT = "SELECT name, price FROM products WHERE price <= 13 ORDER BY price, name"


class PlaygroundTest(unittest.TestCase):
    FLAGS = ["--database-playground-listen", "127.0.0.1:0", "--sqlrunner-rate", "10000", "--user-rate", "10000"]

    @classmethod
    def setUpClass(cls):
        cls.paddock = Paddock(BINARY, *cls.FLAGS)
        wait_for(lambda: cls.said(LINK) and cls.said(PLACE))
        cls.port = int(cls.said(PLACE))
        cls.root = root = Person(cls.paddock)
        used = root.ask("POST", "/links/use", {"secret": cls.said(LINK), "name": "root", "password": PASSWORD})
        assert used.status == 201, used.body
        made = root.ask("POST", "/account/tokens", {"name": "front end", "scopes": SCOPES})
        assert made.status == 201, made.body
        cls.token = made.json["secret"]

    @classmethod
    def said(cls, pattern):
        """What `pattern` finds in the server's output, the latest; "" when nothing."""
        found = [match[1] for match in map(pattern.search, map(str.strip, cls.paddock.said)) if match]
        return found[-1] if found else ""

    @classmethod
    def tearDownClass(cls):
        log = cls.paddock.log_text()
        ended = cls.paddock.destroy()
        assert ended.returncode == 0, ended.stderr + log

    def ask(self, method, path, body=None, port=None, token=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=60)
        text = None if body is None else json.dumps(body)
        try:
            connection.request(method, path, text, {"Authorization": f"Bearer {token or self.token}"})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def challenge(self, query, question="101"):
        status, made = self.ask("POST", "/challenges", {"questionID": question, "query": query})
        self.assertEqual(status, 200, made)
        return made["challengeID"]

    def test_the_shipped_questions_are_listed_in_both_places(self):
        status, questions = self.ask("GET", "/questions?limit=100")
        self.assertEqual(status, 200)
        self.assertGreaterEqual(len(questions), 40)
        self.assertEqual(questions[0]["id"], "101")
        below = self.ask("GET", "/database-playground/questions?limit=100", port=self.paddock.port)
        self.assertEqual(below, (200, questions))
        status, schema = self.ask("GET", "/schemas/" + questions[0]["schema_id"])
        self.assertEqual((status, schema["id"]), (200, "shop"))

    def test_a_right_answer_is_the_same_and_a_wrong_one_is_not(self):
        right, wrong = self.challenge(RIGHT), self.challenge(RIGHT.replace("<=", "<"))
        self.assertEqual(self.ask("GET", f"/challenges/{right}/compare"), (200, {"same": True}))
        self.assertEqual(self.ask("GET", f"/challenges/{wrong}/compare"), (200, {"same": False}))
        status, table = self.ask("GET", f"/challenges/{right}")
        self.assertEqual((status, table["header"]), (200, ["name", "price"]))
        self.assertEqual(table["rows"][0], ["Paper Filters", "4.5"])

    def test_a_query_that_fails_says_why_and_the_next_one_runs(self):
        status, error = self.ask("POST", "/challenges", {"questionID": "101", "query": "SELECT * FROM x"})
        self.assertEqual(status, 422)
        self.assertIn("no such table: x", error["message"])
        self.challenge(RIGHT)

    def test_the_sql_runner_runs_any_schema_for_users(self):
        body = {"schema": "CREATE TABLE dev(ID int); INSERT INTO dev VALUES(1)", "query": "SELECT * FROM dev;"}
        answer = self.ask("POST", "/sqlrunner/query", body, port=self.paddock.port)
        self.assertEqual(answer, (200, {"success": True, "data": {"columns": ["ID"], "rows": [["1"]]}}))
        status, refused = self.ask("POST", "/sqlrunner/query", body, port=self.paddock.port, token="nonsense")
        self.assertEqual((status, refused["code"]), (401, "UNAUTHENTICATED"))

    def run_of_question(self, what, query=RIGHT):
        return self.ask("POST", f"/api/v1/questions/101/{what}", {"query": query}, port=self.paddock.port)

    def test_a_question_is_run_and_graded_by_the_servers_own_api(self):
        status, outcome = self.run_of_question("run")
        self.assertEqual(status, 200, outcome)
        self.assertEqual(outcome["results"][0]["rows"][0], ["Paper Filters", "4.5"])
        status, graded = self.run_of_question("submit")
        self.assertEqual((status, graded["passed"]), (200, True), graded)
        status, graded = self.run_of_question("submit", RIGHT.replace("<=", "<"))
        self.assertEqual((status, graded["passed"]), (200, False), graded)
        status, outcome = self.run_of_question("run", "SELECT * FROM x")
        self.assertIn("no such table: x", outcome["error"]["message"])

    def test_nothing_else_is_at_the_second_place(self):
        self.assertEqual(self.ask("GET", "/api/v1/session")[0], 404)


if __name__ == "__main__":
    if reason := why_not():
        print(reason)
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
