"""Ctrl-C, SIGTERM and SIGHUP at some of the calls that change something: it is done, or nothing is; nothing is left."""
import signal
import unittest

import matrix
from harness import describe_tree

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


class Signals(matrix.Matrix):
    step = 11

    def interrupted(self, *arguments):
        """Runs a command with a signal at each of its moments, and yields whether it was stopped by it."""
        was_stopped = False
        for at in self.moments("all", arguments):
            number = SIGNALS[at // self.step % len(SIGNALS)]
            result, _, _ = self.fault("signal", at, int(number), "all", *arguments)
            self.assertIn(result.code, (0, 128 + number), result.err)
            self.assert_no_leftovers()
            self.assertFalse(self.is_due())
            yield result.code != 0
            was_stopped = was_stopped or result.code != 0
            self.assert_store_is_whole()
        self.assertTrue(was_stopped)

    def test_snapshot(self):
        for stopped in self.interrupted("snapshot"):
            self.assertEqual(self.state(), self.now)
            self.assertEqual(len(self.snapshots()), 2 if stopped else 3)

    def test_restore_in_place(self):
        for stopped in self.interrupted("restore", self.first, "--yes"):
            self.assertEqual(self.state(), self.now if stopped else self.then)

    def test_undo(self):
        self.savepoint("restore", self.first, "--yes")
        self.keep_template()
        for stopped in self.interrupted("undo", "--yes"):
            self.assertEqual(self.state(), self.then if stopped else self.now)

    def test_restore_into_a_directory(self):
        target = self.top / "target"
        for stopped in self.interrupted("restore", self.first, "--to", str(target)):
            self.assertEqual(target.exists(), not stopped)
            if target.exists():
                self.assertEqual(describe_tree(target)[b"src/hard"], self.then[0][b"src/hard"])

    def test_prune(self):
        prune = ("prune", "--keep-last", "1", "--yes")
        for stopped in self.interrupted(*prune):
            self.assertIn(len(self.snapshots()), (1, 2) if stopped else (1,))
            self.savepoint(*prune)
            self.assertEqual(len(self.snapshots()), 1)


if __name__ == "__main__":
    unittest.main()
