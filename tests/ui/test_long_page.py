"""The page as people use it: each action in a real Chromium, by mouse and by keys, and what must never happen there."""
import os
import unittest

from page import Page
from harness import BIN, dump

XSS = "<img src=x onerror=\"window.stolen=1\">.txt"


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
        self.assertRegex(seen["contents"], r"(?s)new\.txt.*3 B.*\bnew$")
        self.assertEqual(seen["focus"], "files")
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

    def test_the_timeline_is_drawn_beside_the_history_of_git(self):
        self.snapshot("-m", "base", "--tag", "kept")
        self.git("switch", "-q", "-c", "feature")
        self.write("f.txt", "f")
        self.commit_all("on feature")
        self.snapshot("-m", "of feature")
        self.git("switch", "-q", "main")
        self.write("m.txt", "m")
        self.commit_all("on main")
        self.snapshot("-m", "of main")
        self.git("merge", "-q", "--no-ff", "-m", "the merge", "feature")
        self.snapshot("-m", "of the merge", "--tag", "kept")
        self.write("code.txt", "after")
        self.commit_all("not saved")
        self.start()
        seen = self.play("graph")
        rows = [(row["title"], [commit["text"].split(" ", 1)[1] for commit in row["commits"]]) for row in seen["whole"]]
        self.assertEqual(rows, [("of the merge", ["HEAD main not saved", "the merge"]), ("of main", ["on main"]), ("of feature", ["feature on feature"]), ("base", ["all"])])
        self.assertTrue(seen["whole"][0]["commits"][0]["isAbove"])
        self.assertEqual(seen["whole"][0]["commits"][1]["out"], 2)  # a merge comes from two
        self.assertEqual(seen["whole"][3]["into"], 2)  # two branches come from here
        self.assertEqual([(row["title"], [commit["out"] for commit in row["commits"]]) for row in seen["filtered"]], [("of the merge", [1]), ("base", [0])])

    def test_the_contents_of_files_that_differ_are_shown(self):
        self.write("code.txt", "one\ntwo\nthree\n")
        self.write("image", b"\0\1")
        self.write("latin", b"caf\xe9\n")
        self.write("settings/.env", "PASSWORD=secret\n")
        self.commit_all()  # what git tracks is code
        self.snapshot()
        self.write("code.txt", "one\n\t2 <b>\x1b\nthree\n")
        self.write("image", b"\0\2")
        self.write("latin", b"caf\xe9 \xe2\x80\xae\n")
        self.write("long.txt", "".join(f"line {n}\n" for n in range(5000)))
        self.write("settings/.env", "PASSWORD=secret\nMORE=secret\n")
        self.snapshot()
        self.write("code.txt", "now")
        self.start()
        seen = self.play("contents")
        self.assertEqual(seen["lines"], [["hunk", "", "", "@@ -1,3 +1,3 @@"], ["same", "1", "1", " one"], ["minus", "2", "", "-two"],
                                         ["plus", "", "2", "+\t2 <b>\\x1b"], ["same", "3", "3", " three"]])
        self.assertIn("It is no text. 2 B before, 2 B after.", seen["others"]["image"])
        self.assertIn("+caf\\xe9 \\u{202e}", seen["others"]["latin"])  # a line that is no UTF-8
        self.assertIn("3,001 more lines", seen["others"]["long.txt"])
        self.assertEqual(seen["all"], 5001)
        self.assertNotIn("secret", seen["others"]["settings/.env"])
        self.assertIn("not shown", seen["others"]["settings/.env"])
        self.assertIn("code.txt", seen["steps"][0])
        self.assertIn("image", seen["steps"][1])
        self.assertIn("+now", seen["now"])

    def test_the_rows_that_differ_are_compared_when_somebody_asks(self):
        self.database("app.db", "drop table people; create table people (id integer primary key, name); insert into people values (1, 'a'), (2, 'b');")
        self.snapshot()
        self.database("app.db", "delete from people where id = 1; update people set name = 'B' where id = 2; insert into people values (3, '<i>');")
        self.snapshot()
        self.database("app.db", "insert into people values (4, 'now')")
        self.start()
        seen = self.play("rows")
        self.assertEqual(seen["between"], [["", "id", "name"], ["−", "1", "'a'"], ["−", "2", "'b'"], ["+", "2", "'B'"], ["+", "3", "'<i>'"]])
        self.assertEqual(seen["now"], [["", "id", "name"], ["+", "4", "'now'"]])
        self.assertIn("1 new", seen["counts"])

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
            self.assertEqual(self.play("accessibility", scheme=scheme)["faults"], [])

    def test_it_fits_a_phone(self):
        self.history()
        folder = "/".join(f"part{number}" for number in range(20))
        self.write(f"{folder}/name.txt", "then")
        self.snapshot("-m", "deep down", "--tag", "a-long-tag" * 12)
        self.write(f"{folder}/name.txt", "now")
        self.start()
        seen = self.play("phone")
        self.assertEqual(seen["wider"], [])
        self.assertEqual(seen["ends"], ["name.txt", "name.txt"])


class Doing(Page):
    def test_a_snapshot_is_taken_pinned_tagged_noted_and_deleted(self):
        self.history()
        self.write("code.txt", "fourth")
        self.start()
        self.play("marks")
        newest, *rest = self.savepoint("list", "--json").json["snapshots"]
        self.assertEqual((newest["note"], newest["tags"], newest["pinned"]), ("changed by hand", ["more"], True))
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
        name = "production\\1.sqlite3"
        database = self.database(name, "create table t (a); insert into t values (1);")
        self.history()
        self.database(name, "delete from t")
        self.start()
        seen = self.play("protected", name="production\\\\1.sqlite3")  # as it is to be read there
        self.assertEqual(seen["enabled"], [False, False, True])
        self.assertIn("INSERT INTO \"t\" VALUES(1);", dump(database))

    def test_what_changes_behind_the_page_appears(self):
        self.history()
        self.start()
        self.write("code.txt", "by a hook")
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

    def test_what_is_at_work_is_stopped(self):
        self.start()
        self.slow_database()
        seen = self.play("stopped")
        self.assertIn("stopped on request", seen["said"])
        self.assertIn("Nothing was changed.", seen["said"])
        self.assertEqual(self.triggers(), [])

    def test_what_is_at_work_is_seen_and_stopped_after_a_reload(self):
        self.start()
        self.slow_database()
        self.assertIn("Nothing was changed.", self.play("atWork")["said"])
        self.assertEqual(self.triggers(), [])

    def test_of_a_command_that_was_killed_it_is_said_that_nobody_knows(self):
        self.start()
        self.slow_database()
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
        self.assertEqual(seen["cookies"], [])
        self.assertEqual(seen["shown"], f"http://127.0.0.1:{self.port}/")
        self.assertNotIn("the first one", seen["without"])
        self.assertNotIn(str(self.root), seen["without"])
        self.assertEqual(seen["rebound"], 421)
        # Another server of this machine is the same site to a browser.
        self.assertTrue(seen["noted"])
        self.assertNotIn(self.token, "".join(seen["noted"]))
        self.assertEqual(seen["answers"], {"read": [403, 403], "posted": [403]})
        self.assertEqual(seen["learnt"], [])
        self.assertEqual(seen["framed"], ["chrome-error://chromewebdata/"])
        self.assertEqual(seen["run"], "refused")
        self.assertEqual(self.triggers(), before)

    def test_a_tab_is_loaded_anew_and_takes_the_address_of_another_run(self):
        self.history()
        self.start()
        self.assertEqual(self.play("address")["shown"], f"http://127.0.0.1:{self.port}/")

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


if __name__ == "__main__":
    unittest.main()
