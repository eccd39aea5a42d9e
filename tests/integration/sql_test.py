"""SQL sessions against the real thing: server, SQL runner, node, agent and PostgreSQL in a sandbox.

usage: sql_test.py PADDOCK_BINARY [unittest arguments]
"""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import unittest

from paddock import IMAGES, SKIPPED, Paddock, wait_for, why_not
from sql import Closed, SqlSession

BINARY = sys.argv.pop(1) if len(sys.argv) > 1 else "paddock"
FLAGS = ["--user-creation-rate", "100", "--address-creation-rate", "100", "--guest-rate", "100",
         "--user-rate", "1000"]
MACHINE = {"image": "postgres", "limits": {"memory_bytes": 512 << 20}}
SMALL_MACHINE = {"image": "base", "limits": {"memory_bytes": 128 << 20}}


class SqlTest(unittest.TestCase):
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

    def setUp(self):
        self.sessions = []

    def tearDown(self):
        for session in self.sessions:
            session.close()
        # A place among the user's sessions is free again when the server has noticed.
        wait_for(lambda: self.runner_sockets() == 0)

    def runner_sockets(self):
        """Conversations of the runner: connections to its socket."""
        path = str(self.paddock.run / "sql.sock")
        return sum(line.split()[5] == "03" and line.endswith(path)
                   for line in pathlib.Path("/proc/net/unix").read_text().splitlines()[1:])

    def open(self, **fields):
        session = SqlSession(self.ann, self.machine, **fields)
        self.sessions.append(session)
        return session

    def test_a_session_opens_and_every_value_keeps_its_exact_text(self):
        session = self.open()
        self.assertEqual(session.opened["type"], "opened", session.opened)
        self.assertRegex(session.opened["version"], r"^PostgreSQL \d")
        rows = session.rows(
            "select 9223372036854775807, 1.10::numeric(9,3), null, 'NULL', '\\x00ff'::bytea, true,"
            " timestamp '2024-02-29 23:59:59.123456', 0.1::float8, '茶'")
        self.assertEqual(rows, [["9223372036854775807", "1.100", None, "NULL", "00ff", "true",
                                 "2024-02-29 23:59:59.123456", "0.1", "茶"]])

    def test_an_error_has_its_code_and_its_place_in_the_whole_text(self):
        session = self.open()
        text = "select 1; select 'ä' from nowhere"
        error = session.error(text)
        self.assertEqual(error["code"], "42P01")
        self.assertEqual(error["index"], 1)
        self.assertEqual(error["position"], len(text[:text.index("nowhere")].encode()))

    def test_what_a_session_sets_lasts_in_it_and_leaks_into_no_other(self):
        one, two = self.open(), self.open()
        one.execute("set work_mem = '7MB'; create temp table mine (n int); begin; insert into mine values (4)")
        self.assertEqual(one.rows("select n from mine"), [["4"]])
        self.assertEqual(one.rows("show work_mem"), [["7MB"]])
        self.assertEqual(one.execute("select 1")[-1]["transaction"], "open")
        self.assertEqual(two.error("select n from mine")["code"], "42P01")
        self.assertNotEqual(two.rows("show work_mem"), [["7MB"]])
        self.assertEqual(two.execute("select 1")[-1]["transaction"], "none")

    def test_many_results_notices_and_counts(self):
        session = self.open()
        messages = session.execute("drop table if exists absent; create temp table t (n int);"
                                   "insert into t select generate_series(1, 3); select n from t")
        self.assertTrue(any(message["type"] == "notice" for message in messages))
        completes = [message for message in messages if message["type"] == "complete"]
        self.assertEqual([message["tag"] for message in completes],
                         ["DROP TABLE", "CREATE TABLE", "INSERT 0 3", "SELECT 3"])
        self.assertEqual(completes[2]["affected"], 3)
        self.assertEqual(completes[3]["rows"], 3)

    def test_cancel_stops_a_statement_and_the_session_goes_on(self):
        session = self.open()
        session.request("execute", text="select pg_sleep(300); select 2")
        self.assertEqual(session.receive()["type"], "statement")
        session.send("cancel")
        messages = session.finish()
        self.assertEqual([message["code"] for message in messages if message["type"] == "error"], ["57014"])
        self.assertTrue(messages[-1]["cancelled"])
        self.assertEqual(session.rows("select 1"), [["1"]])

    def test_cancel_stops_rows_that_wait_for_credit(self):
        session = self.open()
        session.request("execute", text="select generate_series(1, 1000000000)")
        count = 0
        while count < 1000:
            message = session.receive()
            count += len(message.get("rows", []))
        session.send("cancel")
        messages = session.finish()
        self.assertTrue(messages[-1]["cancelled"])
        self.assertEqual(session.rows("select 1"), [["1"]])

    def test_cancel_stops_a_huge_sort(self):  # H7
        session = self.open()
        session.request("execute", text="select g from generate_series(1, 200000000) g order by -g")
        self.assertEqual(session.receive()["type"], "statement")
        session.send("cancel")
        self.assertTrue(session.finish()[-1]["cancelled"])
        self.assertEqual(session.rows("select 1"), [["1"]])

    def test_a_resource_bomb_meets_the_limits_and_harms_no_other(self):  # H6
        session, other = self.open(), self.open()
        session.request("execute", store=True, rows_max=5000,
                        text="select a, b from generate_series(1, 1000000) a, generate_series(1, 1000000) b")
        self.assertEqual(other.rows("select 1"), [["1"]])
        messages = session.finish()
        complete = [message for message in messages if message["type"] == "complete"]
        self.assertEqual([message["truncated"] for message in complete], ["rows"], messages[-3:])
        self.assertEqual(session.rows("select 1"), [["1"]])

    def test_the_database_sees_its_machine_and_not_the_host(self):  # H5
        session = self.open()
        rows = session.rows("create temp table out (line text);"
                            "copy out from program 'hostname; ls /'; select line from out")
        self.assertNotIn(str(self.paddock.root), str(rows))
        self.assertNotIn([os.uname().nodename], rows)
        session.execute("truncate out; copy out from '/etc/hostname'")
        self.assertNotEqual(session.rows("select line from out"), [[os.uname().nodename]])

    def test_another_user_reaches_no_database_of_mine(self):  # H8
        mallory = self.paddock.client()
        session = SqlSession(mallory, self.machine)
        self.sessions.append(session)
        self.assertEqual((session.opened["type"], session.opened["code"]), ("failed", "not_found"))
        with self.assertRaises(Closed) as closed:
            session.receive()
        self.assertEqual(closed.exception.message["reason"], "open_failed")

    def test_a_session_reaches_nothing_but_ports_of_the_sandbox(self):
        session = SqlSession(self.ann, self.machine, port=1)
        self.sessions.append(session)
        self.assertEqual(session.opened["type"], "failed")
        for sandbox in ("../x", "", "host"):
            session = SqlSession(self.ann, opened=False)
            self.sessions.append(session)
            self.assertEqual(session.ask("open", sandbox=sandbox, engine="postgres")["type"], "failed")

    def test_stored_results_are_read_sorted_filtered_and_exported(self):
        session = self.open()
        messages = session.execute("select g as n, g * 1.5 as x, 'row ' || g as t, null as z"
                                   " from generate_series(1, 100000) g", store=True)
        columns = next(message for message in messages if message["type"] == "columns")
        self.assertEqual([column["kind"] for column in columns["columns"]],
                         ["integer", "decimal", "text", "text"])
        result = columns["result"]
        window = session.ask("view", result=result, offset=99998, limit=10)
        self.assertEqual(window["rows"], [["99999", "149998.5", "row 99999", None],
                                          ["100000", "150000.0", "row 100000", None]])
        window = session.ask("view", result=result, offset=0, limit=2,
                             sort=[{"column": 1, "descending": True}],
                             filter=[{"column": 2, "contains": "ROW 999"}])
        self.assertEqual([row[0] for row in window["rows"]], ["99999", "99998"])
        self.assertEqual(window["total"], 111)
        session.request("export", result=result, format="csv")
        text = "".join(message["text"] for message in session.finish() if message["type"] == "chunk")
        self.assertEqual(len(text.splitlines()), 100001)
        self.assertEqual(text.splitlines()[:2], ["n,x,t,z", "1,1.5,row 1,"])

    def test_describe_complete_and_explain(self):
        session = self.open()
        session.execute("create table if not exists planets (name text primary key, mass numeric)")
        catalog = session.ask("describe")["catalog"]
        table = next(table for table in catalog["tables"] if table["name"] == "planets")
        self.assertEqual([column["name"] for column in table["columns"]], ["name", "mass"])
        items = session.ask("complete", text="select p. from planets p", position=9)["items"]
        self.assertEqual([item["label"] for item in items], ["name", "mass"])
        plan = session.ask("explain", text="select * from planets", analyze=True)["plan"]
        self.assertTrue(plan["analyzed"])
        self.assertIn("Scan", plan["root"]["operation"])

    def test_the_kill_of_the_connection_ends_the_session_with_the_reason(self):
        session, other = self.open(), self.open()
        pid = session.rows("select pg_backend_pid()")[0][0]
        session.request("execute", text="select pg_sleep(300)")
        self.assertEqual(session.receive()["type"], "statement")
        other.execute(f"select pg_terminate_backend({pid})")
        with self.assertRaises(Closed) as closed:
            session.finish()
        self.assertEqual(closed.exception.message["reason"], "database_gone")
        self.assertEqual(closed.exception.code, 4000)

    def test_the_runner_dies_in_the_middle_of_a_stream_and_the_page_opens_again(self):
        session, server = self.open(), self.paddock.children()["serve"]
        session.request("execute", text="select generate_series(1, 1000000000)")
        while session.receive()["type"] != "rows":
            pass
        self.paddock.kill_child("sql-runner")
        with self.assertRaises(Closed) as closed:
            while True:
                session.receive()
        self.assertEqual(closed.exception.message["reason"], "runner_restarted")
        self.assertEqual(closed.exception.code, 4000)
        wait_for(self.can_open)
        self.assertEqual(self.paddock.children()["serve"], server)

    def can_open(self):
        session = SqlSession(self.ann, self.machine, opened=False)
        self.sessions.append(session)
        return session.status == 101

    def test_the_runner_has_no_secrets_and_no_privileges(self):
        pid = self.paddock.children()["sql-runner"]
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        self.assertRegex(status, r"(?m)^NoNewPrivs:\t1$")
        self.assertNotRegex(status, r"(?m)^Uid:\t0\b")
        self.assertRegex(status, r"(?m)^CapEff:\t0+$")
        environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
        self.assertNotIn(b"PADDOCK", environment)

    def test_eleven_sessions_are_one_too_many(self):
        for _ in range(10):
            self.assertEqual(self.open().opened["type"], "opened")
        refused = SqlSession(self.ann, self.machine, opened=False)
        refused.close()
        self.assertEqual(refused.status, 429)

    def test_the_stop_of_the_sandbox_ends_the_session_with_the_reason(self):
        machine = self.ann.create(**MACHINE)
        session = SqlSession(self.ann, machine)
        self.sessions.append(session)
        self.assertEqual(session.rows("select 1"), [["1"]])
        self.ann.ask("DELETE", f"/api/v1/sandboxes/{machine}")
        session.request("execute", text="select 1")
        with self.assertRaises(Closed) as closed:
            session.finish()
        self.assertEqual(closed.exception.message["reason"], "sandbox_stopped")

    @unittest.skipUnless((IMAGES / "names" / "mariadb").exists(), "needs the image mariadb")
    def test_a_session_with_mariadb(self):
        machine = self.ann.create(image="mariadb", limits=MACHINE["limits"])
        session, other = (SqlSession(self.ann, machine, engine="mariadb") for _ in range(2))
        self.sessions += [session, other]
        self.assertRegex(session.opened["version"], "^MariaDB")
        session.execute("create database shop; use shop; create table t (n int); insert into t values (7)")
        self.assertEqual(session.rows("select n, database() from t"), [["7", "shop"]])
        self.assertEqual(other.rows("select database()"), [[None]])
        self.assertEqual(other.error("select * from t")["code"], "1046")
        self.ann.ask("DELETE", f"/api/v1/sandboxes/{machine}")

    @unittest.skipUnless(shutil.which("psql"), "needs psql")
    def test_psql_reaches_the_database_through_a_forwarded_port(self):
        with self.forward(self.ann.token) as port:
            run = subprocess.run(["psql", "-h", "127.0.0.1", "-p", port, "-U", "root", "-d", "postgres", "-Atc",
                                  "select sum(g), repeat('x', 10) from generate_series(1, 100000) g"],
                                 capture_output=True, text=True, timeout=60)
            self.assertEqual((run.returncode, run.stdout), (0, "5000050000|xxxxxxxxxx\n"), run.stderr)

    @unittest.skipUnless(shutil.which("psql"), "needs psql")
    def test_a_forwarded_port_is_refused_to_others(self):
        with self.forward(self.paddock.client().token) as port:
            run = subprocess.run(["psql", "-h", "127.0.0.1", "-p", port, "-U", "root", "-c", "select 1"],
                                 capture_output=True, text=True, timeout=60)
            self.assertNotEqual(run.returncode, 0)

    @contextlib.contextmanager
    def forward(self, token):
        """The local port of the machine's 5432."""
        file = self.paddock.root / "token"
        file.write_text(token + "\n")
        with subprocess.Popen([BINARY, "forward", self.machine, "5432", "--token-file", str(file), "--server",
                               f"http://127.0.0.1:{self.paddock.port}"], stdout=subprocess.PIPE, text=True) as process:
            try:
                yield re.search(r":(\d+)$", process.stdout.readline())[1]
            finally:
                process.terminate()

    def test_a_hundred_sessions_at_once_and_a_statement_in_each(self):
        people = [self.paddock.client() for _ in range(10)]
        sessions = []
        machines = []
        for at, person in enumerate(people):
            # Two servers of PostgreSQL are enough of them; SQLite is small.
            postgres = at < 2
            machine = person.create(**(MACHINE if postgres else SMALL_MACHINE))
            machines.append(machine)
            fields = {} if postgres else {"engine": "sqlite", "database": ":memory:"}
            sessions += [SqlSession(person, machine, **fields) for _ in range(10)]
        self.sessions += sessions
        self.assertEqual([session.opened["type"] for session in sessions], ["opened"] * 100)
        for at, session in enumerate(sessions):
            session.request("execute", text=f"with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000) "
                                            f"select count(*), {at} from n")
        for at, session in enumerate(sessions):
            rows = [message["rows"] for message in session.finish() if message["type"] == "rows"]
            self.assertEqual(rows, [[["10000", str(at)]]])
        for person, machine in zip(people, machines):
            person.ask("DELETE", f"/api/v1/sandboxes/{machine}")


if __name__ == "__main__":
    reason = why_not()
    if reason is None and not (IMAGES / "names" / "postgres").exists():
        reason = "needs the image postgres: run `paddock images build postgres`"
    if reason:
        print("skipped: " + reason)
        sys.exit(SKIPPED)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    unittest.main(verbosity=2)
