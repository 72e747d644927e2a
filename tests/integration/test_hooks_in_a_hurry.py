"""Hooks in the flow of work: what git waits for, what goes on behind it, and that nothing of the user's is touched."""
import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import unittest

from harness import REFUSED, ended_within
from hooks import HookCase, describe_hooks, tree_digest

FIXED = {"GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}


class Background(HookCase):
    """A database whose dump takes as long as the test wants: until somebody writes into a FIFO."""

    def setUp(self):
        super().setUp()
        self.fifo = self.top / "fifo"
        os.mkfifo(self.fifo)
        self.write("savepoint.json", '{"hooks": {"budget": "1s"}, "databases": [{"name": "slow",'
                   f' "dump": "env > \'{self.top}/environment\'; cat \'{self.fifo}\'", "restore": "cat > /dev/null"}}]}}')
        self.savepoint("trust", "--yes")
        self.commit_all()
        self.install()
        self.lines = []

    def feed(self, text):
        """Lets one dump go on, with this content."""
        with open(self.fifo, "w") as file:
            file.write(text)

    def snapshots_after(self, count):
        """Waits until there are so many snapshots."""
        for _ in range(600):
            found = self.snapshots()
            if len(found) >= count:
                return found
            ended_within(subprocess.Popen(["sleep", "0.1"]), 5)
        self.fail(f"there are {len(found)} snapshots, not {count}")

    def commit(self, text, **options):
        self.write("code.txt", text)
        return self.command("git", "commit", "-qam", text, **options)

    def test_git_goes_on_and_the_snapshot_has_the_files_of_before_and_says_what_was_late(self):
        self.write("untracked.txt", "before\n")
        done = self.commit("before\n")
        self.assertEqual(done.code, 0)
        self.assertRegex(done.err, r"\Asavepoint: files are saved; databases take longer than 1\S* s and are being read in the background\n\Z")
        self.assertEqual(self.snapshots(), [])
        self.write("untracked.txt", "after\n")
        self.write("code.txt", "after\n")
        self.feed("data")
        [snapshot] = self.snapshots_after(1)
        manifest = self.show(snapshot)
        self.assertEqual(manifest["hook"], {"left_branch": None, "left_commit": None, "late": ["slow"]})
        self.assertEqual(manifest["trigger"], "hook:pre-commit")
        self.assertEqual([one["name"] for one in manifest["components"] if one["kind"] == "database"], ["slow"])
        self.assertEqual((self.content(manifest, "code.txt"), self.content(manifest, "untracked.txt")), ("before\n", "before\n"))
        self.assertIn("in background", self.savepoint("show", snapshot).out)
        self.savepoint("verify", "--all")

    def test_a_piped_commit_returns_although_work_goes_on_behind_it(self):
        self.write("code.txt", "piped\n")
        done = self.command("sh", "-c", "git commit -qam piped 3>&1 2>&1 | cat")
        self.assertEqual(done.code, 0)  # that it returned at all is the point: nothing was written into the FIFO
        self.assertIn("in the background", done.out)
        self.assertEqual(self.snapshots(), [])
        self.feed("data")
        self.snapshots_after(1)

    def test_while_one_is_read_in_the_background_the_next_leaves_databases_out_and_says_so(self):
        self.commit("first\n")
        done = self.commit("second\n")
        self.assertEqual(done.code, 0)
        self.assertIn("left out databases: left: the snapshot of an earlier hook was still reading them", done.err)
        [second] = self.snapshots()
        manifest = self.show(second)
        self.assertEqual(self.content(manifest, "code.txt"), "second\n")
        self.assertEqual([(one["path"], one["error"]) for one in manifest["left_out"]], [("databases", True)])
        self.feed("data")
        ids = self.snapshots_after(2)
        self.assertEqual({self.content(self.show(one), "code.txt") for one in ids}, {"first\n", "second\n"})

    def test_a_database_that_is_quick_is_not_late(self):
        feeder = threading.Thread(target=self.feed, args=("data",))
        feeder.start()
        self.write("savepoint.json", (self.root / "savepoint.json").read_text().replace('"1s"', '"60s"'))
        self.savepoint("trust", "--yes")
        self.assertRegex(self.commit("first\n").err, r"\Asavepoint: saved \S+: before a commit\n\Z")
        feeder.join()
        self.assertNotIn("hook", self.show(self.snapshots()[0]))

    def test_who_stops_git_meanwhile_stops_git_and_what_was_begun_comes_to_its_end(self):
        self.write("savepoint.json", (self.root / "savepoint.json").read_text().replace('"1s"', '"1h"'))
        self.savepoint("trust", "--yes")
        self.write("code.txt", "stopped\n")
        head = self.git("rev-parse", "HEAD")
        commit = subprocess.Popen(["git", "commit", "-qam", "x"], cwd=self.root, env=self.environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        for _ in range(600):
            if (self.top / "environment").exists():
                break
            ended_within(subprocess.Popen(["sleep", "0.1"]), 5)
        os.killpg(commit.pid, signal.SIGINT)
        self.assertTrue(ended_within(commit, 60))
        self.assertNotEqual(commit.returncode, 0)
        self.assertEqual(self.git("rev-parse", "HEAD"), head)
        self.feed("data")
        [snapshot] = self.snapshots_after(1)
        self.assertEqual(self.show(snapshot)["hook"]["late"], ["slow"])
        self.assertEqual(self.content(self.show(snapshot), "code.txt"), "stopped\n")

    def test_work_that_is_killed_is_told_from_work_that_is_done(self):
        self.write("savepoint.json", (self.root / "savepoint.json").read_text().replace('"1s"', '"1h"'))
        self.savepoint("trust", "--yes")
        self.write("code.txt", "killed\n")
        commit = subprocess.Popen(["git", "commit", "-qam", "x"], cwd=self.root, env=self.environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(600):
            if (self.top / "environment").exists():
                break
            ended_within(subprocess.Popen(["sleep", "0.1"]), 5)
        [worker] = [folder for folder in pathlib.Path("/proc").iterdir() if folder.name.isdigit() and self.is_worker(folder)]
        os.kill(int(worker.name), signal.SIGKILL)
        _, said = commit.communicate(timeout=60)
        self.assertEqual(commit.returncode, 0)
        self.assertEqual(said, "savepoint: nothing was saved: it was stopped before its end\n")
        self.feed("data")

    def is_worker(self, folder):
        """Whether a process reads for a hook of this project, in a session of its own."""
        try:
            return os.getsid(int(folder.name)) == int(folder.name) and b"savepoint-hooks\0run\0" in (folder / "cmdline").read_bytes() \
                and os.readlink(folder / "cwd") == str(self.root)
        except OSError:
            return False

    def test_where_not_even_files_are_read_in_time_there_is_no_snapshot_and_one_line_says_so(self):
        self.savepoint("init")
        with open(self.store / "lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = self.commit("first\n")
            self.assertEqual(done.code, 0, done.err)
            self.assertRegex(done.err, r"\Asavepoint: nothing was saved within 1\S* s[^\n]*hooks.budget[^\n]*\n\Z")
            self.write("savepoint.json", (self.root / "savepoint.json").read_text().replace('"1s"', '"1s", "on_failure": "block"'))
            self.assertEqual(self.commit("second\n").code, 1)
            self.savepoint("hooks", "run", "pre-rebase", "main", expect=REFUSED)
        self.assertEqual(self.snapshots(), [])

    def test_no_command_of_the_project_is_led_to_a_repository_by_a_hook(self):
        self.git("worktree", "add", "-q", "../linked", "-b", "linked", env={"SAVEPOINT": "0"})
        shutil.copy(self.root / "savepoint.json", self.top / "linked/savepoint.json")
        self.savepoint("trust", "--yes", "-C", self.top / "linked")
        feeder = threading.Thread(target=self.feed, args=("data",))
        feeder.start()
        done = self.command("git", "commit", "--allow-empty", "-qm", "x", cwd=self.top / "linked")
        self.assertEqual(done.code, 0, done.err)
        feeder.join()
        [snapshot] = self.snapshots_after(1)
        self.assertEqual(self.show(snapshot)["project"]["worktree"], "linked")
        self.assertNotIn("GIT_DIR", (self.top / "environment").read_text())
        self.assertNotIn("GIT_INDEX_FILE", (self.top / "environment").read_text())

    def git(self, *arguments, env=None):
        result = self.command("git", *arguments, env=env)
        self.assertEqual(result.code, 0, result.err)
        return result.out


class Untouched(HookCase):
    def test_120_commits_while_snapshots_run_are_as_without_savepoint(self):
        self.environment.update(FIXED)
        self.database(script="CREATE TABLE t (v); INSERT INTO t VALUES ('kept')")
        plain = self.top / "plain"
        shutil.copytree(self.root, plain, symlinks=True)
        self.install()
        over = threading.Event()
        taken = []

        def snapshots():
            while not over.is_set():
                taken.append(self.command(self.tool(), "snapshot", "--quiet").code)

        worker = threading.Thread(target=snapshots)
        worker.start()
        loop = "for i in $(seq 120); do echo $i > file-$i; echo $i > code.txt; git add -A . && git commit -qm $i || exit 1; done"
        try:
            done = self.command("sh", "-c", loop)
        finally:
            over.set()
            worker.join()
        self.assertEqual(done.code, 0, done.err)
        self.assertNotIn("index.lock", done.err)
        self.assertEqual(set(taken) - {0, 7}, set())
        self.assertGreater(len(taken), 3)
        self.assertEqual(self.command("sh", "-c", loop, cwd=plain).code, 0)
        for question in (["rev-parse", "HEAD"], ["ls-files", "-s"], ["status", "--porcelain"]):
            self.assertEqual(self.git(*question), self.command("git", *question, cwd=plain).out)
        self.assertEqual(set(describe_hooks(self.root / ".git/objects")), set(describe_hooks(plain / ".git/objects")))
        ours = {"savepoint-kept"} | ({"savepoint-hooks"} if self.knows_configured_hooks() else set())
        self.assertEqual(set(os.listdir(self.root / ".git")), set(os.listdir(plain / ".git")) | ours)

    def tool(self):
        return shutil.which("savepoint", path=self.environment["PATH"])

    def test_poisoned_variables_lead_nowhere(self):
        other = self.top / "other"
        shutil.copytree(self.root, other, symlinks=True)
        (other / "code.txt").write_text("of the other\n")
        poison = {"GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other), "GIT_INDEX_FILE": str(other / ".git/index"),
                  "GIT_OBJECT_DIRECTORY": str(other / ".git/objects"), "GIT_COMMON_DIR": str(other / ".git"), "GIT_PREFIX": "sub/"}
        self.savepoint("init")
        self.git("switch", "-q", "-c", "mine")
        self.write("code.txt", "mine\n")
        before, own = tree_digest(other), (self.root / ".git/index").read_bytes()
        self.install(env=poison)
        self.assert_active(env=poison)
        self.savepoint("hooks", "run", "pre-commit", env=poison)
        [snapshot] = self.snapshots()
        manifest = self.show(snapshot)
        self.assertEqual((manifest["git"]["branch"], self.content(manifest, "code.txt")), ("mine", "mine\n"))
        self.uninstall(env=poison)
        self.assertEqual(tree_digest(other), before)
        self.assertEqual((self.root / ".git/index").read_bytes(), own)

    def test_a_commit_of_some_files_with_an_index_of_its_own_is_as_ever(self):
        self.install()
        self.write("a.txt", "a\n")
        self.write("b.txt", "b\n")
        self.git("add", "a.txt", "b.txt")
        [saved] = self.led_to("commit", "-qm", "a", "a.txt")
        self.assertEqual(self.content(saved, "b.txt"), "b\n")
        self.assertEqual(self.git("status", "--porcelain"), "A  b.txt\n")
        self.assertEqual(self.command("git", "commit", "-qam", "b", env={"GIT_INDEX_FILE": str(self.root / ".git/index")}).code, 0)
        self.assertEqual(self.git("status", "--porcelain"), "")


if __name__ == "__main__":
    os.environ.pop("GIT_DIR", None)
    unittest.main()
