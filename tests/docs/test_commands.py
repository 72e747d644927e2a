"""Every block of commands in README.md and docs/ is run, and prints what the page shows.

test_commands.py [PART OF A NAME]; SAVEPOINT_ACCEPT=1 has pages show what is printed: look at the difference first."""
import os
import sys
import unittest

import pages
import runner
import setups


class Commands(unittest.TestCase):
    """One test for each scratch project of each page."""
    maxDiff = None

    def test_no_command_hides_in_a_block_of_another_language(self):
        for page in pages.PAGES:
            for block in pages.blocks(page):
                self.assertNotIn(block.language, ("bash", "shell", "shell-session", "terminal", "zsh"), f"{block} should be a ```sh or a ```console")
                if not block.is_commands and "file" not in block.marks:
                    self.assertNotRegex(block.text, r"(?m)^\$ ", f"{block} should be a ```console")

    def test_what_is_left_alone_is_little_and_has_a_reason(self):
        left = [found for page in pages.PAGES for found in runner.left_alone(page)]
        ran = [block for page in pages.PAGES for block in pages.blocks(page) if block.runs]
        print(f"{len(ran)} blocks of commands are run; {len(left)} are not:")
        for block, reason in left:
            print(f"  {block}: {reason}")
            self.assertGreater(len(reason.split()), 3, f"{block}: this is no reason")
        self.assertLess(len(left) * 4, len(ran), "more than one block in five is not run")


accepted = []


def tearDownModule():
    for difference in sorted(accepted, key=lambda one: one.command.line, reverse=True):
        difference.accept()


def check(part):
    def test(self):
        try:
            place = setups.Place(part.setup)
        except setups.Missing as missing:
            self.skipTest(str(missing))
        with place:
            wrong = runner.run(part, place.root, place.environment, rename=[(place.home, "/home/me")])
        if os.environ.get("SAVEPOINT_ACCEPT"):
            accepted.extend(one for one in wrong if not one.failed)
        if wrong:
            self.fail("\n" + "\n".join(map(str, wrong)))
    return test


for _page in pages.PAGES:
    for _number, _part in enumerate(runner.parts(_page), 1):
        _name = str(_page.relative_to(pages.ROOT)).replace("/", "_").replace(".md", "").replace("-", "_")
        setattr(Commands, f"test_{_name}_{_number}", check(_part))

if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        sys.argv[1:] = ["-k", sys.argv[1], *sys.argv[2:]]
    unittest.main()
