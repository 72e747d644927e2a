"""savepoint run: a snapshot, then a command with our terminal, our signals and its own exit code."""
import os
import pty
import shlex
import signal
import subprocess
import sys
import unittest

from harness import BIN, DONE, NOT_FOUND, REFUSED, USAGE, Case, describe_tree, dump


class Run(Case):
    def setUp(self):
        super().setUp()
        self.write("code.txt", "before")
        self.write(".gitignore", ".env\napp.db*\n")
        self.write(".env", "A=before\n")
        self.database(script="CREATE TABLE t (v); INSERT INTO t VALUES ('before')")
        self.commit_all()
        self.files, self.rows = self.files_now(), dump(self.root / "app.db")

    def files_now(self):
        tree = describe_tree(self.root)
        for name in [name for name in tree if name.startswith(b"app.db")]:
            del tree[name]
        return tree

    def run_with(self, *words, expect=DONE, **options):
        return self.savepoint("run", *words, expect=expect, **options)

    def program(self, name, text):
        path = self.top / "programs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    BREAK = ("echo broken > code.txt; rm .env; echo new > new.txt; "
             "sqlite3 app.db \"UPDATE t SET v = 'after'; CREATE TABLE more (x)\"; ")

    def test_the_output_and_the_exit_code_are_the_commands(self):
        done = self.run_with("--", "sh", "-c", "echo out; echo err >&2; exit 0")
        self.assertEqual(done.out, "out\n")
        self.assertIn("err\n", done.err)
        for code in (1, 7, 42, 255):
            self.run_with("--", "sh", "-c", f"exit {code}", expect=code)
        self.run_with("--", "sh", "-c", "kill -TERM $$", expect=128 + signal.SIGTERM)
        self.assertEqual(set(self.triggers()), {"run:sh"})

    def test_the_command_reads_our_input_and_our_environment_and_runs_where_we_are(self):
        (self.root / "sub").mkdir()
        done = subprocess.run([BIN / "savepoint", "run", "--", "sh", "-c", 'cat; echo "$MINE"; pwd'],
                              cwd=self.root / "sub", env=dict(self.environment, MINE="yours"), input="typed\n",
                              text=True, capture_output=True, check=True)
        self.assertEqual(done.stdout, f"typed\nyours\n{self.root / 'sub'}\n")

    def test_a_failure_says_how_to_come_back(self):
        failed = self.run_with("--", "sh", "-c", self.BREAK + "exit 3", expect=3)
        self.assertRegex(failed.err, r"failed with exit code 3; to put everything back: savepoint restore \w+")
        self.assertEqual((self.root / "code.txt").read_text(), "broken\n")
        snapshot = failed.err.split("savepoint restore ")[1].split()[0]
        self.savepoint("restore", snapshot, "--with-config", "--yes")
        self.assertEqual(self.files_now(), self.files)
        self.assertEqual(dump(self.root / "app.db"), self.rows)

    def test_databases_alone_are_offered_only_where_the_snapshot_has_any(self):
        (self.root / "manage.py").write_text("raise SystemExit(1)\n")
        migrate = ("run", "--", "python3", "manage.py", "migrate")
        self.assertIn("only the databases: savepoint restore", self.savepoint(*migrate, expect=1).err)
        (self.root / "app.db").unlink()
        self.assertNotIn("only the databases", self.savepoint(*migrate, expect=1).err)

    def test_with_restore_on_failure_everything_is_as_before(self):
        failed = self.run_with("--restore-on-failure", "--", "sh", "-c", self.BREAK + "exit 5", expect=5)
        self.assertIn("putting everything back", failed.err)
        self.assertEqual(self.files_now(), self.files)
        self.assertEqual(dump(self.root / "app.db"), self.rows)
        self.savepoint("undo", "--yes")
        self.assertEqual((self.root / "code.txt").read_text(), "broken\n")

    def test_where_the_repository_is_gone_it_says_what_still_works(self):
        failed = self.run_with("--restore-on-failure", "--", "sh", "-c", "rm -rf .git; echo broken > code.txt; exit 5", expect=None)
        words = shlex.split(failed.err.split("savepoint --store ")[1].split(" --to DIR")[0])
        self.savepoint("--store", *words, "--to", self.top / "out")
        self.assertEqual((self.top / "out/code.txt").read_text(), "before")

    def test_databases_are_looked_for_as_the_command_sees_them(self):
        url = "postgres://u:hunter2@127.0.0.1:1/"
        self.write(".env", f"DATABASE_URL={url}shop\n")
        for words, name in (([], "shop"), (["env", f"DATABASE_URL={url}other"], "other")):
            taken = self.run_with("--", *words, "true")
            self.assertIn(f"left out '{name}'", taken.err)
        # where the store is has nothing to do with it
        self.run_with("--", "env", f"HOME={self.top / 'elsewhere'}", f"SAVEPOINT_STORE={self.top / 'elsewhere'}", "true")
        self.assertFalse((self.top / "elsewhere").exists())

    def test_with_restore_on_failure_a_success_stays(self):
        self.run_with("--restore-on-failure", "--", "sh", "-c", self.BREAK + "exit 0")
        self.assertEqual((self.root / "code.txt").read_text(), "broken\n")

    def test_only_a_part(self):
        self.run_with("--only", "database", "--restore-on-failure", "--", "sh", "-c", self.BREAK + "exit 1", expect=1)
        self.assertEqual(dump(self.root / "app.db"), self.rows)
        self.assertEqual((self.root / "code.txt").read_text(), "broken\n")

    def test_json_is_one_document_and_the_command_speaks_on_stderr(self):
        failed = self.run_with("--json", "--restore-on-failure", "--", "sh", "-c", "echo said; exit 4", expect=4)
        self.assertEqual((failed.json["exit_code"], failed.json["restored"], failed.json["label"]), (4, True, "sh"))
        self.assertIn("said", failed.err)
        quiet = self.run_with("--quiet", "--", "true")
        self.assertRegex(quiet.out, r"\A\d{8}-\d{6}-\w+\n\Z")

    def test_migrations_are_known_by_name_and_no_secret_is_kept(self):
        programs = {name: self.program(name, "#!/bin/sh\nexit 0\n")
                    for name in ("npx", "prisma", "knex", "goose", "alembic", "bundle", "manage.py")}
        where = {"PATH": f"{self.top / 'programs'}:{self.environment['PATH']}"}
        for words, label in (
                (["npx", "prisma", "migrate", "dev", "--name", "add-users"], "prisma migrate dev"),
                (["npx", "prisma@5", "db", "push", "--accept-data-loss"], "prisma db push"),
                (["prisma", "generate"], "prisma"),
                (["knex", "migrate:latest"], "knex migrate:latest"),
                (["goose", "postgres", "user=me password=hunter2", "up"], "goose postgres"),
                (["alembic", "upgrade", "head"], "alembic upgrade head"),
                (["bundle", "exec", "rails", "db:migrate"], "rails db:migrate"),
                ([str(programs["manage.py"]), "migrate"], "django migrate"),
                (["env", "DATABASE_URL=postgres://u:hunter2@h/d", "npx", "prisma", "migrate", "reset"],
                 "prisma migrate reset")):
            self.run_with("--", *words, env=where)
            self.assertEqual(self.triggers()[-1], f"run:{label}")
        self.run_with("--label", "before release", "--", "true")
        self.assertEqual(self.triggers()[-1], "run:before release")
        self.assertEqual(self.command("grep", "-r", "hunter2", self.store).code, 1)

    def test_what_cannot_be_run_is_said_before_anything_is_done(self):
        self.assert_error(self.run_with(expect=USAGE), USAGE, "no command")
        self.assert_error(self.run_with("--", "no-such-program", expect=NOT_FOUND), NOT_FOUND, "no-such-program")
        self.assert_error(self.run_with("--only", "nonsense", "--", "true", expect=USAGE), USAGE)
        self.assert_error(self.run_with("--only", "", "--", "true", expect=USAGE), USAGE)
        self.assert_error(self.run_with("--label", "", "--", "true", expect=USAGE), USAGE, "empty")
        self.assert_error(self.run_with("--label", "two\nlines", "--", "true", expect=USAGE), USAGE)
        self.assertFalse(self.store.exists())

    def test_a_protected_database_is_not_put_back_by_itself(self):
        production = {"NODE_ENV": "production"}
        failed = self.run_with("--restore-on-failure", "--", "sh", "-c", self.BREAK + "exit 1", expect=REFUSED,
                               env=production)
        self.assert_error(failed, REFUSED, "app.db")
        self.run_with("--restore-on-failure", "--confirm", "app.db", "--", "sh", "-c", "echo again > code.txt; exit 1",
                      expect=1, env=production)

    def test_what_is_typed_reaches_the_command_and_only_it(self):
        program = self.program("waits", f"#!{sys.executable}\n"
                               "import os, signal\n"
                               "def stop(*_):\n    os.write(1, b'stopped')\n    os._exit(9)\n"
                               "signal.signal(signal.SIGINT, stop)\n"
                               "signal.signal(signal.SIGTERM, stop)\n"
                               "os.write(1, b'ready')\n"
                               "signal.pause()\n")
        for how in ("typed", "sent"):
            child, terminal = pty.fork()
            if child == 0:
                os.chdir(self.root)
                os.execve(BIN / "savepoint", ["savepoint", "run", "--restore-on-failure", "--", str(program)],
                          self.environment)
            seen = b""
            while b"ready" not in seen:
                seen += os.read(terminal, 1000)
            if how == "typed":
                os.write(terminal, b"\x03")
            else:
                os.kill(child, signal.SIGTERM)
            try:
                while piece := os.read(terminal, 1000):
                    seen += piece
            except OSError:
                pass  # the terminal is gone with its last user
            _, status = os.waitpid(child, 0)
            self.assertEqual(os.waitstatus_to_exitcode(status), 9, seen)
            self.assertIn(b"stopped", seen)
            self.assertIn(b"failed with exit code 9", seen)


if __name__ == "__main__":
    unittest.main()
