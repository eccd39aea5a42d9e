"""Registered databases against the real thing: a PostgreSQL in a machine, which a forwarded port makes one outside.

usage: sql_external_test.py PADDOCK_BINARY [unittest arguments]
"""
import re
import signal
import subprocess
import sys
import unittest

from paddock import IMAGES, SKIPPED, Client, Paddock, wait_for, why_not
from sql import Closed, SqlSession

BINARY = sys.argv.pop(1) if len(sys.argv) > 1 else "paddock"
FLAGS = ["--user-creation-rate", "100", "--guest-rate", "100", "--user-rate", "1000"]
PASSWORD = "correct horse battery staple"
READER_PASSWORD = "only-reading-9f2c"
LINK = re.compile(r"/welcome#(\S+)")


class Admin(Client):
    """The first admin, by an API token."""

    def __init__(self, paddock):
        self.paddock, self.token = paddock, None
        wait_for(lambda: any(LINK.search(line) for line in paddock.said))
        secret = next(found[1] for found in map(LINK.search, paddock.said) if found)
        used = self.ask("POST", "/api/v1/links/use", {"secret": secret, "name": "root", "password": PASSWORD})
        assert used.status == 201, used.body
        cookie = used.headers["Set-Cookie"].split(";")[0]
        made = self.ask("POST", "/api/v1/account/tokens",
                        {"name": "test", "scopes": ["manage:server", "write:resource"]},
                        {"Cookie": cookie, "Origin": f"http://127.0.0.1:{paddock.port}"})
        assert made.status == 201, made.body
        self.token = made.json["secret"]


class AllowedTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.paddock = Paddock(BINARY, *FLAGS, "--sql-external-allow", "127.0.0.0/8")
        cls.admin = Admin(cls.paddock)
        cls.machine = cls.admin.create(image="postgres", limits={"memory_bytes": 512 << 20})
        session = SqlSession(cls.admin, cls.machine)
        assert session.opened["type"] == "opened", session.opened
        for text in ("create table planets (name text); insert into planets values ('Saturn')",
                     f"create role reader login password '{READER_PASSWORD}'",
                     "grant select on planets to reader",
                     "revoke temporary on database postgres from public",
                     "revoke execute on function lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) from public"):
            failures = [message for message in session.execute(text) if message["type"] == "error"]
            assert not failures, failures
        session.close()
        file = cls.paddock.root / "token"
        file.write_text(cls.admin.token + "\n")
        cls.tunnel = subprocess.Popen([BINARY, "forward", cls.machine, "5432", "--token-file", str(file), "--server",
                                       f"http://127.0.0.1:{cls.paddock.port}"], stdout=subprocess.PIPE, text=True)
        port = re.search(r":(\d+)$", cls.tunnel.stdout.readline())[1]
        cls.dsn = f"postgres://reader:{READER_PASSWORD}@127.0.0.1:{port}/postgres?sslmode=prefer"

    @classmethod
    def tearDownClass(cls):
        cls.tunnel.terminate()
        cls.tunnel.wait()
        log = cls.paddock.log_text()
        ended = cls.paddock.destroy()
        assert ended.returncode == 0, ended.stderr + log
        assert READER_PASSWORD not in log, "the password is in the log"

    def open_external(self, client):
        session = SqlSession(client, opened=False)
        self.addCleanup(session.close)
        return session.ask("open", external="stars")

    def owner(self, text):
        session = SqlSession(self.admin, self.machine)
        failures = [message for message in session.execute(text) if message["type"] == "error"]
        session.close()
        self.assertEqual(failures, [])

    def test_it_is_registered_read_and_never_written(self):
        made = self.admin.ask("POST", "/api/v1/databases", {"name": "stars", "dsn": self.dsn})
        self.assertEqual(made.status, 201, made.body)
        self.assertNotIn(READER_PASSWORD.encode(), made.body)
        tried = self.admin.ask("POST", "/api/v1/databases/stars/test").json
        self.assertTrue(tried["ok"], tried)
        self.assertRegex(tried["version"], r"^PostgreSQL \d")

        session = SqlSession(self.admin, opened=False)
        opened = session.ask("open", external="stars")
        self.assertEqual((opened["type"], opened["read_only"], opened["user"]), ("opened", True, "reader"))
        self.assertEqual(session.rows("select name from planets"), [["Saturn"]])
        writable = "set default_transaction_read_only = off; "
        for text, code in (("insert into planets values ('x')", "25006"), ("create table t (n int)", "25006"),
                           (writable + "insert into planets values ('x')", "42501"),
                           (writable + "create table public.t (n int)", "42501")):
            errors = [message["code"] for message in session.execute(text) if message["type"] == "error"]
            self.assertEqual(errors, [code], text)
        session.close()

        # What may write later is refused when a session opens.
        self.owner("grant insert on planets to reader")
        refused = self.open_external(self.admin)
        self.assertEqual((refused["type"], refused["code"]), ("failed", "denied"))
        self.assertIn("REVOKE INSERT", refused["message"])
        tried = self.admin.ask("POST", "/api/v1/databases/stars/test").json
        self.assertFalse(tried["ok"])
        again = self.admin.ask("POST", "/api/v1/databases", {"name": "again", "dsn": self.dsn})
        self.assertEqual(again.status, 400)
        self.assertIn("public.planets", again.json["message"])
        self.owner("revoke insert on planets from reader")

        self.assertEqual(self.admin.ask("DELETE", "/api/v1/databases/stars").status, 204)
        gone = self.open_external(self.admin)
        self.assertEqual((gone["type"], gone["code"]), ("failed", "not_found"))

    def test_who_reads_it_when_it_is_removed_is_told_and_the_database_is_left(self):
        made = self.admin.ask("POST", "/api/v1/databases", {"name": "stars", "dsn": self.dsn})
        self.assertEqual(made.status, 201, made.body)
        session = SqlSession(self.admin, opened=False)
        self.assertEqual(session.ask("open", external="stars")["type"], "opened")
        session.request("execute", text="select pg_sleep(300)")
        self.assertEqual(session.receive()["type"], "statement")
        self.assertEqual(self.admin.ask("DELETE", "/api/v1/databases/stars").status, 204)
        with self.assertRaises(Closed) as ended:
            session.finish()
        self.assertEqual((ended.exception.code, ended.exception.message["reason"]), (4000, "database_removed"))
        owner = SqlSession(self.admin, self.machine)
        self.addCleanup(owner.close)
        active = "select count(*) from pg_stat_activity where usename = 'reader' and state = 'active'"
        wait_for(lambda: owner.rows(active) == [["0"]])

    def test_the_store_does_not_have_the_password(self):
        made = self.admin.ask("POST", "/api/v1/databases", {"name": "sealed", "dsn": self.dsn})
        self.assertEqual(made.status, 201, made.body)
        files = [path for path in (self.paddock.root / "data" / "server").rglob("store.db*")]
        self.assertTrue(files)
        for path in files:
            self.assertNotIn(READER_PASSWORD.encode(), path.read_bytes(), path)
        self.assertEqual(self.admin.ask("DELETE", "/api/v1/databases/sealed").status, 204)

    def test_guests_do_not_reach_it(self):
        guest = self.paddock.client()
        self.assertEqual(guest.ask("GET", "/api/v1/databases").status, 403)
        refused = self.open_external(guest)
        self.assertEqual((refused["type"], refused["code"]), ("failed", "denied"))


class UsualTest(unittest.TestCase):
    def test_an_address_of_this_host_or_its_network_is_refused(self):
        paddock = Paddock(BINARY, *FLAGS)
        self.addCleanup(paddock.destroy)
        admin = Admin(paddock)
        for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1", "0.0.0.0"):
            dsn = f"postgres://reader:{READER_PASSWORD}@{host}:{paddock.port}/postgres?sslmode=prefer"
            refused = admin.ask("POST", "/api/v1/databases", {"name": "inside", "dsn": dsn})
            self.assertEqual(refused.status, 400, host)
            self.assertIn("may be reached", refused.json["message"], host)


if __name__ == "__main__":
    reason = why_not()
    if reason is None and not (IMAGES / "names" / "postgres").exists():
        reason = "needs the image postgres: run `paddock images build postgres`"
    if reason:
        print("skipped: " + reason)
        sys.exit(SKIPPED)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    unittest.main(verbosity=2)
