"""GET of a small JSON resource on 32 keep-alive connections, beside a floor.

The server has core 0, wrk has the others. It writes its access log to a file, as it does when it is
installed, and so does nginx. Rounds alternate; the medians count.
"""
import contextlib
import dataclasses
import os
import pathlib
import re
import socket
import statistics
import subprocess
import tempfile
import time

ROUNDS, SECONDS, CONNECTIONS = 5, 2, 32
CONFIG = """
daemon off; master_process off; worker_processes 1; pid {root}/pid; error_log {root}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log {root}/access.log; keepalive_requests 1000000000;
  client_body_temp_path {root}/b; proxy_temp_path {root}/p; fastcgi_temp_path {root}/f;
  uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;
  server {{ listen 127.0.0.1:{port};
    location / {{ default_type application/json;
      return 200 '{{"id":"aaaaaaaaaaaaaaaaaaaaaaaaaa","state":"running"}}'; }} }}
}}
"""


@dataclasses.dataclass
class Round:
    rate: float  # requests per second
    cpu_us: float  # of the server, per request


def on_core_0(pid):
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {0})


def cpu_seconds(pid):
    return sum(int((task / "schedstat").read_text().split()[0]) / 1e9
               for task in pathlib.Path(f"/proc/{pid}/task").iterdir())


@contextlib.contextmanager
def nginx():
    with tempfile.TemporaryDirectory(prefix="paddock-bench-") as root:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        config = pathlib.Path(root, "nginx.conf")
        config.write_text(CONFIG.format(root=root, port=port))
        process = subprocess.Popen(["nginx", "-c", config, "-e", f"{root}/error.log"])
        try:
            for _ in range(100):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.05)
            yield process.pid, port
        finally:
            process.terminate()
            process.wait()


def bearer(token):
    return f"Authorization: Bearer {token}"


def one_round(pid, port, path, credential):
    """`credential` is a header."""
    cores = sorted(os.sched_getaffinity(0))
    before = cpu_seconds(pid)
    done = subprocess.run(
        ["taskset", "-c", ",".join(map(str, cores[1:] or cores)), "wrk", "-t1", f"-c{CONNECTIONS}",
         f"-d{SECONDS}s", "-H", credential, f"http://127.0.0.1:{port}{path}"],
        check=True, capture_output=True, text=True)
    used = cpu_seconds(pid) - before
    assert "Non-2xx" not in done.stdout and "Socket errors" not in done.stdout, done.stdout
    count = int(re.search(r"(\d+) requests in", done.stdout)[1])
    return Round(float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1]), used / count * 1e6)


def median(rounds):
    return Round(statistics.median(r.rate for r in rounds),
                 statistics.median(r.cpu_us for r in rounds))


@contextlib.contextmanager
def one_core(pid):
    """The server has core 0 only, and is back on all cores afterwards."""
    cores = os.sched_getaffinity(pid)
    on_core_0(pid)
    try:
        yield
    finally:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), cores)


def compare(pid, port, path, token):
    """(ours, nginx with a static string)."""
    ours, floor = [], []
    with nginx() as (nginx_pid, nginx_port), one_core(pid):
        on_core_0(nginx_pid)
        for _ in range(ROUNDS):
            floor.append(one_round(nginx_pid, nginx_port, path, bearer(token)))
            ours.append(one_round(pid, port, path, bearer(token)))
    return median(ours), median(floor)


def compare_callers(pid, port, callers):
    """One median for each of `callers`: a path of their own and the header that lets them see it."""
    rounds = [[] for _ in callers]
    with one_core(pid):
        for _ in range(ROUNDS):
            for mine, (path, credential) in zip(rounds, callers):
                mine.append(one_round(pid, port, path, credential))
    return [median(mine) for mine in rounds]
