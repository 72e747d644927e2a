"""savepoint hooks install --follow where git ran no hook, or the hook could not do its work, or has to wait."""
import os
import signal
import subprocess
import unittest

from harness import BIN, FAILED, REFUSED
from hooks import FollowCase


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
