"""A full disk: exit code 5, a clear message, and nothing is lost."""
import os
import random
import shutil
import subprocess
import unittest

from harness import BIN, BUSY, FAILED, Case, describe_tree


def fill(directory):
    """Leaves no byte."""
    with open(directory / "filler", "wb", buffering=0) as filler:
        try:
            while filler.write(bytes(4096)):
                pass
        except OSError:
            pass


@unittest.skipIf(os.geteuid() != 0, "needs root to mount a small file system")
class FullDisk(Case):
    def setUp(self):
        super().setUp()
        self.store.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m,mode=700", "tmpfs", self.store])
        if mounted.returncode != 0:
            self.skipTest("cannot mount a tmpfs here")
        self.addCleanup(subprocess.run, ["umount", "-l", self.store])

    def test_snapshot(self):
        self.write("small", "small")
        good = self.snapshot()
        self.write("large", random.Random(1).randbytes(6_000_000))
        before = describe_tree(self.root)
        result = self.savepoint("snapshot", expect=None)
        self.assert_error(result, BUSY, "space")
        self.assertEqual(self.savepoint("snapshot", "--json", expect=BUSY).json["error"]["code"], "busy")
        self.assertEqual(describe_tree(self.root), before)
        self.assertEqual([s["id"] for s in self.savepoint("list", "--json").json["snapshots"]], [good])
        self.savepoint("verify", "--all", "--read-data")
        (self.root / "large").unlink()
        self.savepoint("restore", good, "--to", self.top / "out")
        self.snapshot()  # works again, without help

    def test_a_full_disk_is_never_an_unreadable_source(self):
        self.write("small", "small")
        self.snapshot()
        filler = self.store / "filler"
        for left in range(0, 600_000, 40_000):
            filler.write_bytes(b"")
            free = os.statvfs(self.store).f_bavail * 4096
            filler.write_bytes(b"x" * max(0, free - left))
            self.write("more", random.Random(left).randbytes(300_000))
            result = self.savepoint("snapshot", "--json", expect=None)
            self.assertIn(result.code, (0, BUSY), result.out + result.err)
            if result.code == 0:
                self.assertEqual(result.json["skipped"], [])
            self.savepoint("verify", "--all", "--read-data")

    def test_prune_without_any_space(self):
        for i in range(3):
            self.write("data", random.Random(i).randbytes(700_000))
            self.snapshot()
        fill(self.store)
        self.savepoint("prune", "--keep-last", "1", "--yes")
        (self.store / "filler").unlink()
        self.savepoint("verify", "--all", "--read-data")
        self.assertEqual(len(self.savepoint("list", "--json").json["snapshots"]), 1)

    def test_a_recovery_without_any_space_changes_nothing_and_can_be_done_later(self):
        for number in range(100):
            self.write(f"d/{number}", f"then {number}")
        then = self.snapshot()
        for number in range(100):
            self.write(f"d/{number}", f"now {number}")
        self.write("gone", random.Random(1).randbytes(900_000))
        now = describe_tree(self.root)
        self.kill_in_the_middle("restore", then, "--yes")
        fill(self.store)
        before = self.files()
        self.assert_error(self.savepoint("recover", "--rollback", expect=None), BUSY, "space")
        self.assertEqual(self.files(), before)
        self.savepoint("prune", "--keep-last", "1", "--yes")  # what the recovery needs stays
        (self.store / "filler").unlink(missing_ok=True)
        self.savepoint("recover", "--rollback")
        self.assertEqual(describe_tree(self.root), now)
        self.savepoint("verify", "--all", "--read-data")

    def files(self):
        """All but what the dead restore has left."""
        return {path: facts for path, facts in describe_tree(self.root).items() if not path.startswith(b".savepoint-")}

    def kill_in_the_middle(self, *restore):
        """Kills a restore of a hundred files at its sixtieth rename."""
        killed = self.command(BIN / "fault_at", self.top / "report", "kill", "60", "0", "rename", BIN / "savepoint",
                              *restore)
        self.assertEqual(killed.code, 137, killed.err)
        self.assertIsNotNone(self.savepoint("status", "--json").json["recovery"])


@unittest.skipIf(os.geteuid() != 0, "needs root to mount")
class ReadOnlyStore(Case):
    def test_an_error_names_the_store_and_the_way_out(self):
        self.write("a", "a")
        self.snapshot()
        if subprocess.run(["mount", "--bind", self.store, self.store], check=False).returncode != 0:
            self.skipTest("cannot mount here")
        self.addCleanup(subprocess.run, ["umount", "-l", self.store])
        subprocess.run(["mount", "-o", "remount,bind,ro", self.store], check=True)
        self.write("b", "b")
        self.assert_error(self.savepoint("snapshot", expect=None), FAILED, f"'{self.store}/", "SAVEPOINT_STORE")
        self.assert_error(self.savepoint("manifest", "rebuild", expect=None), FAILED, f"'{self.store}/catalog.db'")
        self.assertEqual(len(self.savepoint("list", "--json").json["snapshots"]), 1)


@unittest.skipIf(os.geteuid() != 0, "needs root to mount a small file system")
class FullProject(Case):
    def test_what_is_written_elsewhere_wants_space_there(self):
        self.write("large", random.Random(1).randbytes(2_000_000))
        self.snapshot()
        (self.top / "small").mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", self.top / "small"], check=False).returncode != 0:
            self.skipTest("cannot mount a tmpfs here")
        self.addCleanup(subprocess.run, ["umount", "-l", self.top / "small"])
        self.assert_error(self.savepoint("restore", "latest", "--to", self.top / "small/out", expect=None), BUSY,
                          f"'{self.top}/small/", "free some space there")

    def test_a_snapshot_into_a_store_with_room_is_complete(self):
        shutil.copytree(self.root / ".git", self.top / "git")
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m,mode=700", "tmpfs", self.root], check=False).returncode != 0:
            self.skipTest("cannot mount a tmpfs here")
        self.addCleanup(subprocess.run, ["umount", "-l", self.root])
        shutil.copytree(self.top / "git", self.root / ".git")
        self.write("file", "then")
        self.commit_all()
        self.snapshot()
        self.git("commit", "-q", "--allow-empty", "-m", "nobody keeps it yet")
        fill(self.root)

        taken = self.savepoint("snapshot", "--json").json

        [skipped] = taken["skipped"]
        self.assertEqual((skipped["path"], skipped["error"]), (".git", False))
        self.assertIn("git may collect the commit", skipped["reason"])
        self.savepoint("verify", "--read-data")


if __name__ == "__main__":
    unittest.main()
