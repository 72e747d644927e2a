"""A restore whose store is not the one that the next command looks into: its recovery and its undo are found all the same."""
import json
import shutil
import unittest

import matrix
from harness import DONE, NOT_FOUND, REFUSED, Case

DUE = "was interrupted, and the project is between two states"
EVERY_COMMAND = (("--plain",), ("status",), ("status", "--check"), ("doctor",), ("list",), ("snapshot",), ("init",), ("trust",), ("prune", "--dry-run"),
                 ("verify",), ("manifest", "rebuild"), ("diff", "latest"), ("run", "--", "true"), ("hooks", "run", "pre-commit"))


class AnotherStore(matrix.Matrix):
    def setUp(self):
        Case.setUp(self)
        self.prepare_project()
        self.then = self.state()
        self.first = self.snapshot(*self.named)
        self.change_project()
        self.now = self.state()
        self.keep_template()

    named = ()

    def keep_template(self):
        super().keep_template()
        for name in ("old-store", "new-store"):
            if (self.top / name).exists():
                self.command("cp", "-a", self.top / name, self.template / name)

    def reset(self):
        super().reset()
        for name in ("old-store", "new-store", "home"):
            shutil.rmtree(self.top / name, ignore_errors=True)
            if (self.template / name).exists():
                self.command("cp", "-a", self.template / name, self.top / name)
        (self.top / "home").mkdir(exist_ok=True)

    def kill_in_the_middle(self, *restore):
        total = self.count("all", *restore)
        for at in range(total, 0, -1):
            self.reset()
            self.fault("kill", at, 0, "all", *restore)
            if self.state() not in (self.then, self.now) and self.is_half():
                return
        self.fail("the restore was never in its middle")

    def check_recovery(self, restore):
        for direction, end in (("--continue", self.then), ("--rollback", self.now)):
            self.kill_in_the_middle(*restore)
            half = self.state()
            for command in EVERY_COMMAND:
                if command[0] in ("snapshot", "init"):
                    continue  # they make what others look at: after those
                self.assertIn(DUE if command[0] != "doctor" else "recovery", self.out(*command), command)
            latest = self.savepoint("show", "latest", "--json").json["id"]
            for command in (("snapshot",), ("init",)):
                self.assertIn(DUE, self.out(*command), command)
            self.assertEqual({k: v for k, v in self.state()[0].items() if k != b"savepoint.json"},
                             {k: v for k, v in half[0].items() if k != b"savepoint.json"})
            self.assertEqual(self.savepoint("restore", "latest", "--yes", expect=None).code, REFUSED)
            self.assertEqual(self.savepoint("show", "latest", "--json").json["id"], latest)
            tagged = self.savepoint("list", "--tag", "recovery-due", "--json").json["snapshots"]
            self.assertEqual([one["trigger"] for one in tagged], ["manual", "run:true"])
            self.savepoint("recover", direction)
            self.assertEqual(self.state(), end)
            after = self.snapshot()
            self.assertEqual(self.savepoint("show", "latest", "--json").json["id"], after)
            self.assertNotIn(DUE, self.out("status"))
            if direction == "--continue":
                self.savepoint("undo", "--yes")
                self.assertEqual(self.state(), self.now)
                self.savepoint("undo", "--yes")
                self.assertEqual(self.state(), self.then)

    def out(self, *command):
        result = self.savepoint(*command, expect=None)
        return result.out + result.err


class ASettingThatTheRestoreChanges(AnotherStore):
    """savepoint.json named another store when the snapshot was taken."""

    def prepare_project(self):
        del self.environment["SAVEPOINT_STORE"]
        self.store = self.top / "new-store"
        self.write("savepoint.json", json.dumps({"store": "../old-store"}))
        self.write("a.txt", "then")
        self.write("z.txt", "then")

    def change_project(self):
        # The snapshot is in both stores, as after a project has moved to a new one by copying it.
        shutil.copytree(self.top / "old-store", self.top / "new-store")
        self.write("savepoint.json", json.dumps({"store": "../new-store"}))
        self.write("a.txt", "now")
        self.write("z.txt", "now")

    def is_half(self):
        return "old-store" in (self.root / "savepoint.json").read_text()

    def test_recovery_is_found(self):
        self.check_recovery(("restore", self.first, "--yes"))

    def test_undo_is_found(self):
        self.savepoint("restore", self.first, "--yes")
        self.assertEqual(self.state(), self.then)
        self.assertIn("new-store", self.savepoint("undo", "--yes").err)
        self.assertEqual(self.state(), self.now)
        self.savepoint("undo", "--yes")
        self.assertEqual(self.state(), self.then)

    def test_a_newer_restore_in_the_present_store_is_what_undo_means(self):
        self.savepoint("restore", self.first, "--yes")
        self.write("a.txt", "later")
        later = self.state()
        self.savepoint("restore", self.first, "--yes")
        self.savepoint("undo", "--yes")
        self.assertEqual(self.state(), later)

    def test_a_store_that_is_no_longer_there_is_no_trouble(self):
        self.savepoint("restore", self.first, "--yes")
        shutil.rmtree(self.top / "new-store")
        self.savepoint("status")
        self.assert_error(self.savepoint("undo", "--yes", expect=NOT_FOUND), NOT_FOUND, "no restore to undo")


class AStoreThatWasNamed(AnotherStore):
    """--store OTHER, and then commands without it."""
    named = ("--store", "../old-store")

    def prepare_project(self):
        self.write("a.txt", "then")
        self.write("z.txt", "then")

    def change_project(self):
        self.write("a.txt", "now")
        self.write("z.txt", "now")
        self.snapshot()

    def is_half(self):
        return True

    def test_recovery_is_found(self):
        self.check_recovery(("restore", self.first, "--store", "../old-store", "--yes"))

    def test_undo_is_found(self):
        self.savepoint("restore", self.first, "--store", "../old-store", "--yes")
        self.savepoint("undo", "--yes")
        self.assertEqual(self.state(), self.now)


class ADirectoryThatNothingMarks(AnotherStore):
    """No git, no settings, no snapshot of its own in the store that would be its: all is in --store OTHER."""
    named = ("--store", "../old-store")

    def prepare_project(self):
        shutil.rmtree(self.root / ".git")
        self.write("a.txt", "then")
        self.write("z.txt", "then")

    def change_project(self):
        self.write("a.txt", "now")
        self.write("z.txt", "now")

    def state(self):
        return [(self.root / name).read_text() for name in ("a.txt", "z.txt")]

    def is_half(self):
        return self.savepoint("status", "--json", *self.named).json["recovery"] is not None

    def test_savepoint_alone_offers_the_recovery(self):
        self.kill_in_the_middle("restore", self.first, *self.named, "--yes")
        self.check_offer()

    def test_also_where_no_store_can_be(self):
        self.environment.update(XDG_DATA_HOME=str(self.root / "data"), SAVEPOINT_STORE="")
        self.kill_in_the_middle("restore", self.first, *self.named, "--yes")
        self.check_offer()

    def check_offer(self):
        said = self.savepoint().out
        self.assertIn(DUE, said)
        self.assertNotIn("no project here", said)
        self.assertNotIn("no snapshot yet", said)
        self.assertEqual(self.savepoint("--json").json["recovery"]["target"], self.first)
        back = next(line for line in said.splitlines() if "--rollback" in line).split("  ")[1]
        done = self.command("sh", "-c", back)
        self.assertEqual(done.code, DONE, done.err)
        self.assertEqual(self.state(), self.now)
        self.assertIn("no project here", self.savepoint().out)


if __name__ == "__main__":
    unittest.main()
