"""A restore of the state of git dies, or meets an error, at some of the calls that change something."""
import errno
import unittest

import matrix
from harness import Case

MERGE = """git switch -qc side && echo side > src/a.txt && git commit -qam side && git switch -q main &&
           echo main > src/a.txt && git commit -qam main && (git merge -q side > /dev/null || true) &&
           echo staged > src/new.txt && git add src/new.txt"""
LATER = """git merge --abort && git clean -fdq && echo later > src/b.txt && git add . && git commit -qm later &&
           (git rebase -q side > /dev/null 2>&1 || true)"""


class GitMatrix(matrix.Matrix):
    """A merge in conflict, left for a rebase that stopped."""
    step = 7

    def setUp(self):
        Case.setUp(self)
        self.environment["GIT_OPTIONAL_LOCKS"] = "0"
        self.write("src/a.txt", "then")
        self.write("src/b.txt", "then")
        self.commit_all()
        self.sh(MERGE)
        self.first = self.snapshot()
        self.then = self.state()
        self.sh(LATER)
        self.savepoint("snapshot", "--tag", "second")
        self.now = self.state()
        self.assertNotEqual(self.then, self.now)
        self.keep_template()

    def sh(self, script):
        result = self.command("bash", "-c", script)
        self.assertEqual(result.code, 0, result.out + result.err)
        return result.out

    def state(self):
        files, _ = super().state()
        git = self.sh("""cat .git/HEAD; git status --porcelain=v2 --branch; git ls-files -s -t -v; git for-each-ref
                         cd .git; for f in MERGE_HEAD MERGE_MSG ORIG_HEAD rebase-merge/*; do [ ! -f $f ] || cat $f; done""")
        return files, git

    def assert_no_leftovers(self):
        left = [str(path) for path in self.root.rglob("*")
                if path.name.endswith(".lock") or path.name.startswith((".savepoint-", "savepoint-restore-"))]
        self.assertEqual(left, [])


class Kills(GitMatrix):
    check_in_place = matrix.Kills.check_in_place

    def test_restore_with_git(self):
        self.check_in_place(self.now, self.then, "restore", self.first, "--git", "--yes")


class Errors(GitMatrix):
    step = 11
    # Not a rename without room: git does not tell why it could not move a branch.
    kinds = [("once", errno.ENOSPC, "write,make,sync"), ("lasting", errno.EIO, "write,rename,sync")]
    check = matrix.Errors.check

    def test_restore_with_git(self):
        self.check(self.now, self.then, "restore", self.first, "--git", "--yes")


if __name__ == "__main__":
    unittest.main()
