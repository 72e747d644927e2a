"""What the page works out without a browser: the graph beside the timeline, of two thousand histories, and how things are written."""
import pathlib
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent


class Lanes(unittest.TestCase):
    def check(self, name):
        done = subprocess.run(["node", HERE / f"{name}.mjs", HERE.parents[1] / f"tools/ui/page/src/{name}.js"], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])

    def test_every_history_is_drawn_as_it_is(self):
        self.check("lanes")

    def test_things_are_written_as_they_are_read(self):
        self.check("text")


if __name__ == "__main__":
    unittest.main()
