"""The page as people use it: each action in a real Chromium, by mouse and by keys, and what must never happen there.

The browser is driven by tests/ui/scenarios.mjs; here is the project it looks at, and what came of it. SAVEPOINT_SCREENSHOTS names
a directory for pictures."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))
from harness import BIN, dump  # noqa: E402
from test_ui import UiCase  # noqa: E402

XSS = "<img src=x onerror=\"window.stolen=1\">.txt"


class Page(UiCase):
    @classmethod
    def setUpClass(cls):
        cls.chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        if cls.chromium is None or shutil.which("npm") is None:
            raise AssertionError("chromium or npm is not installed; './dev test --long' does that")
        cls.tools = pathlib.Path(tempfile.mkdtemp(prefix="savepoint-ui-"))
        cls.addClassCleanup(shutil.rmtree, cls.tools)
        for name in ("package.json", "package-lock.json", "scenarios.mjs"):
            shutil.copy(HERE / name, cls.tools)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=cls.tools, check=True, stdout=subprocess.DEVNULL)

    def play(self, scenario, **more):
        """Runs a scenario in a browser that has opened the page; what it returns."""
        given = {"url": self.url, "port": self.port, "chromium": self.chromium, "root": str(self.root), **more}
        environment = {**os.environ, "SCENARIO": scenario, "GIVEN": json.dumps(given)}
        done = subprocess.run(["node", "scenarios.mjs"], cwd=self.tools, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=180)
        self.assertEqual(done.returncode, 0, f"{scenario}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}")
        return json.loads(done.stdout.splitlines()[-1])

    def slow_database(self):
        """A database whose dump waits until somebody writes to the gate: at the end of the test."""
        gate = self.top / "gate"
        os.mkfifo(gate)
        self.write("savepoint.json", json.dumps({"databases": [{"name": "slow", "dump": "cat ../gate"}]}))
        self.savepoint("trust", "--yes")

        def release():
            os.close(os.open(gate, os.O_RDWR))
        self.addCleanup(release)

    def history(self):
        """Three snapshots on two branches."""
        first = self.snapshot("-m", "the first one", "--tag", "start")
        self.write("code.txt", "second")
        self.write("src/new.txt", "new")
        self.database("app.db", "insert into people values ('c');")
        second = self.snapshot("-m", "the second one")
        self.git("switch", "-q", "-c", "feature/login")
        self.commit_all()
        self.write("code.txt", "third")
        return [first, second, self.snapshot("-m", "on a branch", "--pin")]


class Looking(Page):
    def test_the_timeline_shows_what_there_is(self):
        self.history()
        self.start()
        seen = self.play("timeline")
        self.assertEqual(seen["titles"], ["on a branch", "the second one", "the first one"])
        self.assertIn("feature/login", seen["text"])
        self.assertIn("pinned", seen["text"])
        self.assertIn("start", seen["text"])

    def test_details_files_and_changes(self):
        self.history()
        self.start()
        seen = self.play("details")
        self.assertIn("people", seen["overview"])
        self.assertEqual(seen["root"], ["src/", "code.txt"])  # a database is no file
        self.assertEqual(seen["inside"], ["new.txt"])
        self.assertIn("src/new.txt", seen["changes"])
        self.assertIn("people", seen["changes"])
        self.assertIn("+1", seen["changes"])

    def test_a_note_is_shown_as_a_terminal_shows_it_and_edited_as_it_is(self):
        self.snapshot("-m", "one\\two\x1b[31m\nthe second line\ttab")
        self.start()
        seen = self.play("note")
        self.assertEqual(seen["titles"], ["one\\\\two\\x1b[31m"])
        self.assertIn("one\\\\two\\x1b[31m\\nthe second line\\ttab", seen["overview"])
        [noted] = self.savepoint("list", "--json").json["snapshots"]
        self.assertEqual(noted["note"], "one\\two\x1b[31m\nthe second line\ttab, and more")

    def test_any_two_are_compared_and_one_with_now(self):
        self.history()
        self.write("made-now.txt", "now")
        self.start()
        seen = self.play("compare")
        self.assertIn("made-now.txt", seen["now"])
        self.assertIn("src/new.txt", seen["picked"])

    def test_everything_is_reached_by_keys(self):
        self.history()
        self.start()
        seen = self.play("keys")
        self.assertEqual(seen["selected"], ["on a branch", "the second one", "the first one", "the second one"])
        self.assertEqual(seen["filtered"], ["the first one"])
        self.assertIn("take a snapshot", seen["help"])
        self.assertEqual(seen["dialogs"], ["Take a snapshot", "Restore “the first one”", "Undo the last restore", "Give it a tag", "What is it for?", "Delete “the first one”"])

    def test_space_and_health(self):
        self.history()
        self.start()
        seen = self.play("views")
        self.assertIn("3 snapshots", seen["space"])
        self.assertTrue(seen["plotted"])
        self.assertIn("last verified", seen["health"])
        self.assertIn("are whole", seen["verified"])

    def test_no_accessibility_fault_is_serious(self):
        self.history()
        self.start()
        for scheme in ("light", "dark"):
            self.assertEqual(self.play("accessibility", scheme=scheme, pictures=os.environ.get("SAVEPOINT_SCREENSHOTS"))["faults"], [])

    def test_it_fits_a_phone(self):
        self.history()
        self.start()
        seen = self.play("phone", pictures=os.environ.get("SAVEPOINT_SCREENSHOTS"))
        self.assertEqual(seen["wider"], [])


class Doing(Page):
    def test_a_snapshot_is_taken_pinned_tagged_noted_and_deleted(self):
        self.history()
        self.write("code.txt", "fourth")
        self.start()
        self.play("marks")
        newest, *rest = self.savepoint("list", "--json").json["snapshots"]
        self.assertEqual((newest["note"], newest["tags"], newest["pinned"]), ("changed by hand", ["by-hand", "more"], True))
        self.assertEqual([one["note"] for one in rest], ["on a branch", "the first one"])

    def test_a_restore_is_planned_confirmed_watched_and_undone(self):
        self.history()
        self.start()
        seen = self.play("restore")
        self.assertIn("code.txt", seen["plan"])
        self.assertIn("app.db", seen["plan"])
        self.assertEqual(seen["restored"], "first")
        self.assertEqual(seen["undone"], "third")

    def test_a_protected_database_needs_its_name_typed(self):
        database = self.database("production.sqlite3", "create table t (a); insert into t values (1);")
        self.history()
        self.database("production.sqlite3", "delete from t")
        self.start()
        seen = self.play("protected")
        self.assertEqual(seen["enabled"], [False, False, True])
        self.assertIn("INSERT INTO \"t\" VALUES(1);", dump(database))

    def test_what_changes_behind_the_page_appears(self):
        self.history()
        self.start()
        self.write("code.txt", "by a hook")
        self.environment["SAVEPOINT_STORE"] = str(self.store)
        seen = self.play("behind", command=[str(self.server.args[0]), "-C", str(self.root), "--store", str(self.store), "snapshot", "-m", "behind its back"])
        self.assertEqual(seen["first"], "behind its back")

    def interrupted(self):
        """A restore that was killed half way."""
        for number in range(100):
            self.write(f"d/{number}", f"then {number}")
        first = self.history()[0]
        for number in range(100):
            self.write(f"d/{number}", f"now {number}")
        self.command(BIN / "fault_at", self.top / "report", "kill", "60", "0", "rename", BIN / "savepoint", "restore", first, "--yes")
        self.assertIsNotNone(self.savepoint("status", "--json").json["recovery"])

    def test_an_interrupted_restore_is_shown_and_finished(self):
        self.interrupted()
        self.start()
        self.play("recover")
        self.assertIsNone(self.savepoint("status", "--json").json["recovery"])
        self.assertEqual((self.root / "d/99").read_text(), "then 99")

    def test_a_recovery_that_is_done_meanwhile_is_not_due_any_more(self):
        self.interrupted()
        self.start()
        seen = self.play("recovered", command=[str(BIN / "savepoint"), "-C", str(self.root), "--store", str(self.store), "recover", "--continue", "--yes"])
        self.assertIn("no recovery is due any more", seen["plan"])
        self.assertFalse(seen["enabled"])

    def test_of_a_command_that_was_killed_it_is_said_that_nobody_knows(self):
        self.slow_database()
        self.start()
        seen = self.play("killed", server=self.server.pid)
        self.assertIn("signal 9", seen["said"])
        self.assertIn("It is not known whether anything was changed.", seen["said"])
        self.assertIn("savepoint status", seen["said"])


class Keeping(Page):
    def test_a_name_is_never_taken_for_markup(self):
        self.write(XSS, "x")
        self.write(f"{XSS}.d/inner", "x")
        self.database("<script>window.stolen=1</script>.db", "create table \"<img src=x onerror=window.stolen=1>\" (a);")
        self.snapshot("-m", f"{XSS}", "--tag", "<b>tag", "--trigger", "<i>trigger")
        self.write(XSS, "y, and more")
        self.snapshot("-m", f"</script>{XSS}")
        self.start()
        seen = self.play("names")
        self.assertFalse(seen["stolen"])
        self.assertEqual(seen["images"], 0)
        self.assertIn(XSS, seen["text"])

    def test_nobody_else_gets_in(self):
        self.history()
        self.start()
        before = self.triggers()
        seen = self.play("doors")
        self.assertEqual(seen["without"], 403)
        self.assertEqual(seen["rebound"], 421)
        # Another site of this machine is the same site to a browser, so its requests have the cookie.
        self.assertEqual(seen["answers"], {"read": [403, 403], "posted": [403]})
        self.assertEqual(seen["learnt"], [])
        self.assertEqual(seen["framed"], ["chrome-error://chromewebdata/"])
        self.assertEqual(seen["run"], "refused")
        self.assertEqual(self.triggers(), before)

    def test_nothing_is_asked_of_any_other_machine(self):
        self.history()
        self.start()
        seen = self.play("names")
        self.assertEqual(seen["outside"], [])

    def test_a_server_that_ended_is_said(self):
        self.history()
        self.start()
        seen = self.play("dead", server=self.server.pid)
        self.assertIn("has ended", seen["banner"])

    def test_ten_thousand_snapshots_do_not_freeze_it(self):
        self.history()
        self.start()
        seen = self.play("many", count=10_000)
        self.assertLess(seen["rows"], 80)
        self.assertEqual(seen["total"], 10_000)
        self.assertIn("number 1", seen["last"])


if __name__ == "__main__":
    unittest.main()
