"""The graph beside the timeline, of two thousand histories: lanes.mjs says what holds of each."""
import pathlib
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent


class Lanes(unittest.TestCase):
    def test_every_history_is_drawn_as_it_is(self):
        done = subprocess.run(["node", HERE / "lanes.mjs", HERE.parents[1] / "tools/ui/page/src/lanes.js"], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])


if __name__ == "__main__":
    unittest.main()
