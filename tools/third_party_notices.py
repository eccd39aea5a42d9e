#!/usr/bin/env python3
"""Writes the notices of everything of others that Paddock's binaries contain.

    tools/third_party_notices.py --output build/NOTICES.txt \
        --debian libc6-dev libstdc++-12-dev libboost1.81-dev … \
        --append web/dist/third-party-notices.txt

Debian packages: the copyright file that Debian requires of each, and the licences of base-files that
it points to. The web page's notices, which its own build writes, are appended, since the page is
embedded in the binary. Equal texts appear once.

Fails when a notice is missing: shipping without one is not an option, so it must be looked at.
"""
import argparse
import pathlib
import re
import sys

DEBIAN_DOCS = pathlib.Path("/usr/share/doc")
# The texts that Debian's copyright files point to rather than repeat.
COMMON_LICENCES = pathlib.Path("/usr/share/common-licenses")


def read(path):
    return path.read_text(encoding="utf-8", errors="replace").strip() + "\n"


def debian_notices(names, docs=DEBIAN_DOCS):
    """The (title, text) of each package; raises LookupError for one without a notice."""
    for name in sorted(set(names)):
        path = docs / name / "copyright"
        if not path.is_file():
            raise LookupError(f"{path} is missing: is the Debian package {name} installed?")
        yield f"Debian package {name}", read(path)


def mentions(text, reference):
    """True when `reference` occurs as a whole: GPL-2 is not mentioned by GPL-2.1 or GPL-2-only."""
    return re.search(re.escape(reference) + r"(?![\w-]|\.\w)", text) is not None


def common_licences(texts, folder=COMMON_LICENCES):
    """The (title, text) of each licence of base-files that one of `texts` refers to."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if any(mentions(text, f"{COMMON_LICENCES}/{path.name}") for text in texts):
            yield f"Licence {path.name}", read(path)


def render(notices):
    """One section for each text, headed by all that it applies to."""
    by_text = {}
    for title, text in notices:
        by_text.setdefault(text, []).append(title)
    rule = "=" * 78
    sections = ["\n".join([rule, *titles, rule, "", text]) for text, titles in by_text.items()]
    return ("Paddock contains software of others. Their notices and licences follow.\n\n"
            + "\n".join(sections))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--debian", nargs="+", required=True, metavar="PACKAGE")
    parser.add_argument("--append", nargs="*", type=pathlib.Path, default=[], metavar="FILE")
    options = parser.parse_args()
    try:
        notices = list(debian_notices(options.debian))
    except LookupError as error:
        print(f"third_party_notices: {error.args[0]}", file=sys.stderr)
        return 1
    notices += common_licences([text for _, text in notices])
    appended = "".join("\n" + read(path) for path in options.append)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(render(notices) + appended, encoding="utf-8")
    print(f"{options.output}: {len(notices)} notices")
    return 0


if __name__ == "__main__":
    sys.exit(main())
