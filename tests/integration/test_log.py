"""The operations log: every operation leaves one line that says what started it and how it ended."""
import concurrent.futures
import json
import os
import unittest

from harness import BUSY, CORRUPT, DONE, GAPS, NOT_FOUND, REFUSED, USAGE, Case
from hooks import HookCase


class Log(Case):
    @property
    def file(self):
        return self.store / "log/savepoint.log"

    def operations(self, *options):
        """The newest first, as `savepoint log` tells them."""
        return self.savepoint("log", "--json", *options).json["operations"]

    def last(self):
        return self.operations("--limit", "1")[0]

    def assert_last(self, operation, exit_code=DONE, **members):
        last = self.last()
        found = {name: last[name] for name in ("operation", "exit_code", *members)}
        self.assertEqual(found, {"operation": operation, "exit_code": exit_code, **members})
        self.assertEqual(last["ok"], exit_code == DONE)
        return last

    def test_every_operation_leaves_one_line(self):
        self.write("a.txt", "good")
        first = self.snapshot("--trigger", "timer")
        last = self.assert_last("snapshot", snapshot=first, trigger="timer", error=None, worktree=str(self.root))
        self.assertRegex(last["at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertGreater(last["bytes_added"], 0)
        self.assertIsInstance(last["duration_ms"], int)
        for words in (["pin"], ["unpin"], ["tag", "t"], ["note", "n"], ["export", "--to", self.top / "out"]):
            self.savepoint(words[0], "latest", *words[1:])
            self.assert_last(words[0], snapshot=first)
        self.savepoint("verify")
        self.assert_last("verify")
        self.savepoint("manifest", "rebuild")
        self.assert_last("rebuild")
        self.write("a.txt", "bad")
        restored = self.savepoint("restore", "latest", "--yes", "--json").json
        self.assert_last("restore", snapshot=first, changes=1, safety_snapshot=restored["safety_snapshot"])
        self.savepoint("undo", "--yes")
        self.assert_last("undo", snapshot=restored["safety_snapshot"], changes=1)
        self.savepoint("restore", "latest", "--to", self.top / "elsewhere")
        self.assert_last("restore", snapshot=first)
        self.savepoint("run", "--label", "work", "--", "true")
        self.assert_last("run", trigger="run:work")
        self.savepoint("prune", "--keep-last", "1", "--yes")
        self.assertGreater(self.assert_last("prune")["removed"], 0)
        self.assertEqual(len(self.operations()), 13)

    def test_what_changes_nothing_leaves_no_line_and_does_not_touch_the_log(self):
        self.write("a.txt", "a")
        self.snapshot()
        before = self.file.read_bytes(), os.stat(self.file).st_mtime_ns
        for words in (["snapshot", "--if-changed"], ["list"], ["show", "latest"], ["status"], ["status", "--check"], ["log"],
                      ["diff", "latest"], ["recover"], ["restore", "latest", "--dry-run"], ["prune", "--dry-run"], ["doctor"]):
            self.savepoint(*words)
        self.assertEqual((self.file.read_bytes(), os.stat(self.file).st_mtime_ns), before)

    def test_what_fails_leaves_a_line_that_says_why(self):
        self.write("a.txt", "a")
        first = self.snapshot()
        self.savepoint("snapshot", "--only", "database:none", expect=NOT_FOUND)
        self.assertIn("none", self.assert_last("snapshot", NOT_FOUND)["error"])
        self.write("a.txt", "b")
        refused = self.savepoint("restore", "latest", expect=REFUSED)
        error = self.assert_last("restore", REFUSED, snapshot=first)["error"]
        self.assertIn(error, refused.err)
        self.savepoint("run", "--restore-on-failure", "--", "sh", "-c", "echo c > a.txt; exit 9", expect=9)
        last = self.assert_last("run", 9, changes=1)
        self.assertRegex(last["error"], "failed, everything was put back")
        self.assertEqual(len(self.operations("--failed")), 3)
        [pack] = list((self.store / "packs").rglob("*.pack"))[:1]
        content = bytearray(pack.read_bytes())
        content[len(content) // 2] ^= 1
        pack.chmod(0o600)
        pack.write_bytes(content)
        self.savepoint("verify", "--read-data", expect=CORRUPT)
        self.assertIn("problem", self.assert_last("verify", CORRUPT)["error"])

    def test_what_is_left_out_of_a_snapshot_is_named(self):
        self.write(".env", "DATABASE_URL=postgresql://ann:canary@127.0.0.1:1/shop\n")
        self.snapshot(expect=GAPS)
        error = self.assert_last("snapshot", GAPS)["error"]
        self.assertRegex(error, "^left out 'shop'")
        self.assertNotIn("canary", self.file.read_text())

    def test_a_store_that_is_in_use_is_named_by_the_log_of_it(self):
        import fcntl
        self.write("a.txt", "a")
        self.snapshot()
        with open(self.store / "lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.savepoint("prune", "--yes", expect=BUSY)
            self.assert_last("prune", BUSY)

    def test_without_a_store_there_is_nothing_to_tell_and_nothing_is_made(self):
        self.assertEqual(self.operations(), [])
        self.assertIn("no operations", self.savepoint("log").out)
        self.savepoint("restore", "latest", expect=NOT_FOUND)
        self.assertFalse(self.store.exists())

    def test_a_directory_that_is_no_store_gets_no_log(self):
        other = self.top / "other"
        other.mkdir()
        self.savepoint("--store", other, "verify", expect=NOT_FOUND)
        self.assertEqual(list(other.iterdir()), [])

    def test_the_log_is_for_its_owner_only_and_a_log_that_cannot_be_written_hinders_nothing(self):
        self.write("a.txt", "a")
        self.snapshot()
        self.assertEqual(os.stat(self.file).st_mode & 0o777, 0o600)
        self.file.unlink()
        self.file.mkdir()
        self.snapshot()
        self.assertEqual(self.operations(), [])

    def test_damage_to_the_log_hides_only_what_is_damaged(self):
        self.write("a.txt", "a")
        first = self.snapshot()
        text = self.file.read_bytes()
        self.file.write_bytes(b"\xff\0garbage\n" + text + b"{\"version\": 1, \"at\"")
        self.savepoint("pin", "latest")
        self.assertEqual([(one["operation"], one["snapshot"]) for one in self.operations()], [("pin", first), ("snapshot", first)])

    def test_many_at_once_leave_a_line_each_while_the_log_is_rotated(self):
        self.write("a.txt", "a")
        self.snapshot()
        line = self.file.read_bytes()
        self.file.write_bytes(line * ((1 << 20) // len(line) + 1))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda n: self.savepoint("tag", "latest", f"t{n}"), range(12)))
        self.assertTrue((self.store / "log/savepoint.log.1").exists())
        self.assertEqual(sum(one["operation"] == "tag" for one in self.operations("--limit", "0")), 12)

    def test_the_list_can_be_limited(self):
        self.write("a.txt", "a")
        first = self.snapshot()
        self.savepoint("pin", "latest")
        self.savepoint("snapshot", "--only", "database:none", expect=NOT_FOUND)
        self.assertEqual([one["operation"] for one in self.operations("--limit", "2")], ["snapshot", "pin"])
        self.assertEqual([one["operation"] for one in self.operations("--failed", "--since", "1h")], ["snapshot"])
        lines = [json.loads(line) for line in self.file.read_text().splitlines()]
        for line in lines:
            line["at"] = "2020-01-01T00:00:00.000Z"
        self.file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        self.assertEqual(self.operations("--since", "1y"), [])
        self.assertEqual(len(self.operations()), 3)
        self.assertEqual(self.savepoint("log", "-q", "--limit", "2").out, first + "\n")
        self.assertEqual(self.savepoint("log", "--since", "yesterday", expect=USAGE).out, "")

    def test_people_read_a_table(self):
        self.write("a.txt", "a")
        first = self.snapshot()
        self.savepoint("snapshot", "--only", "database:none", expect=NOT_FOUND)
        heading, failed, taken = self.savepoint("log").out.splitlines()
        self.assertEqual(heading.split(), ["BEGAN", "OPERATION", "TRIGGER", "RESULT", "TOOK", "WHAT"])
        self.assertRegex(failed, r"^just now +snapshot +manual +exit code 4 .* s +\S.*none")
        self.assertRegex(taken, rf"^just now +snapshot +manual +ok .* s +{first} \+")
        self.assertEqual({line.index("snapshot") for line in (failed, taken)}, {heading.index("OPERATION")})

    def test_each_project_sees_its_own_lines_of_a_store_that_is_shared(self):
        self.write("a.txt", "a")
        self.snapshot()
        other = self.top / "other"
        other.mkdir()
        self.command("git", "init", "-q", cwd=other)
        (other / "b.txt").write_text("b")
        self.savepoint("-C", other, "snapshot")
        self.assertEqual(len(self.operations()), 1)
        self.assertEqual(len(self.operations("--all")), 2)
        self.assertEqual(len(self.operations("-C", "/", "--store", self.store)), 2)


class OfHooks(HookCase):
    def test_a_hook_leaves_a_line_when_it_saved_something_or_failed(self):
        def triggers():
            return [(one["operation"], one["trigger"], one["ok"]) for one in self.savepoint("log", "--json").json["operations"]]

        self.install()
        self.write("a.txt", "a")
        self.git("add", "-A")
        self.git("commit", "-qm", "one")
        self.assertEqual(triggers(), [("snapshot", "hook:pre-commit", True)])
        self.savepoint("hooks", "run", "pre-commit")
        before = len(triggers())
        self.savepoint("hooks", "run", "pre-commit")
        self.assertEqual(len(triggers()), before, "nothing had changed")
        self.savepoint("hooks", "run", "guard", "--", "reset --hard")
        self.write("a.txt", "b")
        self.savepoint("hooks", "run", "guard", "--", "reset --hard")
        self.assertEqual(triggers()[0], ("snapshot", "guard:reset --hard", True))
        (self.store / "store.json").write_text("damaged")
        self.write("a.txt", "c")
        self.savepoint("hooks", "run", "pre-commit")
        self.assertEqual(triggers()[0], ("snapshot", "hook:pre-commit", False))


if __name__ == "__main__":
    unittest.main()
