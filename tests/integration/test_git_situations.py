"""Twenty situations that git can be in: each is captured, left, and put back as docs/git-state.md says."""
import os
import pathlib
import shutil
import unittest

from harness import BIN, BUSY, NOT_FOUND, REFUSED, USAGE, Case, describe_tree

COLLECT = ("git reflog expire --expire=now --expire-unreachable=now --all && git gc -q --prune=now")
# What of a git directory no restore without --git may touch. gc.log and the like come from git itself.
VOLATILE = ("savepoint-kept",)


class Situation(Case):
    def sh(self, script, cwd=None):
        result = self.command("bash", "-ec", script, cwd=cwd or self.root)
        self.assertEqual(result.code, 0, f"{script}\n{result.out}{result.err}")
        return result.out

    def say(self, *arguments, cwd=None):
        """What git says, whether it fails or not."""
        result = self.command("git", *arguments, cwd=cwd or self.root)
        return result.code, result.out

    def state(self, root=None, with_files=True):
        """All that git says of a work tree, and every file of it."""
        root = root or self.root
        directory = pathlib.Path(self.say("rev-parse", "--absolute-git-dir", cwd=root)[1].strip() or root / ".git")
        state = {
            "status": self.say("status", "--porcelain=v2", "--branch", cwd=root),
            "index": self.say("ls-files", "-s", "-t", "-v", "--stage", cwd=root),
            "undo": self.say("ls-files", "--resolve-undo", cwd=root),
            "HEAD": (directory / "HEAD").read_bytes(),
            "refs": self.say("for-each-ref", cwd=root),
            "operation": {},
        }
        for name in sorted(os.listdir(directory)):
            path = directory / name
            if name.startswith(("BISECT_",)) or name in (
                    "MERGE_HEAD", "MERGE_MSG", "MERGE_MODE", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD",
                    "ORIG_HEAD", "AUTO_MERGE", "SQUASH_MSG", "rebase-merge", "rebase-apply", "sequencer"):
                files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
                state["operation"].update({str(f.relative_to(directory)): f.read_bytes() for f in files})
        if with_files:
            state["files"] = {path: facts for path, facts in describe_tree(root).items()
                              if path != b"links" and "sha256" in facts}
        return state

    def git_files(self):
        """Every byte of the git directory but what snapshots keep there."""
        top = self.root / ".git"
        return {str(path.relative_to(top)): path.read_bytes() for path in sorted(top.rglob("*"))
                if path.is_file() and not any(part in VOLATILE for part in path.parts)}

    def assert_no_leftovers(self):
        for path in (self.root / ".git").rglob("*"):
            self.assertFalse(path.name.endswith(".lock"), path)
            self.assertNotIn("savepoint-restore-", str(path))
            self.assertFalse(path.name.startswith(".savepoint-tmp-"), path)

    def base(self):
        self.write("a", "one\n")
        self.write("b", "one\n")
        self.write("d/x", "one\n")
        self.commit_all()

    def conflicting_branches(self):
        self.base()
        self.sh("git switch -qc side; echo side > a; git commit -qam side; git switch -q main; echo main > a; git commit -qam main")

    def leave(self):
        """Somewhere else: nothing in progress, another branch, another index, other files."""
        self.sh("""git merge --abort 2>/dev/null || git rebase --abort 2>/dev/null || git cherry-pick --abort 2>/dev/null ||
                   git bisect reset -q 2>/dev/null || true
                   git reset -q --hard; git clean -fdq; git switch -q --orphan elsewhere 2>/dev/null || git checkout -q -f --orphan elsewhere
                   git rm -rfq --cached . 2>/dev/null || true
                   echo other > other; git add other; git commit -qm elsewhere""")

    def check(self, leave=None):
        """Captured, left, restored without --git (nothing of git changes) and with it (all is as it was); and undone."""
        before = self.state()
        identifier = self.snapshot()
        (leave or self.leave)()
        left, git_files = self.state(), self.git_files()
        self.savepoint("restore", identifier, "--yes")
        self.assertEqual(self.git_files(), git_files, "without --git something of git changed")
        self.assertEqual(self.state()["files"], before["files"])
        self.savepoint("undo", "--yes")
        self.assertEqual(self.git_files(), git_files)
        self.assertEqual(self.state(), left)

        self.sh(COLLECT)
        left = self.state()
        plan = self.savepoint("restore", identifier, "--git", "--dry-run", "--json").json
        self.assertIn("git", [change["action"] for change in plan["changes"]])
        self.assertEqual(self.state(), left)
        result = self.savepoint("restore", identifier, "--git", "--yes", "--json").json
        self.assertEqual(result["git"][0]["after"], plan["git"][0]["after"])
        after = self.state()
        self.assertEqual({**after, "refs": None}, {**before, "refs": None})
        for line in before["refs"][1].splitlines():
            self.assertIn(line, after["refs"][1].splitlines())
        self.assert_no_leftovers()
        self.assertEqual(self.say("fsck", "--no-dangling", "--connectivity-only")[0], 0)
        again = self.savepoint("restore", identifier, "--git", "--yes", "--json").json
        self.assertEqual(again["changes"], [])
        self.savepoint("undo", "--yes")
        self.assertEqual(self.state(), left)
        self.savepoint("undo", "--yes")
        self.assertEqual({**self.state(), "refs": None}, {**before, "refs": None})
        self.assert_no_leftovers()
        self.savepoint("verify", "--all", "--read-data")
        return identifier


class Twenty(Situation):
    def test_no_commit(self):
        self.write("a", "one")
        self.write("b", "two")
        self.git("add", "a")
        self.check(lambda: self.sh("git add -A; git commit -qm first; echo more >> a; git commit -qam second"))

    def test_detached(self):
        self.base()
        self.write("a", "two")
        self.commit_all()
        self.git("checkout", "-q", "--detach", "HEAD~1")
        self.write("a", "detached")
        self.check()

    def test_merge_with_conflicts(self):
        self.conflicting_branches()
        self.sh("echo staged > b; git add b; git commit -qm b; git merge side > /dev/null || true; echo half > a")
        self.check()

    def test_merge_with_a_conflict_resolved(self):
        self.conflicting_branches()
        self.sh("git merge side > /dev/null || true; echo done > a; git add a")
        self.check()

    def test_rebase_stopped(self):
        self.conflicting_branches()
        self.sh("git rebase side > /dev/null 2>&1 || true")
        self.check()
        self.sh("echo solved > a; git add a; GIT_EDITOR=true git rebase --continue > /dev/null")
        self.assertEqual(self.git("log", "--format=%s"), "main\nside\nall\n")

    def test_rebase_by_patches_stopped(self):
        self.conflicting_branches()
        self.sh("git rebase --apply side > /dev/null 2>&1 || true")
        self.check()
        self.sh("echo solved > a; git add a; git rebase --continue > /dev/null")

    def test_interactive_rebase_stopped_to_edit(self):
        self.conflicting_branches()
        self.sh("GIT_SEQUENCE_EDITOR='sed -i s/^pick/edit/' git rebase -q -i HEAD~1 2>/dev/null; echo more > c; git add c")
        self.check()

    def test_cherry_pick(self):
        self.conflicting_branches()
        self.sh("git cherry-pick side > /dev/null 2>&1 || true")
        self.check()

    def test_revert(self):
        self.conflicting_branches()
        self.sh("echo more >> a; git commit -qam more; git revert HEAD~1 > /dev/null 2>&1 || true")
        self.check()

    def test_bisect(self):
        self.base()
        self.sh("for i in 1 2 3 4 5 6; do echo $i > a; git commit -qam $i; done; git bisect start HEAD HEAD~6; git bisect good")
        self.check()
        self.sh("git bisect bad; git bisect reset")

    def test_shallow(self):
        self.base()
        for i in range(4):
            self.write("a", str(i))
            self.commit_all()
        shutil.move(self.root, self.top / "origin")
        self.sh(f"git clone -q --depth 2 file://{self.top}/origin project; cd project; git config user.name T; git config user.email t@e", cwd=self.top)
        self.write("b", "staged")
        self.git("add", "b")
        self.check()

    def test_submodule_dirty(self):
        self.sh(f"""git init -q -b main {self.top}/lib; cd {self.top}/lib; git config user.name T; git config user.email t@e
                    echo lib > lib; git add .; git commit -qm lib""")
        self.base()
        self.sh(f"git -c protocol.file.allow=always submodule --quiet add {self.top}/lib sub; git commit -qm sub")
        self.sh("""cd sub; git config user.name T; git config user.email t@e; echo two > lib; git commit -qam two
                   echo staged > new; git add new; echo unstaged > new; echo untracked > more""")
        before, inside = self.state(), self.state(self.root / "sub")
        identifier = self.snapshot()
        self.sh("cd sub; git reset -q --hard HEAD~1; git clean -fdq; git switch -qc other; echo x > y; git add y; git commit -qm y")
        left = self.state(self.root / "sub")
        self.sh("cd sub; " + COLLECT)
        self.savepoint("restore", identifier, "--git", "--yes")
        self.assertEqual(self.state(), before)
        after = self.state(self.root / "sub")
        self.assertEqual({**after, "refs": None}, {**inside, "refs": None})
        self.savepoint("undo", "--yes")
        self.assertEqual({**self.state(self.root / "sub"), "refs": None}, {**left, "refs": None})

    def test_linked_worktree(self):
        self.base()
        self.sh(f"git worktree add -q -b linked {self.top}/linked")
        self.write("a", "in the main one")
        main = self.snapshot()
        self.root, other = self.top / "linked", self.root
        self.write("b", "in the linked one")
        self.git("add", "b")
        before = self.state()
        linked = self.snapshot()
        self.assertEqual([s["id"] for s in self.savepoint("list", "--json").json["snapshots"]], [linked])
        self.sh("git reset -q --hard; git commit -q --allow-empty -m later; git tag old HEAD~1")
        self.savepoint("restore", linked, "--git", "--yes")
        self.assertEqual({**self.state(), "refs": None}, {**before, "refs": None})
        self.savepoint("undo", "--yes")
        self.assertEqual(self.git("log", "-1", "--format=%s").strip(), "later")

        result = self.savepoint("restore", main, "--git", "--yes", expect=REFUSED)
        self.assert_error(result, REFUSED, "main", str(other))
        self.root = other
        self.assertEqual((self.root / "a").read_text(), "in the main one")
        self.assertEqual([s["id"] for s in self.savepoint("list", "--json").json["snapshots"]], [main])
        self.savepoint("undo", "--yes", expect=NOT_FOUND)

    def test_sparse_checkout(self):
        self.base()
        self.write("e/y", "one")
        self.commit_all()
        for mode in ("--no-sparse-index", "--sparse-index"):
            with self.subTest(mode=mode):
                self.sh(f"git sparse-checkout set --cone {mode} d; echo two > d/x; git add d/x")
                before = self.state()
                identifier = self.snapshot()
                self.sh("git reset -q --hard; git sparse-checkout set e; echo new > e/z; git add e/z")
                self.savepoint("restore", identifier, "--git", "--yes")
                self.assertEqual(self.state(), before)
                self.assertFalse((self.root / "e").exists())
                self.sh("git reset -q --hard; git sparse-checkout disable")

    def test_sha256_repository(self):
        shutil.rmtree(self.root / ".git")
        self.sh("git init -q -b main --object-format=sha256 .; git config user.name T; git config user.email t@e")
        self.conflicting_branches()
        self.sh("git merge side > /dev/null || true; echo staged > b; git add b")
        self.check()

    def test_alternates(self):
        self.base()
        shutil.move(self.root, self.top / "origin")
        self.sh(f"git clone -q --shared {self.top}/origin project; cd project; git config user.name T; git config user.email t@e", cwd=self.top)
        self.sh("echo two > a; git commit -qam two; echo staged > b; git add b")
        self.check()

    def test_index_lock_present(self):
        self.base()
        self.write("a", "staged")
        self.git("add", "a")
        lock = self.root / ".git/index.lock"
        lock.write_text("")
        before = self.state()
        identifier = self.snapshot()
        lock.unlink()
        self.leave()
        lock.write_text("")
        left = self.state()
        result = self.savepoint("restore", identifier, "--git", "--yes", expect=BUSY)
        self.assert_error(result, BUSY, "index.lock")
        self.assertEqual(self.state(), left)
        self.assertEqual(lock.read_text(), "")
        lock.unlink()
        self.assert_no_leftovers()
        self.savepoint("restore", identifier, "--git", "--yes")
        self.assertEqual({**self.state(), "refs": None}, {**before, "refs": None})

    def test_broken_head(self):
        self.base()
        self.write("a", "staged")
        self.git("add", "a")
        before = self.state()
        good = self.snapshot()
        (self.root / ".git/HEAD").write_text("nonsense\n")
        broken = self.savepoint("snapshot", "--json").json
        self.assertIn(".git/HEAD", [one["path"] for one in broken["skipped"]])
        self.savepoint("restore", good, "--git", "--yes")
        self.assertEqual(self.state(), before)
        self.savepoint("undo", "--yes")
        self.assertEqual((self.root / ".git/HEAD").read_text(), "nonsense\n")
        self.savepoint("undo", "--yes")
        self.assertEqual(self.state(), before)

    def test_crlf_attributes(self):
        self.write(".gitattributes", "*.txt text eol=crlf\n*.bin binary\n")
        self.write("t.txt", "one\r\ntwo\r\n")
        self.write("x.bin", b"\r\n\0")
        self.commit_all()
        self.write("t.txt", "one\r\nthree\r\n")
        self.git("add", "t.txt")
        self.write("t.txt", "one\r\nfour\r\n")
        self.check()

    def test_lfs_pointers(self):
        self.write(".gitattributes", "*.big filter=lfs diff=lfs merge=lfs -text\n")
        for part in ("clean", "smudge"):
            self.git("config", f"filter.lfs.{part}", f"touch {self.top}/ran; tr a-z b-za")
        self.git("config", "filter.lfs.required", "true")
        self.write("x.big", "content")
        self.commit_all()
        self.write("x.big", "changed")
        self.git("add", "x.big")
        (self.top / "ran").unlink()
        before = self.state()
        identifier = self.snapshot()
        self.leave()
        (self.top / "ran").unlink(missing_ok=True)
        self.savepoint("restore", identifier, "--git", "--yes")
        self.assertFalse((self.top / "ran").exists(), "a filter was run")
        self.assertEqual({**self.state(), "refs": None}, {**before, "refs": None})

    def test_nested_repository(self):
        self.base()
        self.sh("git init -q -b main nested; cd nested; git config user.name T; git config user.email t@e; echo n > n; git add n; git commit -qm n; echo m > n")
        before, inside = self.state(), self.state(self.root / "nested")
        identifier = self.snapshot()
        self.write("a", "changed")
        self.write("nested/n", "lost")
        nested_git = {p: p.read_bytes() for p in (self.root / "nested/.git").rglob("*") if p.is_file()}
        self.savepoint("restore", identifier, "--git", "--yes")
        self.assertEqual({p: p.read_bytes() for p in (self.root / "nested/.git").rglob("*") if p.is_file()}, nested_git)
        self.assertEqual(self.state(), before)
        self.assertEqual(self.state(self.root / "nested"), inside)

    def test_case_only_rename(self):
        self.base()
        self.sh("git mv a A; echo two > A")
        self.check()

    def test_assume_unchanged(self):
        self.base()
        self.sh("git update-index --assume-unchanged a; echo hidden > a")
        self.check()

    def test_skip_worktree(self):
        self.base()
        self.sh("git update-index --skip-worktree a; echo hidden > a; git add -N d; echo n > new; git add -N new")
        self.check()


class CommitsStay(Situation):
    def test_commits_made_since_stay_and_are_named(self):
        self.base()
        identifier = self.snapshot()
        for name in ("first", "second", "third"):
            self.write("a", name)
            self.git("commit", "-qam", name)
        tip = self.git("rev-parse", "HEAD").strip()
        plan = self.savepoint("restore", identifier, "--git", "--dry-run")
        for word in ("branch main", "moves from", "3 commits", "first", "second", "third"):
            self.assertIn(word, plan.out + plan.err)
        result = self.savepoint("restore", identifier, "--git", "--yes", "--json").json
        change = result["git"][0]
        self.assertEqual(change["moves"], {"branch": "main", "from": tip, "to": self.git("rev-parse", "HEAD").strip()})
        self.assertEqual([c["subject"] for c in change["since"]], ["third", "second", "first"])
        for log in ("HEAD", "main"):
            self.assertIn("savepoint: restored " + identifier, self.git("reflog", "-1", log))
        self.sh(COLLECT)
        self.assertEqual(self.git("log", "-3", "--format=%s", change["kept_as"]), "third\nsecond\nfirst\n")

    def test_what_a_snapshot_needs_is_hidden_and_goes_with_it(self):
        self.base()
        self.write("a", "two")
        self.git("commit", "-qam", "two")
        lost = self.git("rev-parse", "HEAD").strip()
        identifier = self.snapshot()
        self.git("commit", "-q", "--amend", "-m", "amended")
        log, refs = self.git("log", "--all", "--format=%H %D"), self.git("for-each-ref")
        self.assertNotIn(lost, log)
        self.sh(COLLECT)
        self.assertEqual(self.git("cat-file", "-t", lost), "commit\n")
        self.assertEqual((self.git("log", "--all", "--format=%H %D"), self.git("for-each-ref")), (log, refs))
        self.sh(f"git init -q --bare {self.top}/mirror; git push -q --mirror {self.top}/mirror; git push -q --all {self.top}/mirror")
        self.assertNotIn("savepoint", self.sh(f"git -C {self.top}/mirror for-each-ref; git ls-remote {self.top}/mirror"))
        self.savepoint("prune", "--snapshot", identifier, "--yes")
        self.sh(COLLECT)
        self.assertNotEqual(self.say("cat-file", "-t", lost)[0], 0)

    def kept(self, root=None):
        """Every commit that is kept."""
        top = (root or self.root) / ".git/savepoint-kept"
        return {name for _, _, names in os.walk(top) for name in names}

    def test_of_a_merge_nothing_is_kept_that_is_no_commit(self):
        self.conflicting_branches()
        self.say("merge", "side")
        self.assertEqual(self.git("cat-file", "-t", "AUTO_MERGE"), "tree\n")
        self.snapshot()
        self.assertTrue(self.kept())
        for commit in self.kept():
            self.assertEqual(self.git("cat-file", "-t", commit), "commit\n")
        self.assertEqual(self.command("git", "gc", "-q", "--prune=now", cwd=self.root).err, "")

    def test_a_long_rebase_is_kept_whole_by_a_few_commits(self):
        self.base()
        self.sh("git branch onto; for i in $(seq 60); do echo $i > step; git add step; git commit -qm $i; done;"
                " git switch -q onto; echo x > step; git add step; git commit -qm onto; git switch -q main")
        tip, onto = self.git("rev-parse", "main").strip(), self.git("rev-parse", "onto").strip()
        self.say("rebase", "onto")
        identifier = self.snapshot()
        self.assertIn(tip, self.kept())
        self.assertIn(onto, self.kept())
        self.assertLess(len(self.kept()), 8)
        left = self.state()
        self.sh("git rebase --abort; git reset -q --hard HEAD~60; git branch -q -D onto")
        self.sh(COLLECT)
        self.savepoint("restore", identifier, "--git", "--yes")
        self.assertEqual(self.state()["operation"], left["operation"])
        self.assertEqual(self.git("rev-list", "--count", f"{tip}~60..{tip}"), "60\n")

    def test_commits_that_are_too_many_to_be_kept_are_said_to_be(self):
        self.base()
        self.sh("git bisect start -q; tree=$(git rev-parse HEAD^{tree});"
                " for i in $(seq 300); do git commit-tree -m $i $tree; done > ids;"
                " sed 's/^/# skip: /' ids >> .git/BISECT_LOG; rm ids; git rev-parse HEAD > .git/ORIG_HEAD")
        for _ in range(2):
            result = self.savepoint("snapshot", "--json")
            self.assertIn("git may collect 45 of the commits", result.out)
            self.write("more", "x")
        self.assertEqual(len(self.kept()), 256)
        self.assertIn(self.git("rev-parse", "HEAD").strip(), self.kept())

    def test_a_submodule_that_is_a_project_too_does_not_let_go_what_the_other_needs(self):
        self.base()
        name = "git config user.name T; git config user.email t@example.org"
        self.sh(f"git init -q {self.top}/library; cd {self.top}/library; {name}; echo 1 > f; git add f; git commit -qm one")
        self.sh(f"git -c protocol.file.allow=always submodule add -q {self.top}/library library; git commit -qm sub;"
                f" cd library; {name}; echo 2 > f; git commit -qam needed")
        below = self.root / "library"
        needed = self.say("rev-parse", "HEAD", cwd=below)[1].strip()
        store = ("--store", str(self.top / "shared"))
        self.savepoint("snapshot", *store)
        self.sh("git commit -q --amend -m other", cwd=below)
        own = self.savepoint("-C", str(below), "snapshot", "--json", *store).json["id"]
        self.savepoint("-C", str(below), "prune", "--snapshot", own, "--yes", *store)
        self.sh(COLLECT, cwd=below)
        self.assertEqual(self.say("cat-file", "-t", needed, cwd=below), (0, "commit\n"))

    def test_a_missing_commit_is_named(self):
        self.base()
        self.write("a", "two")
        self.git("commit", "-qam", "two")
        lost = self.git("rev-parse", "HEAD").strip()
        identifier = self.snapshot()
        self.sh(f"git reset -q --hard HEAD~1; rm -r .git/logs .git/savepoint-kept; {COLLECT}")
        left = self.state()
        result = self.savepoint("restore", identifier, "--git", "--yes", expect=NOT_FOUND)
        self.assert_error(result, NOT_FOUND, lost)
        verified = self.savepoint("verify", "--json").json
        self.assertEqual(verified["missing_commits"], [{"snapshot": identifier, "path": "", "commit": lost}])
        self.assertTrue(verified["ok"])
        self.assertIn(lost, self.savepoint("verify", identifier).out)
        self.assertEqual(self.state(), left)
        self.savepoint("restore", identifier, "--yes")
        self.assertEqual((self.root / "a").read_text(), "two")

    def test_a_branch_that_was_deleted_comes_back_and_goes_with_undo(self):
        self.base()
        self.sh("git switch -qc gone; echo g > g; git add g; git commit -qm gone")
        before = self.state()
        identifier = self.snapshot()
        self.sh("git switch -q main; git branch -qD gone")
        left = self.state()
        self.savepoint("restore", identifier, "--git", "--yes")
        self.assertEqual(self.state(), before)
        self.savepoint("undo", "--yes")
        self.assertEqual(self.state(), left)

    def test_the_users_objects_are_not_written_by_a_snapshot(self):
        self.base()
        self.write("a", "staged")
        self.git("add", "a")
        objects = sorted((self.root / ".git/objects").rglob("*"))
        self.snapshot()
        self.assertEqual(sorted((self.root / ".git/objects").rglob("*")), objects)

    def test_parts_do_not_go_with_git(self):
        self.base()
        identifier = self.snapshot()
        self.assert_error(self.savepoint("restore", identifier, "--git", "--yes", "--", "a", expect=USAGE), USAGE, "--git")
        self.assert_error(self.savepoint("restore", identifier, "--git", "--to", self.top / "x", expect=USAGE), USAGE, "--git")

    def test_a_snapshot_is_found_by_the_history_of_git(self):
        self.base()
        first = self.snapshot()
        self.sh("echo 2 > a; git commit -qam 2; echo 3 > a; git commit -qam 3; git switch -qc topic; git switch -q main")
        second = self.snapshot()
        self.sh("echo 4 > a; git commit -qam 4")
        for arguments, found, words in ((("--at", "HEAD~1"), second, "taken at"), (("--at", "HEAD"), second, "1 commit before"),
                                        (("--at", "HEAD~2"), first, "1 commit before"), (("--branch", "topic"), second, "topic"),
                                        (("--branch", "main"), second, "1 commit before")):
            result = self.savepoint("restore", *arguments, "--dry-run")
            self.assertIn(found, result.out + result.err, arguments)
            self.assertIn(words, result.err)
        listed = self.savepoint("list", "--commit", "HEAD~3..HEAD", "--json").json["snapshots"]
        self.assertEqual([s["id"] for s in listed], [second])


class LossesOthersHad(Situation):
    def test_an_ignore_file_that_is_reverted_does_not_expose_what_it_protected(self):
        """cline#14367"""
        self.base()
        identifier = self.snapshot()
        self.write(".gitignore", "results/\n")
        self.write("results/precious", "1 GB of results")
        self.savepoint("restore", identifier, "--git", "--yes")
        self.assertEqual((self.root / "results/precious").read_text(), "1 GB of results")
        self.assertFalse((self.root / ".gitignore").exists())

    def test_what_is_ignored_and_untracked_is_never_cleaned(self):
        """copilot-cli#1675, cline#1213"""
        self.write(".gitignore", "data/\n")
        self.write("data/big", "untracked results")
        self.base()
        identifier = self.snapshot()
        self.write("data/more", "later results")
        self.write("a", "changed")
        self.savepoint("restore", identifier, "--git", "--yes")
        self.assertEqual((self.root / "data/more").read_text(), "later results")
        self.assertEqual((self.root / "data/big").read_text(), "untracked results")

    def test_files_made_since_go_and_are_in_the_safety_snapshot(self):
        """gemini-cli#1139"""
        self.base()
        identifier = self.snapshot()
        self.write("made/later", "new")
        self.savepoint("restore", identifier, "--yes")
        self.assertFalse((self.root / "made").exists())
        self.savepoint("undo", "--yes")
        self.assertEqual((self.root / "made/later").read_text(), "new")

    def test_a_tracked_file_that_was_deleted_stays_deleted(self):
        """entireio#1408"""
        self.base()
        (self.root / "b").unlink()
        identifier = self.snapshot()
        for git in ((), ("--git",)):
            self.git("checkout", "-q", "--", "b")
            self.savepoint("restore", identifier, *git, "--yes")
            self.assertFalse((self.root / "b").exists())

    def test_a_restore_does_not_move_the_branch(self):
        """cline#13550"""
        self.base()
        identifier = self.snapshot()
        self.write("a", "work of hours")
        self.git("commit", "-qam", "work of hours")
        tip = self.git("rev-parse", "HEAD")
        self.savepoint("restore", identifier, "--yes")
        self.assertEqual(self.git("rev-parse", "HEAD"), tip)
        self.assertEqual(self.git("show", "HEAD:a"), "work of hours")


if __name__ == "__main__":
    unittest.main()
