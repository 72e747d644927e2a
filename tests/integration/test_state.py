"""What `savepoint` says without a command: how things are, and what to do next."""
import json
import re
import shutil
import unittest

from harness import DONE, NOT_FOUND, USAGE, Case


class State(Case):
    def state(self, *arguments, **options):
        """What it says, and the commands it has to offer."""
        said = self.savepoint(*arguments, **options).out
        facts, commands = said.split("\n\n")
        commands = [line.strip().split("  ")[0] for line in commands.splitlines()]
        for command in commands:  # each of them can be typed
            self.savepoint(*[word for word in command.split()[1:2] if word != "-C"], "--help")
        return facts, commands

    def test_a_project_without_a_snapshot_is_told_how_to_take_one(self):
        facts, commands = self.state()
        self.assertEqual(facts, "project, on main\nno snapshot yet")
        self.assertEqual(commands, ["savepoint snapshot", "savepoint doctor", "savepoint hooks install"])

    def test_who_lost_the_repository_is_told_where_its_snapshots_are(self):
        del self.environment["SAVEPOINT_STORE"]
        self.write("a", "one\n")
        self.commit_all()
        snapshot = self.snapshot()
        shutil.rmtree(self.root / ".git")
        (self.root / "a").unlink()
        for command in (["restore", "latest"], ["restore", "latest", "--yes"], ["undo"]):
            told = self.savepoint(*command, expect=NOT_FOUND).err
            self.assertIn("git init && git config savepoint.id ", told)
        self.git("init", "-q")
        told = self.savepoint("list").err
        self.git(*re.search(r"'git (config savepoint\.id \w+)' makes", told)[1].split())
        self.savepoint("restore", "latest", "--yes")
        self.assertEqual((self.root / "a").read_text(), "one\n")
        self.assertIn(snapshot, self.savepoint("list", "--quiet").out)

    def test_it_says_what_was_saved_last_and_whether_anything_changed_since(self):
        self.write("a", "1")
        self.commit_all()
        taken = self.snapshot("-m", "before the merge")
        facts, _ = self.state()
        self.assertRegex(facts, rf"^project, on main at [0-9a-f]{{8}}\nlast snapshot {taken}, .*, manual, on main at [0-9a-f]{{8}}: before the merge\nnothing changed since$")

        self.write("a", "2")
        self.write("b")
        facts, commands = self.state()
        self.assertIn("changed since: 2 files", facts)
        self.assertEqual(commands, ["savepoint snapshot", "savepoint diff latest", "savepoint restore latest"])
        (self.root / "b").unlink()
        self.write("a", "1")
        self.assertIn("changed since: mode or time of 1 file", self.state()[0])

    def test_the_way_back_it_names_is_one_for_all_that_changed(self):
        self.write(".gitignore", ".env\n")
        self.write(".env", "A=1\n")
        self.snapshot()
        (self.root / ".env").unlink()
        self.assertEqual(self.state()[1][2], "savepoint restore latest --with-config")

    def test_init_asks_for_a_first_snapshot_only_where_there_is_none(self):
        self.assertIn("take the first snapshot", self.savepoint("init").out)
        self.snapshot()
        self.assertNotIn("first snapshot", self.savepoint("init").out)

    def test_after_a_restore_it_offers_the_way_back_until_something_else_was_done(self):
        self.write("a", "1")
        taken = self.snapshot()
        self.write("a", "2")
        self.savepoint("restore", "latest", "--yes")
        facts, commands = self.state()
        self.assertRegex(facts, rf"last restore .*, to {taken}")
        self.assertEqual(commands[0], "savepoint undo")
        self.savepoint("undo", "--yes")
        self.assertIn("last undo ", self.state()[0])

        self.snapshot()
        self.assertNotIn("savepoint undo", self.state()[1])

    def test_outside_of_any_project_it_says_so_and_how_to_begin(self):
        for place in (self.top, self.top / "home"):  # a home has the stores of all projects below it
            facts, commands = self.state(cwd=place, env={"SAVEPOINT_STORE": ""})
            self.assertRegex(facts, r"^no project here: '.*' is not under git")
            self.assertEqual(commands, ["savepoint -C DIR", "savepoint init", "savepoint --help"])
            document = self.savepoint("--json", cwd=place, env={"SAVEPOINT_STORE": ""}).json
            self.assertIsNone(document["store"])
        self.assertEqual([one.name for one in (self.top / "home").iterdir()], [])

    def test_the_directory_of_all_others_is_told_so_kindly(self):
        for store in ("", str(self.store)):
            facts, commands = self.state(cwd="/", env={"SAVEPOINT_STORE": store})
            self.assertEqual(facts, "no project here: '/' is never one")
            self.assertEqual(commands, ["savepoint -C DIR", "savepoint --help"])
        self.assertIsNone(self.savepoint("--json", cwd="/").json["project"])

    def test_a_store_alone_has_a_state_too(self):
        self.write("a")
        self.snapshot()
        facts, _ = self.state("-C", "/", "--store", self.store)
        self.assertIn(f"store {self.store}: 1 snapshot", facts)

    def test_scripts_get_one_document_or_one_id(self):
        self.write("a")
        taken = self.snapshot()
        result = self.savepoint("--json")
        document = json.loads(result.out)
        self.assertEqual((document["last"]["id"], document["changed"], result.err), (taken, False, ""))
        self.assertEqual(document["commands"][0], {"command": "savepoint list", "help": "the snapshots there are"})
        self.assertEqual(self.savepoint("--quiet").out, taken + "\n")

    def test_a_wrong_option_is_still_a_mistake(self):
        self.assert_error(self.savepoint("--jsno", expect=USAGE), USAGE, "did you mean '--json'")
        self.assert_error(self.savepoint("-C", "none", expect=None), 4, "none")


if __name__ == "__main__":
    unittest.main()
