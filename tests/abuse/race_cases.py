"""Group F: many things at once: churn, races, and two users beside each other."""
import http.client
import os
import time

from suite import at, case, equal


@case("F14_creating_and_deleting_without_end_is_slowed_down")
def churn(bench):
    statuses, end = [], time.monotonic() + 60
    while 429 not in statuses and time.monotonic() < end:
        answers = [bench.background(bench.ann.ask, "POST", "/api/v1/sandboxes", {}) for _ in range(40)]
        for answer in (each() for each in answers):
            statuses.append(answer.status)
            if answer.status == 429:
                assert int(answer.headers["Retry-After"]) >= 1
            if answer.status == 201:
                equal(bench.ann.ask("DELETE", at(answer.json["id"])).status, 204)
    assert set(statuses) <= {201, 429} and 429 in statuses, set(statuses)


@case("F15_delete_exec_resize_upload_and_attach_at_once")
def races(bench):
    seen = set()

    def swallow(what):
        try:
            answer = what()
        except (OSError, EOFError, AssertionError, http.client.HTTPException):
            return  # cut off in the middle, as the sandbox was
        if answer is not None:
            seen.add(answer.status)

    for round_ in range(12):
        sandbox = bench.create()
        terminal = bench.open_terminal(sandbox)
        viewer = bench.terminal(terminal)
        work = [lambda: bench.ann.ask("POST", at(sandbox, "/exec"), {"shell": "sleep 0.05; echo"}),
                lambda: bench.ann.ask("POST", at(sandbox, "/exec"), {"shell": "yes", "timeout_ms": 2000}),
                lambda: bench.ann.ask("PUT", at(sandbox, "/files?path=/root/x"), os.urandom(1_000_000)),
                lambda: bench.ann.ask("GET", at(sandbox, "/files/tar?path=/usr/bin")),
                lambda: bench.ann.ask("GET", at(sandbox, "/stats")),
                lambda: [viewer.resize(20 + i, 20) for i in range(200)] and None,
                lambda: bench.terminal(terminal).close(),
                lambda: bench.ann.ask("DELETE", at(sandbox))]
        if round_ % 3 == 0:
            work.append(lambda: bench.ann.ask("DELETE", at(sandbox)))
        waits = []
        for step in work:
            waits.append(bench.background(swallow, step))
            time.sleep(0.002 * round_)
        for wait in waits:
            wait()
        viewer.close()
        equal(bench.ann.ask("GET", at(sandbox)).status, 404)
    assert not seen & {500, 502, 504}, seen
    assert 204 in seen, seen


@case("F15_two_users_at_once_stay_apart")
def two_users(bench):
    bob = bench.guest()

    def work(client, word):
        for i in range(10):
            sandbox = client.create()
            result = client.exec(sandbox, f"echo {word}-{i} > /root/mine; cat /root/mine; ls /root")
            equal(result["stdout"], f"{word}-{i}\nmine\n")
            shown = bench.terminal(bench.open_terminal(sandbox, client), client)
            shown.type(f"echo $((6*7))-$(cat /root/mine)\n")
            shown.read_until(f"42-{word}-{i}".encode())
            shown.close()
            listed = [each["id"] for each in client.ask("GET", "/api/v1/sandboxes").json["sandboxes"]]
            equal(listed, [sandbox])
            equal(client.ask("DELETE", at(sandbox)).status, 204)
    for result in [bench.background(work, bench.ann, "ann"), bench.background(work, bob, "bob")]:
        result()
