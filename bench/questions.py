"""A challenge run through the API beside a small GET of the same server, and beside SQLite in process.

The schema has 10 tables and 5,000 rows; the query reads one row by its key. Every text that is not to be
answered from the cache is another one, by a comment: the learner's text is what the cache goes by.
"""
import json
import re
import statistics
import subprocess
import tempfile

import people

CLIENTS, SECONDS, ROUNDS = 16, 2, 5
TABLES, ROWS = 10, 500
API_FIGURES = ["challenge_select_rate", "challenge_change_rate", "challenge_cached_rate", "challenge_select_p99",
               "challenge_change_p99"]
POOL_FIGURES = ["challenge_pool_select_rate", "challenge_pool_change_rate", "challenge_pool_copy_rate",
                "challenge_pool_cached_rate", "challenge_rebuild"]
SCRIPT = """
local run = 0
function request()
  run = run + 1
  local headers = {["Authorization"] = CREDENTIALS[run % #CREDENTIALS + 1]}
  if QUERY == "" then return wrk.format("GET", nil, headers) end
  headers["Content-Type"] = "application/json"
  return wrk.format("POST", nil, headers, string.format('{"query": "%s -- %s"}', QUERY, FIXED or run))
end
"""
SELECT = "SELECT id, name, price FROM t3 WHERE id = 123"
CHANGE = "UPDATE t3 SET price = price + 1 WHERE id = 123"


def schema_document():
    tables = "".join(
        f"    CREATE TABLE t{table} (id INTEGER PRIMARY KEY, name TEXT, price REAL);\n"
        f"    INSERT INTO t{table} WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {ROWS})"
        f" SELECT i, 'name ' || i, i % 97 + 0.5 FROM n;\n" for table in range(TABLES))
    return f"id: bench\ntitle: Bench\ndescription: Ten tables\nengine: sqlite\nsql: |\n{tables}"


QUESTION = f"""id: bench-point
schema: bench
title: Point
description: One row by its key
difficulty: easy
category: Bench
references:
  - {SELECT}
"""


def author(client, paddock):
    """The question's path."""
    headers = {"Cookie": people.first_admin_cookie(paddock), "Origin": f"http://127.0.0.1:{paddock.port}"}
    for path, document in (("/api/v1/schemas", schema_document()), ("/api/v1/questions", QUESTION)):
        answer = client.ask("POST", path, {"document": document}, headers)
        assert answer.status == 201, answer.body
    return f"/api/v1/questions/{answer.json['number']}"


def wrk(port, path, tokens, query="", fixed=None):
    """(requests per second, p99 in ms) of 16 clients; with a query they POST it, and are different users.

    A GET's requests are made the same way, so that what wrk itself takes is in both.
    """
    names = {"QUERY": query, **({"FIXED": fixed} if fixed else {})}
    credentials = ", ".join(json.dumps(f"Bearer {token}") for token in tokens)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write("".join(f"{name} = {json.dumps(value)}\n" for name, value in names.items()))
        script.write(f"CREDENTIALS = {{{credentials}}}\n{SCRIPT}")
        script.flush()
        done = subprocess.run(
            ["wrk", "-t1", f"-c{CLIENTS}", f"-d{SECONDS}s", "--latency", "-s", script.name,
             f"http://127.0.0.1:{port}{path}"], check=True, capture_output=True, text=True)
    assert "Non-2xx" not in done.stdout and "Socket errors" not in done.stdout, done.stdout
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", done.stdout).groups()
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1]),
            float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit])


def measure_api(report, paddock, client, sandbox):
    run = author(client, paddock) + "/run"
    small = f"/api/v1/sandboxes/{sandbox}"
    # A user may have four runs at once, and wrk takes the users in turn: enough that nobody has.
    users = [paddock.client().token for _ in range(4 * CLIENTS)]
    ways = {"get": (small, [client.token]), "select": (run, users, SELECT), "change": (run, users, CHANGE),
            "cached": (run, users, SELECT, "again")}
    rounds = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            rounds[name].append(wrk(paddock.port, *way))
    rate, p99 = ({name: statistics.median(each[at] for each in mine) for name, mine in rounds.items()}
                 for at in (0, 1))
    for name, least in (("select", 0.4), ("change", 0.3), ("cached", 0.8)):
        report.add(f"challenge_{name}_rate", rate[name], "1/s", rate["get"], aim=f">= {least} x floor",
                   met=rate[name] >= least * rate["get"])
    for name in ("select", "change"):
        report.add(f"challenge_{name}_p99", p99[name], "ms", p99["get"], aim="<= 10 ms", met=p99[name] <= 10)


def measure_pool(report, binaries):
    """Without HTTP: runs per second of the pool, beside one thread that has SQLite in process."""
    done = subprocess.run([binaries / "challenges_bench", binaries / "paddock", "challenge-worker"], check=True,
                          capture_output=True, text=True, timeout=300)
    result = json.loads(done.stdout)
    for name, floor in (("select", "snapshot"), ("change", "savepoint"), ("copy", "deserialize")):
        report.add(f"challenge_pool_{name}_rate", result[f"{name}_per_s"], "1/s", 1e6 / result[f"floor_{floor}_us"])
    report.add("challenge_pool_cached_rate", result["cached_per_s"], "1/s")
    report.add("challenge_rebuild", result["floor_rebuild_us"] / 1000, "ms")
