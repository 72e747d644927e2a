"""The test of the documentation notices what is wrong with a page."""
import pathlib
import tempfile
import unittest

import pages
import runner


class Runner(unittest.TestCase):
    def setUp(self):
        top = tempfile.TemporaryDirectory(dir=pages.ROOT / "build" if (pages.ROOT / "build").is_dir() else pages.ROOT)
        self.addCleanup(top.cleanup)
        self.directory = pathlib.Path(top.name)
        self.page = self.directory / "page.md"

    def wrong(self, text):
        self.page.write_text(text)
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.directory)}
        return [found for part in runner.parts(self.page) for found in runner.run(part, self.directory, environment)]

    def console(self, *lines):
        return self.wrong("\n".join(["```console", *lines, "```", ""]))

    def test_a_command_that_fails_is_noticed(self):
        self.assertEqual(self.console("$ true"), [])
        self.assertIn("ends with exit code 3", str(self.console("$ true", "$ (exit 3)")[0]))
        self.assertIn("ends with exit code 1", str(self.wrong("```sh\ntrue\nfalse\ntrue\n```\n")[0]))
        self.assertEqual(self.console("$ (exit 3)", "$ echo $?", "3"), [])

    def test_a_command_that_prints_something_else_is_noticed(self):
        self.assertEqual(self.console("$ echo tea; echo bread", "tea", "bread"), [])
        for shown in (["tea"], ["bread", "tea"], ["tea", "bread", "cheese"], ["tea", "breads"]):
            self.assertEqual(len(self.console("$ echo tea; echo bread", *shown)), 1, shown)
        self.assertEqual(len(self.console("$ echo tea", "$ echo bread", "bread")), 1)

    def test_what_differs_each_time_may_differ_and_the_rest_may_not(self):
        say = "$ echo saved 20261121-041500-ab12: 16 files, 186.4 KiB in 0.03 s"
        self.assertEqual(self.console(say, "saved 20250102-030405-0099: 16 files, 1 B in 12 ms"), [])
        self.assertEqual(len(self.console(say, "saved 20250102-030405-0099: 17 files, 1 B in 12 ms")), 1)
        self.assertEqual(self.console("$ seq 9", "1", "...", "8", "9"), [])
        self.assertEqual(self.console("$ echo one two three", "one ... three"), [])
        self.assertEqual(len(self.console("$ echo one two three", "one ... four")), 1)

    def test_commands_of_a_page_share_a_shell_and_a_directory(self):
        self.assertEqual(self.wrong("```console\n$ cd / && X=1\n```\ntext\n```console\n$ echo $PWD $X\n/ 1\n```\n"), [])
        self.assertEqual(self.wrong("<!-- file: a/b.txt -->\n```json\n{}\n```\n```console\n$ cat a/b.txt\n{}\n```\n"), [])

    def test_a_command_over_several_lines_is_one(self):
        self.assertEqual(self.console("$ echo a \\", "    b", "a b", "$ cat <<'END'", "> c", "> END", "c"), [])

    def test_a_question_is_answered_at_a_terminal(self):
        ask = "$ test -t 0 && read -p 'sure? [y/N] ' said && echo \"said $said\""
        self.assertEqual(self.wrong(f"<!-- answer: y -->\n```console\n{ask}\nsure? [y/N] y\nsaid y\n```\n"), [])
        self.assertEqual(len(self.console(ask)), 1)

    def test_what_happened_in_between_has_to_succeed(self):
        self.assertEqual(len(self.wrong("<!-- run: false -->\n```console\n$ true\n```\n")), 1)

    def test_a_block_that_is_not_run_is_known(self):
        self.assertEqual(self.wrong("<!-- not run: there is no such program -->\n```console\n$ false\n```\n"), [])
        self.assertEqual([reason for _, reason in runner.left_alone(self.page)], ["there is no such program"])

    def test_headings_are_called_as_on_github(self):
        self.page.write_text("# One `two` three\n## A, b & c\n```sh\n# no heading\n```\n## A, b & c\n### [Links](x) (too)\n")
        self.assertEqual(pages.anchors(self.page), {"one-two-three", "a-b--c", "a-b--c-1", "links-too"})


if __name__ == "__main__":
    unittest.main()
