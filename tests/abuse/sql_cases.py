"""H: SQL that wants out of its database, more than its share, or somebody else's data.

In three places: challenges, which anybody may send; a session with a file of SQLite; and sessions with a
database server in a sandbox, of which its learner is the superuser.
"""
import contextlib
import http.client
import os
import time

from paddock import IMAGES, wait_for
from sql import Closed, SqlSession
from suite import at, below, case, equal

RUN = "/api/v1/questions/101/run"
CANCEL_TIME_MAX_S = 1.0
SERVER_GROWTH_MAX_BYTES = 64 << 20
SERVER_MACHINE = {"memory_bytes": 512 << 20}
ENDLESS = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT "


def case_of(image, name):
    """A case that needs an image beside the base; without it there is nothing to attack."""
    return case(name) if (IMAGES / "names" / image).exists() else lambda function: function


def run(bench, query, client=None):
    answer = (client or bench.ann).ask("POST", RUN, {"query": query})
    equal(answer.status, 200, f"{query}: {answer.body!r:.300}")
    return answer.json


@contextlib.contextmanager
def sessions(client, machine, count=1, **fields):
    opened = [SqlSession(client, machine, **fields) for _ in range(count)]
    for session in opened:
        equal(session.opened["type"], "opened", session.opened)
    try:
        yield opened[0] if count == 1 else opened
    finally:
        for session in opened:
            session.close()


def opens(client, machine):
    session = SqlSession(client, machine)
    session.close()
    return session.opened["type"] == "opened"


def cancelled(session):
    """Cancels what runs; how long that took."""
    began = time.monotonic()
    session.send("cancel")
    done = session.finish()[-1]
    assert done["cancelled"], done
    equal(session.rows("select 1"), [["1"]], "the session after a cancel")
    return time.monotonic() - began


def ends_by_itself(session, text):
    """Runs what is too much; it must end in an error or be said to be cut, and the session live on."""
    messages = session.execute(text, store=True)
    errors = [message for message in messages if message["type"] == "error"]
    cut = [message for message in messages if message.get("truncated")]
    assert errors or cut, (text, messages[-2:])
    equal(session.rows("select 1"), [["1"]], "the session after: " + text)
    return errors


REACHES_OUT = (
    "ATTACH '/etc/passwd' AS p", "ATTACH 'file:/etc/passwd?mode=ro' AS p", "VACUUM INTO '/tmp/out.db'",
    "SELECT load_extension('/usr/lib/x.so')", "SELECT readfile('/etc/passwd')", "SELECT writefile('/tmp/x', 'y')",
    "SELECT pg_read_file('/etc/passwd')", "SELECT LOAD_FILE('/etc/passwd')", "SELECT 1 INTO OUTFILE '/tmp/x'",
    "COPY t FROM PROGRAM 'id'", "EXEC xp_cmdshell 'id'", "PRAGMA temp_store_directory='/etc'",
    "PRAGMA writable_schema=1", "CREATE VIRTUAL TABLE f USING fileio", "SELECT * FROM sqlite_dbpage")


@case("H5_challenge_reaches_out")
def h5_challenge_reaches_out(bench):
    for query in REACHES_OUT:
        outcome = run(bench, query)
        assert outcome["error"], (query, outcome)
        # The author's text may do no more than the learner's.
        body = {"schema": query, "query": "SELECT 1"}
        answer = bench.ann.ask("POST", "/sqlrunner/query", body)
        while answer.status == 429:  # a few a second
            time.sleep(0.2)
            answer = bench.ann.ask("POST", "/sqlrunner/query", body)
        equal((answer.status, answer.json["code"]), (500, "SCHEMA_ERROR"), query)
    places = run(bench, "SELECT file FROM pragma_database_list")["results"][0]["rows"]
    assert "/" not in str(places), places


@case("H5_sqlite_file_of_the_sandbox_only")
def h5_sqlite_file(bench):
    machine = bench.create()
    with sessions(bench.ann, machine, engine="sqlite") as session:
        for place in (bench.paddock.data / "server" / "store.db", bench.paddock.run / "x.db"):
            assert session.error(f"ATTACH '{place}' AS host; SELECT count(*) FROM host.sqlite_schema"), place
        assert session.error("SELECT load_extension('/lib/x86_64-linux-gnu/libc.so.6')")
    outside = SqlSession(bench.ann, machine, engine="sqlite", database=str(bench.paddock.data / "server/store.db"))
    equal(outside.opened["type"], "failed", outside.opened)
    outside.close()
    bench.alive(machine)


@case_of("postgres", "H5_postgres_sees_its_machine")
def h5_postgres(bench):
    machine = bench.ann.create(image="postgres", limits=SERVER_MACHINE)
    with sessions(bench.ann, machine) as session:
        host = os.uname().nodename
        for text in ("select pg_read_file('/etc/hostname')", "select pg_ls_dir('/')",
                     "create temp table o (l text); copy o from program 'cat /proc/1/cmdline; ls /; hostname';"
                     " select l from o"):
            found = str(session.rows(text))
            assert host not in found and str(bench.paddock.root) not in found, (text, found)
        assert session.error("select pg_read_file('" + str(bench.paddock.data / "server/secret") + "')")
    bench.alive(machine)


@case_of("mariadb", "H5_mariadb_sees_its_machine")
def h5_mariadb(bench):
    machine = bench.ann.create(image="mariadb", limits=SERVER_MACHINE)
    with sessions(bench.ann, machine, engine="mariadb") as session:
        equal(session.rows(f"select load_file('{bench.paddock.data}/server/secret')"), [[None]])
        assert session.error(f"select 1 into outfile '{bench.paddock.data}/server/x'")
    assert not (bench.paddock.data / "server" / "x").exists()
    bench.alive(machine)


BOMBS = {
    "cross join": "SELECT count(*) FROM products a, products b, products c, products d, products e, products f,"
                  " products g, products h, products i, products j",
    "no end": ENDLESS + "max(n) FROM c",
    "rows without end": ENDLESS + "n FROM c",
    "late": "SELECT 1 UNION ALL SELECT count(*) FROM (" + ENDLESS + "n FROM c)",
    "a gigabyte": ENDLESS + "hex(randomblob(400000)) FROM c",
    "a cell": "SELECT hex(zeroblob(1000000000))",
    "a sort": ENDLESS + "count(*) FROM (SELECT n, zeroblob(200000) z FROM c ORDER BY z)",
    "results": "SELECT 1; " * 1_000,
    "depth": "SELECT " + "(" * 5_000 + "1" + ")" * 5_000,
    "a table": "CREATE TABLE x AS " + ENDLESS + "zeroblob(500000) FROM c; SELECT count(*) FROM x",
}


@case("H6_challenge_bombs")
def h6_challenge_bombs(bench):
    before = bench.host.server_memory()
    bob = bench.guest()
    for name, query in BOMBS.items():
        exploding = bench.background(run, bench, query)
        equal(run(bench, "SELECT 1 AS n", bob)["results"][0]["rows"], [["1"]], "another learner during " + name)
        outcome = exploding()
        assert outcome["limit"] or outcome["error"], (name, str(outcome)[-200:])
    equal(run(bench, "SELECT 2 AS n")["results"][0]["rows"], [["2"]])
    below(bench.host.server_memory() - before, SERVER_GROWTH_MAX_BYTES, "what the server keeps of it")


@case("H6_challenge_crowd")
def h6_challenge_crowd(bench):
    """A thousand runs of one learner: few at a time, and nobody else waits for them."""
    crowd = [bench.background(bench.ann.ask, "POST", RUN, {"query": f"SELECT {i} + count(*) FROM ({ENDLESS}n FROM c)"})
             for i in range(40)]
    bob = bench.guest()
    equal(run(bench, "SELECT 1 AS n", bob)["results"][0]["rows"], [["1"]])
    statuses = {answer().status for answer in crowd}
    assert statuses <= {200, 429, 503}, statuses
    equal(run(bench, "SELECT 1 AS n")["results"][0]["rows"], [["1"]])


@case("H6_sqlite_session_bombs")
def h6_sqlite_bombs(bench):
    machine = bench.create()
    with sessions(bench.ann, machine, count=2, engine="sqlite") as (session, other):
        session.request("execute", text=ENDLESS + "max(n) FROM c")
        equal(session.receive()["type"], "statement")
        equal(other.rows("select 1"), [["1"]])
        below(cancelled(session), CANCEL_TIME_MAX_S, "cancel of what has no end")
        ends_by_itself(session, ENDLESS + "n FROM c LIMIT 3000000")
        ends_by_itself(session, "SELECT zeroblob(900000000)")
        # One writes for ever, and the other must not wait for ever.
        session.execute("CREATE TABLE t (n); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)")
        assert other.error("INSERT INTO t VALUES (2)")
        session.execute("ROLLBACK")
        equal(other.error("INSERT INTO t VALUES (2)"), None)
    bench.alive(machine)


@case_of("postgres", "H6_postgres_bombs")
def h6_postgres_bombs(bench):
    machine = bench.ann.create(image="postgres", limits={**SERVER_MACHINE, "disk_bytes": 512 << 20})
    with sessions(bench.ann, machine, count=3) as (session, other, third):
        for text in ("select count(*) from generate_series(1, 1000000) a, generate_series(1, 1000000) b",
                     "with recursive c(n) as (select 1 union all select n + 1 from c) select max(n) from c"):
            session.request("execute", text=text)
            equal(session.receive()["type"], "statement")
            equal(other.rows("select 1"), [["1"]])
            below(cancelled(session), CANCEL_TIME_MAX_S, "cancel of " + text)
        # 2 GB: of rows, then of one value.
        ends_by_itself(session, "select repeat('x', 2000) from generate_series(1, 1000000)")
        # A lock that nobody lets go.
        session.execute("create table t (n int); begin; lock table t")
        other.request("execute", text="select * from t")
        equal(other.receive()["type"], "statement")
        equal(third.rows("select 1"), [["1"]])
        below(cancelled(other), CANCEL_TIME_MAX_S, "cancel of a wait for a lock")
        session.execute("rollback")
        # More to sort than the disk holds: the error is the database's, and it lives on.
        session.execute("set work_mem = '64kB'")
        errors = ends_by_itself(session, "select count(*) from (select g, repeat('x', 2000) from"
                                         " generate_series(1, 2000000) g order by 2 desc, 1) s")
        equal([error["code"] for error in errors], ["53100"])
    # One value of more than the machine's memory: the kernel ends the database there, which comes again.
    with sessions(bench.ann, machine) as session:
        try:
            ends_by_itself(session, "select repeat('x', 900000000)")
        except Closed as closed:
            equal(closed.message["reason"], "database_gone")
    wait_for(lambda: opens(bench.ann, machine))
    bench.alive(machine)


CONNECT_MUCH = """
import os, pathlib, socket, time
held = []
try:
    for i in range(1000):
        held.append(socket.create_connection(("127.0.0.1", 5432), 0.5))
except OSError:
    pass
pathlib.Path("/root/held").write_text(str(len(held)))
while not os.path.exists("/root/enough"):
    time.sleep(0.05)
"""


@case_of("postgres", "H6_thousand_connections")
def h6_thousand_connections(bench):
    machine = bench.ann.create(image="postgres", limits=SERVER_MACHINE)
    with sessions(bench.ann, machine) as session:
        holding = bench.background(bench.python, machine, CONNECT_MUCH, timeout_ms=120_000)
        # By the agent itself: there is no place for one more process.
        wait_for(lambda: bench.ann.ask("GET", at(machine, "/files?path=/root/held")).status == 200)
        equal(session.rows("select 1"), [["1"]], "the session that was there before")
        late = SqlSession(bench.ann, machine)
        assert late.opened["type"] in ("opened", "failed"), late.opened
        late.close()
        equal(bench.ann.ask("PUT", at(machine, "/files?path=/root/enough"), b"").status, 204)
        holding()
        equal(session.rows("select 1"), [["1"]])
    # Of the socket that pages open, one user has ten.
    opened = [SqlSession(bench.ann, opened=False) for _ in range(12)]
    equal(sorted({session.status for session in opened}), [101, 429])
    for session in opened:
        session.close()
    bench.alive(machine)


@case("H7_sqlite_sort_is_cancelled")
def h7_sqlite_sort(bench):
    machine = bench.create()
    with sessions(bench.ann, machine, engine="sqlite") as session:
        session.request("execute", text=ENDLESS + "n FROM (SELECT n FROM c ORDER BY -n)")
        equal(session.receive()["type"], "statement")
        below(cancelled(session), CANCEL_TIME_MAX_S, "cancel of a sort")
    bench.alive(machine)


@case("H8_challenges_see_nothing_of_each_other")
def h8_challenges(bench):
    bob = bench.guest()
    run(bench, "CREATE TABLE secret (n); INSERT INTO secret VALUES (42); PRAGMA user_version")
    run(bench, "UPDATE products SET name = 'mine'; CREATE TEMP TABLE t AS SELECT 1")
    for client in (bench.ann, bob):
        assert run(bench, "SELECT * FROM secret", client)["error"]
        assert run(bench, "SELECT * FROM temp.t", client)["error"]
        equal(run(bench, "SELECT count(*) FROM products WHERE name = 'mine'", client)["results"][0]["rows"], [["0"]])
        tables = str(run(bench, "SELECT name FROM sqlite_schema", client)["results"])
        assert "loans" not in tables and "secret" not in tables, tables  # the library's
    # Of an answer there is nothing to read but by giving up, and that only one's own.
    equal(bob.ask("GET", "/api/v1/questions/101/solution").status, 403)
    sent = bench.ann.ask("POST", "/api/v1/questions/101/submit", {"query": "SELECT 'of ann'"})
    equal(sent.status, 200, sent.body)
    equal(bob.ask("GET", "/api/v1/questions/101/submissions").json["submissions"], [])


@case("H8_sessions_reach_their_own_machines")
def h8_sessions(bench):
    machine = bench.create()
    mallory = bench.guest()
    stolen = SqlSession(mallory, machine, engine="sqlite")
    equal((stolen.opened["type"], stolen.opened["code"]), ("failed", "not_found"))
    stolen.close()
    ticket = bench.ann.ask("POST", "/api/v1/tickets", {"path": "/api/v1/sql/socket"}).json["ticket"]
    connection = http.client.HTTPConnection("127.0.0.1", bench.paddock.port, timeout=30)
    with contextlib.closing(connection):  # a ticket is for its socket and no other request
        connection.request("GET", at(machine) + f"?ticket={ticket}")
        equal(connection.getresponse().status, 401)
