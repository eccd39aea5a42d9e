#!/usr/bin/env python3
"""Runs clang-tidy and the await rules over every source file that changed since it was last clean.

"Changed" is decided by content: a file's key is the hash of the file, of every project header it
reaches, of the rules and of the compiler's version. Keys of clean files are kept outside the
checkout, so that a fresh clone does not pay again. A file with a finding is never remembered.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
RULES = ROOT / "tools" / "await_rules.query"
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)
MEMORY = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "paddock" / "lint"


def project_files(source):
    """`source` and the project headers that it reaches, directly or not."""
    seen, todo = set(), [source]
    while todo:
        file = todo.pop()
        if file in seen or not file.is_file():
            continue
        seen.add(file)
        for name in INCLUDE.findall(file.read_text(errors="replace")):
            todo += [ROOT / "src" / name, file.parent / name]
    return sorted(seen)


def key_of(source, base):
    digest = hashlib.sha256(base)
    for file in project_files(source):
        digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def command_output(*command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def check(source, build):
    """The findings in `source`, as text; empty when it is clean."""
    found = []
    status, text = command_output("clang-tidy-19", "--quiet", "-p", build, str(source))
    if status != 0:
        found.append("\n".join(line for line in text.splitlines() if "warnings generated" not in line))
    if "co_await" in source.read_text(errors="replace"):
        status, text = command_output("clang-query-19", "-f", str(RULES), "-p", build, str(source))
        if status != 0 or re.search(r"^[1-9]\d* match(es)?\.", text, re.M):
            found.append(f"{source.relative_to(ROOT)}: more than one thing in an await statement\n{text}")
    return "\n".join(found)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--build", required=True, help="folder with compile_commands.json")
    arguments.add_argument("--jobs", type=int, default=2)
    arguments.add_argument("files", nargs="*", help="only these (default: all that are compiled)")
    options = arguments.parse_args()

    commands = json.loads((ROOT / options.build / "compile_commands.json").read_text())
    compiled = {pathlib.Path(c["file"]).resolve() for c in commands}
    wanted = {pathlib.Path(f).resolve() for f in options.files} if options.files else compiled
    sources = sorted(
        f for f in compiled & wanted
        if f.suffix == ".cc" and f.is_relative_to(ROOT) and not f.is_relative_to(ROOT / "build")
    )
    version = command_output("clang-tidy-19", "--version")[1].encode()
    base = version + (ROOT / ".clang-tidy").read_bytes() + RULES.read_bytes()
    keys = {source: key_of(source, base) for source in sources}
    MEMORY.mkdir(parents=True, exist_ok=True)
    todo = [source for source in sources if not (MEMORY / keys[source]).exists()]
    print(f"{len(sources)} files, {len(todo)} changed since they were last clean", flush=True)

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for source, text in zip(todo, pool.map(lambda f: check(f, options.build), todo)):
            if text:
                failed += 1
                print(text, flush=True)
            else:
                (MEMORY / keys[source]).touch()
    print(f"{len(todo) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
