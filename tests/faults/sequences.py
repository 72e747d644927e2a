"""Random sequences of what people do, against a model that remembers what every snapshot was taken of."""
import os
import random
import shutil
import sys

import matrix  # noqa: F401  (finds the harness)
from harness import Case, describe_tree, dump

FILES = ["a.txt", "b.txt", "src/c.txt", "src/deep/d.txt", "src/e\n.txt", "f"]
BRANCHES = ["main", "one", "two"]


class Sequence(Case):
    sequences = 1
    steps = 14

    def files(self):
        tree = describe_tree(self.root)
        for name in [name for name in tree if name.startswith(b"app.db")]:
            del tree[name]
        return tree, dump(self.root / "app.db") if (self.root / "app.db").exists() else None

    def git_state(self):
        """What `restore --git` puts back; refs of ours aside."""
        return {"head": self.command("git", "symbolic-ref", "-q", "HEAD").out or self.git("rev-parse", "HEAD"),
                "commit": self.git("rev-parse", "HEAD"),
                "index": self.git("ls-files", "--stage", "-t", "-v")}

    def other_branches(self, but):
        lines = self.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads").splitlines()
        return sorted(line for line in lines if not line.startswith(but.strip() + " "))

    def whole(self):
        return self.files(), self.git_state(), self.git("status", "--porcelain=v2", "--branch")

    # What happens to a project

    def edit(self):
        path = self.root / self.rng.choice(FILES)
        kind = self.rng.randrange(6)
        if path.is_symlink() or path.is_file():
            if kind == 0:
                path.unlink()
                return
            if kind == 1 and not path.is_symlink():
                path.chmod(self.rng.choice([0o644, 0o755, 0o600]))
                return
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path)
        for parent in reversed(path.relative_to(self.root).parents):
            if (self.root / parent).is_file() or (self.root / parent).is_symlink():
                (self.root / parent).unlink()
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == 2:
            path.symlink_to(self.rng.choice(["a.txt", "nowhere", "src"]))
        elif kind == 3:
            path.mkdir()
            (path / "inside").write_text(str(self.rng.random()))
        else:
            path.write_text("line\n" * self.rng.randrange(5) + str(self.rng.random()))

    def write_rows(self):
        self.command("sqlite3", self.root / "app.db", "CREATE TABLE IF NOT EXISTS t (v); "
                     f"INSERT INTO t VALUES ({self.rng.randrange(1000)}); DELETE FROM t WHERE v < {self.rng.randrange(300)}")

    def stage(self):
        path = self.rng.choice(FILES)
        if os.path.lexists(self.root / path):
            self.command("git", "add", "--", path)

    def commit(self):
        self.git("commit", "-q", "--allow-empty", "-m", "a step")

    def switch(self):
        self.command("git", "checkout", "-q", "-B" if self.rng.random() < 0.3 else "-q", self.rng.choice(BRANCHES))

    def merge(self):
        if self.command("git", "merge", "-q", "-m", "merged", self.rng.choice(BRANCHES)).code != 0:
            self.command("git", "merge", "--abort")

    # What savepoint does

    def take(self):
        before = self.whole()
        snapshot = self.snapshot()
        self.assertEqual(self.whole(), before)
        self.taken[snapshot] = before

    def known(self):
        return [one["id"] for one in self.savepoint("list", "--json").json["snapshots"] if one["id"] in self.taken]

    def restore(self, *options):
        snapshots = self.known()
        if not snapshots:
            return
        snapshot = self.rng.choice(snapshots)
        files, git, _ = self.taken[snapshot]
        before = self.whole()
        others = self.other_branches(git["head"])
        result = self.savepoint("restore", snapshot, "--yes", "--json", *options)
        wanted = dict(files[0])
        self.assertEqual(self.files()[0], wanted)
        if files[1] is not None:
            self.assertEqual(self.files()[1], files[1])
        self.assertEqual(self.git_state(), git if options else before[1])
        self.assertEqual(self.other_branches(git["head"]), others)
        if result.json["safety_snapshot"] is not None:
            self.taken[result.json["safety_snapshot"]] = before
            self.undoable.append((before, result.json["git"] != []))  # undo takes back what was done

    def restore_git(self):
        self.restore("--git")

    def undo(self):
        if not self.undoable:
            return
        (files, git, _), with_git = self.undoable.pop()
        before = self.whole()
        result = self.savepoint("undo", "--yes", "--json")
        self.assertEqual(self.files(), files)
        self.assertEqual(self.git_state(), git if with_git else before[1])
        self.undoable = [(before, with_git)] if result.json["safety_snapshot"] is not None else []

    def prune(self):
        self.savepoint("prune", "--keep-last", str(self.rng.randrange(1, 4)), "--yes")

    DEEDS = [(edit, 8), (write_rows, 3), (stage, 4), (commit, 3), (switch, 2), (merge, 1), (take, 5), (restore, 3),
             (restore_git, 3), (undo, 2), (prune, 1)]

    def begin(self, seed):
        self.rng = random.Random(seed)
        self.taken, self.undoable = {}, []
        for name in os.listdir(self.root):
            if name != ".git":
                path = self.root / name
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        shutil.rmtree(self.root / ".git")
        shutil.rmtree(self.store, ignore_errors=True)
        self.git("init", "-q", "-b", "main", ".")
        self.git("config", "user.name", "Test")
        self.git("config", "user.email", "test@example.org")
        self.write(".gitignore", "app.db*\n")
        self.write("a.txt", "first")
        self.write_rows()
        self.commit_all()
        for branch in BRANCHES[1:]:
            self.git("branch", branch)

    def _formatMessage(self, msg, standard):
        return super()._formatMessage(f"seed {self.seed}: {' '.join(self.done)}\n{msg or ''}", standard)

    def test_every_state_comes_back(self):
        for self.seed in range(self.first_seed, self.first_seed + self.sequences):
            self.done = []
            self.begin(self.seed)
            deeds, weights = zip(*self.DEEDS)
            for deed in self.rng.choices(deeds, weights, k=self.steps):
                self.done.append(deed.__name__)
                deed(self)
            if self.known():
                self.savepoint("verify", "--all", "--read-data")
            self.git("fsck", "--no-dangling")
