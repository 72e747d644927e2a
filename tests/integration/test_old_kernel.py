"""A kernel, or a sandbox, without the newer system calls: the portable ways do the same."""
import os
import unittest

from harness import BIN, DONE, Case, describe_tree, dump

# An old kernel does not know them; a sandbox that is older than a call forbids it.
CALLS = {"ENOSYS": "openat2,renameat2,copy_file_range", "EPERM": "openat2"}


class OldKernel(Case):
    def without(self, error, *arguments):
        log = self.top / "calls"
        done = self.command("strace", "-f", "-qq", "-o", log, "-e", f"inject={CALLS[error]}:error={error}",
                            BIN / "savepoint", *arguments)
        self.assertEqual(done.code, DONE, done.err)
        self.assertIn("INJECTED", log.read_text(errors="replace"))
        return done

    def test_snapshot_and_restore_are_exact(self):
        for error in CALLS:
            with self.subTest(error):
                self.there_and_back(error)

    def there_and_back(self, error):
        self.write("dir/deep/file", f"then {error}\n")
        os.symlink("deep", self.root / f"dir/link {error}")
        self.database(f"{error}.db", script="CREATE TABLE t (v); INSERT INTO t VALUES (1);")
        then, rows = self.state(error)
        self.without(error, "snapshot", "--tag", error)
        self.write("dir/deep/file", "now\n")
        (self.root / f"dir/link {error}").unlink()
        self.write(f"dir/link {error}/new", "a directory now\n")
        self.command("sqlite3", self.root / f"{error}.db", "INSERT INTO t VALUES (2)")
        now = self.state(error)

        self.without(error, "restore", error, "--yes")
        self.assertEqual(self.state(error), (then, rows))
        self.without(error, "undo", "--yes")
        self.assertEqual(self.state(error), now)
        target = self.top / f"target {error}"
        self.without(error, "restore", error, "--to", target)
        self.assertEqual((target / "dir/deep/file").read_text(), f"then {error}\n")
        self.assertEqual(dump(target / f"{error}.db"), rows)

    def state(self, error):
        tree = {path: facts for path, facts in describe_tree(self.root).items() if b".db" not in path}
        return tree, dump(self.root / f"{error}.db")


if __name__ == "__main__":
    unittest.main()
