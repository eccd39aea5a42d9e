"""One session of docs/protocol/sql.md over a WebSocket, standard library only.

Used by the tests of this folder.
"""
import json
import socket
import struct

from terminal import WebSocket

PATH = "/api/v1/sql/socket"


class Closed(Exception):
    """The server ended the session: the `closed` message, if there was one, and the close code."""

    def __init__(self, message, code):
        super().__init__(f"{code}: {message}")
        self.message, self.code = message, code


class SqlSession:
    """With `opened` false nothing is opened yet. `fields` are those of the message open."""

    def __init__(self, client, sandbox=None, engine="postgres", opened=True, **fields):
        ticket = client.ask("POST", "/api/v1/tickets", {"path": PATH})
        assert ticket.status == 201, ticket.body
        self.wire = WebSocket(client.paddock.port, f"{PATH}?ticket={ticket.json['ticket']}",
                              protocol="paddock.sql.v1")
        # Credit and the next statement go out one after the other, as from a browser.
        self.wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.status = self.wire.status
        self.number, self.last_closed = 0, None
        if opened:
            assert self.status == 101, self.status
            target = {"sandbox": sandbox, "engine": engine} if sandbox else {}
            self.opened = self.ask("open", **target, **fields)

    def send(self, kind, **fields):
        self.wire.send(json.dumps({"type": kind, **fields}).encode(), opcode=1)

    def request(self, kind, **fields):
        self.number += 1
        self.send(kind, id=self.number, **fields)
        return self.number

    def receive(self):
        try:
            message = json.loads(self.wire.receive())
        except EOFError as end:
            code = struct.unpack(">H", end.args[0][:2])[0] if end.args and end.args[0] else 0
            raise Closed(self.last_closed, code) from None
        if message["type"] == "closed":
            self.last_closed = message
            return self.receive()
        return message

    def ask(self, kind, **fields):
        """The one answer of a request."""
        self.request(kind, **fields)
        return self.receive()

    def finish(self, on_message=lambda message: None):
        """The messages until `done`. Rows get credit as they come."""
        messages = []
        while True:
            message = self.receive()
            on_message(message)
            messages.append(message)
            if message["type"] == "rows":
                self.send("more", id=message["id"], rows=len(message["rows"]))
            if message["type"] in ("done", "failed"):
                return messages

    def execute(self, text, **fields):
        self.request("execute", text=text, **fields)
        return self.finish()

    def rows(self, text):
        return [row for message in self.execute(text) if message["type"] == "rows"
                for row in message["rows"]]

    def error(self, text):
        errors = [message for message in self.execute(text) if message["type"] == "error"]
        return errors[0] if errors else None

    def close(self):
        self.wire.close()
