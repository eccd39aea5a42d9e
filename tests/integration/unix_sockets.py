"""Which processes Unix sockets connect, as the kernel's socket diagnostics tell (sock_diag(7)).

Used by the tests of this folder. Needs root, to see other users' descriptors.
"""
import os
import pathlib
import socket
import struct

SOCK_DIAG_BY_FAMILY, REQUEST_DUMP, DONE, ERROR = 20, 0x301, 3, 2
SHOW_PEER, PEER = 4, 2
ALL_STATES = 0xFFFFFFFF
ANSWER_MAX = 1 << 16


def peers():
    """The socket at the other end of each one that is connected, by inode."""
    found = {}
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4) as kernel:  # NETLINK_SOCK_DIAG
        ask = struct.pack("=BBHIIIII", socket.AF_UNIX, 0, 0, ALL_STATES, 0, SHOW_PEER, ALL_STATES, ALL_STATES)
        kernel.sendto(struct.pack("=IHHII", 16 + len(ask), SOCK_DIAG_BY_FAMILY, REQUEST_DUMP, 1, 0) + ask, (0, 0))
        while True:
            answer = kernel.recv(ANSWER_MAX)
            while answer:
                size, kind = struct.unpack_from("=IH", answer)
                if kind == DONE:
                    return found
                if kind == ERROR:
                    code = -struct.unpack_from("=i", answer, 16)[0]
                    raise OSError(code, os.strerror(code))
                inode = struct.unpack_from("=I", answer, 20)[0]
                at = 32
                while at < size:
                    length, attribute = struct.unpack_from("=HH", answer, at)
                    if attribute == PEER:
                        found[inode] = struct.unpack_from("=I", answer, at + 4)[0]
                    at += (length + 3) & ~3
                answer = answer[(size + 3) & ~3:]


def sockets_of(pid):
    """Inodes of the sockets that a process holds."""
    found = set()
    for descriptor in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(descriptor)
        except FileNotFoundError:
            continue  # closed since
        if target.startswith("socket:["):
            found.add(int(target[8:-1]))
    return found


def connections(one, other):
    """How many connections there are between two processes."""
    held, at_other = sockets_of(one), sockets_of(other)
    known = peers()
    return sum(known.get(inode) in at_other for inode in held)
