"""What it costs to be somebody: the same GET by a guest, by who has signed in, and by a JWT.

A guest is anonymous: their token proves itself and nobody has an account for it.
"""
import functools
import http.client
import json
import re

import web

LINK = re.compile(r"/welcome#(\S+)")
PASSWORD = "a long enough secret"


@functools.cache
def first_admin_cookie(paddock):
    """Uses the link that the server printed when it began without an admin; it works once."""
    secret = next(found[1] for found in map(LINK.search, paddock.said) if found)
    connection = http.client.HTTPConnection("127.0.0.1", paddock.port, timeout=60)
    body = {"secret": secret, "name": "root", "password": PASSWORD, "display_name": "Root"}
    connection.request("POST", "/api/v1/links/use", body=json.dumps(body))
    answer = connection.getresponse()
    assert answer.status == 201, answer.read()
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    connection.close()
    return cookie


def new_sandbox(client, headers):
    answer = client.ask("POST", "/api/v1/sandboxes", {}, headers)
    assert answer.status == 201, answer.body
    return answer.json["id"]


def measure(report, paddock, client, provider):
    origin = {"Origin": f"http://127.0.0.1:{paddock.port}"}
    cookie, token = first_admin_cookie(paddock), provider.token("ann")
    credentials = [web.bearer(client.token), f"Cookie: {cookie}", web.bearer(token)]
    callers, sandboxes = [], []
    for credential in credentials:
        name, value = credential.split(": ", 1)
        headers = {"Cookie": "", **origin, name: value}  # a Cookie of its own, so no guest's token
        sandbox = new_sandbox(client, headers)
        sandboxes.append((sandbox, headers))
        callers.append((f"/api/v1/sandboxes/{sandbox}", credential))
    guest, session, jwt = web.compare_callers(paddock.children()["serve"], paddock.port, callers)
    report.add("get_session_rate", session.rate, "1/s", guest.rate, aim=">= 0.9 x floor",
               met=session.rate >= 0.9 * guest.rate)
    report.add("get_jwt_rate", jwt.rate, "1/s", guest.rate, aim=">= 0.7 x floor",
               met=jwt.rate >= 0.7 * guest.rate)
    for sandbox, headers in sandboxes:
        client.ask("DELETE", f"/api/v1/sandboxes/{sandbox}", None, headers)
