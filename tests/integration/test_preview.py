"""What a dry run says of a restore into a directory is what that restore makes, and names what it cannot give."""
import json
import os
import unittest

from harness import DONE, GAPS, NOT_FOUND, Case


class Preview(Case):
    def setUp(self):
        super().setUp()
        self.write(".gitignore", ".env\n/data/\n")
        self.write(".env", "A=1\n")
        self.write(".env.example", "A=\n")
        self.write("src/code.txt", "code\n")
        os.symlink("code.txt", self.root / "src/link")
        (self.root / "data").mkdir()
        self.database("data/app.db", "CREATE TABLE t (v);")
        (self.top / "queue").write_text("of a server\n")
        self.write("savepoint.json", json.dumps({"databases": [{"name": "main", "path": "data/app.db"},
                                                               {"name": "queue", "dump": "cat ../queue", "restore": "cat > ../queue"}]}))
        self.commit_all()
        self.savepoint("trust", "--yes")
        self.taken = self.snapshot()

    def made(self, *arguments, expect=DONE):
        """What a restore makes, files by their paths and databases by their names, as the preview said before."""
        target = self.top / f"made-{len(list(self.top.iterdir()))}"
        words = ("restore", self.taken, "--to", target, "--json", *arguments)
        said = self.savepoint(*words[:5], "--dry-run", *arguments).json
        self.assertFalse(target.exists())

        done = self.savepoint(*words, expect=expect).json

        there = {str(file.relative_to(target)) for file in target.rglob("*") if file.is_symlink() or not file.is_dir()}
        made = {"main" if path == "data/app.db" else path for path in there}
        self.assertEqual({change["path"] for change in said["changes"]}, made)
        self.assertEqual((said["changes"], said["missing"]), (done["changes"], done["missing"]))
        return made, done["missing"]

    def test_all_of_a_project_with_its_settings_and_without_the_database_of_a_server(self):
        files = {".env", ".env.example", ".gitignore", "main", "savepoint.json", "src/code.txt", "src/link"}
        self.assertEqual(self.made(expect=GAPS), (files, ["queue"]))
        self.assertIn("not restored: 'queue'", self.savepoint("restore", self.taken, "--to", self.top / "x", "--dry-run").err)

    def test_settings_alone_also_those_that_git_tracks(self):
        self.assertEqual(self.made("--only", "config"), ({".env", "savepoint.json"}, []))

    def test_a_database_by_its_path_or_its_name(self):
        self.assertEqual(self.made("--", "data/app.db"), ({"main"}, []))
        self.assertEqual(self.made("--", "main", "src"), ({"main", "src/code.txt", "src/link"}, []))

    def test_nothing_but_the_database_of_a_server(self):
        self.assertEqual(self.made("--only", "database:queue", expect=GAPS), (set(), ["queue"]))

    def test_what_the_snapshot_does_not_have_is_not_found(self):
        self.savepoint("restore", self.taken, "--to", self.top / "x", "--dry-run", "--", "nowhere", expect=NOT_FOUND)


if __name__ == "__main__":
    unittest.main()
