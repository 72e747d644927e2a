"""savepoint hooks install --follow: each branch gets its databases back."""
import shutil
import sqlite3
import unittest

from harness import REFUSED, dump
from hooks import FollowCase, HookCase


class Branches(FollowCase):
    def test_each_branch_gets_its_rows_and_its_schema_back(self):
        self.new_branch("topic", "topic")
        connection = sqlite3.connect(self.root / "app.db")
        connection.executescript("ALTER TABLE t ADD COLUMN w; CREATE TABLE u (x)")
        connection.close()
        said = self.switch("main")
        self.assertEqual(self.rows(), ["main"])
        self.assertRegex(said, r"\Asavepoint: databases are those of main again \(saved [^\n]* as \d{8}-[^\n]*\); to undo: savepoint undo\n\Z")
        self.write_row("more")
        self.switch("topic")
        self.assertEqual(self.rows(), ["main", "topic"])
        self.assertIn("CREATE TABLE u (x);", dump(self.root / "app.db"))
        self.switch("main")
        self.assertEqual(self.rows(), ["main", "more"])
        self.assertNotIn("CREATE TABLE u (x);", dump(self.root / "app.db"))
        self.assertEqual(self.whose(), "main")

    def test_the_log_says_what_followed_and_what_could_not(self):
        self.new_branch("topic", "topic")
        self.switch("main")
        [line] = self.savepoint("log", "--json", "--limit", "1").json["operations"]
        self.assertEqual((line["operation"], line["trigger"], line["changes"]), ("follow", "hook:post-checkout", 1))
        self.assertEqual(line["snapshot"], self.states("topic")[0])
        self.write("savepoint.json", '{"databases": [{"name": "gone", "url": "postgres://app@127.0.0.1:1/gone"}]}')
        self.switch("topic")
        [line] = self.savepoint("log", "--failed", "--json", "--limit", "1").json["operations"]
        self.assertIn("gone", line["error"])

    def test_a_restore_of_files_and_databases_of_two_branches_says_where_the_others_are(self):
        self.new_branch("topic", "topic")
        self.switch("main")
        self.switch("topic")
        kept = self.states("topic")[0]
        said = self.savepoint("restore", "--branch", "topic", "--dry-run").err
        self.assertIn("its databases those of 'main'", said)
        self.assertIn(f"the databases of 'topic' were last kept in {kept}", said)
        self.assertNotIn("its databases those of", self.savepoint("restore", "--branch", "topic", "--only", "code", "--dry-run").err)
        self.savepoint("restore", kept, "--only", "database", "--yes")
        self.assertEqual(self.rows(), ["main", "topic"])

    def test_a_new_branch_goes_on_with_what_is_there(self):
        self.new_branch("topic", commit=False)
        self.assertEqual(self.rows(), ["main"])
        self.assertEqual(self.whose(), "topic")
        self.write_row("topic")
        said = self.switch("main")
        self.assertEqual(self.rows(), ["main"], said)

    def test_nothing_is_said_or_done_where_nothing_differs(self):
        self.new_branch("topic")
        self.assertNotIn("databases", self.switch("main"))
        self.assertEqual(self.switch("main"), "")
        self.assertEqual(self.savepoint("list", "--json", "--trigger", "safety").json["snapshots"], [])

    def test_names_that_look_alike_stay_apart(self):
        names = ["a_b", "a-b", "Main", "a.b", "a%2Fb", "ä", "a;b$(c)"]
        for name in names:
            self.new_branch(name, name, commit=False)
            self.switch("main")
            self.assertEqual(self.rows(), ["main"])
        for name in names:
            self.switch(name)
            self.assertEqual(self.rows(), ["main", name])
        self.switch("main")
        self.git("branch", "-m", "a_b", "x")
        self.new_branch("a/b", "a/b", commit=False)
        self.switch("a-b")
        self.assertEqual(self.rows(), ["main", "a-b"])
        self.switch("a/b")
        self.assertEqual(self.rows(), ["main", "a/b"])

    def test_a_name_that_is_no_text(self):
        self.switch("-c", b"caf\xe9")
        self.write_row("latin")
        self.switch("main")
        self.assertEqual(self.rows(), ["main"])
        self.switch(b"caf\xe9")
        self.assertEqual(self.rows(), ["main", "latin"])

    def test_branches_at_one_commit(self):
        self.new_branch("topic", "topic", commit=False)
        self.switch("main")
        self.assertEqual((self.rows(), self.whose()), (["main"], "main"))
        self.switch("topic")
        self.assertEqual((self.rows(), self.whose()), (["main", "topic"], "topic"))

    def test_a_detached_head_has_databases_of_its_own(self):
        self.new_branch("topic", "topic")
        self.switch("--detach", "main")
        self.assertEqual((self.rows(), self.whose()), (["main", "topic"], None))
        self.write_row("detached")
        self.switch("topic")
        self.assertEqual((self.rows(), self.whose()), (["main", "topic"], "topic"))

    def test_files_that_are_checked_out_change_no_database(self):
        self.new_branch("topic", "topic")
        self.switch("main")
        self.write_row("more")
        for arguments in (["topic", "--", "code.txt"], ["--", "code.txt"]):
            self.assertEqual(self.led_to("checkout", *arguments), [])
            self.assertEqual((self.rows(), self.whose()), (["main", "more"], "main"))

    def test_a_branch_that_was_made_anew_has_nothing_of_the_old_one(self):
        for commit in (False, True):
            self.new_branch("topic", "old", commit=commit)
            self.switch("main")
            self.git("branch", "-q", "-D", "topic")
            self.switch("-c", "topic")
            self.assertEqual(self.rows(), ["main"])
            self.switch("main")
            self.git("branch", "-q", "-D", "topic")

    def test_a_branch_that_was_renamed_keeps_what_is_there(self):
        self.new_branch("topic", "topic")
        self.git("branch", "-m", "better")
        self.switch("main")
        self.assertEqual(self.rows(), ["main"])
        self.switch("better")
        self.assertEqual(self.rows(), ["main", "topic"])

    def test_a_branch_that_was_renamed_twice_and_a_name_that_is_used_again(self):
        self.new_branch("topic", "topic")
        self.git("branch", "-m", "better")
        self.git("branch", "-m", "best")
        self.switch("main")
        self.assertEqual((self.rows(), len(self.states("best"))), (["main"], 1))
        self.new_branch("topic", "another")
        self.switch("main", env={"SAVEPOINT": "0"})
        self.git("branch", "-D", "topic")
        self.switch("best")
        self.assertEqual((self.rows(), len(self.states("topic"))), (["main", "topic"], 1))

    def test_a_branch_that_was_renamed_before_its_first_commit(self):
        root = self.top / "young"
        root.mkdir()
        self.git("-C", root, "init", "-q", "-b", "master")
        self.savepoint("hooks", "install", "--follow", cwd=root)
        self.savepoint("hooks", "follow", cwd=root)
        self.git("-C", root, "branch", "-M", "main")
        (root / ".gitignore").write_text("*.db\n")
        self.git("-C", root, "add", ".")
        self.git("-C", root, "-c", "user.name=n", "-c", "user.email=n@example.com", "commit", "-q", "-m", "1")
        connection = sqlite3.connect(root / "app.db")
        connection.executescript("CREATE TABLE t (v); INSERT INTO t VALUES ('main')")
        self.switch("-c", "dev", cwd=root)
        connection.executescript("INSERT INTO t VALUES ('dev')")
        connection.close()
        self.switch("main", cwd=root)
        self.assertEqual(self.rows(root=root), ["main"])

    def test_a_branch_without_commits_is_left_like_any_other(self):
        self.switch("--orphan", "new")
        self.write_row("new")
        said = self.switch("main")
        self.assertEqual((self.rows(), self.whose()), (["main"], "main"), said)
        [kept] = self.states("new")
        self.assertEqual(self.savepoint("show", kept, "--json").json["hook"], {"left_branch": "new", "left_commit": None, "late": []})

    def test_a_database_that_git_has_is_left_to_git(self):
        self.database("tracked.db", "CREATE TABLE t (v); INSERT INTO t VALUES ('one')", mode="delete")
        self.commit_all()
        self.new_branch("topic", "topic")
        connection = sqlite3.connect(self.root / "tracked.db")
        connection.execute("UPDATE t SET v = 'two'")
        connection.commit()
        connection.close()
        self.git("commit", "-qam", "two")
        self.switch("main")
        self.assertEqual((self.rows("tracked.db"), self.rows()), (["one"], ["main"]))
        self.git("merge", "-q", "topic")
        self.assertEqual(self.rows("tracked.db"), ["two"])
        self.switch("topic")
        self.switch("main")
        self.assertEqual((self.rows("tracked.db"), self.git("status", "--porcelain")), (["two"], ""))

    def test_linked_work_trees_keep_apart(self):
        self.new_branch("topic", "topic")
        self.git("branch", "other")
        linked = self.top / "linked"
        self.git("worktree", "add", "-q", linked, "other")
        shutil.copy(self.root / "app.db", linked / "app.db")
        connection = sqlite3.connect(linked / "app.db")
        connection.execute("INSERT INTO t VALUES ('linked')")
        connection.commit()
        connection.close()
        self.switch("-c", "third", cwd=linked)
        self.assertEqual((self.whose(cwd=linked), self.whose()), ("third", "topic"))
        self.switch("main")
        self.switch("other", cwd=linked)
        self.assertEqual((self.rows(), self.rows(root=linked)), (["main"], ["main", "topic", "linked"]))
        self.switch("topic", cwd=linked)
        self.assertEqual(self.rows(root=linked), ["main", "topic", "linked"])


class Undo(FollowCase):
    def test_undo_brings_the_databases_back_and_leaves_files_alone(self):
        self.new_branch("topic", "topic")
        self.switch("main")
        self.write("code.txt", "edited since\n")
        self.savepoint("undo", "--yes")
        self.assertEqual((self.rows(), self.whose()), (["main", "topic"], "main"))
        self.assertEqual((self.root / "code.txt").read_text(), "edited since\n")
        self.savepoint("undo", "--yes")
        self.assertEqual(self.rows(), ["main"])
        self.assertEqual((self.root / "code.txt").read_text(), "edited since\n")
        self.git("checkout", "-q", "code.txt")
        self.switch("topic")
        self.assertEqual(self.rows(), ["main", "topic"])

    def test_prune_keeps_the_newest_of_each_branch_that_is_there(self):
        for name in ("topic", "gone"):
            self.new_branch(name, name)
            self.switch("main")
            self.switch(name)
            self.switch("main")
        self.git("branch", "-D", "gone")
        kept = self.states("topic")[0]
        for number in range(3):
            self.write("code.txt", str(number))
            self.savepoint("snapshot")
        pruned = self.savepoint("prune", "--keep-last", "1", "--max-count", "1", "--yes", "--json").json
        reasons = {one["id"]: one["reasons"] if "reasons" in one else one["reason"] for one in pruned["kept"]}
        self.assertIn("databases of branch topic", str(reasons[kept]))
        self.assertEqual(self.states("gone"), [])
        self.git("checkout", "-q", "code.txt")
        self.switch("topic")
        self.assertEqual(self.rows(), ["main", "topic"])


class Setting(HookCase):
    def setUp(self):
        super().setUp()
        self.savepoint("snapshot")  # writes who the project is into git's configuration
        self.config = self.root / ".git/config"

    def follow(self):
        return self.savepoint("hooks", "status", "--json").json["follow"]

    def test_installing_twice_changes_nothing_and_uninstalling_gives_the_bytes_back(self):
        for text in (b"", b"[x]\n\ty = 1", b"[savepoint]\n\tx = 1\n"):
            self.config.write_bytes(self.config.read_bytes() + text)
            before = self.config.read_bytes()
            planned = self.install("--follow", "--dry-run").out
            self.assertIn(".git/config", planned)
            self.assertEqual(self.config.read_bytes(), before)
            self.install("--follow")
            self.assertEqual(self.follow(), {"active": True, "installed": True, "databases_of": "main"})
            for arguments in (["--follow"], [], ["--guard"], ["--guard", "--follow"], []):
                self.install(*arguments)
                self.assertEqual(self.install(*arguments, "--json").json["changes"], [])
                self.assertTrue(self.follow()["active"])
            self.uninstall()
            self.assertEqual(self.config.read_bytes(), before)
            self.assertFalse((self.root / ".git/savepoint-follow").exists())
            self.assertFalse(self.follow()["active"])

    def test_what_the_user_says_later_counts(self):
        self.install("--follow")
        self.git("config", "savepoint.hooks.follow", "false")
        self.assertFalse(self.follow()["active"])
        self.install()
        self.assertFalse(self.follow()["active"])
        self.assert_error(self.savepoint("hooks", "follow", expect=REFUSED), REFUSED, "hooks install --follow")
        self.install("--follow")
        self.assertTrue(self.follow()["active"])

    def test_without_it_no_switch_changes_a_database(self):
        self.install()
        self.database(script="CREATE TABLE t (v)")
        before = dump(self.root / "app.db")
        self.git("switch", "-q", "-c", "topic")
        self.database(script="INSERT INTO t VALUES (1)")
        self.git("switch", "-q", "main")
        self.assertNotEqual(dump(self.root / "app.db"), before)
        self.assertFalse((self.root / ".git/savepoint-follow").exists())

    def test_hooks_in_a_directory_of_others_follow_too(self):
        self.git("config", "core.hooksPath", ".husky")
        self.database(script="CREATE TABLE t (v)")
        self.install("--follow")
        before = dump(self.root / "app.db")
        self.git("switch", "-q", "-c", "topic")
        self.database(script="INSERT INTO t VALUES (1)")
        self.git("switch", "-q", "main")
        self.assertEqual(dump(self.root / "app.db"), before)

    def test_status_and_json_of_a_hook_say_whose_the_databases_are(self):
        self.install("--follow")
        self.assertRegex(self.savepoint("hooks", "status").out, r"follow +active +databases are those of main")
        self.database(script="CREATE TABLE t (v)")
        self.git("switch", "-q", "-c", "topic")
        self.database(script="INSERT INTO t VALUES (1)")
        head = self.git("rev-parse", "HEAD").strip()
        self.git("symbolic-ref", "HEAD", "refs/heads/main")
        document = self.savepoint("hooks", "run", "post-checkout", "--json", "--", head, head, "1").json
        followed = document["follow"]
        self.assertEqual((document["action"], followed["settled"], followed["before"], followed["entered"]),
                         ("saved", True, "topic", "main"))
        self.assertEqual([change["path"] for change in followed["changes"]], ["app.db"])
        self.assertEqual((followed["kept"], followed["reason"], followed["spared"]), (document["id"], None, []))
        self.assertIn(followed["safety_snapshot"], self.snapshots())


if __name__ == "__main__":
    unittest.main()
