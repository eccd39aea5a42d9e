"""The real binary with good and bad configurations: what it says, where it exits, what it passes on.

usage: config_test.py PADDOCK_BINARY [unittest arguments]

Most of it needs nothing; the cases of `paddock serve` by root say so when they skip.
"""
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from paddock import Paddock, why_not

BINARY = os.path.abspath(sys.argv[1])
SECRET = "s3cret-of-the-test"


class BinaryTest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="paddock-config-"))
        self.root.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.root)

    def write(self, text, name="paddock.toml", mode=0o600):
        path = self.root / name
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    def run_paddock(self, *words, **variables):
        """Never a configuration of the machine that the tests run on."""
        environment = {"PATH": os.environ["PATH"], "PADDOCK_CONFIG": "/dev/null", **variables}
        done = subprocess.run([BINARY, *words], env=environment, capture_output=True, text=True, timeout=60)
        self.assertNotIn(SECRET, done.stdout + done.stderr)
        return done

    def refused(self, *words, **variables):
        """The lines on standard error of a run that starts nothing."""
        done = self.run_paddock(*words, **variables)
        self.assertEqual(done.returncode, 2, done.stderr)
        return done.stderr.splitlines()


class ConfigTest(BinaryTest):
    def test_each_verb_refuses_a_bad_file_with_place_and_status_2(self):
        path = self.write('listen = "127.0.0.1:0"\nid-base = "many"\ndata-dirr = "/x"\n')
        expected = [f"{path}:2: id-base: must be a whole number, without quotes",
                    f"{path}:3: data-dirr: there is no such option: did you mean 'data-dir'?"]
        for words in (["serve"], ["node"], ["stop", "--all"], ["config", "--check"]):
            with self.subTest(verb=words[0]):
                self.assertEqual(self.refused(*words, "--config", path)[:2], expected)

    def test_a_file_that_is_no_toml_is_refused_with_line_and_column(self):
        path = self.write('guests = true\nuser = = "x"\n')
        self.assertRegex(self.refused("serve", "--config", path)[0], f"^{re.escape(path)}:2:8: ")

    def test_a_file_that_is_missing_is_refused_by_name(self):
        path = str(self.root / "missing.toml")
        self.assertEqual(self.refused("serve", PADDOCK_CONFIG=path)[0],
                         f"cannot read {path}: No such file or directory")

    def test_check_says_all_that_is_wrong_at_once(self):
        path = self.write('memory-max-mib = 1\n[oidc]\nissuer = "x"\n')
        lines = self.refused("config", "--check", "--config", path, "--tls-key", "key.pem",
                             PADDOCK_USER_RATE="fast", PADDOCK_LISTEN="0.0.0.0:80")
        text = "\n".join(lines)
        for part in (f"{path}:1: memory-max-mib: must be between 32 and 4194304",
                     f"{path}:2: oidc: is a table", "PADDOCK_USER_RATE: must be a number",
                     "--tls-key: needs tls-certificate too, which is missing",
                     "PADDOCK_LISTEN: other hosts reach 0.0.0.0: add --guests on"):
            self.assertIn(part, text)
        self.assertEqual(lines[-1], "paddock config: 5 to mend")

    def test_check_of_a_good_configuration_is_status_0(self):
        done = self.run_paddock("config", "--check", "--config", self.write("guests = false\n"))
        self.assertEqual((done.returncode, done.stdout), (0, "the configuration is in order\n"))

    def test_values_are_shown_with_their_sources(self):
        path = self.write('data-dir = "/srv/paddock"\nguests = false\n')
        done = self.run_paddock("config", "--config", path, "--user-rate", "2", PADDOCK_GUESTS="on")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"configuration: {path}\n", done.stdout)
        rows = {words[0]: words[1:] for words in map(str.split, done.stdout.splitlines()) if words}
        self.assertEqual(rows["data-dir"], ["/srv/paddock", f"{path}:1"])
        self.assertEqual(rows["guests"], ["on", "PADDOCK_GUESTS"])
        self.assertEqual(rows["user-rate"], ["2", "--user-rate"])
        self.assertEqual(rows["run-dir"], ["/run/paddock", "default"])

    def test_secrets_are_shown_as_set_from_every_source(self):
        secret = self.write(SECRET + "\n", "secret")
        path = self.write(f'oidc-client-secret = "{SECRET}"\nstore = "postgres://u:{SECRET}@h/d"\n')
        identity = ["--oidc-issuer", "https://login.example", "--oidc-client-id", "paddock"]
        for words, variables, source in (
                (["--config", path], {}, f"{path}:1"),
                ([], {"PADDOCK_OIDC_CLIENT_SECRET": SECRET}, "PADDOCK_OIDC_CLIENT_SECRET"),
                (["--oidc-client-secret", SECRET], {}, "--oidc-client-secret"),
                (["--oidc-client-secret-file", secret], {}, "oidc-client-secret-file")):
            with self.subTest(source=source):
                done = self.run_paddock("config", *identity, *words, **variables)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertRegex(done.stdout, rf"\noidc-client-secret +\(set\) +{re.escape(source)}")
        done = self.run_paddock("config", *identity, "--config", path)
        self.assertIn("postgres://u:***@h/d", done.stdout)

    def test_secrets_are_in_no_error(self):
        for text in (f'oidc-client-secret = {SECRET}', f'oidc-client-secret = ["{SECRET}"]',
                     f'store = "mysql://u:{SECRET}@h/d"', f'oidc-client-secret = "{SECRET}'):
            for words in (["config"], ["serve"]):
                self.assertTrue(self.refused(*words, "--config", self.write(text + "\n")))
        open_to_all = self.write(f'oidc-client-secret = "{SECRET}"\n', mode=0o644)
        self.assertIn("chmod o=", self.refused("serve", "--config", open_to_all)[0])
        secret = self.write(SECRET, "secret", mode=0o644)
        self.assertIn("chmod o=", self.refused("serve", "--store-file", secret)[0])

    def test_a_public_address_is_refused_until_both_things_are_said(self):
        public = ["serve", "--listen", "0.0.0.0:0"]
        self.assertIn("--tls-certificate", self.refused(*public, "--guests", "off")[0])
        self.assertIn("--guests on", self.refused(*public, "--trusted-proxies", "10.0.0.1")[0])

    def test_an_unknown_variable_is_a_warning_of_config(self):
        done = self.run_paddock("config", "--check", PADDOCK_GUEST="on")
        self.assertEqual(done.returncode, 0)
        self.assertIn("PADDOCK_GUEST: no option is read from this variable: did you mean 'guests'?",
                      done.stderr)

    def test_the_printed_example_is_a_good_configuration(self):
        example = self.run_paddock("config", "--example")
        done = self.run_paddock("config", "--check", "--config", self.write(example.stdout))
        self.assertEqual((example.returncode, done.returncode), (0, 0), done.stderr)

    def test_stop_without_all_says_that_it_is_missing(self):
        self.assertIn("--all is missing", self.refused("stop")[0])


@unittest.skipIf(os.geteuid() != 0, "needs root")
class ServeAsRootTest(BinaryTest):
    """What only root meets: a server that is another user."""

    def serve(self, path, *words):
        return self.run_paddock("serve", "--user", "nobody", "--data-dir", str(self.root / "data"), "--run-dir",
                                str(self.root / "run"), "--config", path, *words)

    def test_a_file_that_the_server_may_not_read_is_named_with_the_command_that_mends_it(self):
        done = self.serve(self.write("guests = true\n", mode=0o600))
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"paddock serve: config: the server runs as 'nobody', which may not read {self.root}",
                      done.stderr)
        command = done.stderr.splitlines()[1].strip()
        subprocess.run(command, shell=True, check=True)
        again = subprocess.run(["setpriv", "--reuid", "nobody", "--regid", str(pwd.getpwnam("nobody").pw_gid),
                                "--clear-groups", "cat", str(self.root / "paddock.toml")], check=False)
        self.assertEqual(again.returncode, 0, command)

    def test_a_folder_in_the_way_is_named(self):
        folder = self.root / "private"
        folder.mkdir(mode=0o700)
        done = self.serve(self.write("guests = true\n", "private/paddock.toml", mode=0o644))
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"may not enter {folder}", done.stderr)

    def test_a_secret_file_that_the_server_may_not_read_is_named(self):
        secret = self.write(f"postgres://u:{SECRET}@h/d", "store-url", mode=0o600)
        done = self.serve(self.write(f'store-file = "{secret}"\n', mode=0o644))
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"store-file: the server runs as 'nobody', which may not read {secret}", done.stderr)


@unittest.skipIf(why_not() is not None, why_not())
class WholeTest(unittest.TestCase):
    """Server and node from one file and the environment."""

    def test_both_processes_take_their_options_from_the_file(self):
        root = pathlib.Path(tempfile.mkdtemp(prefix="paddock-config-"))
        self.addCleanup(shutil.rmtree, root)
        root.chmod(0o755)
        file = root / "paddock.toml"
        file.write_text('sandboxes-per-user = 1\nnode-sandboxes-max = 1\nid-base = 1610612736\n'
                        'memory-max-mib = 300\n')
        paddock = Paddock(BINARY, "--config", str(file))
        self.addCleanup(paddock.destroy)
        client = paddock.client()
        refused = client.ask("POST", "/api/v1/sandboxes", {"limits": {"memory_bytes": 301 << 20}})
        self.assertEqual(refused.status, 400, refused.body)
        sandbox = client.create(image="base")
        map_of_ids = client.exec(sandbox, "cat /proc/self/uid_map")["stdout"]
        self.assertEqual(map_of_ids.split()[1], "1610612736")
        paddock.kill_child("serve")
        paddock.kill_child("node")
        self.assertEqual(client.ask("POST", "/api/v1/sandboxes", {}).status, 429)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
