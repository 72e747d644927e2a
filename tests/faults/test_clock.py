"""The clock is two years behind, ten years ahead, and an hour behind in the middle of it all: snapshots are in the
order in which they were taken, and none goes."""
import unittest

from matrix import BIN, Case, describe_tree

HOUR = 3600
YEAR = 365 * 24 * HOUR
JUMPS = [0, -2 * YEAR, 10 * YEAR, -HOUR, 0]


class Clock(Case):
    def at(self, shift, *arguments):
        return self.savepoint(*arguments, env={"LD_PRELOAD": str(BIN / "shifted_clock.so"), "CLOCK_SHIFT": str(shift),
                                               "ASAN_OPTIONS": "verify_asan_link_order=0"})

    def take_all(self):
        """A snapshot at each jump; the ids, and what was there."""
        taken = {}
        for number, shift in enumerate(JUMPS):
            self.write("file", f"number {number}")
            taken[self.at(shift, "snapshot", "--json").json["id"]] = self.tree()
        return taken

    def tree(self):
        return describe_tree(self.root)

    def listed(self, shift):
        return [one["id"] for one in self.at(shift, "list", "--json").json["snapshots"]]

    def test_snapshots_are_listed_in_the_order_in_which_they_were_taken(self):
        taken = self.take_all()
        years = {self.at(0, "show", id, "--json").json["created_at"][:4] for id in taken}
        self.assertGreaterEqual(len(years), 3)  # the clock did jump
        for shift in JUMPS:
            self.assertEqual(self.listed(shift), list(reversed(taken)))

    def test_latest_is_the_last_one_taken(self):
        self.commit_all()
        for number, (shift, then) in enumerate(zip(JUMPS, JUMPS[1:])):
            self.write("file", f"latest {number}")
            self.at(shift, "snapshot")
            before = self.tree()
            self.write("file", "later")
            target = self.top / f"target{number}"
            self.at(then, "restore", "latest", "--to", target)
            self.assertEqual(describe_tree(target), before)

    def test_a_change_is_seen_whatever_the_clock_says(self):
        for shift, then in zip(JUMPS, JUMPS[1:]):
            for content in ("aaaa", "bbbb", "cccc"):  # all of one size
                self.write("file", content)
                self.at(shift, "snapshot")
                self.write("file", content.upper())
                id = self.at(then, "snapshot", "--json").json["id"]
                self.savepoint("restore", id, "--to", self.top / id)
                self.assertEqual((self.top / id / "file").read_text(), content.upper())

    def test_no_prune_by_the_usual_policy_or_by_age_removes_anything(self):
        taken = self.take_all()
        for shift in JUMPS:
            self.at(shift, "prune", "--yes")
            self.at(shift, "prune", "--yes", "--keep-within", "30d", "--keep-last", "5")
        self.assertEqual(self.listed(0), list(reversed(taken)))

    def test_a_prune_with_the_clock_ahead_removes_nothing_that_is_young(self):
        taken = []
        for number in range(3):
            self.write("file", f"young {number}")
            taken.append(self.at(0, "snapshot", "--json").json["id"])
        self.at(10 * YEAR, "prune", "--yes", "--keep-within", "1d")
        self.assertEqual(self.listed(0), taken[::-1])

    def test_undo_takes_back_the_last_restore(self):
        side = next(iter(self.take_all()))
        self.savepoint("pin", side)
        for shift in JUMPS:
            self.write("file", f"before, at {shift}")
            before = self.tree()
            self.at(shift, "restore", side, "--yes")
            self.assertNotEqual(self.tree(), before)
            self.at(10 * YEAR, "prune", "--yes", "--keep-last", "1")
            self.at(-shift, "undo", "--yes")
            self.assertEqual(self.tree(), before)


if __name__ == "__main__":
    unittest.main()
