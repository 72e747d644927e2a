"""What people see and press: the commands in a real pseudo-terminal, narrow, usual and wide, with colours and without."""
import unittest

from terminal import TerminalCase

SIZES = (40, 80, 200)
NO_COLOUR = {"NO_COLOR": "1"}
PLAIN = ({"SAVEPOINT_PLAIN": "1"}, {"TERM": "dumb"}, {"TERM": ""})


class State(TerminalCase):
    def test_without_a_command_it_fits_into_every_width(self):
        self.write("a", "1")
        self.snapshot()
        self.write("a", "2")
        for columns in SIZES:
            screen = self.shown(columns=columns)
            self.assertIn("\x1b[33mchanged since: 1 file\x1b[0m", screen.raw)
            commands = screen.text.split("\n\n")[1]
            self.assertLessEqual(max(map(len, commands.splitlines())), columns)
            for words in ("savepoint snapshot", "keep what changed", "savepoint diff latest", "savepoint restore latest", "go back to the last snapshot"):
                self.assertIn(words, commands)

    def test_colours_are_left_out_where_nobody_wants_them(self):
        self.snapshot()
        self.assertIn("\x1b", self.shown().raw)
        for env in (NO_COLOUR, *PLAIN):
            self.assertNotIn("\x1b", self.shown(env=env).raw, env)
        self.assertNotIn("\x1b", self.shown("--plain").raw)


if __name__ == "__main__":
    unittest.main()
