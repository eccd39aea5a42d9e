"""Terminals' sockets, as the cases of group F open them."""
import os
import struct

from suite import equal
from terminal import WebSocket


def upgrade(bench, terminal, headers, ticket=None):
    """The status of an attempt to open the terminal's socket."""
    target = f"/api/v1/terminals/{terminal}/socket" + (f"?ticket={ticket}" if ticket else "")
    wire = WebSocket(bench.paddock.port, target, headers)
    wire.close()
    return wire.status


def ticket_for(client, terminal):
    answer = client.ask("POST", "/api/v1/tickets", {"path": f"/api/v1/terminals/{terminal}/socket"})
    return answer.json["ticket"] if answer.status == 201 else answer.status


def open_wire(bench, terminal, attach=True):
    ticket = ticket_for(bench.ann, terminal)
    wire = WebSocket(bench.paddock.port, f"/api/v1/terminals/{terminal}/socket?ticket={ticket}")
    equal(wire.status, 101)
    if attach:
        wire.send(struct.pack(">BBHHQQ", 1, 0, 80, 24, 0, 1 << 18) + os.urandom(16))
    return wire
