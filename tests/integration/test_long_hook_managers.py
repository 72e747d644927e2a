"""The lines for husky, lefthook and pre-commit: each calls savepoint as git called the manager, and never breaks git.

Packages of npm come from its registry: without that the tests of husky and lefthook fail."""
import pathlib
import shutil
import subprocess
import unittest

from harness import BIN, Case

SOURCE = pathlib.Path(__file__).resolve().parents[2]
TEMPLATES = SOURCE / "templates"
RECORDER = """#!/bin/sh
{ printf '%s' "$*"; cat | tr '\\n' ';'; echo; } >> "$RECORD"
exit "$(cat "$RECORD.code" 2>/dev/null || echo 0)"
"""


class Managed(Case):
    def setUp(self):
        super().setUp()
        self.record = self.top / "record"
        programs = self.top / "programs"
        programs.mkdir()
        (programs / "savepoint").write_text(RECORDER)
        (programs / "savepoint").chmod(0o755)
        self.environment["PATH"] = f"{programs}:/usr/local/bin:/usr/bin:/bin"
        self.environment["RECORD"] = str(self.record)
        self.write(".gitignore", "node_modules/\n")
        self.write("file", "one")
        self.commit_all()

    def calls(self, *words, code=0):
        """What savepoint was asked for while git did something; it ends with exit code 0 if savepoint does."""
        self.record.unlink(missing_ok=True)
        pathlib.Path(f"{self.record}.code").write_text(str(code))
        done = self.command("git", *words)
        return done.code, [line.removeprefix("hooks run ") for line in self.record.read_text().splitlines()] if self.record.exists() else []

    def install_from_npm(self, *packages):
        self.write("package.json", '{"name": "x", "version": "1.0.0", "private": true}\n')
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *packages], cwd=self.root, text=True,
                              check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, f"can the registry be reached?\n{done.stdout}")

    def make_branches(self):
        """main and other, one commit apart, and a bare repository to push to."""
        self.commit_all()
        self.git("branch", "other")
        self.write("file", "two")
        self.commit_all()
        self.git("init", "-q", "--bare", str(self.top / "remote.git"))
        self.git("remote", "add", "origin", str(self.top / "remote.git"))
        self.main, self.other = self.git("rev-parse", "main").strip(), self.git("rev-parse", "other").strip()

    def check_post_hooks(self):
        for code in (0, 1, 3):
            self.git("switch", "-q", "main")
            self.assertEqual(self.calls("switch", "-q", "other", code=code), (0, [f"post-checkout -- {self.main} {self.other} 1"]))
        self.git("switch", "-q", "-c", f"merge-{self.id()[-9:]}", "other")
        done, calls = self.calls("merge", "-q", "main", code=3)
        self.assertEqual((done, calls[-1]), (0, "post-merge -- 0"))
        done, calls = self.calls("commit", "-q", "--no-verify", "--amend", "-m", "again", "--allow-empty", code=3)
        rewrites = [call for call in calls if call.startswith("post-rewrite")]
        self.assertEqual(rewrites, ["post-rewrite -- amend"])

    def check_pre_hooks(self):
        self.git("switch", "-q", "main")
        remote = self.top / "remote.git"
        expected = f"pre-push -- origin {remote}refs/heads/main {self.main} refs/heads/main {'0' * 40};"
        done, calls = self.calls("push", "-q", "origin", "main", code=3)
        self.assertEqual((done != 0, calls), (True, [expected]))
        done, calls = self.calls("push", "-q", "origin", "main", code=1)
        self.assertEqual((done, calls), (0, [expected]))
        done, calls = self.calls("rebase", "-q", "--force-rebase", "other", code=3)
        self.assertEqual((done != 0, calls[0]), (True, "pre-rebase -- other"))
        done, calls = self.calls("rebase", "-q", "--force-rebase", "other", code=5)
        self.assertEqual((done, calls[0]), (0, "pre-rebase -- other"))

    def check_with_savepoint(self):
        """The real one, instead of the recorder."""
        self.environment["PATH"] = f"{BIN}:{self.environment['PATH']}"
        self.git("switch", "-q", "main")
        self.write("untracked.txt", "kept")
        self.git("switch", "-q", "other")
        newest = self.savepoint("list", "--json").json["snapshots"][0]
        self.assertEqual(newest["trigger"], "hook:post-checkout")
        self.assertIn("untracked.txt", self.savepoint("files", newest["id"]).out)
        (self.root / "untracked.txt").unlink()

    def check_without_savepoint(self):
        self.environment["PATH"] = self.environment["PATH"].removeprefix(f"{BIN}:")
        (self.top / "programs/savepoint").unlink()
        self.git("switch", "-q", "main")
        self.git("switch", "-q", "other")
        self.git("push", "-q", "origin", "other")


class Husky(Managed):
    def test_every_hook_is_called_and_only_a_refusal_stops_git(self):
        self.install_from_npm("husky@9")
        self.assertEqual(self.command("npx", "husky").code, 0)
        for line in (TEMPLATES / "husky").iterdir():
            shutil.copy(line, self.root / ".husky" / line.name)
        self.make_branches()

        self.check_post_hooks()
        self.check_pre_hooks()
        self.git("switch", "-q", "main")
        self.write("file", "three")
        self.assertEqual(self.calls("commit", "-q", "-a", "-m", "x", code=3), (1, ["pre-commit --"]))
        self.assertEqual(self.calls("commit", "-q", "-a", "-m", "x", code=7), (0, ["pre-commit --"]))
        done, calls = self.calls("merge", "-q", "--no-ff", "-m", "m", "other", code=0)
        self.assertEqual(done, 0)
        self.check_with_savepoint()
        self.check_without_savepoint()


class Lefthook(Managed):
    def test_every_hook_is_called_and_only_a_refusal_stops_git(self):
        self.install_from_npm("lefthook@2")
        shutil.copy(TEMPLATES / "lefthook.yml", self.root / "lefthook.yml")
        lefthook = next((self.root / "node_modules").glob("lefthook-*/bin/lefthook"))
        done = self.command(lefthook, "install")
        self.assertEqual(done.code, 0, done.out + done.err)
        self.make_branches()

        self.check_post_hooks()
        self.check_pre_hooks()
        self.check_with_savepoint()
        self.check_without_savepoint()


class PreCommit(Managed):
    def setUp(self):
        super().setUp()
        self.assertIsNotNone(shutil.which("pre-commit"), "pre-commit is not installed; './dev test --long' does that")
        self.environment["PRE_COMMIT_HOME"] = str(self.top / "cache")
        source = self.top / "source"
        (source / "hooks").mkdir(parents=True)
        shutil.copy(SOURCE / ".pre-commit-hooks.yaml", source)
        shutil.copy(SOURCE / "hooks/pre-commit-framework.sh", source / "hooks")
        for words in (("init", "-q"), ("add", "-A"), ("-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-q", "-m", "x"), ("tag", "v1")):
            self.assertEqual(self.command("git", "-C", source, *words).code, 0)
        self.write(".pre-commit-config.yaml", f"repos:\n- repo: {source}\n  rev: v1\n  hooks: [{{id: savepoint}}]\n")
        self.commit_all()

    def test_after_checkout_merge_and_rewrite_savepoint_is_called(self):
        for kind in ("post-checkout", "post-merge", "post-rewrite"):
            done = self.command("pre-commit", "install", "--hook-type", kind)
            self.assertEqual(done.code, 0, done.out + done.err)
        self.make_branches()

        self.check_post_hooks()
        self.check_with_savepoint()
        self.check_without_savepoint()

    def test_the_stages_of_newer_ones_are_answered_too(self):
        self.make_branches()
        script = SOURCE / "hooks/pre-commit-framework.sh"
        self.record.unlink(missing_ok=True)
        rebase = {"PRE_COMMIT_PRE_REBASE_UPSTREAM": "main", "PRE_COMMIT_PRE_REBASE_BRANCH": "a branch"}
        push = {"PRE_COMMIT_REMOTE_NAME": "origin", "PRE_COMMIT_REMOTE_URL": "u r l", "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/a",
                "PRE_COMMIT_TO_REF": "1" * 40, "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/b", "PRE_COMMIT_FROM_REF": "2" * 40}
        for code, expected in ((0, 0), (1, 0), (3, 1)):
            pathlib.Path(f"{self.record}.code").write_text(str(code))
            self.assertEqual(self.command(script, env=rebase).code, expected)
            self.assertEqual(self.command(script, env=push).code, expected)
            self.assertEqual(self.command(script).code, 0)
        calls = self.record.read_text().splitlines()
        self.assertEqual(calls[:2], ["hooks run pre-rebase -- main a branch",
                                     f"hooks run pre-push -- origin u r lrefs/heads/a {'1' * 40} refs/heads/b {'2' * 40};"])
        self.assertEqual(calls[2:4], calls[:2])
        self.assertEqual(len(calls), 6)


if __name__ == "__main__":
    unittest.main()
