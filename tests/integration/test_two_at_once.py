"""Two commands at once in one project: restores, and a snapshot beside a restore."""
import contextlib
import fcntl
import json
import os
import random
import signal
import sqlite3
import subprocess
import unittest
from pathlib import Path

from harness import BIN, BUSY, DONE, Case, describe_tree, dump, ended_within


class TwoAtOnce(Case):
    def setUp(self):
        super().setUp()
        self.sides = {}
        for side in ("left", "right"):
            for number in range(200):
                self.write(f"d{number % 9}/{number}", f"{side} {number}")
            self.write(f"only-{side}", side)
            self.database(script=f"DROP TABLE IF EXISTS t; CREATE TABLE t (v); INSERT INTO t VALUES ('{side}')")
            self.sides[self.snapshot()] = self.state()
            (self.root / f"only-{side}").unlink()
        self.savepoint("restore", next(iter(self.sides)), "--yes")

    def state(self, root=None):
        root = root or self.root
        tree = describe_tree(root)
        for name in [name for name in tree if name.startswith(b"app.db")]:
            del tree[name]
        return tree, dump(root / "app.db")

    def start(self, *arguments):
        return subprocess.Popen([BIN / "savepoint", *arguments], cwd=self.root, env=self.environment, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def end(self, process):
        out, err = process.communicate(timeout=120)
        self.assertIn(process.returncode, (DONE, BUSY), out + err)
        if process.returncode == BUSY:
            self.assertIn("nothing was changed", err)
        return process.returncode

    def test_of_two_restores_one_wins_and_the_other_comes_after_it_or_does_nothing(self):
        chance = random.Random(1)
        for _ in range(8):
            order = chance.sample(list(self.sides), 2)
            codes = [self.end(process) for process in [self.start("restore", id, "--yes") for id in order]]
            self.assertIn(DONE, codes)
            self.assertIn(self.state(), self.sides.values())
            if BUSY in codes:
                self.assertEqual(self.state(), self.sides[order[codes.index(DONE)]])
            self.assertEqual(list(self.root.glob(".savepoint-*")), [])
            self.assertIsNone(self.savepoint("status", "--json").json["recovery"])

    def has_open(self, process, file):
        for name in Path(f"/proc/{process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                if name.samefile(file):
                    return True
        return False

    def stop_while_it_waits(self, file, *words):
        """For a lock on `file` that is held all the time: if it did not end by the signal, it would give up, with another code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            process = self.start(*words)
            while not self.has_open(process, file):
                self.assertIsNone(process.poll())
            process.send_signal(number)
            err = process.communicate(timeout=60)[1]
            self.assertEqual(process.returncode, 128 + number, err)

    def test_waiting_for_others_ends_when_it_is_told_to(self):
        before = self.savepoint("list", "-q").out
        with open(self.store / "lock", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for words in (["list"], ["snapshot"], ["restore", "latest", "--yes"], ["prune", "--yes"]):
                self.stop_while_it_waits(self.store / "lock", *words)
        other = os.open(self.root, os.O_RDONLY)
        fcntl.flock(other, fcntl.LOCK_EX)
        self.stop_while_it_waits(self.root, "snapshot")
        os.close(other)
        locked = self.database("locked.db", "CREATE TABLE t (v)", mode="delete")
        with contextlib.closing(sqlite3.connect(locked, isolation_level=None)) as writer:
            writer.execute("BEGIN EXCLUSIVE")
            self.stop_while_it_waits(locked, "snapshot")
        self.assertEqual(self.savepoint("list", "-q").out, before)

    def test_marks_that_are_set_at_once_are_all_kept(self):
        marked = self.snapshot()
        for round in range(10):
            words = [f"{round}-{number}" for number in range(6)]
            everybody = [self.start("tag", marked, word) for word in words] + [self.start("pin", marked)]
            for process in everybody:
                self.assertEqual(self.end(process), DONE)
            now = next(one for one in self.savepoint("list", "--json").json["snapshots"] if one["id"] == marked)
            self.assertTrue(now["pinned"])
            self.assertLessEqual(set(words), set(now["tags"]))
            self.savepoint("unpin", marked)

    def is_in_its_middle(self, restore):
        return restore.poll() is None and bool(list((self.store / "journals").glob("*.json")))

    def stopped_in_its_middle(self):
        """A restore that has made some of its changes; it may take a few to catch one."""
        for number in range(100):
            restore = self.start("restore", list(self.sides)[number % 2], "--yes")
            while restore.poll() is None and not self.is_in_its_middle(restore):
                pass
            restore.send_signal(signal.SIGSTOP)
            if self.is_in_its_middle(restore):
                return restore
            restore.send_signal(signal.SIGCONT)
            self.end(restore)
        self.fail("no restore was ever in its middle")

    def test_a_snapshot_beside_a_restore_has_one_side(self):
        for number in range(4):
            restore = self.stopped_in_its_middle()
            snapshot = self.start("snapshot", "--json")
            has_waited = not ended_within(snapshot, 1)
            restore.send_signal(signal.SIGCONT)
            self.assertEqual(self.end(restore), DONE)
            taken = json.loads(snapshot.communicate(timeout=120)[0])["id"]
            self.assertTrue(has_waited)
            target = self.top / f"target{number}"
            self.savepoint("restore", taken, "--to", target)
            self.assertIn(self.state(target), self.sides.values())


if __name__ == "__main__":
    unittest.main()
