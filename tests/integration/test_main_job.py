"""The main job, end to end, as a user does it."""
import os
import sqlite3
import subprocess
import sys
import unittest

from harness import (BIN, CORRUPT, DONE, GAPS, NOT_FOUND, REFUSED, USAGE, Case, describe_tree, dump)


class MainJob(Case):
    def make_project(self):
        self.write(".gitignore", "node_modules/\n.env*\n*.db\n*.db-*\n*.log\n")
        self.write("src/app.js", "console.log(1)\n" * 1000)
        self.write("src/deep/er/file.txt", "deep\n")
        self.write("package.json", '{"name": "shop", "version": "1.4.0"}\n')
        self.commit_all()
        self.write("src/app.js", "console.log(2)\n" * 1000)
        self.write("notes.txt", "untracked\n")
        self.write(".env.local", "SECRET=x\n")
        self.write("debug.log", "ignored\n")
        self.write("node_modules/dep/index.js", "dep\n")
        self.database("prisma/dev.db", "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);" +
                      "".join(f"INSERT INTO t (v) VALUES ('row {i}');" for i in range(500)))

    def test_snapshot_damage_restore_undo(self):
        self.make_project()
        before = describe_tree(self.root)
        rows = dump(self.root / "prisma/dev.db")
        taken = self.savepoint("snapshot", "-m", "before", "--json").json
        self.assertTrue(taken["created"])
        self.assertEqual({c["kind"] for c in taken["components"]}, {"code", "config", "database"})

        (self.root / "notes.txt").unlink()
        self.write("src/app.js", "broken")
        self.write("src/new.js", "made later")
        self.command("rm", "-rf", "src/deep")
        connection = sqlite3.connect(self.root / "prisma/dev.db")
        connection.execute("DELETE FROM t WHERE id % 2")
        connection.commit()
        connection.close()
        damaged_rows = dump(self.root / "prisma/dev.db")
        damaged = describe_tree(self.root)

        difference = self.savepoint("diff", "latest", "--json").json
        self.assertEqual({f["path"] for f in difference["files"]} >= {"notes.txt", "src/app.js", "src/new.js"}, True)
        self.assertEqual(difference["databases"][0]["name"], "prisma/dev.db")

        restored = self.savepoint("restore", taken["id"], "--yes", "--json").json
        self.assertEqual(restored["restored"], taken["id"])
        self.assertTrue(restored["safety_snapshot"])
        after = describe_tree(self.root)
        for facts in (before, after):
            for name in list(facts):
                if name.startswith(b"prisma"):
                    del facts[name]
        self.assertEqual(after, before)
        self.assertEqual(dump(self.root / "prisma/dev.db"), rows)

        self.savepoint("undo", "--yes")
        undone = describe_tree(self.root)
        for facts in (damaged, undone):
            for name in list(facts):
                if name.startswith(b"prisma"):
                    del facts[name]
        self.assertEqual(undone, damaged)
        self.assertEqual(dump(self.root / "prisma/dev.db"), damaged_rows)

        self.savepoint("undo", "--yes")
        self.assertEqual(dump(self.root / "prisma/dev.db"), rows)
        self.savepoint("verify", "--all", "--read-data", "--rehearse")

    def test_nothing_new(self):
        self.make_project()
        first = self.savepoint("snapshot", "--json", "--if-changed").json
        second = self.savepoint("snapshot", "--json", "--if-changed").json
        self.assertTrue(first["created"])
        self.assertFalse(second["created"])
        self.assertEqual(second["id"], first["id"])
        self.write("notes.txt", "other")
        self.assertTrue(self.savepoint("snapshot", "--json", "--if-changed").json["created"])

    def test_dry_run_is_dry_and_true(self):
        self.make_project()
        self.snapshot()
        self.write("src/app.js", "x")
        self.write("extra", "y")
        damaged = describe_tree(self.root)
        plan = self.savepoint("restore", "latest", "--dry-run", "--json").json
        self.assertEqual(describe_tree(self.root), damaged)
        real = self.savepoint("restore", "latest", "--yes", "--json").json
        self.assertEqual(plan["changes"], real["changes"])

    def test_only_and_paths_and_keep_extra(self):
        self.make_project()
        self.snapshot()
        self.write("src/app.js", "x")
        self.write("notes.txt", "x")
        self.write("extra", "stays")
        self.savepoint("restore", "latest", "--yes", "--", "notes.txt")
        self.assertEqual((self.root / "notes.txt").read_text(), "untracked\n")
        self.assertEqual((self.root / "src/app.js").read_text(), "x")
        self.savepoint("restore", "latest~0", "--keep-extra", "--only", "code", "--yes")
        self.assertEqual((self.root / "extra").read_text(), "stays")
        self.assertEqual((self.root / "src/app.js").read_text(), "console.log(2)\n" * 1000)
        self.savepoint("restore", "latest", "--yes")
        self.assertFalse((self.root / "extra").exists())

    def test_config_waits_for_with_config(self):
        self.make_project()
        self.snapshot()
        self.write(".env.local", "SECRET=changed\n")
        result = self.savepoint("restore", "latest", "--yes", "--json").json
        self.assertEqual((self.root / ".env.local").read_text(), "SECRET=changed\n")
        self.assertIn(".env.local", result["config_left"])
        self.savepoint("restore", "latest", "--yes", "--with-config")
        self.assertEqual((self.root / ".env.local").read_text(), "SECRET=x\n")

    def test_settings_that_are_asked_for_by_name_do_not_wait(self):
        self.make_project()
        self.write("src/.env.local", "SECRET=below\n")
        self.snapshot()
        for arguments, restored in ((["--only", "config"], {".env.local", "src/.env.local"}), (["--", ".env.local", "src"], {".env.local"})):
            for path in (".env.local", "src/.env.local"):
                self.write(path, "SECRET=changed\n")
            result = self.savepoint("restore", "latest", "--yes", "--json", *arguments).json
            self.assertEqual({change["path"] for change in result["changes"]}, restored)
            self.assertEqual((self.root / ".env.local").read_text(), "SECRET=x\n")
            self.assertEqual(result["config_left"], [] if len(restored) == 2 else ["src/.env.local"])
            self.savepoint("undo", "--yes")
            self.assertEqual((self.root / ".env.local").read_text(), "SECRET=changed\n")

    def test_ignored_files_are_never_touched(self):
        self.make_project()
        self.snapshot()
        self.write("node_modules/dep/index.js", "changed")
        self.write("late.log", "made later")
        self.savepoint("restore", "latest", "--yes")
        self.assertEqual((self.root / "node_modules/dep/index.js").read_text(), "changed")
        self.assertEqual((self.root / "late.log").read_text(), "made later")
        self.assertEqual((self.root / "debug.log").read_text(), "ignored\n")

    def test_a_reverted_gitignore_exposes_nothing(self):
        self.write(".gitignore", "secret/\n")
        self.write("a", "a")
        self.write("secret/key", "precious")
        self.commit_all()
        self.snapshot()
        self.write(".gitignore", "")  # now secret/ is captured, but the snapshot would not have
        self.savepoint("restore", "latest", "--yes")
        self.assertEqual((self.root / "secret/key").read_text(), "precious")

    def test_to_a_directory_and_export(self):
        self.make_project()
        identifier = self.snapshot()
        target = self.top / "elsewhere"
        self.savepoint("restore", identifier, "--to", target)
        self.assertEqual((target / "src/app.js").read_bytes(), (self.root / "src/app.js").read_bytes())
        self.assertEqual(dump(target / "prisma/dev.db"), dump(self.root / "prisma/dev.db"))
        plain = self.top / "plain"
        self.savepoint("export", identifier, "--to", plain)
        self.assertEqual((plain / "codebase/src/app.js").read_bytes(), (self.root / "src/app.js").read_bytes())
        self.assertEqual(dump(plain / "databases/prisma/dev.db"), dump(self.root / "prisma/dev.db"))
        self.assertIn("SECRET", (plain / "environment/.env.keys").read_text())
        self.assertNotIn("SECRET=x", (plain / "environment/.env.keys").read_text())
        self.assertTrue((plain / "manifest.json").exists())

    def test_without_a_project(self):
        self.make_project()
        identifier = self.snapshot()
        outside = self.top / "outside"
        outside.mkdir()
        listed = self.savepoint("list", "--store", self.store, "--json", cwd=outside).json
        self.assertEqual([s["id"] for s in listed["snapshots"]], [identifier])
        self.savepoint("verify", "--store", self.store, "--all", cwd=outside)
        self.savepoint("restore", identifier, "--store", self.store, "--to", self.top / "copy", cwd=outside)
        self.assertTrue((self.top / "copy/src/app.js").exists())

    def test_selectors(self):
        self.write("a", "1")
        self.commit_all()
        first = self.snapshot("--tag", "release")
        self.git("switch", "-q", "-c", "feature")
        self.write("a", "2")
        self.commit_all()
        second = self.snapshot()
        for selector, expected in [("latest", second), ("latest~1", first), ("release", first),
                                   ("branch:main", first), ("branch:feature", second), ("commit:main", first),
                                   (first, first), (first[-4:], first)]:
            self.assertEqual(self.savepoint("show", selector, "--json").json["id"], expected, selector)
        self.assertEqual(self.savepoint("restore", "--at", "main", "--dry-run", "--json").json["restored"], first)
        self.savepoint("show", "latest~9", expect=NOT_FOUND)

    def test_marks(self):
        self.write("a", "1")
        identifier = self.snapshot()
        self.savepoint("pin", identifier)
        self.savepoint("tag", identifier, "good")
        self.savepoint("note", identifier, "the good one")
        listed = self.savepoint("list", "--json").json["snapshots"][0]
        self.assertEqual((listed["pinned"], listed["tags"], listed["note"]), (True, ["good"], "the good one"))
        refused = self.savepoint("prune", "--snapshot", identifier, "--yes", expect=REFUSED)
        self.assertIn("pinned", refused.err)
        self.assertEqual(self.savepoint("tag", identifier, "good", "--delete", "--json").json["tags"], [])
        self.assert_error(self.savepoint("tag", "-d", identifier, "good", expect=NOT_FOUND), NOT_FOUND, "good")
        self.savepoint("unpin", identifier)
        self.assertFalse(self.savepoint("list", "--json").json["snapshots"][0]["pinned"])

    def test_prune(self):
        for i in range(6):
            self.write("a", os.urandom(200_000))
            self.snapshot()
        plan = self.savepoint("prune", "--keep-last", "2", "--dry-run", "--json").json
        self.assertEqual(len(plan["removed"]), 4)
        self.assertTrue(all(item["reason"] for item in plan["removed"] + plan["kept"]))
        done = self.savepoint("prune", "--keep-last", "2", "--yes", "--json").json
        self.assertEqual(done["removed"], plan["removed"])
        self.assertGreater(done["bytes_freed"], 700_000)
        self.assertEqual(len(self.savepoint("list", "--json").json["snapshots"]), 2)
        self.savepoint("verify", "--all", "--read-data")
        self.savepoint("restore", "latest", "--to", self.top / "out")

    def test_the_plan_of_prune_says_what_each_snapshot_was_for(self):
        self.savepoint("snapshot", "-m", "before the migration", "--tag", "keepme")
        for text in ("b", "c"):
            (self.root / "a").write_text(text)
            self.snapshot()
        plan = self.savepoint("prune", "--keep-last", "1", "--dry-run").out
        self.assertRegex(plan, r"drop .* no rule keeps it +manual +#keepme before the migration\n")

    def test_rules_at_prune_stand_beside_the_configured_ones(self):
        self.write("savepoint.json", '{"retention": {"keep_last": 100, "keep_tags": ["k0"], "max_count": 30}}')
        for i in range(25):
            self.write("a", str(i))
            self.snapshot("--tag", f"k{i}")
        removed = lambda *words: len(self.savepoint("prune", *words, "--dry-run", "--json").json["removed"])
        self.assertEqual(removed("--keep-tag", "k1"), 0)  # the last 20 are what is kept without any rule
        self.assertEqual(removed("--max-size", "1G"), 0)
        self.assertEqual(removed("--max-count", "24", "--keep-tag", "k1"), 1)
        self.assertEqual(removed("--keep-last", "2"), 22)
        kept = self.savepoint("prune", "--max-count", "2", "--keep-tag", "k1", "--yes", "--json").json["kept"]
        self.assertEqual([one["reasons"][-1] for one in kept], ["last 1 of 100", "last 24 of 100", "last 25 of 100"])
        self.assertEqual(len(self.savepoint("prune", "--keep-within", "0s", "--yes", "--json").json["kept"]), 2)

    def test_a_path_is_a_destination_for_a_database_file(self):
        self.database(script="CREATE TABLE t (v); INSERT INTO t VALUES ('then')")
        self.snapshot()
        for there in (str(self.top / "other.db"), "./copy.db"):
            self.savepoint("restore", "latest", "--yes", "--database", f"app.db={there}")
            self.assertIn("then", "\n".join(dump(self.root / there)))

    def test_catalog_is_a_cache(self):
        self.make_project()
        self.snapshot()
        before = self.savepoint("list", "--json").json
        for content in (None, b"", b"garbage" * 1000):
            for name in ("catalog.db", "catalog.db-journal"):
                (self.store / name).unlink(missing_ok=True)
            if content is not None:
                (self.store / "catalog.db").write_bytes(content)
            self.assertEqual(self.savepoint("list", "--json").json, before)
        self.savepoint("manifest", "rebuild")
        self.assertEqual(self.savepoint("list", "--json").json, before)

    def test_versions(self):
        self.make_project()
        self.write("savepoint.json", '{"versions": {"app": "package.json#/version"}}')
        self.snapshot()
        self.write("package.json", '{"name": "shop", "version": "2.0.0"}\n')
        result = self.savepoint("restore", "latest", "--yes", "--only", "database", "--json").json
        shown = self.savepoint("show", "latest", "--json").json
        self.assertEqual(shown["versions"], {"app": "1.4.0"})
        self.assertEqual(result["versions"], [{"label": "app", "then": "1.4.0", "now": "2.0.0"}])

    def test_a_project_without_git(self):
        self.command("rm", "-rf", ".git")
        self.write("src/a.js", "a")
        self.write("node_modules/x.js", "x")
        self.snapshot()
        self.write("src/a.js", "b")
        self.savepoint("restore", "latest", "--yes")
        self.assertEqual((self.root / "src/a.js").read_text(), "a")
        self.assertEqual((self.root / "node_modules/x.js").read_text(), "x")

    def test_quiet_prints_ids_only(self):
        self.write("a", "1")
        taken = self.savepoint("snapshot", "--quiet").out
        self.assertRegex(taken, r"\A\d{8}-\d{6}-[0-9a-f]{4,}\n\Z")
        self.assertEqual(self.savepoint("list", "--quiet").out, taken)

    def test_as_a_command_of_git(self):
        self.write("a", "1")
        self.write("sub/b", "2")
        identifier = self.git("savepoint", "snapshot", "--quiet")
        self.assertEqual(self.git("savepoint", "list", "--quiet"), identifier)

    def test_init_and_status(self):
        self.write("a", "1")
        self.savepoint("init")
        self.assertTrue((self.root / "savepoint.json").exists())
        self.assertTrue(self.git("config", "savepoint.id").strip())
        self.savepoint("snapshot")
        self.write("a", "2")
        status = self.savepoint("status")
        self.assertIn(str(self.store), status.out)
        self.assertIn("a", status.out)


if __name__ == "__main__":
    unittest.main()
