"""Ten thousand snapshots and a difference of eighty thousand files: the page is of use at once, and stays so.

How long it took until something was seen is printed."""
import sys
import unittest

from page import Page
from harness import BIN

SNAPSHOTS = 10_000
DIRECTORIES, FILES = 400, 200


class Many(Page):
    def test_ten_thousand_snapshots(self):
        made = self.command(BIN / "many_snapshots", self.root, str(SNAPSHOTS))
        self.assertEqual(made.code, 0, made.err)
        self.start()
        seen = self.play("long")
        print(f"the timeline of {SNAPSHOTS} snapshots: {seen['times']} ms", file=sys.stderr)
        self.assertEqual(seen["early"], {"held": 1, "total": 200})
        self.assertLess(seen["rows"], 80)
        self.assertGreater(seen["commits"], 0)
        short = self.savepoint("list", "--format", "{short_id}").out.split()
        self.assertEqual(seen["ids"], short[:len(seen["ids"])])  # as long as tells them apart

    def test_a_difference_of_eighty_thousand_files(self):
        for word in ("first", "second"):
            for directory in range(DIRECTORIES):
                for file in range(FILES):
                    self.write(f"d{directory}/f{file}", f"{word} {directory} {file}\n")
            self.snapshot("-m", word)
        self.write("only-now", "now")
        self.start()
        seen = self.play("wide")
        print(f"a difference of {DIRECTORIES * FILES} files: {seen['time']} ms", file=sys.stderr)
        self.assertEqual(seen["early"]["held"], 0)
        self.assertLess(seen["early"]["rows"], 80)
        self.assertLess(seen["rows"], 80)
        self.assertEqual(seen["found"], 11)


if __name__ == "__main__":
    unittest.main()
