"""What must not slip away while the page is open: the selection, how something ended, what others did meanwhile."""
import json
import pathlib
import unittest

from page import Page
from harness import BIN


class Lasting(Page):
    def play(self, scenario, **more):
        command = [str(BIN / "savepoint"), "-C", str(self.root), "--store", str(self.store)]
        return super().play(scenario, command=command, gate=str(self.top / "gate"), **more)

    def test_the_selection_and_the_view_stay_when_the_list_changes(self):
        made = self.command(BIN / "many_snapshots", self.root, "450")
        self.assertEqual(made.code, 0, made.err)
        self.start()
        seen = self.play("selection")
        self.assertEqual(seen["selected"], ["number 2", "number 2", "number 2", "number 2", "number 1", "from elsewhere"])
        self.assertEqual(seen["scrolled"], 0)

    def test_a_key_that_is_held_compares_where_it_comes_to_rest(self):
        made = self.command(BIN / "many_snapshots", self.root, "40")
        self.assertEqual(made.code, 0, made.err)
        self.start()
        seen = self.play("held")
        self.assertEqual(seen["selected"], "number 10")
        self.assertLess(seen["asked"], 8)  # of 30

    def test_of_a_job_that_is_forgotten_it_is_said_that_nobody_knows(self):
        self.history()
        self.start()
        seen = self.play("unknownEnd")
        self.assertIn("how it ended is not known", seen["said"])
        self.assertIn("It is not known whether anything was changed.", seen["said"])
        self.assertIn("savepoint log", seen["said"])

    def test_how_a_restore_ended_is_told_after_a_reload_until_it_was_read(self):
        self.slow_database(dump="echo all", restore="cat; cat ../gate")
        self.history()
        self.start()
        seen = self.play("ended")
        self.assertIn("A restore has ended.", seen["said"])
        safety = self.savepoint("list", "--json", "--trigger", "safety").json["snapshots"][0]["id"]
        self.assertIn(safety, seen["said"])
        self.assertEqual((self.root / "code.txt").read_text(), "first")

    def test_what_the_page_did_itself_is_told_once(self):
        self.start()
        seen = self.play("own")
        self.assertIn("Saved ", seen["said"])
        self.assertEqual(seen["banners"], 0)
        self.assertIn(seen["later"], ("", seen["said"]))

    def test_what_a_snapshot_left_out_is_named(self):
        self.write("savepoint.json", json.dumps({"databases": [{"name": "broken", "dump": "false"}]}))
        self.savepoint("trust", "--yes")
        self.start()
        seen = self.play("gaps")
        self.assertIn("broken", seen["said"])
        self.assertIn("broken", seen["compared"])

    def test_a_mark_that_failed_is_told_with_whether_anything_was_changed(self):
        first = self.history()[0]
        self.start()
        seen = self.play("failed", first=first)
        self.assertIn("start", seen["said"])
        self.assertIn("Nothing was changed.", seen["said"])

    def test_marks_of_a_terminal_appear_and_are_not_overwritten_unseen(self):
        first = self.history()[0]
        self.start()
        self.play("foreignMarks", first=first)

    def test_what_was_wrong_is_not_said_when_it_is_well_again(self):
        first = self.history()[0]
        self.start()
        self.assertEqual(self.play("health", first=first)["alerts"], 0)

    def test_a_tab_that_nobody_looked_at_misses_nothing(self):
        first = self.history()[0]
        self.start()
        self.play("hidden", first=first)

    def test_a_note_that_is_being_written_down_is_waited_for(self):
        self.history()
        self.start()
        self.assertEqual(self.play("noting"), {"enabled": False, "open": True})

    def test_the_project_is_compared_anew_after_a_restore_and_on_request(self):
        self.history()
        self.start()
        self.play("again")

    def test_what_only_looks_waits_for_its_turn_and_gives_it_up(self):
        self.history()
        self.write("code.txt", "fourth")
        self.database("app.db", "insert into people values ('d');")
        self.snapshot("-m", "the fourth one")
        self.slow_database()
        self.start()
        self.assertEqual(self.play("turns"), {"refused": 0, "asked": 0})

    def test_the_one_before_is_of_the_same_project(self):
        first, second, _ = self.history()
        other = self.top / "other"
        other.mkdir()
        self.command("git", "init", "-q", cwd=other)
        pathlib.Path(other / "f").write_text("of another project")
        self.savepoint("snapshot", "-m", "of another project", cwd=other)
        self.write("code.txt", "fifth")
        fifth = self.snapshot("-m", "the fifth one")
        outside = self.top / "outside"
        outside.mkdir()
        self.start("-C", str(outside), "--store", str(self.store))
        seen = self.play("before")
        self.assertEqual(seen["titles"][:2], ["the fifth one", "of another project"])
        self.assertIn("code.txt", seen["changes"])
        self.assertNotIn("the one before", seen["alone"])


if __name__ == "__main__":
    unittest.main()
