"""`savepoint diff` for people who know git's: contents, counts, names; and what git knows nothing of: databases and their rows."""
import os
import sqlite3
import subprocess
import unittest

from harness import BIN, NOT_FOUND, USAGE, Case, digest
from terminal import Terminal


class Diff(Case):
    def diff(self, *arguments, **options):
        return self.savepoint("diff", *arguments, **options).out

    def apply(self, patch, tree):
        """What git makes of a patch."""
        (self.top / "patch").write_bytes(patch)
        result = self.command("git", "apply", "--whitespace=nowarn", self.top / "patch", cwd=tree)
        self.assertEqual(result.code, 0, result.err + patch.decode(errors="replace"))

    def restored(self, snapshot, name):
        self.savepoint("restore", snapshot, "--to", self.top / name)
        return self.top / name

    def contents(self, root):
        found = {}
        for folder, folders, files in os.walk(os.fsencode(root)):
            folders[:] = [one for one in folders if one != b".git"]
            for file in files:
                path = os.path.join(folder, file)
                content = os.readlink(path) if os.path.islink(path) else digest(path)
                found[os.path.relpath(path, os.fsencode(root))] = (content, os.path.islink(path), os.access(path, os.X_OK))
        return found

    def change_much(self):
        lines = [f"line {n}\n" for n in range(100)]
        self.write("text", "".join(lines))
        self.write("gone", "a\nb\n")
        self.write("sub/without-end", "one\ntwo")
        self.write("run.sh", "#!/bin/sh\n")
        self.write("same", "same\n")
        self.write(b"na\tme \"quoted\" \xc3\xa4\xff", "x\n")
        self.write("crlf", "a\r\nb\r\n")
        (self.root / "link").symlink_to("text")
        self.write("becomes-link", "was a file\n")
        before = self.snapshot()
        lines[5], lines[60:62] = "another\n", []
        self.write("text", "".join(lines))
        (self.root / "gone").unlink()
        self.write("sub/without-end", "one\nthree")
        (self.root / "run.sh").chmod(0o755)
        self.write("new/file", "new\n")
        self.write("empty", "")
        self.write(b"na\tme \"quoted\" \xc3\xa4\xff", "y\n")
        self.write("crlf", "a\r\nc\r\n")
        (self.root / "link").unlink()
        (self.root / "link").symlink_to("same")
        (self.root / "becomes-link").unlink()
        (self.root / "becomes-link").symlink_to("same")
        return before

    def test_its_patch_is_one_that_git_applies(self):
        before = self.change_much()
        now = self.diff(before, text=False)
        after = self.snapshot()
        self.assertEqual(self.diff(before, after, text=False), now)

        tree = self.restored(before, "patched")
        self.apply(now, tree)
        self.assertEqual(self.contents(tree), self.contents(self.root))
        self.apply(self.diff(after, before, text=False), tree)
        self.assertEqual(self.contents(tree), self.contents(self.restored(before, "again")))

    def test_it_reads_as_that_of_git(self):
        self.write("a", "one\ntwo\n")
        before = self.snapshot()
        self.write("a", "one\n2\n")
        self.assertEqual(self.diff(before), "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n")
        self.assertEqual(self.diff(self.snapshot()), "no differences\n")

    def test_what_is_no_text_or_very_large_is_named(self):
        self.write("bin", b"a\0b")
        self.write("large", b"x" * (20 << 20))
        before = self.snapshot()
        self.write("bin", b"a\0c")
        self.write("large", b"y" * (20 << 20))
        said = self.diff(before)
        self.assertIn("Binary files a/bin and b/bin differ\n", said)
        self.assertIn("Files a/large and b/large are too large to be compared by lines\n", said)

    def test_counts_names_and_letters(self):
        before = self.change_much()
        self.write("bin", b"a\0b")
        stat = self.diff(before, "--stat")
        self.assertRegex(stat, r"(?m)^ text +\| +4 \+-{3}$")
        self.assertRegex(stat, r"(?m)^ bin +\| Bin 0 -> 3 bytes$")
        self.assertRegex(stat, r"(?m)^ 10 files changed, 7 insertions\(\+\), 10 deletions\(-\)$")
        document = self.savepoint("diff", before, "--stat", "--json").json
        [text] = [one for one in document["stat"] if one["path"] == "text"]
        self.assertEqual(text, {"path": "text", "binary": False, "insertions": 1, "deletions": 3})

        names = self.diff(before, "--name-only", "-z", text=False).split(b"\0")
        self.assertEqual(names.pop(), b"")
        self.assertEqual(set(names), {b"becomes-link", b"bin", b"crlf", b"empty", b"gone", b"link", b"na\tme \"quoted\" \xc3\xa4\xff", b"new/file",
                                      b"run.sh", b"sub/without-end", b"text"})
        self.assertIn('na\\tme "quoted"', self.diff(before, "--name-only"))
        self.assertRegex(self.diff(before, "--name-status"), r"(?m)^A  new/file$")
        self.snapshot()
        self.assertEqual(self.diff("latest", "--name-only"), "")

    def test_only_what_is_below_the_paths_that_are_named(self):
        self.write("a", "1\n")
        self.write("sub/a", "1\n")
        self.write("sub/deep/b", "1\n")
        self.write("subway", "1\n")
        self.database("sub/app.db", "CREATE TABLE t(a)")
        before = self.snapshot()
        for name in ("a", "sub/a", "sub/deep/b", "subway"):
            self.write(name, "2\n")
        self.database("sub/app.db", "INSERT INTO t VALUES (1)")
        names = ["--name-only", "--"]
        self.assertEqual(self.diff(before, *names, "sub").splitlines(), ["sub/a", "sub/deep/b", "sub/app.db"])
        self.assertEqual(self.diff(before, *names, "deep", "../a", cwd=self.root / "sub").splitlines(), ["a", "sub/deep/b"])
        self.assertEqual(self.diff(before, "--json", *names[1:], "a").count('"path"'), 1)
        self.assertEqual(self.diff(before, "--", "none"), "no differences\n")
        self.assertEqual(len(self.diff(before, *names, ".").splitlines()), 5)
        self.assert_error(self.savepoint("diff", before, "--", "..", expect=USAGE), USAGE, "outside of")

    def test_what_contradicts_itself_is_refused(self):
        self.snapshot()
        for words in (["--stat", "--name-only"], ["-z"], ["--rows", "t", "--stat"]):
            self.assert_error(self.savepoint("diff", "latest", *words, expect=USAGE), USAGE)

    def test_it_is_coloured_on_a_terminal_and_moves_no_cursor(self):
        self.write("a", "\tone \\n\n")
        before = self.snapshot()
        self.write("a", "\ttwo \\n \x1b[2J \xc2\x9b\n")
        screen = Terminal([BIN / "savepoint", "diff", before], self.root, dict(self.environment, TERM="xterm", PAGER=""), 80, 24)
        self.assertEqual(screen.finish(), 0)
        self.assertIn("\x1b[31m-\tone \\n\x1b[0m", screen.screen.raw)
        self.assertNotIn("\x1b[2J", screen.screen.raw)
        self.assertIn("\\x1b[2J", screen.screen.raw)

    def test_values_of_settings_are_never_shown_even_where_git_tracks_them(self):
        self.write(".env", "TOKEN=old-secret\n")
        self.git("add", "-f", ".env")
        before = self.snapshot()
        self.write(".env", "TOKEN=new-secret\nMORE=other-secret\n")
        for words in ([], ["--stat"], ["--name-only"], ["--json"], ["--stat", "--json"]):
            said = self.diff(before, *words)
            self.assertIn(".env", said)
            self.assertNotIn("secret", said)

    def test_time_alone_is_no_content_and_is_not_hidden(self):
        self.write("a", "1\n")
        before = self.snapshot()
        os.utime(self.root / "a", (1, 1))
        self.assertEqual(self.diff(before), "t  a (mode or time)\n")


class Rows(Case):
    def setUp(self):
        super().setUp()
        self.database("app.db", """CREATE TABLE users(id INTEGER PRIMARY KEY, name);
            INSERT INTO users VALUES (1, 'ann'), (2, 'bob'), (3, 'cy'); CREATE TABLE log(line); INSERT INTO log VALUES ('x')""")
        self.before = self.snapshot()
        self.sql("UPDATE users SET name = 'Anne' WHERE id = 1; DELETE FROM users WHERE id = 2; INSERT INTO users VALUES (9, char(27) || '[2J')")

    def sql(self, script, database="app.db"):
        connection = sqlite3.connect(self.root / database)
        connection.executescript(script)
        connection.close()

    def test_the_rows_of_a_table_that_differ_are_shown(self):
        expected = "app.db: users (id, name)\n@@ 1 row gone, 1 changed, 1 new @@\n-2, 'bob'\n-1, 'ann'\n+1, 'Anne'\n+9, '\\x1b[2J'\n"
        self.assertEqual(self.savepoint("diff", self.before, "--rows", "users").out, expected)
        after = self.snapshot()
        for name in ("users", "app.db:users"):
            self.assertEqual(self.savepoint("diff", self.before, after, "--rows", name).out, expected)
        self.assertEqual([one for one in os.listdir(self.store / "scratch") if one.startswith("rows")], [])

    def test_programs_get_them_as_sql(self):
        [table] = self.savepoint("diff", self.before, "--rows", "users", "--json").json["rows"]
        self.assertEqual((table["database"], table["table"], table["columns"], table["key"]), ("app.db", "users", ["id", "name"], ["id"]))
        self.assertEqual((table["added"], table["removed"], table["modified"]), (1, 1, 1))
        self.assertIn({"change": "modified", "before": ["1", "'ann'"], "after": ["1", "'Anne'"]}, table["rows"])

    def test_a_table_that_is_not_there_is_answered_with_the_nearest(self):
        self.assert_error(self.savepoint("diff", self.before, "--rows", "user", expect=NOT_FOUND), NOT_FOUND, "'user'", "did you mean 'users'")

    def test_a_changed_schema_is_shown_as_the_statements_that_made_it(self):
        self.sql("ALTER TABLE users ADD COLUMN mail TEXT; CREATE INDEX by_name ON users(name)")
        said = self.savepoint("diff", self.before).out
        self.assertIn("the schema changed\n", said)
        self.assertIn("schema of app.db\n  @@ ", said)
        self.assertIn("  -CREATE TABLE users(id INTEGER PRIMARY KEY, name);\n  +CREATE TABLE users(id INTEGER PRIMARY KEY, name, mail TEXT);\n", said)
        self.assertIn("  +CREATE INDEX by_name ON users(name);\n", said)
        [database] = self.savepoint("diff", self.before, "--json").json["databases"]
        self.assertTrue(database["schema_changed"])
        [table] = self.savepoint("diff", self.before, "--rows", "users", "--json").json["rows"]
        self.assertIn({"change": "modified", "before": ["1", "'ann'", None], "after": ["1", "'Anne'", "NULL"]}, table["rows"])

    def test_what_is_said_of_a_schema_leaves_a_patch_of_files_one_that_git_applies(self):
        self.write("a", "one\n")
        before = self.snapshot()
        self.write("a", "two\n")
        self.sql("ALTER TABLE users ADD COLUMN mail TEXT")
        patch = self.savepoint("diff", before).out
        self.assertIn("schema of app.db\n", patch)
        done = subprocess.run(["git", "apply", "-R"], cwd=self.root, input=patch, text=True, capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual((self.root / "a").read_text(), "one\n")

    def test_a_migration_whose_name_is_no_text_is_shown_by_its_bytes(self):
        self.sql("CREATE TABLE schema_migrations(version TEXT); INSERT INTO schema_migrations VALUES (CAST(x'ff' AS TEXT))")
        before = self.snapshot()
        self.sql(f"UPDATE schema_migrations SET version = '{'é' * 400}'")
        [database] = self.savepoint("diff", before, "--json").json["databases"]
        self.assertEqual(database["migration_before"], {"base64": "/w==", "printable": "\\xff"})
        self.assertEqual(database["migration_after"], "é" * 250)

    def test_a_database_that_became_one_of_another_driver_is_named_as_changed(self):
        (self.root / "savepoint.json").write_text('{"databases": [{"name": "main", "dump": "cat dump", "restore": "cat > dump"}]}')
        self.write("dump", "rows")
        self.savepoint("trust", "--yes")
        before = self.snapshot()
        (self.root / "savepoint.json").write_text('{"databases": [{"name": "main", "url": "sqlite:other.db"}]}')
        self.sql("CREATE TABLE t (v)", "other.db")
        self.assertIn("main", self.savepoint("diff", before).out)
        [database] = [one for one in self.savepoint("diff", before, "--json").json["databases"] if one["name"] == "main"]
        self.assertEqual((database["change"], database["schema_changed"]), ("modified", False))
        self.assert_error(self.savepoint("diff", before, "--rows", "main:t", expect=USAGE), USAGE, "its driver changed")

    def test_a_table_that_is_new_or_gone_has_rows_on_one_side(self):
        self.sql("DROP TABLE log; CREATE TABLE fresh(a); INSERT INTO fresh VALUES (1.5)")
        self.assertIn("@@ 1 row gone, 0 changed, 0 new @@\n-'x'\n", self.savepoint("diff", self.before, "--rows", "log").out)
        self.assertIn("@@ 0 rows gone, 0 changed, 1 new @@\n+1.5\n", self.savepoint("diff", self.before, "--rows", "fresh").out)


if __name__ == "__main__":
    unittest.main()
