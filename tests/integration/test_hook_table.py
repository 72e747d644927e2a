"""What every git operation leads to: for each one whether a snapshot is taken, by which hook, and what it holds."""
import os
import pathlib
import shutil
import sqlite3
import unittest

from hooks import HookCase


class Expected:
    """One snapshot: its trigger without `hook:`, and what it must hold. `left` is (branch, revision before)."""

    def __init__(self, hook, at="main", branch="main", files=None, left=None, operation=""):
        self.hook, self.at, self.branch, self.files = hook, at, branch, files or {}
        self.left, self.operation = left, operation


# Where a table says so, revisions are meant before the operation.
DIRTY = {"code.txt": "not staged\n", "new.txt": "untracked\n", "staged.txt": "staged\n"}
MERGED = {"topic.txt": "topic\n", "new.txt": "untracked\n"}

# name: (shell commands before, git command, what it leads to, exit code)
TABLE = {
    "add": ("echo x > x.txt", "add x.txt", [], 0),
    "status": ("", "status", [], 0),
    "commit": ("", "commit -qm x", [Expected("pre-commit", files=DIRTY)], 0),
    "commit of everything": ("", "commit -qam x", [Expected("pre-commit", files=DIRTY)], 0),
    "commit without hooks": ("", "commit -q --no-verify -m x", [], 0),
    "commit that is only tried": ("", "commit -q --dry-run -m x", [], None),
    "commit --amend": ("", "commit -q --amend -m x", [Expected("pre-commit", files=DIRTY), Expected("post-rewrite", at="HEAD", files=DIRTY)], 0),
    "merge, fast-forward": ("git stash -q; git switch -q behind", "merge -q main",
                            [Expected("post-merge", at="main", branch="behind", left=("behind", "behind"))], 0),
    "merge, true": ("git stash -q", "merge -q --no-edit topic",
                    [Expected("pre-merge-commit", files=MERGED)], 0),
    "merge, up to date": ("", "merge -q behind", [], 0),
    "merge, conflict": ("git stash -q", "merge -q clash", [], 1),
    "commit after a conflict": ("git stash -q; git merge -q clash; echo both > code.txt; git add code.txt", "commit -q --no-edit",
                                [Expected("pre-commit", files={"code.txt": "both\n"}, operation="merge")], 0),
    "merge --abort": ("git stash -q; git merge -q clash", "merge --abort", [], 0),
    "merge --squash": ("git stash -q", "merge -q --squash topic", [Expected("post-merge", files=MERGED)], 0),
    "pull, fast-forward": ("git stash -q", "pull -q --ff-only origin ahead",
                           [Expected("post-merge", at="HEAD", files={"remote.txt": "remote\n"}, left=("main", "main"))], 0),
    "pull --rebase": ("git stash -q; echo y > y.txt; git add y.txt; git commit -q --no-verify -m y", "pull -q --rebase origin ahead",
                      [Expected("pre-rebase", files={"y.txt": "y\n"})], 0),
    "switch": ("git checkout -q -- code.txt", "switch -q topic",
               [Expected("post-checkout", at="topic", branch="topic", files=dict(MERGED, **{"code.txt": "one\n", "staged.txt": "staged\n"}), left=("main", "main"))], 0),
    "checkout of a commit": ("git checkout -q -- code.txt", "checkout -q main~1",
                             [Expected("post-checkout", at="main~1", branch=None, files=dict(DIRTY, **{"code.txt": "one\n"}), left=("main", "main"))], 0),
    "checkout from a commit": ("git checkout -q -- code.txt; git checkout -q --detach", "checkout -q topic",
                               [Expected("post-checkout", at="topic", branch="topic", left=(None, "main"))], 0),
    "switch -c": ("", "switch -q -c more", [], 0),
    "checkout of a file": ("", "checkout -q -- code.txt", [], 0),
    "restore": ("", "restore code.txt", [], 0),
    "restore --staged": ("", "restore --staged staged.txt", [], 0),
    "checkout -f": ("", "checkout -q -f", [], 0),
    "reset --hard": ("", "reset -q --hard", [], 0),
    "reset --mixed": ("", "reset -q", [], 0),
    "clean": ("", "clean -qfdx", [], 0),
    "rm -f": ("", "rm -qf code.txt", [], 0),
    "stash": ("", "stash -q", [], 0),
    "stash pop": ("git stash -q", "stash pop -q", [], 0),
    "cherry-pick": ("git stash -q", "cherry-pick topic", [], 0),
    "commit in a cherry-pick": ("git stash -q; git cherry-pick clash; echo both > code.txt; git add code.txt", "commit -q --no-edit", [], 0),
    "revert": ("git stash -q", "revert --no-edit HEAD", [], 0),
    "rebase": ("git stash -q; git switch -q topic", "rebase -q main", [Expected("pre-rebase", at="topic", branch="topic", files={"topic.txt": "topic\n"})], 0),
    "rebase --apply": ("git stash -q; git switch -q topic", "rebase -q --apply main", [Expected("pre-rebase", at="topic", branch="topic")], 0),
    "rebase, reworded": ("git stash -q; git switch -q topic",
                         "-c sequence.editor='sed -i s/^pick/reword/' -c core.editor='echo again >' rebase -q -i main", [Expected("pre-rebase", at="topic", branch="topic")], 0),
    "rebase --autostash": ("git stash -q; git switch -q topic; echo w >> topic.txt", "rebase -q --autostash main",
                           [Expected("pre-rebase", at="topic", branch="topic", files={"topic.txt": "topic\n"}, operation="rebase")], 0),
    "rebase without hooks": ("git stash -q; git switch -q topic", "rebase -q --no-verify main", [], 0),
    "rebase, conflict": ("git stash -q; git switch -q clash", "rebase -q main", [Expected("pre-rebase", at="clash", branch="clash")], 1),
    "rebase --continue": ("git stash -q; git switch -q clash; git rebase -q main; echo both > code.txt; git add code.txt",
                          "-c core.editor=true rebase --continue", [], 0),
    "rebase --abort": ("git stash -q; git switch -q clash; git rebase -q main", "rebase --abort", [], 0),
    "am": ("git stash -q; git format-patch -q -o ../patches topic~1..topic", "am -q ../patches/0001-topic.patch", [], 0),
    "bisect start": ("git stash -q", "bisect start main main~2", [], 0),
    "bisect good": ("git stash -q; git bisect start main main~2", "bisect good", [], 0),
    "bisect reset": ("git stash -q; git bisect start main main~2", "bisect reset", [], 0),
    "push": ("", "push -q origin main:elsewhere", [], 0),
    "push that deploys": ("", "push -q origin main:deploy", [Expected("pre-push", files=DIRTY)], 0),
    "push without hooks": ("", "push -q --no-verify origin main:deploy", [], 0),
    "fetch": ("", "fetch -q origin", [], 0),
    "tag": ("", "tag v1", [], 0),
    "branch -D": ("", "branch -q -D topic", [], 0),
    "worktree add": ("", "worktree add -q ../linked topic", [], 0),
    "update-ref": ("", "update-ref refs/heads/u HEAD", [], 0),
    "gc": ("", "gc -q", [], 0),
    "commit in a submodule": ("cd sub && echo s > s.txt && git add s.txt", "-C sub commit -qm s", [], 0),
}


NAMED = ("main", "behind", "topic", "clash", "main~1")


class Table(HookCase):
    """One project is made once, and copied for every row."""

    def setUp(self):
        super().setUp()
        sh = lambda text: self.assertEqual(self.command("sh", "-ec", text).code, 0, text)
        sh("git init -q --bare ../origin.git; git init -q sub-origin; cd sub-origin;"
           "git -c user.name=a -c user.email=b commit -q --allow-empty -m s; cd ..; mv sub-origin ..")
        sh("git -c protocol.file.allow=always submodule --quiet add ../sub-origin sub; git -C sub config user.name a; git -C sub config user.email b")
        sh("echo '{\"hooks\": {\"deploy\": [\"deploy\"]}}' > savepoint.json; git add -A; git commit -qm base")
        sh("git branch behind; git switch -q -c topic; echo topic > topic.txt; git add topic.txt; git commit -qm topic")
        sh("git switch -q -c clash behind; echo clash > code.txt; git commit -qam clash; git switch -q main; echo two > code.txt; git commit -qam two")
        sh("git remote add origin ../origin.git; git switch -q -c ahead; echo remote > remote.txt; git add remote.txt; git commit -qm remote;"
           "git push -q origin ahead; git switch -q main; git branch -qD ahead")
        sh("git config advice.detachedHead false")
        self.database(script="CREATE TABLE t (v); INSERT INTO t VALUES ('kept')", mode="delete")
        (self.root / ".env").write_text("A=1\n")
        self.install()
        sh("echo staged > staged.txt; git add staged.txt; echo 'not staged' > code.txt; echo untracked > new.txt")
        self.template = self.top / "template"
        self.template.mkdir()
        for name in ("project", "origin.git"):
            (self.top / name).rename(self.template / name)

    def prepare(self, number, commands):
        place = self.top / f"row-{number}"
        place.mkdir()
        for name in ("project", "origin.git"):
            shutil.copytree(self.template / name, place / name, symlinks=True)
        self.root, self.store = place / "project", place / "store"
        self.environment["SAVEPOINT_STORE"] = str(self.store)
        self.command("sh", "-c", commands)
        shutil.rmtree(self.store, ignore_errors=True)

    def revision(self, name):
        return self.git("rev-parse", name).strip()

    def check(self, manifest, expected, before):
        at = self.revision("HEAD") if expected.at == "HEAD" else before.get(expected.at) or self.revision(expected.at)
        self.assertEqual((manifest["trigger"], manifest["git"]["branch"], manifest["git"]["commit"], manifest["git"]["operation"]),
                         ("hook:" + expected.hook, expected.branch, at, expected.operation))
        left = manifest.get("hook")
        self.assertEqual(left and (left["left_branch"], left["left_commit"], left["late"]),
                         expected.left and (expected.left[0], before[expected.left[1]], []))
        for path, content in expected.files.items():
            self.assertEqual(self.content(manifest, path), content, path)
        self.assertEqual([one["path"] for one in manifest["left_out"]], [])
        database = next(pathlib.Path(self.top / "exported" / manifest["id"]).glob("databases/**/app.db*"), None) if expected.files else None
        if expected.files:
            connection = sqlite3.connect(database)
            self.assertEqual(connection.execute("SELECT v FROM t").fetchall(), [("kept",)])
            connection.close()
            self.assertEqual((self.top / "exported" / manifest["id"] / "environment" / ".env.keys").read_text().splitlines()[-1].split()[-1], "A=")

    def test_every_operation_leads_to_just_the_snapshots_of_the_table(self):
        self.assertGreaterEqual(len(TABLE), 30)
        for number, (name, (commands, operation, expected, code)) in enumerate(TABLE.items()):
            with self.subTest(name):
                self.prepare(number, commands)
                before = dict(zip(NAMED, self.git("rev-parse", *NAMED).split()))
                manifests = self.led_to_shell(operation, code)
                self.assertEqual([one["trigger"] for one in manifests], ["hook:" + one.hook for one in expected])
                for manifest, one in zip(manifests, expected):
                    self.check(manifest, one, before)
                self.assertFalse((self.root / ".git/index.lock").exists())
            shutil.rmtree(self.top / f"row-{number}", ignore_errors=True)

    def led_to_shell(self, operation, code):
        result = self.command("sh", "-c", "git " + operation)
        if code is not None:
            self.assertEqual(result.code, code, result.out + result.err)
        lines = [line for line in result.err.splitlines() if line.startswith("savepoint: ")]
        ids = list(reversed(self.snapshots()))
        self.assertEqual(len(lines), len(ids), result.err)
        return [self.show(one) for one in ids]


if __name__ == "__main__":
    os.environ.pop("GIT_DIR", None)
    unittest.main()
