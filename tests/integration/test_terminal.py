"""What people see and press: the commands in a real pseudo-terminal, narrow, usual and wide, with colours and without."""
import json
import os
import re
import signal
import unittest

from harness import BIN
from terminal import BACKSPACE, DOWN, ENTER, ESCAPE, INTERRUPT, UP, TerminalCase, width

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


class Timeline(TerminalCase):
    def setUp(self):
        super().setUp()
        self.write("a", "1")
        self.commit_all()
        self.first = self.snapshot("-m", "寿司とビール 🍣🍺 für cafe\u0301-Gäste, die lange Notizen lesen wollen und noch längere schreiben", "--pin")
        self.git("switch", "-q", "-c", "topic/with-a-name-that-is-long-enough-to-be-in-the-way")
        self.write("b", "2")
        self.commit_all()
        self.second = self.snapshot("--tag", "before")
        self.git("switch", "-q", "main")
        self.write("a", "3")
        self.third = self.snapshot("-m", "\x1b[2Jevil")
        self.git("commit", "-qam", "three")
        self.git("merge", "-q", "-m", "merge", "-")
        self.merged = self.snapshot()
        self.savepoint("verify")
        self.write("a", "4")
        self.last = self.snapshot()

    def end_of(self, snapshot):
        return snapshot[-4:]

    def rows(self, screen):
        """{short id: (graph, rest)}"""
        rows = {}
        for line in screen.text.splitlines()[1:]:
            for snapshot in (self.first, self.second, self.third, self.merged, self.last):
                graph, found, rest = line.partition(self.end_of(snapshot))
                if found:
                    rows[snapshot] = (graph.rstrip(), rest.strip())
        return rows

    def test_every_snapshot_is_one_line_in_every_width(self):
        for columns in SIZES:
            for env in ({}, NO_COLOUR):
                screen = self.shown("list", columns=columns, env=env)
                self.assert_fits(screen, columns)
                self.assertEqual(len(screen.text.splitlines()), 6, screen.text)
                self.assertEqual("\x1b[" in screen.raw, not env)
                self.assertNotIn("\x1b[2J", screen.raw)
                self.assertEqual(set(self.rows(screen)), {self.first, self.second, self.third, self.merged, self.last})

    def test_beside_it_is_the_way_the_commits_took(self):
        rows = self.rows(self.shown("list", columns=200))
        self.assertEqual([rows[one][0] for one in (self.last, self.merged, self.third, self.second, self.first)], ["●", "●─╮", "● │", "│ ●", "●─╯"])
        rows = self.rows(self.shown("list", columns=200, env={"LC_ALL": "C"}))
        self.assertEqual([rows[one][0] for one in (self.last, self.merged, self.third, self.second, self.first)], ["*", "*-.", "* |", "| *", "*-'"])

    def test_a_wide_terminal_shows_all_there_is_to_know(self):
        screen = self.shown("list", columns=200)
        rows = self.rows(screen)
        self.assertIn("[pinned]", rows[self.first][1])
        self.assertIn("寿司とビール 🍣🍺", rows[self.first][1])
        self.assertIn("#before", rows[self.second][1])
        self.assertIn("\\x1b[2Jevil", rows[self.third][1])
        self.assertTrue(rows[self.merged][1].startswith("✓"))
        self.assertFalse(rows[self.last][1].startswith("✓"))
        self.assertRegex(rows[self.last][1], r"main@[0-9a-f]{8}\+ +manual .* B +\+.* B")
        self.assertRegex(rows[self.merged][1], r"main@[0-9a-f]{8} +manual")
        head = screen.text.splitlines()[0]
        for line in screen.text.splitlines()[1:]:  # columns line up whatever the letters are
            self.assertEqual(width(line[:line.index(" manual")]) + 1, head.index("TRIGGER"), screen.text)

    def test_a_narrow_terminal_keeps_what_tells_them_apart(self):
        [line] = [line for line in self.shown("list", columns=40).text.splitlines() if self.end_of(self.second) in line]
        self.assertRegex(line, r"(just now|seconds? ago) +#before$")

    def test_a_safety_snapshot_is_a_hollow_dot(self):
        self.savepoint("restore", self.first, "--yes")
        self.assertEqual(self.shown("list", columns=200).text.splitlines()[1][:1], "○")

    def test_old_ones_stand_below_a_heading_of_their_own(self):
        later = {"LD_PRELOAD": str(BIN / "shifted_clock.so"), "CLOCK_SHIFT": str(8 * 86400)}
        if not (BIN / "shifted_clock.so").exists():
            self.skipTest("the clock cannot be shifted")
        self.savepoint("snapshot", env=later)
        lines = [line.strip("│ ●○─╮╯") for line in self.shown("list", columns=80, env=later).text.splitlines()]
        self.assertEqual(lines[1], "last 24 hours")
        self.assertEqual(lines[3], "last 30 days")

    def test_readers_of_screens_get_a_table_without_drawings(self):
        for env in PLAIN:
            said = self.shown("list", columns=200, env=env)
            self.assertNotRegex(said.raw, "[●│─╮╯\x1b]")
            self.assertIn(self.first, said.text)
        self.assertNotRegex(self.savepoint("list").out, "[●│─╮╯\x1b]")


class Others(TerminalCase):
    def test_the_log_and_the_counts_of_a_difference_fit_into_every_width(self):
        self.write("日本語/" + "a-long-name-" * 8 + ".txt", "1\n")
        before = self.snapshot()
        self.write("日本語/" + "a-long-name-" * 8 + ".txt", "2\n" * 300)
        self.savepoint("restore", "nothing", "--yes", expect=4)
        for columns in SIZES:
            log = self.shown("log", columns=columns)
            self.assert_fits(log, columns)
            for words in (["show", before], ["prune", "--dry-run"]):
                self.assert_fits(self.shown(*words, columns=columns, lines=60), columns)
            self.assertIn("there is no", log.text)  # what happened is the last to give way
            stat = self.shown("diff", before, "--stat", columns=columns)
            self.assertLessEqual(width(stat.text.splitlines()[0]), columns)
            self.assertRegex(stat.text.replace("\n", " "), r"\.txt +\| 301 \++- .*1 file changed, 300 insertions\(\+\)")


class Pager(TerminalCase):
    def setUp(self):
        super().setUp()
        for at in range(12):
            self.write("a", str(at))
            self.snapshot("-m", f"number-{at}-")
        self.said = self.top / "said"

    def marks(self):
        """A pager that leaves a mark."""
        script = self.top / "pager.sh"
        script.write_text(f"#!/bin/sh\necho $0 >>{self.said}\ncat\n")
        script.chmod(0o755)
        return str(script)

    def was_asked(self):
        asked = self.said.exists()
        self.said.unlink(missing_ok=True)
        return asked

    def test_a_long_list_is_read_in_a_pager_with_keys(self):
        terminal = self.terminal("list", lines=10, env={"PAGER": "less"})
        self.assertIn("number-11-", terminal.wait_for("number-5-"))
        self.assertNotIn("number-0-", terminal.screen.text)
        terminal.press("G")
        terminal.wait_for("number-0-")
        terminal.press("q")
        self.assertEqual(terminal.finish(), 0)

    def test_leaving_the_pager_early_is_no_error(self):
        terminal = self.terminal("list", lines=10, env={"PAGER": "less"})
        terminal.wait_for("number-11-")
        terminal.press("q")
        self.assertEqual(terminal.finish(), 0)
        self.assertEqual(self.shown("list", lines=5, env={"PAGER": "head -n 1 >/dev/null"}).text, "")

    def test_a_pager_that_is_missing_is_done_without(self):
        for pager in ("no-such-pager-anywhere", "/etc/passwd"):
            self.assertIn("number-0-", self.shown("list", lines=10, env={"PAGER": pager}).text)

    def test_the_user_says_which_pager_and_a_repository_does_not(self):
        self.shown("list", lines=10, env={"PAGER": self.marks()})
        self.assertTrue(self.was_asked())
        self.shown("list", lines=10, env={"PAGER": self.marks(), "SAVEPOINT_PAGER": ""})
        self.assertFalse(self.was_asked())
        self.git("config", "--global", "core.pager", self.marks())
        self.shown("list", lines=10, env={"PAGER": "cat"})
        self.assertTrue(self.was_asked())
        self.git("config", "--global", "--unset", "core.pager")
        self.git("config", "core.pager", self.marks())
        self.shown("list", lines=10, env={"PAGER": "cat"})
        self.assertFalse(self.was_asked())

    def test_settings_that_git_cannot_read_hide_no_list(self):
        (self.top / "home/.gitconfig").write_text('[core]\n\tpager = "no end\n')
        self.assertIn("number-0-", self.shown("list", lines=10, env={"PAGER": "cat"}).text)

    def test_nothing_is_paged_that_fits_or_that_is_not_for_people_at_a_terminal(self):
        pager = {"PAGER": self.marks()}
        self.shown("list", lines=24, env=pager)
        for arguments in (["list", "--json"], ["list", "-q"], ["list", "--plain"], ["list", "--format", "{id}"]):
            self.shown(*arguments, lines=10, env=pager)
        self.savepoint("list", env=pager)
        self.assertFalse(self.was_asked())


class Progress(TerminalCase):
    def test_long_work_says_how_far_it_is_in_one_line_that_goes_away(self):
        self.write("savepoint.json", """{"databases": [{"name": "slow", "dump": "while ! test -e ../stop; do head -c 100000 /dev/zero; sleep 0.05; done"}]}""")
        self.savepoint("trust", "--yes")
        for columns in SIZES:
            terminal = self.terminal("snapshot", columns=columns)
            screen = terminal.wait_for(lambda screen: "database 'slow'" in screen and (columns == 40 or "B/s" in screen))
            self.assertLessEqual(max(map(width, screen.splitlines())), columns - 1)
            (self.top / "stop").touch()
            self.assertEqual(terminal.finish(), 0)
            self.assertNotIn("reading", terminal.screen.text)
            (self.top / "stop").unlink()

    def test_how_much_there_is_to_read_is_known_from_the_first_snapshot_on_as_far_as_git_knows(self):
        self.write("a", "x" * 1000)
        self.commit_all()
        self.write("untracked", "x" * 5000)
        said = self.savepoint("snapshot", env={"SAVEPOINT_PROGRESS": "json"}).err.splitlines()
        self.assertIn(1000, [line["total"] for line in (json.loads(one)["progress"] for one in said if one.startswith("{")) if line["stage"] == "reading files"])

    def test_nothing_is_drawn_for_readers_of_screens(self):
        self.write("savepoint.json", """{"databases": [{"name": "slow", "dump": "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do echo $i; sleep 0.1; done"}]}""")
        self.savepoint("trust", "--yes")
        for env in PLAIN:
            screen = self.shown("snapshot", env=env)
            self.assertNotIn("reading", screen.raw)


class Picker(TerminalCase):
    """`savepoint restore` without a snapshot."""

    def setUp(self):
        super().setUp()
        self.ids = []
        for note in ("one", "two 日本語 🍣", "three e\u0301", "four"):
            self.write("file", note + "\n")
            self.write(f"only-in-{note.split()[0]}", note)
            self.ids.append(self.snapshot("-m", note))
        self.write("file", "now\n")

    def choosing(self, *arguments, shows="would change", **options):
        terminal = self.terminal("restore", *arguments, **options)
        terminal.wait_for(lambda screen: "> " in screen and shows in screen)
        self.assertIn(1049, terminal.screen.modes)
        self.assertEqual(terminal.modes(), (False, False))
        return terminal

    def chosen(self, screen):
        [line] = [line for line in screen.splitlines() if line.startswith("> ")]
        return line

    def wait_for_choice(self, terminal, note):
        terminal.wait_for(lambda screen: any(line.startswith("> ") and note in line for line in screen.splitlines()) and "..." not in screen)

    def assert_left_as_it_was(self, terminal):
        self.assertEqual(terminal.left, (True, True))
        self.assertNotIn(1049, terminal.screen.modes)
        self.assertIn(25, terminal.screen.modes)  # the cursor is to be seen

    def content(self):
        return (self.root / "file").read_text()

    def test_keys_lead_to_a_snapshot_and_the_plan_is_shown_before_it_asks(self):
        terminal = self.choosing()
        self.wait_for_choice(terminal, "four")
        terminal.press(DOWN)
        self.wait_for_choice(terminal, "three")
        terminal.press("j", "j")
        self.wait_for_choice(terminal, "one")
        terminal.press("k", UP, "G", "g", DOWN)
        self.wait_for_choice(terminal, "three")
        terminal.press(ENTER)
        plan = terminal.wait_for("[y/N]")
        self.assertRegex(plan, rf"(?s)restore {self.ids[2]}:\n.*only-in-four")
        self.assertIn("make 2 changes?", plan)
        terminal.press("y\n")
        self.assertEqual(terminal.finish(), 0)
        self.assert_left_as_it_was(terminal)
        self.assertEqual(self.content(), "three e\u0301\n")
        self.savepoint("undo", "--yes")
        self.assertEqual(self.content(), "now\n")

    def test_the_preview_says_what_would_change(self):
        terminal = self.choosing()
        terminal.press("k", "j")
        screen = terminal.wait_for("only-in-four")
        self.assertIn(self.ids[2], screen)
        self.assertIn("would change: 2 files", screen)
        self.assertIn("as it was  file", screen)
        self.assertIn("removed    only-in-four", screen)
        terminal.press(ESCAPE)
        self.assertEqual(terminal.finish(), 3)

    def test_typing_filters_and_escape_takes_it_back_before_it_leaves(self):
        terminal = self.choosing()
        terminal.press("t", "h")
        self.wait_for_choice(terminal, "three")
        self.assertIn("/th  1 of 4", terminal.screen.text)
        terminal.press(BACKSPACE)
        terminal.wait_for("/t  2 of 4")
        terminal.press("\x15", "/", "日", "本")
        self.wait_for_choice(terminal, "two")
        terminal.press("x")
        terminal.wait_for("nothing has that in it")
        terminal.press(ENTER, ESCAPE)
        terminal.wait_for(lambda screen: "four" in screen and "type to filter" in screen)
        self.assertEqual(self.content(), "now\n")
        terminal.press("/", self.ids[0])
        self.wait_for_choice(terminal, "one")
        terminal.press(ENTER)
        terminal.wait_for("[y/N]")
        terminal.press("n\n")
        self.assertEqual(terminal.finish(), 3)
        self.assertEqual(self.content(), "now\n")

    def test_leaving_it_changes_nothing_and_leaves_the_terminal_as_it_was(self):
        for key, code in ((ESCAPE, 3), ("q", 3), ("\x04", 3), (INTERRUPT, 130)):
            terminal = self.choosing()
            terminal.press(key)
            self.assertEqual(terminal.finish(), code, repr(key))
            self.assert_left_as_it_was(terminal)
            self.assertIn("nothing was changed", terminal.screen.text)
        self.assertEqual(self.content(), "now\n")

    def test_signals_leave_the_terminal_as_it_was(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGABRT):
            terminal = self.choosing()
            os.kill(terminal.child, number)
            self.assertEqual(terminal.finish(), 128 + number)
            self.assert_left_as_it_was(terminal)

    def test_keys_that_would_stop_or_kill_it_do_nothing(self):
        terminal = self.choosing()
        terminal.press("\x1a", "\x1c", DOWN)
        self.wait_for_choice(terminal, "three")
        terminal.press("q")
        self.assertEqual(terminal.finish(), 3)

    def test_it_fits_into_every_terminal_and_follows_when_that_is_resized(self):
        for columns in SIZES:
            for lines in (6, 12, 40):
                for env in ({}, NO_COLOUR):
                    shows = "would change" if lines >= 10 else "four"
                    terminal = self.choosing(columns=columns, lines=lines, env=env, shows=shows)
                    for key in (DOWN, DOWN, "t"):
                        terminal.press(key)
                    screen = terminal.wait_for("/t")
                    self.assertLessEqual(len(screen.splitlines()), lines)
                    self.assertLessEqual(max(map(width, screen.splitlines())), columns)
                    self.assertEqual(re.search(r"\x1b\[[0-9]*m", terminal.screen.raw) is not None, not env)
                    terminal.press(ESCAPE)
                    terminal.wait_for("type to filter" if columns > 40 else "arrows move")
                    terminal.resize(30, 8)
                    terminal.wait_for(lambda screen: len(screen.splitlines()) <= 8 and "> " in screen and max(map(width, screen.splitlines())) <= 30)
                    terminal.press("q")
                    self.assertEqual(terminal.finish(), 3)

    def test_many_snapshots_scroll(self):
        for at in range(30):
            self.write("file", str(at))
            self.snapshot("-m", f"number-{at}-")
        terminal = self.choosing(lines=12)
        terminal.press("\x1b[6~", "\x1b[6~", "\x1b[5~", "\x1b[4~")
        self.wait_for_choice(terminal, "one")
        terminal.press("\x1b[1~")
        self.wait_for_choice(terminal, "number-29-")
        terminal.press("q")
        self.assertEqual(terminal.finish(), 3)

    def test_readers_of_screens_choose_by_number(self):
        for env in PLAIN:
            terminal = self.terminal("restore", env=env)
            screen = terminal.wait_for("[number, or nothing to leave]")
            self.assertRegex(screen, r"(?m)^1\. .*four$")
            self.assertRegex(screen, r"(?m)^4\. .*one$")
            terminal.press("7\n")
            terminal.wait_for("no number '7'")
            terminal.press("2\n")
            self.assertIn(f"restore {self.ids[2]}:", terminal.wait_for("[y/N]").replace("\n", ""))
            terminal.press("n\n")
            self.assertEqual(terminal.finish(), 3)
            self.assertNotIn("\x1b", terminal.screen.raw)
        terminal = self.terminal("restore", "--plain")
        terminal.wait_for("[number, or nothing to leave]")
        terminal.press("\n")
        self.assertEqual(terminal.finish(), 3)
        self.assertIn("no snapshot was chosen", terminal.screen.text)

    def test_it_can_also_be_written_elsewhere_or_only_be_looked_at(self):
        terminal = self.choosing("--dry-run")
        terminal.press(ENTER)
        self.assertEqual(terminal.finish(), 0)
        self.assertIn("nothing was changed (dry run)", terminal.screen.text)
        terminal = self.choosing("--to", self.top / "there")
        terminal.press("G", ENTER)
        self.assertEqual(terminal.finish(), 0)
        self.assertEqual((self.top / "there/file").read_text(), "one\n")

    def test_the_list_is_seen_where_the_output_goes_elsewhere(self):
        said = self.top / "said"
        terminal = self.choosing(stdout=said)
        terminal.press(ENTER)
        terminal.wait_for("[y/N]")
        terminal.press("y\n")
        self.assertEqual(terminal.finish(), 0)
        self.assertRegex(said.read_text(), r"^restored \S+: 1 change .*\n$")

    def test_where_nobody_can_choose_it_is_the_mistake_it_was(self):
        self.assert_error(self.savepoint("restore", expect=2), 2, "no snapshot is named")
        for option in ("--json", "--quiet", "--yes"):
            terminal = self.terminal("restore", option)
            self.assertEqual(terminal.finish(), 2, option)
            self.assertNotIn("\x1b[?1049h", terminal.screen.raw)


if __name__ == "__main__":
    unittest.main()
