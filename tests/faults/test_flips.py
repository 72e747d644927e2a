"""Some bytes of a small store are changed, and its files are cut off at some lengths."""
import os
import pathlib
import subprocess
import unittest


class Flips(unittest.TestCase):
    step = 37

    def test_damage_is_reported_and_never_restored(self):
        program = pathlib.Path(os.environ["SAVEPOINT_BIN"]) / "flips"
        memory = pathlib.Path("/dev/shm")  # nothing here is about durability
        place = {"TMPDIR": str(memory)} if os.access(memory, os.W_OK) else {}
        done = subprocess.run([program, str(self.step)], env={**os.environ, **place},
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-2000:])


if __name__ == "__main__":
    unittest.main()
