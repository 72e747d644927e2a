"""Bad input: the documented exit code, and a message that says what failed, whether anything was changed, what to do."""
import json
import os
import random
import re
import shutil
import unittest

from harness import (BIN, BUSY, CORRUPT, DONE, FAILED, GAPS, NOT_FOUND, REFUSED, USAGE, Case, describe_tree, dump)


class BadInput(Case):
    def setUp(self):
        super().setUp()
        self.write("a", "a")
        self.write("sub/b", random.Random(1).randbytes(50_000))

    def fails(self, code, *arguments, words=(), **options):
        before = describe_tree(self.root)
        result = self.savepoint(*arguments, expect=None, **options)
        self.assert_error(result, code, *words)
        self.assertEqual(describe_tree(self.root), before)
        in_json = self.savepoint("--json", *arguments, expect=None, **options)
        self.assertEqual(in_json.code, code)
        error = in_json.json["error"]
        self.assertEqual(set(error), {"code", "message", "changed", "hint"})
        self.assertIs(error["changed"], False)
        self.assertIn("schema", in_json.json)
        return result

    def test_unknown_id(self):
        self.snapshot()
        self.fails(NOT_FOUND, "show", "20200101-000000-abcd", words=["20200101-000000-abcd"])

    def test_ids_that_are_paths(self):
        self.snapshot()
        for selector in ("../x", "/etc/passwd", "", "latest~x", "branch:", "commit:nowhere"):
            result = self.savepoint("show", selector, expect=None)
            self.assertIn(result.code, (USAGE, NOT_FOUND), selector)

    def test_no_snapshot_yet(self):
        self.fails(NOT_FOUND, "restore", "latest", "--yes")
        self.fails(NOT_FOUND, "undo", "--yes")

    def test_ambiguous_prefix(self):
        first = self.snapshot()
        second = self.snapshot()
        prefix = os.path.commonprefix([first, second])
        self.fails(USAGE, "show", prefix, words=[first, second])

    def test_unknown_config_key(self):
        self.write("savepoint.json", '{"exlcude": ["x"]}')
        self.fails(USAGE, "snapshot", words=["exlcude", "exclude", "savepoint.json"])

    def test_config_that_is_not_json(self):
        self.write("savepoint.json", '{\n  "exclude": [,\n}')
        self.fails(USAGE, "snapshot", words=["savepoint.json", "line 2"])

    def test_config_of_the_wrong_shape(self):
        for text in ('[]', '{"exclude": "x"}', '{"retention": {"keep_last": -1}}', '{"secrets": "maybe"}',
                     '{"databases": [{"path": "../other.db"}]}', '{"include": [1]}', '', '\0', '{"a":' * 500):
            self.write("savepoint.json", text)
            self.assert_error(self.savepoint("snapshot", expect=None), USAGE, "savepoint.json")
        self.write("savepoint.json", "{")
        self.assert_error(self.savepoint("undo", expect=None), USAGE, "move it away")

    def test_store_inside_the_project(self):
        self.fails(USAGE, "snapshot", "--store", self.root / "sub/store", words=["inside the project"])

    def test_project_inside_the_store(self):
        self.fails(USAGE, "snapshot", "--store", self.top, words=["inside the store"])

    def test_a_store_of_a_newer_format(self):
        self.snapshot()
        document = json.loads((self.store / "store.json").read_text())
        document["version"] = 99
        (self.store / "store.json").write_text(json.dumps(document))
        for command in (["snapshot"], ["list"], ["restore", "latest", "--yes"], ["prune", "--yes"]):
            self.fails(NOT_FOUND, *command, words=["99"])

    def test_a_store_with_an_unknown_feature(self):
        self.snapshot()
        document = json.loads((self.store / "store.json").read_text())
        document["features"]["write"] = ["riddles"]
        (self.store / "store.json").write_text(json.dumps(document))
        self.fails(NOT_FOUND, "snapshot", words=["riddles"])
        self.savepoint("list")
        report = self.savepoint("verify", "--all", "--json", expect=CORRUPT).json
        self.assertEqual([one["file"] for one in report["problems"]], ["store.json"])

    def test_a_store_that_lost_its_header_is_damaged_and_not_new(self):
        self.snapshot()
        header = self.store / "store.json"
        header.rename(self.top / "store.json")
        for command in (["snapshot"], ["list"], ["verify"], ["restore", "latest", "--yes"], ["prune", "--yes"], ["undo"], ["doctor"]):
            self.fails(CORRUPT, *command, words=["store.json"])
        self.assertFalse(header.exists())
        (self.top / "store.json").rename(header)
        self.savepoint("verify", "--read-data")

    def test_a_store_that_lost_all_manifests(self):
        self.snapshot()
        shutil.rmtree(self.store / "manifests")
        (self.store / "catalog.db").unlink()
        for command in (["verify"], ["verify", "--read-data"]):
            report = self.savepoint(*command, "--json", expect=CORRUPT).json
            self.assertEqual((report["ok"], [one["file"] for one in report["problems"]]), (False, ["manifests"]))
        self.fails(CORRUPT, "prune", "--yes", words=["manifests"])

    def test_a_damaged_database_is_saved_and_that_is_said(self):
        file = self.database("dam.db", "CREATE TABLE t (v); INSERT INTO t VALUES (randomblob(9000))", mode="delete")
        data = bytearray(file.read_bytes())
        data[4096:8192] = b"x" * 4096
        file.write_bytes(data)
        result = self.savepoint("snapshot")
        self.assertRegex(result.err, r"'dam.db' was saved as it is[^\n]*damaged")
        file.unlink()
        self.savepoint("restore", "latest", "--yes")
        self.assertEqual(file.read_bytes(), data)

    def test_a_database_that_lost_pages_comes_back_by_undo(self):
        self.database(script="CREATE TABLE t (v); INSERT INTO t VALUES ('old')")
        self.snapshot()
        self.database(script="CREATE TABLE u (b); INSERT INTO u VALUES (randomblob(9000)); DROP TABLE u; INSERT INTO t VALUES ('new')")
        with open(self.root / "app.db", "r+b") as file:
            file.seek(32)
            file.write(bytes(8))  # SQLite goes on, and knows its free pages no more
        before = dump(self.root / "app.db")
        self.savepoint("restore", "latest", "--yes")
        self.assertNotEqual(dump(self.root / "app.db"), before)
        self.savepoint("undo", "--yes")
        self.assertEqual(dump(self.root / "app.db"), before)

    def packs(self):
        return sorted(self.store.glob("packs/*/*.pack"))

    def test_truncated_pack(self):
        identifier = self.snapshot()
        pack = self.packs()[0]
        pack.chmod(0o600)
        os.truncate(pack, pack.stat().st_size // 2)
        report = self.savepoint("verify", "--all", "--json", expect=CORRUPT).json
        self.assertFalse(report["ok"])
        self.assertIn(identifier, json.dumps(report["problems"]))
        (self.root / "sub/b").unlink()
        (self.root / "a").unlink()
        self.fails(CORRUPT, "restore", "latest", "--yes")

    def test_one_flipped_bit(self):
        self.snapshot()
        pack = self.packs()[0]
        data = bytearray(pack.read_bytes())
        for at in range(20, len(data), len(data) // 15):
            data[at] ^= 4
            pack.chmod(0o600)
            pack.write_bytes(data)
            self.savepoint("verify", "--all", "--read-data", expect=CORRUPT)
            data[at] ^= 4
        pack.write_bytes(data)
        self.savepoint("verify", "--all", "--read-data")

    def test_a_value_too_few_or_too_many_is_named(self):
        self.assert_error(self.savepoint("snapshot", "--note", expect=USAGE), USAGE, "--note needs a value")
        self.assert_error(self.savepoint("snapshot", "--pin=yes", expect=USAGE), USAGE, "--pin takes no value")

    def test_missing_pack(self):
        self.snapshot()
        self.packs()[0].unlink()
        self.savepoint("verify", "--all", expect=CORRUPT)
        self.fails(CORRUPT, "restore", "latest", "--to", self.top / "out")
        self.assertFalse((self.top / "out").exists())

    def test_what_can_be_given_is_given_where_the_list_of_files_is_lost(self):
        self.database(script="CREATE TABLE t (v); INSERT INTO t VALUES ('old')")
        self.snapshot()
        earlier = set(self.packs())
        self.write("c", "c")
        snapshot = self.snapshot()
        [pack] = set(self.packs()) - earlier
        pack.unlink()
        self.write("a", "changed")
        self.write("made since", "x")
        before = dump(self.root / "app.db")
        self.database(script="DELETE FROM t")
        report = self.savepoint("restore", snapshot, "--yes", "--partial", "--json", expect=GAPS).json
        self.assertEqual((report["missing"], [change["path"] for change in report["changes"]]), (["."], ["app.db"]))
        self.assertEqual((dump(self.root / "app.db"), (self.root / "a").read_text()), (before, "changed"))
        self.assertTrue((self.root / "made since").exists())

    def test_damaged_manifest(self):
        identifier = self.snapshot()
        other = self.snapshot()
        manifest = self.store / "manifests" / f"{identifier}.json"
        manifest.chmod(0o600)
        text = manifest.read_text()
        manifest.write_text(text.replace('"manual"', '"manuel"'))
        self.savepoint("verify", "--all", expect=CORRUPT)
        self.fails(CORRUPT, "restore", identifier, "--yes")
        self.savepoint("restore", other, "--to", self.top / "other")

    def test_a_manifest_of_a_newer_format_does_not_keep_the_others_from_being_checked(self):
        newer, other = self.snapshot(), self.snapshot()
        manifest = self.store / "manifests" / f"{newer}.json"
        manifest.chmod(0o600)
        manifest.write_text(re.sub(r'"version": *\d', '"version": 99', manifest.read_text(), count=1))
        report = self.savepoint("verify", "--json", expect=CORRUPT).json
        self.assertEqual(({one["snapshot"] for one in report["problems"]}, report["snapshots_checked"]), ({newer}, 2))
        self.savepoint("show", other)
        self.fails(NOT_FOUND, "show", newer, words=["99"])

    def test_missing_manifest(self):
        identifier = self.snapshot()
        self.snapshot()
        (self.store / "manifests" / f"{identifier}.json").unlink()
        result = self.savepoint("verify", "--all", expect=CORRUPT)
        self.assertIn(identifier, result.out + result.err)
        self.fails(NOT_FOUND, "show", identifier)

    def test_truncated_catalog(self):
        identifier = self.snapshot()
        catalog = self.store / "catalog.db"
        os.truncate(catalog, catalog.stat().st_size // 2)
        self.assertEqual(self.savepoint("list", "--json").json["snapshots"][0]["id"], identifier)
        self.savepoint("verify", "--all", "--read-data")

    def test_target_directory_not_empty(self):
        self.snapshot()
        target = self.top / "full"
        target.mkdir()
        (target / "precious").write_text("x")
        self.fails(REFUSED, "restore", "latest", "--to", target, words=["full"])
        self.fails(REFUSED, "export", "latest", "--to", target)
        self.assertEqual((target / "precious").read_text(), "x")

    def test_no_terminal_and_no_yes(self):
        self.snapshot()
        self.write("a", "changed")
        self.fails(REFUSED, "restore", "latest", words=["--yes"])

    def test_a_path_that_nobody_knows(self):
        self.snapshot()
        self.fails(NOT_FOUND, "restore", "latest", "--yes", "--", "no/such/file")

    def test_unknown_command_and_option(self):
        result = self.savepoint("snapshit", expect=USAGE)
        self.assertIn("snapshot", result.err)
        result = self.savepoint("snapshot", "--pinn", expect=USAGE)
        self.assertIn("--pin", result.err)
        self.savepoint("restore", expect=USAGE)
        self.savepoint("prune", "--keep-last", "many", expect=USAGE)
        self.savepoint("prune", "--keep-within", "soon", expect=USAGE)
        self.savepoint("snapshot", "--only", "cod", expect=USAGE)
        for words in (["snapshot"], ["restore", "latest"]):  # as of a variable that is not set: not everything
            self.assert_error(self.savepoint(*words, "--only", "", expect=None), USAGE, "component")
        self.savepoint("list", "--limit", "-1", expect=USAGE)

    def test_words_in_the_wrong_place_are_answered_with_the_right_one(self):
        self.write("a")
        self.snapshot()
        for words, hint in ((["run", "ls", "-l", "my dir"], "savepoint run -- ls -l 'my dir'"), (["restore", "latest", "a"], "savepoint restore latest -- a"),
                            (["snapshot", "before", "the merge"], "-m"), (["diff"], "savepoint diff latest"), (["list", "--limit", "x"], "savepoint list --help")):
            self.assert_error(self.savepoint(*words, expect=None), 2, hint)

    def test_a_directory_that_does_not_exist(self):
        self.fails(NOT_FOUND, "-C", self.top / "nowhere", "snapshot")

    def test_a_database_that_must_be_there(self):
        self.write("savepoint.json", '{"databases": [{"name": "main", "path": "missing.db"}]}')
        taken = self.savepoint("snapshot", "--json", expect=GAPS).json
        self.assertIn("main", json.dumps(taken["skipped"]))
        self.assertNotEqual(self.savepoint("snapshot", "--require-database", expect=None).code, DONE)

    def test_a_connection_that_is_none_is_named_without_its_value(self):
        self.write(".env", "DATABASE_URL=canary\n")
        said = "'DATABASE_URL' in .env:1 was passed over: it is no URL that savepoint knows"
        taken = self.savepoint("snapshot")
        self.assertIn("note: " + said, taken.err)
        self.assertIn(said, self.savepoint("doctor").out)
        self.assertNotIn("canary", taken.err + self.savepoint("doctor").out)

        self.write("savepoint.json", '{"databases": [{"name": "app", "path": "app.db"}]}')
        self.assertNotIn("passed over", self.savepoint("snapshot", expect=None).err)

    def test_two_at_once(self):
        import subprocess
        from harness import BIN
        running = [subprocess.Popen([BIN / "savepoint", "snapshot", "--quiet"], cwd=self.root, env=self.environment,
                                    stdout=subprocess.PIPE, text=True) for _ in range(6)]
        identifiers = {process.communicate()[0].strip() for process in running}
        self.assertEqual({process.returncode for process in running}, {0})
        self.assertEqual(len(identifiers), 6)
        listed = self.savepoint("list", "--json").json["snapshots"]
        self.assertEqual({s["id"] for s in listed}, identifiers)
        self.savepoint("verify", "--all", "--read-data")

    def test_a_store_that_others_may_write(self):
        self.snapshot()
        self.store.chmod(0o777)
        self.fails(REFUSED, "snapshot")

    def test_hostile_environment(self):
        self.commit_all()
        other = self.top / "other"
        other.mkdir()
        self.command("git", "init", "-q", ".", cwd=other)
        poisoned = {"GIT_DIR": str(other / ".git"), "GIT_INDEX_FILE": str(other / ".git/index"),
                    "GIT_WORK_TREE": str(other)}
        index = (self.root / ".git/index").read_bytes()
        identifier = self.savepoint("snapshot", "--quiet", env=poisoned).out.strip()
        self.assertEqual((self.root / ".git/index").read_bytes(), index)
        self.assertTrue(self.git("config", "savepoint.id").strip())
        shown = self.savepoint("show", identifier, "--json").json
        self.assertEqual(shown["git"]["branch"], "main")
        self.savepoint("snapshot", env={"HOME": "/nonexistent", "LC_ALL": "C", "TZ": "odd/zone"})

    def test_no_library_is_taken_from_the_project(self):
        for tool in ("savepoint-project", "savepoint-guard"):
            for line in self.command("ldd", BIN / tool).out.splitlines():
                self.write(line.split()[0].rpartition("/")[2], "no library")
        self.write("libpq.so.5", "no library")
        self.write(".env", "DATABASE_URL=postgres://user@127.0.0.1:1/none\n")
        for command in (("status",), ("doctor",), ("guard", "--watch", "1")):
            result = self.savepoint(*command, expect=None)
            self.assertNotIn("librar", result.err + result.out)
            self.assertNotIn(result.code, (126, 127))

    def test_closed_standard_streams(self):
        result = self.command("bash", "-c", "exec savepoint snapshot --quiet <&- 2>&-")
        self.assertEqual(result.code, 0)
        self.command("bash", "-c", "exec savepoint snapshot <&- >&- 2>&-")
        self.savepoint("verify", "--all", "--read-data")

    def test_output_that_cannot_be_written(self):
        self.snapshot()
        self.assertNotEqual(self.command("bash", "-c", "savepoint list >/dev/full").code, 0)

    def test_names_are_printed_harmlessly(self):
        self.write(b"esc\x1b]0;title\x07\xff", "x")
        self.snapshot()
        self.write(b"esc\x1b]0;title\x07\xff", "y")
        for command in (["diff", "latest"], ["files", "latest"], ["status"], ["restore", "latest", "--dry-run"]):
            result = self.savepoint(*command, text=False)
            self.assertNotIn(b"\x1b]", result.out + result.err)
            self.assertNotIn(b"\x07", result.out + result.err)
        for command in (["diff", "latest"], ["files", "latest"]):
            json.loads(self.savepoint(*command, "--json", text=False).out.decode("utf-8"))


if __name__ == "__main__":
    unittest.main()
