#!/usr/bin/env python3
"""Checks the shipped questions on real data: what a reader of them could not see.

Every reference succeeds and agrees with the first on every dataset; the visible dataset gives the
learner something to look at; every recognised wrong answer is wrong on some dataset, and runs.
Usage: check_content.py DIRECTORY
"""

import collections
import math
import pathlib
import re
import sqlite3
import sys

import yaml

LANGUAGES = {"en", "zh"}
SCHEMA_KEYS = {"id", "title", "description", "engine", "script", "data", "hidden"}
QUESTION_KEYS = {
    "id", "number", "title", "description", "difficulty", "category", "points", "visibility",
    "hints", "solution", "video", "starter", "shims", "references", "compare", "show_expected",
    "wrong", "check",
}
REQUIRED_KEYS = {
    "id", "number", "title", "description", "difficulty", "category", "hints", "solution",
    "references", "wrong",
}
COMPARE_KEYS = {"rows", "names", "columns", "tolerance", "trim"}
QUESTIONS_MIN = 40
SCHEMAS_MIN = 3
STEPS_MAX = 20_000_000
STEPS_BETWEEN_CHECKS = 10_000


class Problem(Exception):
    pass


def load(path):
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise Problem(f"{path}: {error}") from error
    if not isinstance(document, dict):
        raise Problem(f"{path}: not a mapping")
    return document


def check_keys(path, document, known, required):
    if unknown := document.keys() - known:
        raise Problem(f"{path}: unknown keys {sorted(unknown)}")
    if missing := required - document.keys():
        raise Problem(f"{path}: missing keys {sorted(missing)}")


def check_text(path, field, text):
    if not isinstance(text, dict) or set(text) != LANGUAGES:
        raise Problem(f"{path}: {field} needs {sorted(LANGUAGES)}")
    for language, words in text.items():
        if not isinstance(words, str) or not words.strip():
            raise Problem(f"{path}: {field}.{language} is empty")


def part_of_date(start, length):
    return lambda date: None if date is None else int(date[start : start + length])


def open_database(scripts):
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.create_function("YEAR", 1, part_of_date(0, 4), deterministic=True)
    database.create_function("MONTH", 1, part_of_date(5, 2), deterministic=True)
    database.execute("PRAGMA foreign_keys = ON")
    for script in scripts:
        database.executescript(script.read_text(encoding="utf-8"))
    if database.execute("PRAGMA foreign_key_check").fetchall():
        raise Problem(f"{scripts[-1]}: a foreign key points nowhere")
    database.execute("PRAGMA foreign_keys = OFF")
    return database


def run(scripts, query, checks):
    """The names and rows of the query, or of each check afterwards."""
    database = open_database(scripts)
    steps = [0]

    def count_steps():
        steps[0] += STEPS_BETWEEN_CHECKS
        return steps[0] > STEPS_MAX

    database.set_progress_handler(count_steps, STEPS_BETWEEN_CHECKS)
    results = []
    cursor = database.execute(query)
    if checks:
        cursor.fetchall()
    for check in checks:
        cursor = database.execute(check)
        results.append(([c[0] for c in cursor.description], cursor.fetchall()))
    if not checks:
        if cursor.description is None:
            raise Problem("no result")
        results.append(([c[0] for c in cursor.description], cursor.fetchall()))
    database.close()
    return results


def order_keys(query, names):
    """Places of the result's columns that the query's outermost ORDER BY names, in order."""
    flat, depth = [], 0
    for character in query:
        depth += character == "("
        flat.append(character if depth == 0 else " ")
        depth -= character == ")"
    found = re.search(r"\bORDER BY\b(.*)$", "".join(flat), re.IGNORECASE | re.DOTALL)
    if not found:
        return None
    keys = []
    for term in found.group(1).split(","):
        name = term.split()[0].split(".")[-1].lower()
        places = [place for place, column in enumerate(names) if column.lower() == name]
        keys += places[:1]
    return keys


def plain(value):
    return float(f"{value:.9g}") if isinstance(value, (int, float)) else value


def same_cell(expected, actual, tolerance):
    if isinstance(expected, (int, float)) and isinstance(actual, (int, float)):
        return math.isclose(expected, actual, rel_tol=tolerance, abs_tol=tolerance)
    return type(expected) is type(actual) and expected == actual


def same(expected, actual, question):
    compare = question.get("compare", {})
    tolerance = compare.get("tolerance", 1e-9)
    for (names, rows), (other_names, other_rows) in zip(expected, actual, strict=True):
        if [n.lower() for n in names] != [n.lower() for n in other_names]:
            return False
        if len(rows) != len(other_rows):
            return False
        if compare.get("rows") == "exact" or "check" in question:
            if not all(same_cell(e, a, tolerance) for r, o in zip(rows, other_rows) for e, a in zip(r, o)):
                return False
            continue
        counted = [collections.Counter(tuple(map(plain, row)) for row in side) for side in (rows, other_rows)]
        if counted[0] != counted[1]:
            return False
        keys = order_keys(question["references"][0], names) or []
        for key in keys:
            if any(plain(r[key]) != plain(o[key]) for r, o in zip(rows, other_rows)):
                return False
    return True


def check_question(path, question, definitions, datasets):
    check_keys(path, question, QUESTION_KEYS, REQUIRED_KEYS)
    check_keys(path, question.get("compare", {}), COMPARE_KEYS, set())
    for field in ("title", "description", "category", "solution"):
        check_text(path, field, question[field])
    for hint in question["hints"]:
        check_text(path, "hints", hint)
    if question["difficulty"] not in ("easy", "medium", "hard"):
        raise Problem(f"{path}: difficulty {question['difficulty']}")
    checks = question.get("check", [])
    expected = {}
    for dataset in datasets:
        for place, reference in enumerate(question["references"], 1):
            try:
                result = run([definitions, dataset], reference, checks)
            except (sqlite3.Error, Problem) as error:
                raise Problem(f"{path}: reference {place} on {dataset.name}: {error}") from error
            if not same(expected.setdefault(dataset, result), result, question):
                raise Problem(f"{path}: reference {place} disagrees on {dataset.name}: {result}")
    if not all(rows for _, rows in expected[datasets[0]]):
        raise Problem(f"{path}: the visible dataset gives no row")
    for place, wrong in enumerate(question["wrong"], 1):
        check_keys(path, wrong, {"query", "feedback"}, {"query", "feedback"})
        check_text(path, "feedback", wrong["feedback"])
        try:
            results = {d: run([definitions, d], wrong["query"], checks) for d in datasets}
        except (sqlite3.Error, Problem) as error:
            raise Problem(f"{path}: wrong answer {place}: {error}") from error
        if all(same(expected[d], results[d], question) for d in datasets):
            raise Problem(f"{path}: wrong answer {place} is right on every dataset")


def check_schema(folder, seen):
    path = folder / "schema.yaml"
    schema = load(path)
    check_keys(path, schema, SCHEMA_KEYS, SCHEMA_KEYS)
    for field in ("title", "description"):
        check_text(path, field, schema[field])
    datasets = [folder / name for name in (schema["data"], *schema["hidden"])]
    files = sorted(folder.glob("[0-9]*.yaml"))
    problems = []
    for file in files:
        try:
            question = load(file)
            for key in ("id", "number"):
                if question.get(key) in seen:
                    raise Problem(f"{file}: {key} {question[key]} is taken")
                seen.add(question.get(key))
            check_question(file, question, folder / schema["script"], datasets)
        except Problem as problem:
            problems.append(str(problem))
    return len(files), problems


def main():
    root = pathlib.Path(sys.argv[1])
    folders = sorted(folder.parent for folder in root.glob("*/schema.yaml"))
    seen, questions, problems = set(), 0, []
    for folder in folders:
        count, found = check_schema(folder, seen)
        questions += count
        problems += found
    if len(folders) < SCHEMAS_MIN or questions < QUESTIONS_MIN:
        problems.append(f"only {len(folders)} schemas and {questions} questions")
    print(*problems, sep="\n")
    print(f"{len(folders)} schemas, {questions} questions, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
