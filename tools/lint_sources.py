#!/usr/bin/env python3
"""Runs a check over every source file that changed since it was last clean: clang-tidy with the await
rules, or g++; or clang over each header that no source file includes first, for only these are not
known to compile alone.

"Changed" is decided by content: a file's key is the hash of the file, of every project header it
reaches, of the rules and of the compiler's version. Keys of clean files are kept outside the
checkout, so that a fresh clone does not pay again. A file with a finding is never remembered.

The changed files are parsed together, in units.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RULES = ROOT / "tools" / "await_rules.query"
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)
OURS = f"^{re.escape(str(ROOT))}/(src|tests|bench)/"
FINDING = re.compile(r"^(/[^:\n]+):\d+:\d+: (?:error|warning|note): ", re.M)
NOISE = re.compile(r"^\d+ warnings?( and \d+ errors?)? (generated|treated as)")
DECLARED = re.compile(r"(?!\s)(?:class|struct|union|enum|enum class) (\w+)|(?!\s|using|namespace|template|[A-Z_]+\()[^=({;]*?\b(\w+)\s*[({=;\[]")
ONCE = re.compile(r"int main\(|extern \"C\" int \w+|TEST\w*\(\w+, \w+")
UNIT_FILES = 32  # more would need more memory than two jobs can have
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


def awaits(source):
    return "co_await" in source.read_text(errors="replace")


def private_names(source):
    """What `source` may not share with another in one unit, as far as it is seen without parsing."""
    names, inside, space = set(), False, ""
    for line in source.read_text(errors="replace").splitlines():
        if line.startswith("namespace {"):
            inside = True
        elif line.startswith("}  // namespace"):
            inside = False
        elif match := re.match(r"namespace ([\w:]+) {", line):
            space = match[1]
        elif match := ONCE.match(line):
            names.add((space, match[0]))
        elif inside and (match := DECLARED.match(line)):
            names.add((space, match[1] or match[2]))
    return names


def units_of(sources):
    """Splits the sources into units: few, not too large, and no name is declared twice in one."""
    units = []
    for source in sorted(sources, key=lambda source: (awaits(source), source)):
        names = private_names(source)
        for files, taken in units:
            if len(files) < UNIT_FILES and awaits(files[0]) == awaits(source) and not names & taken:
                files.append(source)
                taken |= names
                break
        else:
            units.append(([source], names))
    return [files for files, _ in units]


def compiler_arguments(sources, commands):
    """Flags under which all of `sources` compile: the first one's, and every one's includes and macros."""
    flags = []
    for source in sources:
        words = shlex.split(commands[source])[1:]
        for index, word in enumerate(words):
            if word == "-isystem":
                pair = [word, words[index + 1]]
                if not any(flags[i:i + 2] == pair for i in range(len(flags))):
                    flags += pair
            elif word.startswith(("-I", "-D")) or (source == sources[0] and word.startswith(("-std", "-W"))):
                if word not in flags:
                    flags.append(word)
    return flags


def tidy(unit, sources, arguments):
    """What clang-tidy and the await rules find."""
    # Where there are coroutines the path analysis in depth takes most of the time: 21 of 24 s in one file.
    shallow = [f"--extra-arg={word}" for word in ("-Xclang", "-analyzer-config", "-Xclang", "mode=shallow")]
    _, text = command_output("clang-tidy-19", "--quiet", *shallow, f"--config-file={ROOT / '.clang-tidy'}",
                             f"--header-filter={OURS}", str(unit), "--", *arguments)
    text = "\n".join(line for line in text.splitlines() if not NOISE.search(line))
    if any(map(awaits, sources)):
        rules = unit.with_suffix(".query")
        rules.write_text(RULES.read_text().replace("isExpansionInMainFile()", f'isExpansionInFileMatching("{OURS}")'))
        status, found = command_output("clang-query-19", "-f", str(rules), str(unit), "--", *arguments)
        if status != 0 or re.search(r"^[1-9]\d* match(es)?\.", found, re.M):
            text += f"\nmore than one thing in an await statement:\n{found}"
    return text


def compile_only(unit, _sources, arguments):
    """What g++ says, which compiles but keeps nothing. In a unit every source is an include, whose anonymous
    names g++ takes for a header's."""
    status, text = command_output("g++", "-O0", *arguments, "-Wno-subobject-linkage", "-S", "-o", "/dev/null", str(unit))
    return text if status != 0 else ""


def header_alone(unit, _sources, arguments):
    status, text = command_output("clang++-19", *arguments, "-fsyntax-only", str(unit))
    return text if status != 0 else ""


def headers_never_first(commands):
    """Headers that no source file includes first, each with the command of a file near it."""
    first = {match[1] for s in commands if (match := re.match(r'(?:\s*//.*\n|\s*\n)*#include "([^"]+)"', s.read_text()))}
    headers = [h for h in (ROOT / "src").rglob("*.h") if h.relative_to(ROOT / "src").as_posix() not in first]
    near = {source.parent: command for source, command in commands.items()}
    return {header: next(near[folder] for folder in header.parents if folder in near) for header in headers}


def strangers(unit, sources, arguments):
    """Those of `sources` that do not compile in one unit with the others, e.g. for a name that both declare."""
    status, text = command_output("clang++-19", *arguments, "-w", "-fsyntax-only", "-ferror-limit=0", str(unit))
    if status == 0:
        return []
    named = {pathlib.Path(f).resolve() for f in re.findall(r"^(/[^:\n]+):\d+:\d+: error: ", text, re.M)}
    found = [source for source in sources if source in named]
    return found if 0 < len(found) < len(sources) else sources[len(sources) // 2:]


CHECKS = {"clang-tidy": tidy, "g++": compile_only, "headers": header_alone}
RULE_FILES = {"clang-tidy": [ROOT / ".clang-tidy", RULES], "g++": [], "headers": []}
TOOLS = {"clang-tidy": "clang-tidy-19", "g++": "g++", "headers": "clang++-19"}


def check_unit(check, sources, commands, folder):
    """Findings in `sources`, which are parsed together: the headers are read and searched once, and
    that is nearly all of the time. Returns {source: text} of those with findings."""
    name = hashlib.sha256("\n".join(map(str, sources)).encode()).hexdigest()[:16]
    unit = pathlib.Path(folder) / f"{name}.cc"
    unit.write_text("".join(f'#include "{s}"  // NOLINT(bugprone-suspicious-include)\n' for s in sources))
    arguments = compiler_arguments(sources, commands)
    text = "" if check is tidy else check(unit, sources, arguments)
    apart = strangers(unit, sources, arguments) if len(sources) > 1 and (text or check is tidy) else []
    if apart:
        together = [source for source in sources if source not in apart]
        return {**check_unit(check, together, commands, folder), **check_unit(check, apart, commands, folder)}
    text = text or (check(unit, sources, arguments) if check is tidy else "")
    if not text.strip():
        return {}
    named = {pathlib.Path(f).resolve() for f in FINDING.findall(text)}
    blamed = [s for s in sources if named & set(project_files(s))] or sources
    return {source: text if source == blamed[0] else "" for source in blamed}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--build", required=True, help="folder with compile_commands.json")
    arguments.add_argument("--check", choices=CHECKS, default="clang-tidy")
    arguments.add_argument("--jobs", type=int, default=2)
    arguments.add_argument("files", nargs="*", help="only these (default: all that are compiled)")
    options = arguments.parse_args()

    commands = {}
    for entry in json.loads((ROOT / options.build / "compile_commands.json").read_text()):
        if "-fsanitize" not in entry["command"] or entry["file"].endswith("_fuzz.cc"):
            commands.setdefault(pathlib.Path(entry["file"]).resolve(), entry["command"])
    commands = {f: c for f, c in commands.items() if f.is_relative_to(ROOT) and not f.is_relative_to(ROOT / "build")}
    if options.check == "headers":
        commands = headers_never_first(commands)
    compiled = set(commands)
    wanted = {pathlib.Path(f).resolve() for f in options.files} if options.files else compiled
    sources = sorted(compiled & wanted)
    version = command_output(TOOLS[options.check], "--version")[1].encode()
    base = version + b"".join(file.read_bytes() for file in RULE_FILES[options.check])

    def key(source):
        flags = " ".join(compiler_arguments([source], commands)).replace(str(ROOT), "")
        return key_of(source, base + flags.encode())

    keys = {source: key(source) for source in sources}
    MEMORY.mkdir(parents=True, exist_ok=True)
    todo = [source for source in sources if not (MEMORY / keys[source]).exists()]
    print(f"{len(sources)} files, {len(todo)} changed since they were last clean", flush=True)

    units = [[header] for header in todo] if options.check == "headers" else units_of(todo)
    failed = 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        work = {pool.submit(check_unit, CHECKS[options.check], unit, commands, folder): unit for unit in units}
        for done in concurrent.futures.as_completed(work):
            findings = done.result()
            failed += len(findings)
            for source in work[done]:
                if source not in findings and key(source) == keys[source]:  # nobody edited it meanwhile
                    (MEMORY / keys[source]).touch()
            for text in filter(None, findings.values()):
                print(text, flush=True)
    print(f"{len(todo) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
