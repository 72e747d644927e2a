"""kill -9 at any moment: older snapshots stay whole and the next command works without help."""
import random
import unittest

from harness import Case, describe_tree, dump


class Kill(Case):
    def setUp(self):
        super().setUp()
        rng = random.Random(2)
        for i in range(300):
            self.write(f"d{i % 20}/f{i}", rng.randbytes(rng.randint(0, 60_000)))
        self.database(script="CREATE TABLE t (v);" + "INSERT INTO t VALUES (hex(randomblob(400)));" * 2000)
        self.commit_all()
        self.good = self.snapshot()
        self.before = describe_tree(self.root)
        self.rows = dump(self.root / "app.db")

    def change_much(self, rng):
        for i in range(0, 300, 3):
            self.write(f"d{i % 20}/f{i}", rng.randbytes(rng.randint(0, 60_000)))

    def test_snapshot(self):
        rng = random.Random(3)
        self.change_much(rng)
        longest = self.duration("snapshot")
        for _ in range(20):
            self.change_much(rng)
            now = describe_tree(self.root)
            self.kill_within(rng.uniform(0, longest), "snapshot")
            self.assertEqual(describe_tree(self.root), now)
            self.savepoint("verify", "--all")
        self.snapshot()
        self.savepoint("verify", "--all", "--read-data")
        self.savepoint("restore", self.good, "--to", self.top / "good")
        copy = describe_tree(self.top / "good")
        del copy[b"app.db"], self.before[b"app.db"]
        self.assertEqual(copy, self.before)

    def test_restore(self):
        rng = random.Random(4)
        self.change_much(rng)
        longest = self.duration("restore", self.good, "--yes")
        for _ in range(20):
            self.change_much(rng)
            self.kill_within(rng.uniform(0, longest), "restore", self.good, "--yes")
            self.savepoint("verify", "--all")
            self.savepoint("restore", self.good, "--yes")
            self.assertEqual(dump(self.root / "app.db"), self.rows)
            now = describe_tree(self.root)
            now[b"app.db"] = self.before[b"app.db"]
            self.assertEqual(now, self.before)

    def test_restore_to_a_directory(self):
        longest = self.duration("restore", self.good, "--to", str(self.top / "first"))
        rng = random.Random(5)
        for number in range(10):
            target = self.top / f"target{number}"
            self.kill_within(rng.uniform(0, longest), "restore", self.good, "--to", str(target))
            if not target.exists():
                self.savepoint("restore", self.good, "--to", target)
            copy = describe_tree(target)
            copy[b"app.db"] = self.before[b"app.db"]
            self.assertEqual(copy, self.before)

    def test_prune(self):
        rng = random.Random(6)
        for _ in range(20):
            for _ in range(3):
                self.change_much(rng)
                self.snapshot()
            self.kill_within(rng.uniform(0, 0.15), "prune", "--keep-last", "2", "--yes")
            self.savepoint("verify", "--all", "--read-data")
        self.savepoint("prune", "--keep-last", "1", "--yes")
        self.savepoint("verify", "--all", "--read-data")
        self.assertFalse(list((self.store / "trash").iterdir()) if (self.store / "trash").exists() else [])


if __name__ == "__main__":
    unittest.main()
