"""SQL sessions over a WebSocket beside libpq and psql at the same database.

The floor of a statement is libpq on the socket that the session's runner has dialled: the database's, in the
network of its sandbox. The floor of a million rows is psql's COPY of them to a file in the sandbox.

usage: nsenter --net=… live_sql.py PORT COUNT    libpq's p50 in ms; the figures themselves are bench/run's
"""
import ctypes
import json
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "integration"))
from sql import SqlSession  # noqa: E402

STREAM_FIGURES = ["sql_stream_1e6_rows", "sql_stream_server_growth"]
ROWS, STATEMENTS, ROUNDS, STREAM_ROUNDS = 1_000_000, 2000, 5, 3
QUERY = (f"select g, g * 1.5, 'row ' || g, g % 2 = 0, timestamp '2024-01-01' + g * interval '1 second'"
         f" from generate_series(1, {ROWS}) g")


def p50_of(statement, count):
    times = []
    for _ in range(count):
        begin = time.perf_counter()
        statement()
        times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1000


def libpq_statement(port):
    pq = ctypes.CDLL("libpq.so.5")
    pq.PQconnectdb.restype = pq.PQexec.restype = ctypes.c_void_p
    pq.PQexec.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    pq.PQclear.argtypes = pq.PQresultStatus.argtypes = [ctypes.c_void_p]
    connection = pq.PQconnectdb(f"host=127.0.0.1 port={port} user=root dbname=postgres".encode())

    def run():
        result = pq.PQexec(connection, b"select 1")
        assert pq.PQresultStatus(result) == 2
        pq.PQclear(result)
    return run


def receive_rows(session):
    """Reads as a page that only counts would: without parsing every value."""
    count, credit = 0, 0
    session.number += 1
    session.send("execute", id=session.number, text=QUERY)
    while True:
        message = session.wire.receive()
        if message.startswith(b'{"type":"rows"'):
            rows = message.count(b"],[") + 1
            count, credit = count + rows, credit + rows
            if credit >= 500:
                session.send("more", id=session.number, rows=credit)
                credit = 0
        elif message.startswith(b'{"type":"done"'):
            return count


def memory_kib(pid, field="VmHWM"):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split(field + ":")[1].split()[0])


def begin_peak(pid):
    """What it has now, from where its peak counts anew: the one so far may be of other benchmarks."""
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
    return memory_kib(pid, "VmRSS")


def libpq_p50(sandbox_pid, port, count):
    """In the sandbox's network; a process of its own, for a thread that has entered it does not come back."""
    done = subprocess.run(["nsenter", f"--net=/proc/{sandbox_pid}/ns/net", sys.executable, "-B", __file__, str(port),
                           str(count)], check=True, capture_output=True, text=True, timeout=120)
    return json.loads(done.stdout)


def measure_statement(report, client, machine, sandbox_pid):
    session = SqlSession(client, machine)
    ours, floor = [], []
    for _ in range(ROUNDS):
        floor.append(libpq_p50(sandbox_pid, 5432, STATEMENTS))
        ours.append(p50_of(lambda: session.execute("select 1"), STATEMENTS))
    value, base = statistics.median(ours), statistics.median(floor)
    report.add("sql_statement_p50", value, "ms", base, aim="<= floor + 0.3 ms", met=value <= base + 0.3)


def measure_stream(report, paddock, client, machine):
    session, children, ours, floor = SqlSession(client, machine), paddock.children(), [], []
    before = None
    for _ in range(STREAM_ROUNDS):
        begin = time.perf_counter()
        copied = client.exec(machine, f"psql -qc \"copy ({QUERY}) to stdout\" > /tmp/rows; wc -l < /tmp/rows",
                             timeout_ms=120000)
        floor.append(time.perf_counter() - begin)
        assert copied["stdout"].strip() == str(ROWS), copied
        before = before or begin_peak(children["serve"])
        begin = time.perf_counter()
        received = receive_rows(session)
        ours.append(time.perf_counter() - begin)
        assert received == ROWS, received
    value, base = statistics.median(ours), statistics.median(floor)
    report.add("sql_stream_1e6_rows", value, "s", base, aim="<= 3 x floor", met=value <= 3 * base)
    growth = memory_kib(children["serve"], "VmHWM") - before
    report.add("sql_stream_server_growth", growth, "KiB", aim="<= 8192 KiB", met=growth <= 8192)


if __name__ == "__main__":
    print(json.dumps(p50_of(libpq_statement(sys.argv[1]), int(sys.argv[2]))))
