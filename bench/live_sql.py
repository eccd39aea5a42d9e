"""SQL sessions over a WebSocket beside libpq and psql at the same database.

usage: sql.py PADDOCK_BINARY [STATEMENTS]

Needs root, the image postgres, psql and libpq. Prints p50 of a simple statement both ways, and how long
1,000,000 rows of 5 columns take to a WebSocket client and by psql COPY to a file, with the memory of the
server and of the runner.
"""
import ctypes
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "integration"))
from paddock import Paddock  # noqa: E402
from sql import SqlSession  # noqa: E402

ROWS = 1_000_000
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


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    paddock = Paddock(sys.argv[1])
    try:
        client = paddock.client()
        machine = client.create(image="postgres", limits={"memory_bytes": 512 << 20, "cpu_millis": 2000})
        token = paddock.root / "token"
        token.write_text(client.token)
        forward = subprocess.Popen([sys.argv[1], "forward", machine, "5432", "--token-file", str(token), "--server",
                                    f"http://127.0.0.1:{paddock.port}"], stdout=subprocess.PIPE, text=True)
        port = forward.stdout.readline().rsplit(":", 1)[1].strip()
        session = SqlSession(client, machine)
        simple = p50_of(lambda: session.execute("select 1"), count)
        print(f"simple statement, WebSocket: p50 {simple:.3f} ms")
        print(f"simple statement, libpq over paddock forward: p50 {p50_of(libpq_statement(port), count):.3f} ms")
        begin = time.perf_counter()
        copied = client.exec(machine, f"psql -qc \"copy ({QUERY}) to stdout\" > /tmp/rows; wc -l < /tmp/rows",
                             timeout_ms=120000)
        copy = time.perf_counter() - begin
        assert copied["stdout"].strip() == str(ROWS), copied
        children = paddock.children()
        before = {verb: memory_kib(children[verb], "VmRSS") for verb in ("serve", "sql-runner")}
        begin = time.perf_counter()
        received = receive_rows(session)
        stream = time.perf_counter() - begin
        assert received == ROWS, received
        print(f"{ROWS} rows: psql COPY to a file {copy:.2f} s, WebSocket {stream:.2f} s, {stream / copy:.2f} x")
        for verb, kib in before.items():
            print(f"memory of {verb}: {kib} KiB before, at most {memory_kib(children[verb])} KiB")
        forward.terminate()
    finally:
        paddock.destroy()


if __name__ == "__main__":
    main()
