"""What the plan of `restore --git` says: every reference that moves, and nothing that does not."""
import unittest

from test_git_situations import COLLECT, Situation


class ThePlanIsExact(Situation):
    """What `restore --git` and its undo will do to git stands in the plan, and nothing else."""
    def plan(self, *command):
        result = self.savepoint(*command, "--dry-run", "--json").json
        words = {change["path"]: change["into"] for change in result["changes"] if change["action"] == "git"}
        return result["git"], words

    def test_every_branch_that_undo_moves_is_named(self):
        self.base()
        self.sh("git switch -qc topic; echo 1 > t; git add t; git commit -qm topic-one")
        identifier = self.snapshot()
        then = self.git("rev-parse", "topic").strip()
        self.sh("echo 2 > t; git commit -qam topic-two; git switch -q main")
        now = self.git("rev-parse", "topic").strip()
        self.savepoint("restore", identifier, "--git", "--yes")
        git, words = self.plan("undo")
        self.assertEqual(git[0]["branches"], [{"branch": "topic", "from": then, "to": now}])
        self.assertIn("moves from", words["branch topic"])
        self.sh("echo 3 > t; git commit -qam topic-three")
        git, _ = self.plan("undo")
        self.assertEqual([commit["subject"] for commit in git[0]["since"]], ["topic-three"])
        refs = self.git("for-each-ref")
        self.savepoint("undo", "--yes")
        self.assertEqual(self.git("rev-parse", "topic").strip(), now)
        self.sh(COLLECT)
        self.assertEqual(self.git("log", "-1", "--format=%s", git[0]["kept_as"]), "topic-three\n")
        self.savepoint("undo", "--yes")
        self.assertEqual(self.git("for-each-ref"), refs)

    def test_where_git_stays_is_said_where_the_snapshot_was_taken_elsewhere(self):
        self.base()
        identifier = self.snapshot()
        self.assertNotIn("git stays", self.savepoint("restore", identifier, "--dry-run").out)
        then = self.git("rev-parse", "--short=8", "HEAD").strip()
        self.sh("echo 1 > new; git add new; git commit -qm new")
        now = self.git("rev-parse", "--short=8", "HEAD").strip()
        said = f"git stays on main at {now}; the snapshot was taken on main at {then} (--git restores that, too)"
        self.assertIn(said, self.savepoint("restore", identifier, "--dry-run").out)
        for options in (["--git"], ["--only", "database"], ["--", "new"]):
            self.assertNotIn("git stays", self.savepoint("restore", identifier, "--dry-run", *options, expect=None).out)

    def test_a_branch_that_undo_takes_away_is_named(self):
        self.base()
        self.sh("git switch -qc gone; echo g > g; git add g; git commit -qm gone")
        identifier = self.snapshot()
        at = self.git("rev-parse", "gone").strip()
        self.sh("git switch -q main; git branch -qD gone")
        self.savepoint("restore", identifier, "--git", "--yes")
        self.git("switch", "-q", "main")
        git, words = self.plan("undo")
        self.assertEqual(git[0]["branches"], [{"branch": "gone", "from": at, "to": None}])
        self.assertIn("goes", words["branch gone"])
        self.savepoint("undo", "--yes")
        self.assertEqual(self.git("branch", "--list", "gone"), "")
        self.savepoint("undo", "--yes")
        self.assertEqual(self.git("rev-parse", "gone").strip(), at)

    def test_commits_of_a_detached_head_are_named_beside_those_of_a_branch(self):
        self.base()
        identifier = self.snapshot()
        self.sh("""git commit -q --allow-empty -m on-main; git switch -q --detach main~1
                   git commit -q --allow-empty -m detached-one; git commit -q --allow-empty -m detached-two""")
        git, words = self.plan("restore", identifier, "--git")
        self.assertEqual([commit["subject"] for commit in git[0]["since"]], ["on-main", "detached-two", "detached-one"])
        self.assertEqual(git[0]["commits_since"], 3)
        self.assertIn("1 commit", words["branch main"])
        self.assertIn("2 commits", words["HEAD"])
        text = self.savepoint("restore", identifier, "--git", "--dry-run").out
        self.savepoint("restore", identifier, "--git", "--yes")
        self.sh(COLLECT)
        for commit in git[0]["since"]:
            self.assertIn(commit["subject"], text)
            self.assertIn(commit["kept_as"], text)
            self.assertIn(commit["subject"], self.git("log", "--format=%s", commit["kept_as"]))

    def test_an_operation_is_named_only_where_one_begins_or_ends(self):
        self.base()
        identifier = self.snapshot()
        self.sh("git rev-parse HEAD > .git/ORIG_HEAD")
        git, words = self.plan("restore", identifier, "--git")
        self.assertEqual(words, {"ORIG_HEAD": "goes, as it was not there"})
        self.assertEqual(git[0]["files"], ["ORIG_HEAD"])
        self.savepoint("restore", identifier, "--git", "--yes")
        self.assertEqual(self.plan("undo")[1], {"ORIG_HEAD": "comes back"})

    def test_the_operation_of_a_submodule_is_named(self):
        self.sh(f"""git init -q -b main {self.top}/lib; cd {self.top}/lib; git config user.name T; git config user.email t@e
                    echo lib > lib; git add .; git commit -qm lib""")
        self.base()
        self.sh(f"git -c protocol.file.allow=always submodule --quiet add {self.top}/lib sub; git commit -qm sub")
        self.sh("""cd sub; git config user.name T; git config user.email t@e; git switch -qc side; echo side > lib; git commit -qam side
                   git switch -q main; echo main > lib; git commit -qam main; git merge -q side >/dev/null || true""")
        identifier = self.snapshot()
        self.sh("cd sub; git merge --abort")
        git, words = self.plan("restore", identifier, "--git")
        self.assertEqual(git[0]["after"]["operation"], "merge")
        self.assertEqual(words["sub: operation in progress"], "from none to merge")

    def test_another_moment_of_the_same_operation_is_named_as_one(self):
        self.base()
        self.sh("for i in 1 2 3; do echo $i > a; git commit -qam $i; done; GIT_SEQUENCE_EDITOR='sed -i s/pick/edit/' git rebase -qi HEAD~3")
        identifier = self.snapshot()
        self.sh("git rebase --continue 2>/dev/null || true")
        _, words = self.plan("restore", identifier, "--git")
        self.assertEqual(words["operation in progress"], "goes to another moment of the same rebase")


if __name__ == "__main__":
    unittest.main()
