"""A restore takes away only what a snapshot holds, and puts back kinds and names exactly."""
import os
import unittest

from harness import Case, describe_tree


class OnlyWhatWasHeld(Case):
    def setUp(self):
        super().setUp()
        self.write(".gitignore", "ignored/\n*.log\n")
        self.write("kept.txt", "kept\n")
        self.commit_all()

    def restore(self, snapshot):
        return self.savepoint("restore", snapshot, "--yes", "--json").json

    def text(self, path):
        return (self.root / path).read_text()

    def test_ignored_files_are_never_touched(self):
        self.write("ignored/data", "mine")
        self.write("run.log", "mine too")
        snapshot = self.snapshot()
        self.write("kept.txt", "edited\n")
        self.write("ignored/more", "since then")
        before = {path: facts for path, facts in describe_tree(self.root).items()
                  if path.startswith(b"ignored") or path == b"run.log"}

        self.restore(snapshot)

        after = describe_tree(self.root)
        self.assertEqual(self.text("kept.txt"), "kept\n")
        self.assertEqual({path: after.get(path) for path in before}, before)

    def test_an_ignore_file_that_is_reverted_does_not_expose_what_it_protected(self):
        snapshot = self.snapshot()
        self.write(".gitignore", "ignored/\n*.log\nprecious/\n*.key\n")  # never committed
        self.write("precious/only/copy", "irreplaceable")
        self.write("own.key", "irreplaceable too")

        self.restore(snapshot)

        self.assertEqual(self.text(".gitignore"), "ignored/\n*.log\n")
        self.assertEqual(self.text("precious/only/copy"), "irreplaceable")
        self.assertEqual(self.text("own.key"), "irreplaceable too")

    def test_what_the_snapshot_ignored_and_is_not_ignored_today_stays(self):
        self.write("ignored/data", "mine")
        snapshot = self.snapshot()
        self.write(".gitignore", "")

        self.restore(snapshot)

        self.assertEqual(self.text("ignored/data"), "mine")

    def test_files_made_since_go_only_into_the_safety_snapshot(self):
        snapshot = self.snapshot()
        self.write("new/since.txt", "made since\n")
        with_it = describe_tree(self.root)

        restored = self.restore(snapshot)

        self.assertFalse((self.root / "new").exists())
        held = self.savepoint("files", restored["safety_snapshot"], "--json").json["files"]
        self.assertIn("new/since.txt", {file["path"] for file in held})
        self.savepoint("undo", "--yes")
        self.assertEqual(describe_tree(self.root), with_it)

    def require_there_and_back(self, change):
        """What `change` makes of the project and what was before come back exactly, each from the other."""
        before, first = describe_tree(self.root), self.snapshot()
        change()
        after, second = describe_tree(self.root), self.snapshot()
        self.assertNotEqual(after, before)
        for _ in range(2):
            self.restore(first)
            self.assertEqual(describe_tree(self.root), before)
            self.restore(second)
            self.assertEqual(describe_tree(self.root), after)

    def test_a_name_whose_case_changed(self):
        self.write("Readme.md", "text\n")
        self.write("Dir/file", "in it\n")

        def change():
            os.rename(self.root / "Readme.md", self.root / "README.md")
            os.rename(self.root / "Dir", self.root / "dir")
        self.require_there_and_back(change)

    def test_a_file_that_became_a_directory(self):
        self.write("thing", "a file\n")

        def change():
            os.unlink(self.root / "thing")
            self.write("thing/inside/deep", "now a directory\n")
        self.require_there_and_back(change)

    def test_a_symlink_that_became_a_directory(self):
        self.write("real/file", "behind the link\n")
        os.symlink("real", self.root / "link")

        def change():
            os.unlink(self.root / "link")
            self.write("link/file", "in a directory of its own\n")
        self.require_there_and_back(change)
        self.assertEqual(self.text("real/file"), "behind the link\n")

    def test_a_file_that_became_a_symlink_or_a_fifo(self):
        self.write("one", "1\n")
        self.write("two", "2\n")

        def change():
            os.unlink(self.root / "one")
            os.symlink("../outside", self.root / "one")
            os.unlink(self.root / "two")
            os.mkfifo(self.root / "two")
        self.require_there_and_back(change)

    def test_an_empty_directory_that_became_a_file_with_the_mode_of_a_program(self):
        (self.root / "tool").mkdir()

        def change():
            os.rmdir(self.root / "tool")
            self.write("tool", "#!/bin/sh\n")
            os.chmod(self.root / "tool", 0o755)
        self.require_there_and_back(change)


if __name__ == "__main__":
    unittest.main()
