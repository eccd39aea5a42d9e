"""Every abuse case that applies so far, against the real thing. See README.md.

usage: abuse_test.py PADDOCK_BINARY [--payload NAME=FILE]... [beginning of a case's name]...
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))

from paddock import SKIPPED, why_not  # noqa: E402 (the path comes first)
import suite  # noqa: E402
import machine_cases  # noqa: E402,F401 (importing registers)
import disk_cases  # noqa: E402,F401
import file_cases  # noqa: E402,F401
import escape_cases  # noqa: E402,F401
import access_cases  # noqa: E402,F401
import http_cases  # noqa: E402,F401
import socket_cases  # noqa: E402,F401
import race_cases  # noqa: E402,F401
import terminal_cases  # noqa: E402,F401
import host_cases  # noqa: E402,F401
import sql_cases  # noqa: E402,F401


def main(words):
    reason = why_not()
    if reason:
        print(f"SKIPPED: {pathlib.Path(__file__).name} {reason}")
        return SKIPPED
    payloads = {}
    while len(words) > 1 and words[1] == "--payload":
        name, file = words[2].split("=", 1)
        payloads[name] = file
        del words[1:3]
    return suite.run_all(words[0], payloads, words[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
