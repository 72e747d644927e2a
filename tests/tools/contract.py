"""The contract that scripts rely on: exit codes, JSON fields, what goes to stdout. contract.py BIN"""
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import unittest

BIN = pathlib.Path(sys.argv.pop(1)).resolve()
ID = re.compile(r"^\d{8}-\d{6}-[0-9a-f]{4,}$")


class Contract(unittest.TestCase):
    """A project under git with a database and settings, and one snapshot, tagged `start`."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.top = pathlib.Path(scratch.name).resolve()
        self.root = self.top / "project"
        (self.root / "src" / "[id]").mkdir(parents=True)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.top), "LANG": "C"}
        self.git("init", "-q", "-b", "main")
        self.write("app.ts", "good\n")
        self.write("src/[id]/page.tsx", "page\n")
        self.write(".gitignore", ".env\n")
        self.write(".env", "TOKEN=1\n")
        self.sql("create table users (name text); insert into users values ('a'), ('b')")
        self.git("add", "app.ts", "src", ".gitignore")
        self.git("-c", "user.name=n", "-c", "user.email=e@e", "commit", "-qm", "first")
        self.start = self.run_ok("snapshot", "--quiet", "--tag", "start", "-m", "first").strip()

    def write(self, path, text):
        (self.root / path).write_text(text)

    def sql(self, script):
        connection = sqlite3.connect(self.root / "app.db")
        connection.executescript(script)
        connection.close()

    def git(self, *words):
        subprocess.run(["git", *words], cwd=self.root, env=self.environment, check=True)

    def run_tool(self, *words, cwd=None, **environment):
        return subprocess.run([BIN / "savepoint", *words], cwd=cwd or self.root, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              env={**self.environment, **environment})

    def run_ok(self, *words, code=0, **others):
        done = self.run_tool(*words, **others)
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def run_json(self, *words, code=0, **others):
        document = json.loads(self.run_ok("--json", *words, code=code, **others))
        self.assertEqual(document["schema"], 1)
        return document

    def damage(self):
        self.write("app.ts", "bad\n")
        (self.root / "src/[id]/page.tsx").unlink()
        self.write("new.ts", "new\n")
        self.sql("delete from users")

    def test_snapshot_has_its_fields(self):
        document = self.run_json("snapshot", "--if-changed")
        self.assertEqual((document["id"], document["created"]), (self.start, False))
        self.write("app.ts", "more\n")
        document = self.run_json("snapshot", "--if-changed")
        self.assertTrue(document["created"])
        self.assertRegex(document["id"], ID)
        self.assertEqual({c["kind"] for c in document["components"]}, {"code", "config", "database"})
        self.assertEqual(document["skipped"], [])
        self.assertIsInstance(document["bytes_added"], int)
        self.assertIsInstance(document["duration_ms"], int)

    def test_one_line_ends_in_what_to_type(self):
        lines = self.run_ok("snapshot").splitlines()
        self.assertEqual(len(lines), 1)
        self.assertRegex(lines[0], r"^saved \S+: 3 files, 1 database, .* — to come back: "
                                   r"savepoint restore [0-9a-f]+$")

    def test_list_has_its_fields(self):
        [entry] = self.run_json("list")["snapshots"]
        for field, value in {"id": self.start, "trigger": "manual", "note": "first", "tags": ["start"],
                             "pinned": False, "branch": "main", "dirty": True}.items():
            self.assertEqual(entry[field], value, field)
        self.assertRegex(entry["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertRegex(entry["commit"], r"^[0-9a-f]{40}$")
        self.assertLessEqual({"components", "bytes"}, entry.keys())

    def test_quiet_prints_nothing_but_ids(self):
        for words in (["list"], ["snapshot"], ["show", "start"], ["pin", "start"], ["unpin", "start"],
                      ["tag", "start", "t"], ["note", "start", "n"], ["status"], ["diff", "start"],
                      ["verify"], ["init"], ["files", "start"], ["doctor"], ["status", "--check"],
                      ["prune", "--dry-run", "--keep-last", "1"]):
            for line in self.run_ok(*words, "-q").splitlines():
                self.assertRegex(line, ID, words)

    def test_a_typing_error_is_answered_with_what_was_meant(self):
        other_digit = "0" if self.start[-1] != "0" else "1"
        (self.top / ".config/savepoint").mkdir(parents=True)
        for words, code, meant in ((["snapsot"], 2, "savepoint snapshot"), (["hooks", "instal"], 2, "savepoint hooks install"),
                                   (["restore", "start", "--dry-rum"], 2, "--dry-run"), (["show", "statr"], 4, "start"),
                                   (["show", "latset"], 4, "latest"), (["show", self.start[:-1] + other_digit], 4, self.start),
                                   (["show", "branch:mian"], 4, "branch:main"), (["snapshot", "--only", "databse"], 2, "database"),
                                   (["snapshot", "--only", "database:ap.db"], 4, "database:app.db"),
                                   (["status"], 2, "snapshot_within")):
            if words == ["status"]:
                (self.top / ".config/savepoint/config.json").write_text('{"health": {"snapshot_witin": "1d"}}')
            error = self.run_json(*words, code=code)["error"]
            self.assertEqual(error["hint"], f"did you mean '{meant}'?", words)

    def test_restore_puts_back_and_undo_takes_that_back(self):
        self.damage()
        self.assertEqual(self.run_json("restore", "start", code=3)["error"]["code"], "refused")
        plan = self.run_json("restore", "start", "--dry-run")
        self.assertIsNone(plan["safety_snapshot"])
        self.assertEqual((self.root / "app.ts").read_text(), "bad\n")
        done = self.run_json("restore", "start", "--yes")
        self.assertEqual(done["restored"], self.start)
        self.assertEqual(done["changes"], plan["changes"])
        self.assertRegex(done["safety_snapshot"], ID)
        self.assertEqual({c["path"]: c["action"] for c in done["changes"]},
                         {"app.ts": "replace", "src/[id]/page.tsx": "create", "new.ts": "remove",
                          "app.db": "database"})
        self.assertEqual(self.run_json("diff", "start")["files"], [])
        self.run_ok("undo", "--yes")
        self.assertEqual((self.root / "app.ts").read_text(), "bad\n")
        self.assertTrue((self.root / "new.ts").exists())

    def test_restore_of_paths_leaves_the_rest(self):
        self.damage()
        changes = self.run_json("restore", "start", "--yes", "--", "src/[id]/page.tsx")["changes"]
        self.assertEqual([c["path"] for c in changes], ["src/[id]/page.tsx"])
        self.assertEqual((self.root / "app.ts").read_text(), "bad\n")
        (self.root / "src/[id]/page.tsx").unlink()
        self.run_ok("restore", "start", "--yes", "--", "page.tsx", cwd=self.root / "src/[id]")
        self.assertTrue((self.root / "src/[id]/page.tsx").exists())

    def test_without_anything_to_do_restore_needs_no_confirmation(self):
        done = self.run_json("restore", "start")
        self.assertEqual((done["changes"], done["safety_snapshot"]), ([], None))

    def test_a_dry_run_of_npm_is_one_of_ours(self):
        self.damage()
        self.assertTrue(self.run_json("restore", "start", "--yes", npm_config_dry_run="true")["dry_run"])
        self.assertEqual((self.root / "app.ts").read_text(), "bad\n")

    def test_the_refusal_prints_the_command(self):
        self.damage()
        done = self.run_tool("restore", "start", "--", "app.ts", "a b")
        self.assertEqual(done.returncode, 4)  # a b is nowhere
        done = self.run_tool("restore", "start", "--", "app.ts")
        self.assertEqual(done.returncode, 3)
        self.assertIn("savepoint restore start --yes -- app.ts", done.stderr)

    def test_diff_shows_files_and_rows(self):
        self.damage()
        document = self.run_json("diff", "start")
        self.assertEqual({f["path"]: f["change"] for f in document["files"]},
                         {"app.ts": "modified", "src/[id]/page.tsx": "removed", "new.ts": "added"})
        [database] = document["databases"]
        self.assertEqual(database["name"], "app.db")
        self.assertEqual(database["tables"], [{"name": "users", "before": 2, "after": 0}])

    def test_verify_and_its_exit_code(self):
        document = self.run_json("verify", "--read-data", "--rehearse")
        self.assertEqual((document["ok"], document["problems"]), (True, []))
        packs = list((self.top / ".local/share/savepoint").rglob("*.pack"))
        packs[0].chmod(0o600)
        packs[0].write_bytes(packs[0].read_bytes()[:-1])
        document = self.run_json("verify", code=6)
        self.assertFalse(document["ok"])
        self.assertTrue(document["problems"])

    def test_prune_has_its_fields(self):
        self.write("app.ts", "more\n")
        last = self.run_ok("snapshot", "-q").strip()
        self.run_json("prune", "--keep-last", "1", code=3)
        document = self.run_json("prune", "--keep-last", "1", "--yes")
        self.assertEqual([s["id"] for s in document["kept"]], [last])
        self.assertEqual([s["id"] for s in document["removed"]], [self.start])
        self.assertTrue(all(s["reason"] for s in document["kept"] + document["removed"]))
        self.assertIsInstance(document["bytes_freed"], int)

    def test_a_store_alone_needs_no_project(self):
        [store] = (self.top / ".local/share/savepoint").iterdir()
        alone = {"cwd": self.top}
        self.assertEqual(self.run_ok("--store", str(store), "list", "-q", **alone).strip(), self.start)
        self.assertTrue(self.run_json("--store", str(store), "verify", **alone)["ok"])
        self.run_ok("show", "start", "--store", str(store), **alone)
        self.assertTrue(self.run_json("files", "start", "--store", str(store), **alone)["files"])
        self.run_ok("restore", "start", "--to", "copy", "--store", str(store), **alone)
        self.assertEqual((self.top / "copy/app.ts").read_text(), "good\n")
        self.run_ok("export", "start", "--to", "plain", "--store", str(store), **alone)
        self.assertTrue((self.top / "plain/codebase/app.ts").exists())
        self.run_ok("prune", "--dry-run", "--store", str(store), **alone)
        error = self.run_json("restore", "--at", "HEAD", "--to", "other", "--store", str(store), code=4, **alone)["error"]
        self.assertIn("repository", error["message"])
        self.assertNotIn("--to", error["hint"])

    def test_mistakes_have_their_exit_codes_and_three_parts(self):
        self.write("other.txt", "x")
        self.run_ok("snapshot", "-q")
        wrong_settings = self.top / "wrong"
        wrong_settings.mkdir()
        (wrong_settings / "savepoint.json").write_text('{"exlude": []}')
        for code, words in [(4, ["show", "nothing"]), (2, ["show", self.start[:9]]), (2, ["lst"]),
                            (2, ["manifest"]), (2, ["list", "--limit", "x"]), (2, ["list", "--brunch", "x"]),
                            (2, ["restore"]), (2, ["restore", "start", "--at", "HEAD"]),
                            (4, ["restore", "--at", "nothing"]), (4, ["restore", "--branch", "nothing"]),
                            (2, ["restore", "start", "--", ".."]), (2, ["snapshot", "--only", "x"]),
                            (4, ["snapshot", "--only", "database:x"]), (2, ["snapshot", "--tag", ""]),
                            (3, ["restore", "start", "--to", str(self.root)]),
                            (4, ["-C", "/nowhere", "list"]), (4, ["--store", "/nowhere", "list"]),
                            (2, ["-C", str(wrong_settings), "snapshot"]),
                            (2, ["--store", str(self.root / "store"), "snapshot"]),
                            (4, ["undo", "--yes"]), (2, ["export", "start"]),
                            (2, ["verify", "start", "--all"]), (2, ["prune", "--keep-within", "x"]),
                            (2, ["prune", "--keep-last", "1", "--snapshot", "start"])]:
            done = self.run_tool(*words)
            self.assertEqual(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
            self.assertRegex(done.stderr, r"^savepoint: .+\nnothing was changed\nhint: .+\n$", words)
            self.assertEqual(done.stdout, "", words)
            error = self.run_json(*words, code=code)["error"]
            self.assertLessEqual({"code", "message", "changed", "hint"}, error.keys())

    def test_stdout_that_cannot_be_written_to_is_a_failure_and_a_reader_who_left_is_none(self):
        tool = BIN / "savepoint"
        for redirection, code in ((">&-", 1), (">/dev/full", 1), ("| true", 0), (">/dev/null 2>&-", 0),
                                  ("<&- >/dev/null", 0)):
            done = subprocess.run(["bash", "-o", "pipefail", "-c", f"'{tool}' list {redirection}"],
                                  cwd=self.root, env=self.environment, capture_output=True, text=True)
            self.assertEqual(done.returncode, code, redirection + done.stderr)

    def test_status_check_says_whether_there_is_a_snapshot(self):
        self.assertEqual(len(self.run_ok("status", "--check").splitlines()), 1)
        empty = self.top / "empty"
        empty.mkdir()
        self.run_ok("-C", str(empty), "status", "--check", code=1)

    def test_init_never_overwrites_settings(self):
        self.assertTrue(self.run_json("init")["settings_written"])
        self.write("savepoint.json", "{ /* mine */ }")
        self.assertFalse(self.run_json("init")["settings_written"])
        self.assertEqual((self.root / "savepoint.json").read_text(), "{ /* mine */ }")

    def test_init_in_a_container_puts_the_store_where_the_project_is(self):
        other = self.top / "other"
        other.mkdir()
        subprocess.run(["git", "init", "-q", str(other)], check=True, env=self.environment)
        there = ["-C", str(other)]
        self.environment["container"] = ""
        self.assertIn(str(self.top / ".local"), self.run_json(*there, "status")["store"]["path"])
        self.environment["container"] = "docker"
        self.assertEqual(self.run_json(*there, "init")["store"], str(other / ".git" / "savepoint"))
        self.environment["container"] = ""  # found again, wherever that is asked
        self.assertEqual(self.run_json(*there, "status")["store"]["path"], str(other / ".git" / "savepoint"))
        self.environment["container"] = "docker"  # and what is somewhere stays there
        self.assertIn(str(self.top / ".local"), self.run_json("init")["store"])

    def test_marks_are_kept_and_found(self):
        self.run_ok("tag", "latest", "other")
        self.run_ok("note", "other", "why")
        self.run_ok("pin", "other")
        [entry] = self.run_json("list", "--tag", "other")["snapshots"]
        self.assertEqual((entry["tags"], entry["note"], entry["pinned"]), (["other", "start"], "why", True))
        self.assertEqual(self.run_json("prune", "--snapshot", "other", "--yes", code=3)["error"]["code"],
                         "refused")

    def test_the_version_is_a_document_too(self):
        [word, version] = self.run_ok("--version").split()
        self.assertEqual((word, self.run_json("--version")), ("savepoint", {"schema": 1, "version": version}))
        self.assertEqual(self.run_json("snapshot", "--version")["version"], version)
        self.assertIn("Snapshots of a whole project", self.run_ok("--help", "--json"))

    def test_a_limit_of_nothing_is_none(self):
        self.assertEqual(len(self.run_json("list", "--limit", "0")["snapshots"]), 1)

    def test_options_stand_before_and_behind_the_command(self):
        here = {"cwd": self.top}
        for words in (["-C", "project", "--quiet", "list"], ["list", "-C", "project", "--quiet"],
                      ["--quiet", "manifest", "-C", "project", "list"]):
            self.assertEqual(self.run_ok(*words, **here).strip(), self.start)

    def test_names_of_any_bytes_reach_people_and_scripts_safely(self):
        name = b"line\nbreak \xff\x1b[31m"
        (pathlib.Path(os.fsdecode(bytes(self.root) + b"/" + name))).write_text("x")
        self.assertIn(r"line\nbreak \xff\x1b[31m", self.run_ok("diff", "start", "--name-status"))
        [file] = self.run_json("diff", "start")["files"]
        self.assertLessEqual({"base64", "printable"}, file["path"].keys())

    def want_commands(self, dump="true"):
        self.write("savepoint.json", json.dumps({"databases": [
            {"name": "cache", "dump": dump}, {"name": "shop", "protected": False}]}))
        (self.root / "savepoint.json").chmod(0o644)

    def test_trust_is_not_given_without_a_word_of_the_user(self):
        self.want_commands("echo \033[2K cannot be hidden")
        done = self.run_tool("trust")
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("  cache  dump       echo \\x1b[2K cannot be hidden\n", done.stderr)
        self.assertIn("  shop   protected  false\n", done.stderr)
        self.assertIn("savepoint trust --yes", done.stderr)
        self.assertFalse((self.top / ".local/share/savepoint/trusted").exists())

    def test_trust_has_its_fields(self):
        self.want_commands()
        document = self.run_json("trust", "--yes")
        self.assertEqual(document["file"], str(self.root / "savepoint.json"))
        self.assertEqual((document["trusted"], document["changed"]), (True, True))
        self.assertEqual(document["wants"],
                         [{"database": "cache", "key": "dump", "value": "true"},
                          {"database": "shop", "key": "protected", "value": "false"}])
        document = self.run_json("trust")
        self.assertEqual((document["trusted"], document["changed"]), (True, False))
        document = self.run_json("trust", "--revoke")
        self.assertEqual((document["trusted"], document["changed"]), (False, True))
        document = self.run_json("trust", "--revoke")
        self.assertEqual((document["trusted"], document["changed"]), (False, False))

    def test_trust_ends_with_any_change_of_the_settings(self):
        self.want_commands()
        self.run_ok("trust", "--yes")
        self.want_commands("other")
        self.run_ok("trust", code=3)

    def test_trust_is_refused_where_others_may_write(self):
        self.want_commands()
        (self.root / "savepoint.json").chmod(0o666)
        document = self.run_json("trust", "--yes", code=3)
        self.assertEqual(document["error"]["code"], "refused")
        self.assertIn("chmod go-w", document["error"]["hint"])

    def test_trust_has_nothing_to_do_for_settings_without_commands(self):
        self.run_ok("trust", code=4)
        self.write("savepoint.json", "{}")
        document = self.run_json("trust")
        self.assertEqual((document["trusted"], document["changed"], document["wants"]),
                         (False, False, []))


if __name__ == "__main__":
    unittest.main()
