"""Group F: who reaches what: other origins, tickets, foreign ids, forged headers and forms."""
import re
import time

from sockets import ticket_for, upgrade
from suite import at, case, equal


@case("F1_a_foreign_page_cannot_open_a_terminal")
def cross_site(bench):
    terminal = bench.open_terminal(bench.create())
    port, token = bench.paddock.port, bench.ann.token
    own = f"http://127.0.0.1:{port}"
    cookie, bearer = f"Cookie: paddock_session={token}", f"Authorization: Bearer {token}"
    for origin in ("http://evil.example", "null", f"{own}.evil.example", f"http://127.0.0.1:{port + 1}",
                   "http://127.0.0.1", f"https://127.0.0.1:{port}", f"http://localhost:{port}.evil", f"http://x@127.0.0.1:{port}",
                   f"http://preview.127.0.0.1:{port}", "file://", f"{own}/", ""):
        for who in (cookie, bearer):
            status = upgrade(bench, terminal, [who, f"Origin: {origin}"])
            assert status in (400, 401, 403), (origin, who[:6], status)
        status = upgrade(bench, terminal, [f"Origin: {origin}"], ticket_for(bench.ann, terminal))
        assert status in (400, 403), (origin, "ticket", status)
    for headers in ([cookie], [cookie, f"Origin: {own}"]):  # a cookie alone never opens one
        assert upgrade(bench, terminal, headers) in (401, 403), headers
    equal(upgrade(bench, terminal, [bearer]), 101)
    equal(upgrade(bench, terminal, [f"Origin: {own}"], ticket_for(bench.ann, terminal)), 101)


@case("F2_a_ticket_works_once_for_one_terminal_of_one_user")
def tickets(bench):
    sandbox = bench.create()
    one, two = bench.open_terminal(sandbox), bench.open_terminal(sandbox)
    ticket = ticket_for(bench.ann, one)
    for other in (ticket_for(bench.ann, one),):
        assert upgrade(bench, two, [], other) in (401, 403), "a ticket of another terminal"
    equal(upgrade(bench, one, [], ticket), 101)
    assert upgrade(bench, one, [], ticket) in (401, 403), "a ticket used twice"
    for forged in ("x", "0" * 26, ticket[:-1], ticket + "a", "%00", "../" + ticket):
        assert upgrade(bench, one, [], forged) in (400, 401, 403), forged
    equal(ticket_for(bench.guest(), one), 404)


@case("F3_what_is_somebody_elses_does_not_exist")
def foreign_ids(bench):
    sandbox, bob = bench.create(), bench.guest()
    terminal = bench.open_terminal(sandbox)
    missing = "a" * 26
    for method, path, body in (
            ("GET", "", None), ("DELETE", "", None), ("GET", "/stats", None), ("GET", "/logs", None),
            ("POST", "/exec", {"shell": "id"}), ("GET", "/files?path=/etc/passwd", None),
            ("PUT", "/files?path=/root/x", b"x"), ("DELETE", "/files?path=/root/x", None),
            ("GET", "/files/list?path=/", None), ("GET", "/files/stat?path=/", None),
            ("GET", "/files/tar?path=/", None),
            ("PUT", "/files/tar?path=/", b""), ("POST", "/files/directory?path=/root/d", None),
            ("POST", "/files/move", {"from": "/a", "to": "/b"}), ("GET", "/terminals", None),
            ("POST", "/terminals", {"cols": 80, "rows": 24})):
        foreign, nowhere = bob.ask(method, at(sandbox, path), body), bob.ask(method, at(missing, path), body)
        equal(foreign.status, nowhere.status, f"{method} {path}")
        assert foreign.status in (404, 400) and (foreign.status == 404 or path == "/files/move"), (path, foreign.body)
        equal(foreign.json["message"], nowhere.json["message"], "the answer tells nothing")
    for method in ("GET", "DELETE"):
        equal(bob.ask(method, f"/api/v1/terminals/{terminal}").status, 404)
    equal(upgrade(bench, terminal, [f"Authorization: Bearer {bob.token}"]), 404)
    equal(bob.ask("GET", "/api/v1/sandboxes").json, {"sandboxes": []})
    bench.alive(sandbox)


@case("F4_ids_cannot_be_guessed")
def ids(bench):
    found = [bench.create() for _ in range(3)] + [bench.guest().ask("GET", "/api/v1/session").json["user"]["id"]]
    for text in found:
        assert re.fullmatch("[a-z2-7]{26}", text), text  # 128 bits and two of padding
    for i, one in enumerate(found):
        for other in found[:i]:
            assert sum(a == b for a, b in zip(one, other)) < 10, (one, other)
    for wrong in ("1", "a", "../x", "a" * 25, "a" * 27, "A" * 26, "%2e%2e", "0" * 26):
        assert bench.ann.ask("GET", at(wrong)).status in (400, 404), wrong


@case("F7_F18_forged_proxy_headers_count_for_nothing")
def forged_headers(bench):
    for headers in ({"X-Forwarded-User": "admin"}, {"X-Remote-User": "admin"}, {"X-Forwarded-For": "1.2.3.4"},
                    {"X-Forwarded-Host": "evil.example"}, {"Forwarded": "for=1.2.3.4;host=evil.example"}):
        answer = bench.ann.ask("GET", "/api/v1/session", headers=headers)
        equal(answer.status, 200)
        assert "evil" not in answer.body.decode() and "evil" not in str(answer.headers)
        anonymous = bench.ann.ask("GET", "/api/v1/session", headers={**headers, "Cookie": "x=y"})
        equal(anonymous.status, 401, str(headers))
    marked = {"X-Forwarded-For": "203.0.113.99"}
    bench.ann.ask("GET", "/api/v1/session", headers=marked)
    time.sleep(0.2)
    assert '"remote":"203.0.113.99"' not in bench.paddock.log_text(), "an address that nobody vouched for"


@case("F17_a_form_of_another_site_changes_nothing")
def cross_site_forms(bench):
    sandbox = bench.create()
    cookie = {"Cookie": "paddock_session=" + bench.ann.token}
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        for origin in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
            for method, path, body in (("POST", "/api/v1/sandboxes", "{}"), ("DELETE", at(sandbox), None),
                                       ("POST", at(sandbox, "/exec"), '{"shell":"id"}'),
                                       ("DELETE", "/api/v1/session", None)):
                answer = bench.ann.ask(method, path, body, {**cookie, **origin, "Content-Type": kind})
                equal(answer.status, 403, f"{method} {path} {origin}")
    own = {"Origin": f"http://127.0.0.1:{bench.paddock.port}"}
    session = bench.ann.ask("POST", "/api/v1/session", None, {**cookie, **own})
    for wanted in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert wanted in session.headers["Set-Cookie"], session.headers["Set-Cookie"]
    bench.alive(sandbox)
