"""savepoint.mk in somebody's Makefile: goals, the guard, what stays untouched."""
import os
import shutil
import signal
import subprocess
import unittest

from harness import BIN, BUSY, CORRUPT, FAILED, GAPS, NOT_FOUND, REFUSED, USAGE, Case, dump

INCLUDE = "-include $(shell savepoint --print-makefile 2>/dev/null)\n"
RULES = """
SQL = sqlite3 -cmd ".timeout 20000" app.db
all:
\t@echo 'this is the default'
migrate:
\t$(SQL) "UPDATE t SET v = 'after'"
seed:
\t$(SQL) "CREATE TABLE seeds (v)"
deploy: migrate seed
\t$(SQL) "CREATE TABLE deployed (v)"
"""


class Make(Case):
    def setUp(self):
        super().setUp()
        self.write(".gitignore", "app.db*\n.env\n")
        self.write("code.txt", "before")
        self.write(".env", "A=before\n")
        self.database(script="CREATE TABLE t (v); INSERT INTO t VALUES ('before')", mode="delete")
        self.before = dump(self.root / "app.db")

    def makefile(self, text):
        self.write("Makefile", text)
        self.commit_all()

    def make(self, *words, expect=0, **options):
        done = self.command("make", *words, **options)
        self.assertEqual(done.code, expect, done.out + done.err)
        return done.out + done.err

    def fake(self, script):
        return f"SAVEPOINT_EXECUTABLE={self.fake_savepoint(script)}"

    def test_each_goal_does_what_its_name_says(self):
        self.makefile(INCLUDE + RULES)

        for goal in ("backup", "backup-db", "backup-code", "backup-config"):
            self.make(goal)

        self.assertEqual(self.triggers(), ["target:backup", "target:backup-db", "target:backup-code", "target:backup-config"])
        kinds = [{c["kind"] for c in one["components"]} for one in self.savepoint("list", "--json").json["snapshots"]][::-1]
        self.assertEqual(kinds, [{"code", "config", "database"}, {"database"}, {"code"}, {"config"}])
        self.assertIn("target:backup-code", self.make("backup-list"))
        self.assertIn("ok: 4 snapshots", self.make("backup-verify"))

    def test_restore_takes_the_snapshot_from_the_command_line(self):
        self.makefile(INCLUDE + RULES)
        self.make("backup")
        self.write("code.txt", "after")

        self.assertIn("no snapshot is named", self.make("restore", expect=2))
        self.assertIn("Error 3", self.make("restore", "SNAPSHOT=latest", expect=2))
        self.assertIn("Error 4", self.make("restore", "SNAPSHOT=never there", expect=2))
        self.assertIn("code.txt", self.make("restore", "SNAPSHOT=latest", "SAVEPOINT_FLAGS=--dry-run"))
        self.make("-n", "restore", "SNAPSHOT=latest", "SAVEPOINT_FLAGS=--yes")
        self.assertEqual((self.root / "code.txt").read_text(), "after")
        self.make("restore", "SNAPSHOT=latest", "SAVEPOINT_FLAGS=--yes")
        self.assertEqual((self.root / "code.txt").read_text(), "before")

    def test_a_blank_in_the_path_of_savepoint_takes_nothing_away(self):
        place = self.root.parent / "my tools"
        (place / "share/savepoint/templates").mkdir(parents=True)
        (place / "bin").mkdir()
        for name in ("bin/savepoint", "bin/savepoint-snapshot", "share/savepoint/templates/savepoint.mk"):
            shutil.copy(BIN.parent / name, place / name)
        self.makefile("SAVEPOINT_GUARD := migrate\n" + INCLUDE + RULES)

        self.make("migrate", env={"PATH": f"{place}/bin:{os.environ['PATH']}"})

        self.assertEqual(self.triggers(), ["target:migrate"])

    def test_one_snapshot_is_taken_before_all_guarded_goals(self):
        for include_last in (False, True):
            with self.subTest(include_last=include_last):
                guard = "SAVEPOINT_GUARD := migrate seed deploy\n" + INCLUDE
                self.makefile(RULES + guard if include_last else guard + RULES)
                count = len(self.triggers())

                self.make("-j4", "deploy", "seed")

                self.assertEqual(self.triggers()[count:], ["target:deploy"])
                self.assertNotEqual(dump(self.root / "app.db"), self.before)
                self.savepoint("restore", "latest", "--yes")
                self.assertEqual(dump(self.root / "app.db"), self.before)

    def test_nothing_a_guarded_goal_needs_is_made_before_the_snapshot_or_without_it(self):
        for text in ("SAVEPOINT_GUARD := deploy\n" + INCLUDE + RULES, RULES + "SAVEPOINT_GUARD := deploy\n" + INCLUDE,
                     "SAVEPOINT_GUARD := deploy\n" + INCLUDE + ".DEFAULT_GOAL := deploy\n" + RULES):
            self.makefile(text)
            goal = [] if "DEFAULT_GOAL" in text else ["deploy"]
            for options in ([], ["-j4"], ["-k"], ["-k", "-j4"], ["--no-print-directory", "NOT=quiet"]):
                said = self.make(*goal, *options, self.fake("exit 3"), expect=2)
                self.assertIn("Error 3", said)
                self.assertNotIn("sqlite3", said)
                self.assertEqual(dump(self.root / "app.db"), self.before)
                count = len(self.triggers())
                self.make(*goal, *options)
                self.assertEqual(self.triggers()[count:], ["target:deploy"])
                self.savepoint("restore", "latest", "--yes")
                self.assertEqual(dump(self.root / "app.db"), self.before)
            count = len(self.triggers())
            for options, code in ((["-n"], 0), (["-q"], 1), (["-t"], 0)):
                self.make(*goal, *options, expect=code)
            self.make("seed")
            self.assertEqual(len(self.triggers()), count)
            for name in ("all", "migrate", "seed", "deploy"):  # as -t leaves them
                (self.root / name).unlink(missing_ok=True)
            self.savepoint("restore", "latest", "--yes")

    def test_a_makefile_that_is_made_anew_is_no_way_around_the_snapshot(self):
        self.makefile("SAVEPOINT_GUARD := deploy\n" + INCLUDE + RULES + "-include deps.mk\ndeps.mk:\n\techo '# made' > $@\n")
        self.make("deploy", "-k", self.fake("exit 3"), expect=2)
        self.assertEqual(dump(self.root / "app.db"), self.before)
        (self.root / "deps.mk").unlink()
        self.make("deploy")
        self.savepoint("restore", "latest", "--yes")
        self.assertEqual(dump(self.root / "app.db"), self.before)

    def test_the_default_goal_stays_what_it_is(self):
        guard = "SAVEPOINT_GUARD := all\n"
        for text in (INCLUDE + RULES, RULES + INCLUDE, guard + INCLUDE + RULES, guard + INCLUDE + INCLUDE + RULES,
                     INCLUDE + RULES + ".DEFAULT_GOAL := all\n", ".DEFAULT_GOAL := all\n" + INCLUDE + "first:\n\tfalse\n" + RULES):
            self.makefile(text)
            self.assertIn("this is the default", self.make())

    def test_what_is_not_guarded_takes_none(self):
        self.makefile("SAVEPOINT_GUARD := migrate\n" + INCLUDE + RULES)
        self.make("seed")
        self.make("-n", "migrate")
        self.make("migrate", "SAVEPOINT=0")
        self.make("migrate", env={"SAVEPOINT": "0"})
        self.assertEqual(self.triggers(), [])
        self.make("migrate", "SAVEPOINT_GUARD_FLAGS=--only database")
        (one,) = self.savepoint("list", "--json").json["snapshots"]
        self.assertEqual([c["kind"] for c in one["components"]], ["database"])

    def test_a_file_is_not_made_anew_because_of_a_snapshot(self):
        self.makefile("SAVEPOINT_GUARD := made.txt\n" + INCLUDE + "made.txt: code.txt\n\tdate +%N > $@\n")
        self.make("made.txt")
        made = (self.root / "made.txt").read_text()
        self.assertIn("target:made.txt", self.triggers())

        self.make("made.txt")

        self.assertEqual((self.root / "made.txt").read_text(), made)

    def test_a_snapshot_that_fails_stops_the_guarded_goal_whatever_its_code(self):
        self.makefile("SAVEPOINT_GUARD := migrate\n" + INCLUDE + RULES)
        for code in (FAILED, USAGE, REFUSED, NOT_FOUND, BUSY, CORRUPT, GAPS):
            for goal, options in (("migrate", ["-k"]), ("deploy", ["-k", "-j4"]), ("backup", [])):
                said = self.make(goal, *options, self.fake(f"exit {code}"), expect=2)
                self.assertIn(f"Error {code}", said)
        self.assertNotIn("after", "".join(dump(self.root / "app.db")))
        self.make("migrate", self.fake("exit 0"))
        self.assertIn("after", "".join(dump(self.root / "app.db")))

    def test_signals_reach_savepoint_and_stop_the_guarded_goal(self):
        self.makefile("SAVEPOINT_GUARD := migrate\n" + INCLUDE + RULES)
        self.assertIn("Terminated", self.make("migrate", self.fake("kill -TERM $$"), expect=2))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            name = signal.Signals(number).name[3:]
            override = self.fake(f'trap "echo got {name}; exit 130" {name}; echo ready; while :; do sleep 0.05; done')
            process = subprocess.Popen(["make", "migrate", override], cwd=self.root, env=self.environment, text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
            while "ready" not in process.stdout.readline():
                self.assertIsNone(process.poll())
            os.killpg(process.pid, number)  # as a terminal does
            said = process.communicate(timeout=60)[0]
            self.assertIn(f"got {name}", said)
            self.assertNotEqual(process.returncode, 0)
        self.assertEqual(dump(self.root / "app.db"), self.before)

    def test_names_that_are_taken_are_given_another_beginning(self):
        self.makefile("SAVEPOINT_PREFIX := sp-\n" + INCLUDE + "backup:\n\t@echo mine\n")
        self.assertEqual(self.make("backup"), "mine\n")
        self.make("sp-backup")
        self.assertEqual(self.triggers(), ["target:backup"])

    def test_without_savepoint_nothing_is_guarded_and_nothing_breaks(self):
        self.makefile("SAVEPOINT_GUARD := migrate\n" + INCLUDE + RULES)
        self.assertEqual(self.make(env={"PATH": "/usr/bin:/bin"}), "this is the default\n")
        self.make("migrate", env={"PATH": "/usr/bin:/bin"})
        self.assertNotEqual(dump(self.root / "app.db"), self.before)
        self.assertEqual(self.triggers(), [])
        self.assertEqual(self.git("status", "--porcelain"), "")

    def test_an_installed_file_uses_the_executable_it_was_installed_with(self):
        prefix = self.top / "prefix"
        subprocess.run(["cmake", "--install", BIN.parent, "--prefix", prefix, "--strip"], check=True, stdout=subprocess.DEVNULL)
        self.makefile(INCLUDE.replace("savepoint --print", f"{prefix}/bin/savepoint --print") + RULES)
        self.assertIn(f"{prefix}/", self.make("-n", "backup", env={"PATH": "/usr/bin:/bin"}))
        self.make("backup", env={"PATH": "/usr/bin:/bin"})
        self.assertEqual(self.triggers(), ["target:backup"])

    def test_a_copy_of_the_file_will_do(self):
        shutil.copy(self.command("savepoint", "--print-makefile").out.strip(), self.root / "savepoint.mk")
        self.makefile("include savepoint.mk\n" + RULES)
        self.make("backup")
        self.assertEqual(self.triggers(), ["target:backup"])


if __name__ == "__main__":
    unittest.main()
