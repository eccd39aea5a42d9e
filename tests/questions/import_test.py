"""`paddock questions import --offline`: into a store that no server uses, with real workers.

usage: import_test.py PADDOCK_BINARY QUESTIONS_FOLDER [unittest arguments]
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

BINARY, SHIPPED = sys.argv.pop(1), sys.argv.pop(1)
TIME_MAX_S = 120
SEED = """
INSERT INTO dp_schemas (schema_id, initial_sql) VALUES ('bikes', 'CREATE TABLE b (id);');
INSERT INTO dp_questions (question_id, schema_id, type, difficulty, title, answer) VALUES
  (1, 'bikes', 'Basics', 'easy', 'All', 'SELECT id FROM b'),
  (2, 'bikes', 'Basics', 'easy', 'Odd', 'SELECT absent FROM b');
"""
UPDATE = "UPDATE dp_questions SET solution_video = 'https://example.org/v' WHERE question_id = 1;\n"


class ImportTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.data = self.root / "data"
        (self.data / "server").mkdir(parents=True, mode=0o700)
        self.file("empty.toml", "")

    def paddock(self, *words):
        return subprocess.run([BINARY, *words, "--data-dir", str(self.data), "--config", str(self.root / "empty.toml")],
                              capture_output=True, text=True, timeout=TIME_MAX_S)

    def run_import(self, *words):
        return self.paddock("questions", "import", "--offline", *words)

    def file(self, name, text):
        (self.root / name).write_text(text)
        return str(self.root / name)

    def documents(self):
        """Of the questions in the store, by slug."""
        found = self.paddock("store", "export", "-")
        self.assertEqual(found.returncode, 0, found.stderr)
        rows = [json.loads(line) for line in found.stdout.splitlines()]
        # The table's name and its columns: number, slug, schema, document.
        return {row[2]: row[4] for row in rows if isinstance(row, list) and row[0] == "questions"}

    def test_what_is_shipped_goes_in_once(self):
        first = self.run_import(SHIPPED)
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        self.assertRegex(first.stdout, r"^6\d added, 0 changed, 0 unchanged, 0 refused\n$")
        again = self.run_import(SHIPPED)
        self.assertRegex(again.stdout, r"^0 added, 0 changed, 6\d unchanged, 0 refused\n$")

    def test_a_seed_and_its_update_go_in_and_what_does_not_run_is_refused(self):
        seed, more = self.file("seed.sql", SEED), self.file("more.sql", UPDATE)
        ran = self.run_import("--database-playground", seed, "--database-playground", more)
        self.assertEqual(ran.stdout, "2 added, 0 changed, 0 unchanged, 1 refused\n", ran.stderr)
        self.assertEqual(ran.returncode, 1)
        self.assertIn("seed.sql:5 (question 2, Odd)", ran.stderr)
        self.assertIn("no such column: absent", ran.stderr)
        documents = self.documents()
        self.assertEqual(list(documents), ["question-1"])
        self.assertIn("https://example.org/v", documents["question-1"])

    def test_of_a_seed_that_is_not_understood_there_is_nothing(self):
        seed = self.file("seed.sql", SEED)
        more = self.file("more.sql", "\n" + UPDATE.replace("= 1", "IN (1)"))
        ran = self.run_import("--database-playground", seed, "--database-playground", more)
        self.assertEqual((ran.returncode, ran.stdout), (1, ""))
        self.assertIn("more.sql:2: UPDATE of DP_QUESTIONS is only understood", ran.stderr)
        self.assertEqual(self.run_import("--database-playground", seed).stdout,
                         "2 added, 0 changed, 0 unchanged, 1 refused\n")

    def test_a_store_that_is_none_and_files_that_are_none_are_said(self):
        ran = self.run_import("--store", "nonsense:x", SHIPPED)
        self.assertEqual(ran.returncode, 1)
        self.assertIn("paddock questions: ", ran.stderr)
        missing = self.run_import(str(self.root / "missing"))
        self.assertEqual(missing.returncode, 1)
        self.assertIn("missing", missing.stderr)
        usage = subprocess.run([BINARY, "questions", "import", "--data-dir", "x", SHIPPED], capture_output=True,
                               text=True, timeout=TIME_MAX_S)
        self.assertEqual(usage.returncode, 2, usage.stderr)  # of --offline only


if __name__ == "__main__":
    unittest.main(verbosity=2)
