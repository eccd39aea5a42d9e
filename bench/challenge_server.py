"""A challenge run on PostgreSQL beside the statements that it cannot do without.

The server is one of its own, in memory where there is room, and takes no care of the disk: as docs/sql-engines.md
says that a server for questions is best run.
"""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

FIGURES = ["challenge_postgres_read", "challenge_postgres_burst", "challenge_postgres_sustained"]
MEMORY_DISK, ROOM = pathlib.Path("/dev/shm"), 2 << 30
SETTINGS = {"listen_addresses": "", "max_connections": "200", "fsync": "off", "full_page_writes": "off",
            "synchronous_commit": "off", "wal_level": "minimal", "max_wal_senders": "0"}
PATIENCE_S = 60


def programs():
    return max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@contextlib.contextmanager
def server(folder):
    """Runs PostgreSQL, as its own user, until the block is left."""
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=KILL"]
    shutil.chown(folder, "postgres")
    subprocess.run([*user, programs() / "initdb", "-D", folder / "data", "-U", "paddock", "-A", "trust", "-E", "UTF8",
                    "--locale=C.UTF-8", "--no-sync"], check=True, stdout=subprocess.DEVNULL)
    options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    running = subprocess.Popen([*user, programs() / "postgres", "-D", folder / "data", "-k", folder, *options],
                               stderr=subprocess.DEVNULL)
    try:
        give_up = time.monotonic() + PATIENCE_S
        while subprocess.run([programs() / "pg_isready", "-q", "-h", folder], check=False).returncode != 0:
            if running.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError("PostgreSQL did not start")
            time.sleep(0.05)
        yield
    finally:
        running.terminate()
        running.wait()


def measure(report, binaries):
    if programs() is None:
        return
    in_memory = MEMORY_DISK.is_dir() and shutil.disk_usage(MEMORY_DISK).free >= ROOM
    with tempfile.TemporaryDirectory(dir=MEMORY_DISK if in_memory else None) as name:
        folder = pathlib.Path(name)
        os.chmod(folder, 0o755)
        with server(folder):
            done = subprocess.run([binaries / "challenges_postgres_bench", f"postgres://paddock@/?host={folder}"],
                                  check=True, capture_output=True, text=True, timeout=300)
    result = json.loads(done.stdout)
    read, floor = result["read_ms"], result["floor_read_ms"]
    report.add("challenge_postgres_read", read, "ms", floor, aim="<= 3 x floor", met=read <= 3 * floor)
    report.add("challenge_postgres_burst", result["burst_ms"], "ms", aim="<= 3 ms", met=result["burst_ms"] <= 3)
    sustained, floor = result["sustained_ms"], result["floor_create_ms"]
    report.add("challenge_postgres_sustained", sustained, "ms", floor, aim="<= 1.5 x floor",
               met=sustained <= 1.5 * floor)
