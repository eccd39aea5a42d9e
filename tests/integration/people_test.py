"""People against the real thing: the first admin, sign-up and sign-in, and what survives kill -9.

usage: people_test.py PADDOCK_BINARY [unittest arguments]
"""
import http.client
import re
import subprocess
import sys
import unittest

from paddock import SKIPPED, Paddock, wait_for, why_not
from terminal import Terminal, WebSocket

BINARY = sys.argv.pop(1) if len(sys.argv) > 1 else "paddock"
FLAGS = ["--user-creation-rate", "100", "--address-creation-rate", "100", "--guest-rate", "100"]
PASSWORD = "a long enough secret"
LINK = re.compile(r"Become one, within 7 days: http://127\.0\.0\.1:\d+/welcome#(pdl_[\w-]{43})$")


class Person:
    """Somebody with a browser: a cookie, and pages of the server's own origin."""

    def __init__(self, paddock, secret=None):
        self.paddock, self.secret = paddock, secret
        self.guest = paddock.client()

    def ask(self, method, path, body=None, headers=None):
        own = {"Origin": f"http://127.0.0.1:{self.paddock.port}",
               "Cookie": f"paddock_session={self.secret or self.guest.token}"}
        answer = self.guest.ask(method, "/api/v1" + path, body, {**own, **(headers or {})})
        cookie = answer.headers.get("Set-Cookie", "")
        if cookie.startswith("paddock_session=pds_"):
            self.secret = cookie.split(";")[0].split("=", 1)[1]
        return answer

    def events(self):
        """The answer of an event stream, its "ready" read."""
        connection = http.client.HTTPConnection("127.0.0.1", self.paddock.port, timeout=60)
        connection.request("GET", "/api/v1/events", headers={"Cookie": f"paddock_session={self.secret}"})
        stream = connection.getresponse()
        assert stream.status == 200 and stream.readline() == b"event: ready\n"
        return stream

    def terminal(self, terminal):
        return Terminal(Browser(self), terminal)


class Browser:
    """A Person as Terminal asks them, by whole paths."""

    def __init__(self, person):
        self.person, self.paddock = person, person.paddock

    def ask(self, method, path, body=None):
        return self.person.ask(method, path.removeprefix("/api/v1"), body)


class PeopleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.paddock = Paddock(BINARY, *FLAGS)

    @classmethod
    def tearDownClass(cls):
        log = cls.paddock.log_text()
        ended = cls.paddock.destroy()
        assert ended.returncode == 0, ended.stderr + log

    def links(self):
        return [found[1] for found in map(LINK.search, map(str.strip, self.paddock.said)) if found]

    def admin_link(self):
        return subprocess.run([BINARY, "admin-link", "--data-dir", str(self.paddock.data)],
                              capture_output=True, text=True, timeout=60)

    def test_a_guest_becomes_the_first_admin_and_keeps_the_machine_through_kill_9(self):
        wait_for(lambda: self.links())
        root = Person(self.paddock)
        sandbox = root.guest.create()
        root.guest.exec(sandbox, "echo mine > /root/file")
        link = self.links()[-1]
        looked = root.ask("POST", "/links/look", {"secret": link})
        self.assertEqual((looked.status, looked.json["purpose"]), (200, "first_admin"))
        used = root.ask("POST", "/links/use", {"secret": link, "name": "root", "password": PASSWORD})
        self.assertEqual(used.status, 201, used.body)
        self.assertEqual(used.json["user"]["role"], "admin")
        self.assertNotIn("pds_", used.body.decode())
        self.assertEqual(root.ask("GET", f"/sandboxes/{sandbox}").status, 200)
        self.assertEqual(root.guest.ask("GET", f"/api/v1/sandboxes/{sandbox}").status, 404)
        count = len(self.links())

        self.paddock.kill_child("serve")
        wait_for(lambda: root.ask("GET", f"/sandboxes/{sandbox}").status == 200)
        result = root.ask("POST", f"/sandboxes/{sandbox}/exec", {"shell": "cat /root/file"})
        self.assertEqual(result.json["stdout"], "mine\n", result.body)
        self.assertEqual(len(self.links()), count, "there is an admin now")
        self.assertEqual(root.ask("POST", "/links/use", {"secret": link, "name": "evil",
                                                         "password": PASSWORD}).status, 404)

        self.paddock.kill_child("node")
        wait_for(lambda: root.ask("GET", f"/sandboxes/{sandbox}").status == 200)
        self.assertEqual(root.ask("DELETE", "/session").status, 204)
        self.assertEqual(root.ask("GET", "/account").status, 401)
        self.assertEqual(root.ask("POST", "/sign-in", {"name": "ROOT", "password": PASSWORD}).status, 200)
        self.assertEqual(root.ask("GET", f"/sandboxes/{sandbox}").status, 200)
        self.assertEqual(root.ask("DELETE", f"/sandboxes/{sandbox}").status, 204)

        refused = self.admin_link()
        self.assertNotEqual(refused.returncode, 0, "a running server has its store to itself")
        self.assertIn("paddock admin-link: ", refused.stderr)
        self.paddock.stop()
        made = self.admin_link()
        self.assertEqual(made.returncode, 0, made.stderr)
        self.paddock.start()
        other = Person(self.paddock)
        secret = made.stdout.strip().split("#")[1]
        answer = other.ask("POST", "/links/use", {"secret": secret, "name": "other", "password": PASSWORD})
        self.assertEqual((answer.status, answer.json["user"]["role"]), (201, "admin"), answer.body)

        for secret in (PASSWORD, root.secret, link):
            self.assertNotIn(secret, self.paddock.log_text())
            self.assertEqual([], [path for path in (self.paddock.data / "server").iterdir()
                                  if secret.encode() in path.read_bytes()])


class RevocationTest(unittest.TestCase):
    def setUp(self):
        self.paddock = Paddock(BINARY, *FLAGS)
        wait_for(lambda: self.links())
        self.first = Person(self.paddock)
        used = self.first.ask("POST", "/links/use", {"secret": self.links()[0], "name": "root",
                                                     "password": PASSWORD})
        self.assertEqual(used.status, 201, used.body)
        self.second = Person(self.paddock)
        signed_in = self.second.ask("POST", "/sign-in", {"name": "root", "password": PASSWORD})
        self.assertEqual(signed_in.status, 200, signed_in.body)

    def tearDown(self):
        log = self.paddock.log_text()
        ended = self.paddock.destroy()
        assert ended.returncode == 0, ended.stderr + log

    def links(self):
        return [found[1] for found in map(LINK.search, map(str.strip, self.paddock.said)) if found]

    def test_what_a_session_has_opened_ends_when_it_is_revoked_and_nothing_else(self):
        sandbox = self.first.ask("POST", "/sandboxes", {}).json["id"]
        opened = self.first.ask("POST", f"/sandboxes/{sandbox}/terminals", {"cols": 80, "rows": 24})
        terminal = opened.json["id"]
        mine, theirs = self.first.terminal(terminal), self.second.terminal(terminal)
        my_events, their_events = self.first.events(), self.second.events()
        ticket = self.second.ask("POST", "/tickets", {"path": f"/api/v1/terminals/{terminal}/socket"})

        changed = self.second.ask("PATCH", "/account", {"theme": "dark"})
        self.assertEqual(changed.status, 200, changed.body)
        theirs.type("echo still $((40 + 2))\r")
        theirs.read_until(b"still 42")

        self.assertEqual(self.first.ask("DELETE", "/account/sessions").status, 204)
        self.assertEqual(theirs.wire.close_code(), 4007, "attach again, with a new ticket")
        self.assertNotIn(b"event: sandbox", their_events.read())
        socket = f"/api/v1/terminals/{terminal}/socket?ticket={ticket.json['ticket']}"
        self.assertEqual(WebSocket(self.paddock.port, socket).status, 401)
        self.assertEqual(self.second.ask("GET", "/account").status, 401)

        mine.type("echo mine $((40 + 2))\r")
        mine.read_until(b"mine 42")
        self.assertEqual(self.first.ask("DELETE", f"/sandboxes/{sandbox}").status, 204)
        while my_events.readline() != b"event: sandbox\n":
            pass


if __name__ == "__main__":
    if why_not():
        print(why_not())
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
