"""savepoint hooks install --follow: each branch gets its databases back."""
import os
import shutil
import signal
import sqlite3
import subprocess
import unittest

from harness import BIN, FAILED, REFUSED, dump
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


class Missed(FollowCase):
    """What happens where git ran no hook, or the hook could not do its work."""

    def test_what_a_missed_switch_left_is_kept_under_the_branch_whose_it_is(self):
        self.new_branch("topic", "topic")
        self.switch("-c", "third", env={"SAVEPOINT": "0"})
        self.assertEqual(self.whose(), "topic")
        self.switch("main")
        self.assertEqual(self.rows(), ["main"])
        self.assertEqual((len(self.states("topic")), self.states("third")), (1, []))
        self.switch("topic")
        self.assertEqual(self.rows(), ["main", "topic"])

    def test_what_is_there_stays_that_of_a_branch_that_was_deleted_meanwhile(self):
        for name, main in (("merged", "hook"), ("gone", "by hand")):
            self.new_branch(name, name)
            self.switch("main", env={"SAVEPOINT": "0"})
            self.git("branch", "-D", name)
            if main == "hook":
                self.switch("-c", "next")
                self.switch("main")
            else:
                self.savepoint("hooks", "follow")
            self.assertEqual((self.rows(), self.whose()), (["main"], "main"))
            self.assertEqual(len(self.states(name)), 1)

    def test_follow_does_by_hand_what_was_missed(self):
        self.new_branch("topic", "topic")
        self.switch("main")
        self.switch("topic", env={"CI": "1"})
        self.assertEqual(self.rows(), ["main"])
        self.savepoint("snapshot")  # says the same of the databases, and not whose they are
        planned = self.savepoint("hooks", "follow", "--dry-run").out
        self.assertIn("kept as those of main", planned)
        self.assertIn("app.db", planned)
        self.assertEqual((self.rows(), self.whose()), (["main"], "main"))
        done = self.savepoint("hooks", "follow", "--json").json
        self.assertEqual((done["follow"]["settled"], done["follow"]["before"], done["follow"]["entered"]), (True, "main", "topic"))
        self.assertEqual((self.rows(), self.whose()), (["main", "topic"], "topic"))
        self.assertEqual(done["follow"]["kept"], self.states("main")[0])
        self.assertIsNone(self.savepoint("hooks", "follow", "--json").json["follow"])

    def test_nothing_is_followed_in_the_middle_of_a_rebase_nor_at_its_end(self):
        self.new_branch("topic", "topic")
        self.write("code.txt", "topic\n")
        self.git("commit", "-qam", "conflict")
        self.switch("main")
        self.write("code.txt", "main\n")
        self.git("commit", "-qam", "conflict")
        self.new_branch("third", "third")
        self.assertEqual(self.command("git", "rebase", "main", "topic").code, 1)
        self.assertEqual((self.rows(), self.whose()), (["main", "third"], "third"))
        self.assert_error(self.savepoint("hooks", "follow", expect=REFUSED), REFUSED, "rebase")
        self.write("code.txt", "both\n")
        self.git("add", "code.txt")
        self.git("-c", "core.editor=true", "rebase", "--continue")
        self.assertEqual((self.git("branch", "--show-current"), self.rows(), self.whose()), ("topic\n", ["main", "third"], "third"))
        self.write_row("still of third")
        self.switch("main")
        self.assertEqual(self.rows(), ["main"])
        self.switch("third")
        self.assertEqual(self.rows(), ["main", "third", "still of third"])

    def test_a_database_that_cannot_be_kept_is_not_overwritten_and_the_way_on_is_said(self):
        self.new_branch("topic", "topic")
        self.write("savepoint.json", '{"databases": [{"name": "gone", "url": "postgres://app@127.0.0.1:1/gone"}]}')
        said = self.switch("main")
        self.assertEqual((self.rows(), self.whose()), (["main", "topic"], "topic"))
        self.assertRegex(said, r"\Asavepoint: databases are still those of topic: [^\n]*gone[^\n]*: savepoint hooks follow\n\Z")
        self.savepoint("hooks", "follow", expect=FAILED)
        (self.root / "savepoint.json").unlink()
        self.savepoint("hooks", "follow")
        self.assertEqual((self.rows(), self.whose()), (["main"], "main"))

    def test_a_switch_back_after_a_refusal_changes_nothing(self):
        self.new_branch("topic", "topic")
        self.write("savepoint.json", '{"databases": [{"name": "gone", "url": "postgres://app@127.0.0.1:1/gone"}]}')
        self.switch("main")
        (self.root / "savepoint.json").unlink()
        self.write_row("more")
        self.switch("topic")
        self.assertEqual((self.rows(), self.whose()), (["main", "topic", "more"], "topic"))

    def test_a_restore_that_was_killed_is_not_taken_for_done_nor_a_done_one_for_not(self):
        self.new_branch("topic", "topic")
        self.switch("main")
        file = self.root / ".git/savepoint-follow"
        settled = file.read_text()
        topic = self.states("topic")[0]
        self.switch("topic")
        main = self.states("main")[0]
        self.assertEqual(self.rows(), ["main", "topic"])
        # What a hook leaves that is killed between the restore and the end.
        file.write_text(f"{settled}change {topic} {main} refs/heads/topic\n")
        self.assertEqual(self.savepoint("hooks", "follow").code, 0)
        self.assertEqual((self.rows(), self.whose()), (["main", "topic"], "topic"))
        # And one that is killed before.
        self.savepoint("snapshot", "--trigger", "before")
        newest = self.snapshots()[0]
        file.write_text(f"refs/heads/main\nchange {topic} {newest} refs/heads/topic\n")
        self.savepoint("hooks", "follow")
        self.assertEqual((len(self.states("main")), self.whose()), (3, "topic"))

    def test_a_file_that_says_nothing_sensible_counts_as_none(self):
        self.new_branch("topic", "topic")
        for text in (b"", b"\xff\n", b"refs/heads/", b"refs/heads/gone\n", b"refs/heads/topic\nchange x y z\n"):
            (self.root / ".git/savepoint-follow").write_bytes(text)
            self.switch("main")
            self.assertEqual(self.rows(), ["main"])
            self.switch("topic")
            self.assertEqual(self.rows(), ["main", "topic"])

    def test_killed_at_whatever_rename_it_is_neither_lost_nor_mixed_up(self):
        self.new_branch("topic", "topic")
        self.switch("main")
        # By what is renamed: what is written to caches depends on the time, and so does how many there are of all.
        for name, is_due in (("/packs/", False), ("/manifests/", False), ("/cache/", False), ("/journals/", False), ("/marks/", True), ("/savepoint-follow", False)):
            with self.subTest(name):
                was_due = self.killed_at_every_rename(name)
                self.assertEqual(set(was_due), {is_due} if was_due or name != "/cache/" else set())

    def killed_at_every_rename(self, name):
        """Whether a recovery was due, each time that such a file was about to get its name."""
        was_due = []
        for number in range(1, 100):
            self.switch("main")
            self.write_row(number)
            main = self.rows()
            self.switch("topic", env={"SAVEPOINT": "0"})
            killed = self.command(BIN / "fault_at", self.top / "report", "kill", str(number), "0", f"rename:{name}", BIN / "savepoint-hooks", "follow")
            if killed.code == 0:
                break
            self.assertEqual(killed.code, 137, killed.err)
            was_due.append(self.savepoint("status", "--json").json["recovery"] is not None)
            if was_due[-1]:
                self.assert_error(self.savepoint("hooks", "follow", expect=REFUSED), REFUSED, "recover")
                self.assertIn("recover", self.command("git", "checkout", "-q", "--detach").err)
                self.switch("topic", env={"SAVEPOINT": "0"})
                self.savepoint("recover", ("--continue", "--rollback")[sum(was_due) % 2])
            self.savepoint("hooks", "follow")
            self.assertEqual((self.rows(), self.whose()), (["main", "topic"], "topic"), number)
            self.switch("main")
            self.assertEqual(self.rows(), main, number)
        self.assertEqual(killed.code, 0)
        return was_due


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


class Waiting(FollowCase):
    """A database whose dump takes as long as the test wants: until somebody writes into a FIFO, unless there is a file."""

    def setUp(self):
        super().setUp()
        self.new_branch("topic", "topic")
        self.fifo = self.top / "fifo"
        os.mkfifo(self.fifo)
        self.write("savepoint.json", '{"hooks": {"budget": "1s"}, "databases": [{"name": "slow",'
                   f' "dump": "test -e \'{self.top}/fast\' && echo data || cat \'{self.fifo}\'", "restore": "cat > /dev/null"}}]}}')
        self.savepoint("trust", "--yes")

    def begin_switch(self):
        """A switch to main that has said that it waits."""
        process = subprocess.Popen(["git", "switch", "-q", "main"], cwd=self.root, env=self.environment,
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.addCleanup(process.stderr.close)
        self.assertIn("Ctrl-C leaves them as they are", process.stderr.readline())
        return process

    def test_it_waits_for_what_an_earlier_hook_reads_in_the_background(self):
        self.assertIn("in the background", self.command("git", "commit", "-q", "--allow-empty", "-m", "x").err)
        process = self.begin_switch()
        (self.top / "fast").touch()
        self.fifo.write_text("data")  # that of the commit
        said = process.stderr.read()
        process.wait()
        self.assertIn("are those of main again", said)
        self.assertEqual((self.rows(), self.whose()), (["main"], "main"))

    def test_ctrl_c_leaves_the_databases_as_they_are(self):
        process = self.begin_switch()
        os.killpg(process.pid, signal.SIGINT)
        said = process.stderr.read()  # until everybody is gone who could say something
        process.wait()
        self.assertRegex(said, r"\Asavepoint: [^\n]*the databases stay as they are[^\n]*\n\Z")
        self.assertEqual((self.git("branch", "--show-current"), self.rows(), self.whose()), ("main\n", ["main", "topic"], "topic"))
        (self.root / "savepoint.json").unlink()
        self.savepoint("hooks", "follow")
        self.assertEqual((self.rows(), self.whose()), (["main"], "main"))


if __name__ == "__main__":
    unittest.main()
