"""The host's own disk is full: a Paddock of its own, whose data directory is a small file system."""
import pathlib

from paddock import Paddock, wait_for
from suite import FLAGS, Host, at, case, equal

MIB = 1 << 20


def tree(path):
    return sorted(str(each) for each in pathlib.Path(path).rglob("*") if "images" not in each.parts)


@case("R3_a_full_data_directory_refuses_a_sandbox_and_keeps_nothing_of_it")
def full_data_directory(bench):
    small = Paddock(bench.paddock.binary, *FLAGS, data_bytes=256 * MIB)
    try:
        host, ann = Host(small, neighbour=None), small.client()
        ann.ask("DELETE", at(ann.create()))  # what is kept for the next sandbox is there now
        wait_for(host.has_reaped)
        before, files = host.state(), tree(small.data)
        # Without a buffer, whose rest would fail once more when the file is closed.
        with open(small.data / "filler", "wb", buffering=0) as filler:
            try:
                while filler.write(bytes(64 << 10)):
                    pass
            except OSError:
                pass
        for _ in range(3):
            refused = ann.ask("POST", "/api/v1/sandboxes", {})
            equal((refused.status, refused.json["code"]), (507, "disk_full"), refused.body)
            assert "disk is full" in refused.json["message"], refused.body
            assert str(small.root) not in refused.body.decode(), "a path of the host"
        (small.data / "filler").unlink()
        equal(ann.ask("GET", "/api/v1/sandboxes").json, {"sandboxes": []})
        wait_for(host.has_reaped)
        equal(host.state(), before, "the host after three refusals")
        equal(tree(small.data), files, "the data directory after three refusals")
        sandbox = ann.create()
        equal(ann.exec(sandbox, "echo alive")["stdout"], "alive\n")
    finally:
        ended = small.destroy()
    equal(ended.returncode, 0, ended.stderr)
