"""Beside the real hook managers: husky, lefthook, simple-git-hooks from npm, pre-commit and Git LFS from Debian."""
import os
import pathlib
import shutil
import subprocess
import unittest

from hooks import HookCase, describe_hooks


def needs(test, program, package):
    found = shutil.which(program)
    test.assertIsNotNone(found, f"{package} is not installed; './dev deps --long' does that")
    return found


class Npm(HookCase):
    """Packages come from the npm registry: without that the tests fail."""

    @classmethod
    def setUpClass(cls):
        cls.packages = pathlib.Path(os.environ.get("SAVEPOINT_TEST_DIR", "/tmp")) / f"savepoint-npm-{os.getpid()}"
        cls.packages.mkdir()
        cls.addClassCleanup(shutil.rmtree, cls.packages, ignore_errors=True)
        npm = shutil.which("npm")
        assert npm, "npm is not installed; './dev deps --long' does that"
        done = subprocess.run([npm, "install", "--silent", "--no-audit", "--no-fund", "--fetch-retries=1", "--prefix", cls.packages,
                               "--ignore-scripts", "husky@9", "lefthook@2", "simple-git-hooks@2"], capture_output=True, text=True)
        assert done.returncode == 0, f"npm cannot install hook managers; can the registry be reached?\n{done.stdout}{done.stderr}"

    def setUp(self):
        super().setUp()
        (self.root / "node_modules").symlink_to(self.packages / "node_modules")
        with open(self.root / ".gitignore", "a") as file:
            file.write("node_modules\n")
        self.environment["PATH"] = f"{self.root}/node_modules/.bin:{pathlib.Path(shutil.which('node')).parent}:{self.environment['PATH']}"
        self.commit_all()

    def manager(self, *words):
        done = self.command(*words)
        self.assertEqual(done.code, 0, done.out + done.err)
        return done

    def assert_both(self, text, path="code.txt"):
        """A commit with something that is not staged: the snapshot has it, and the other hook ran."""
        self.write(path, f"{text}\nstaged\n")
        self.git("add", path)
        self.write(path, f"{text}\nstaged\nnot staged\n")
        [saved] = self.led_to("commit", "-qm", text)
        self.assertEqual(self.content(saved, path), f"{text}\nstaged\nnot staged\n")
        self.assertIn("theirs", self.seen())

    def test_husky(self):
        self.manager("husky")
        (self.root / ".husky/pre-commit").write_text(f"echo theirs >> '{self.top}/seen'\n")
        (self.root / ".husky/post-checkout").write_text(f"echo \"$@\" >> '{self.top}/seen'\n")
        self.commit_all()
        before, config = describe_hooks(self.root / ".husky"), self.settings()
        self.install()
        self.assert_active()
        self.assertEqual(self.git("status", "--porcelain"), "")
        self.assert_both("first")
        self.manager("husky")  # as npm install has it do
        self.assert_active()
        self.assert_both("second")
        self.git("stash", "-q")
        self.git("checkout", "-q", "HEAD~1")
        self.assertRegex(self.seen(), r"(?m)^\w{40} \w{40} 1$")
        (self.root / ".husky/pre-commit").write_text("exit 5\n")
        self.assertEqual(self.command("git", "commit", "--allow-empty", "-m", "no").code, 1)
        self.git("checkout", "-q", "-f", "main")
        self.uninstall()
        self.assertEqual((describe_hooks(self.root / ".husky"), self.settings()), (before, config))
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        self.assertEqual(self.seen().splitlines()[-1:], ["theirs"])

    def settings(self):
        return (self.root / ".git/config").read_text().split("[savepoint]")[0].split("[core]")[1]

    def test_lefthook(self):
        self.write("lefthook.yml", f"pre-commit:\n  commands:\n    a:\n      run: echo theirs >> '{self.top}/seen'\n"
                   f"pre-push:\n  commands:\n    b:\n      use_stdin: true\n      run: cat >> '{self.top}/seen'\n")
        self.commit_all()
        self.manager("lefthook", "install")
        before = describe_hooks(self.root / ".git/hooks")
        self.install()
        self.assert_active()
        self.assert_both("first")
        self.command("git", "init", "-q", "--bare", self.top / "remote.git")
        self.git("push", "-q", self.top / "remote.git", "main")
        self.assertRegex(self.seen(), r"(?m)^refs/heads/main \w{40} refs/heads/main 0{40}$")
        self.uninstall()
        self.assertEqual(describe_hooks(self.root / ".git/hooks"), before)
        # the other way round, and after it has written its hooks anew
        self.install()
        with open(self.root / "lefthook.yml", "a") as file:
            file.write(f"post-merge:\n  commands:\n    c:\n      run: echo theirs >> '{self.top}/seen'\n")
        self.manager("lefthook", "install", "--force")
        self.assertIn("missing", self.states().values())
        self.install()
        self.assert_active()
        self.assert_both("second")

    def test_simple_git_hooks(self):
        self.write("package.json", '{"simple-git-hooks": {"pre-commit": "echo theirs >> ../seen"}}')
        self.commit_all()
        self.manager("simple-git-hooks")
        before = describe_hooks(self.root / ".git/hooks")
        self.install()
        self.assert_active()
        self.assert_both("first")
        self.uninstall()
        self.assertEqual(describe_hooks(self.root / ".git/hooks"), before)
        self.install()
        self.manager("simple-git-hooks")
        self.assertEqual(self.states()["pre-commit"], "missing")
        self.install()
        self.assert_active()
        self.assert_both("second")


class Debian(HookCase):
    def test_the_pre_commit_framework(self):
        program = needs(self, "pre-commit", "pre-commit")
        self.write(".pre-commit-config.yaml", "repos:\n- repo: local\n  hooks:\n  - id: theirs\n    name: theirs\n    language: system\n"
                   f"    entry: sh -c 'cat code.txt >> {self.top}/seen'\n    always_run: true\n    pass_filenames: false\n"
                   "    stages: [commit, post-checkout, push]\n")
        self.commit_all()

        def theirs():
            done = self.command(program, "install", "-t", "pre-commit", "-t", "post-checkout", "-t", "pre-push")
            self.assertEqual(done.code, 0, done.out + done.err)

        theirs()
        before = describe_hooks(self.root / ".git/hooks")
        self.install()
        self.assert_active()
        self.write("code.txt", "staged\n")
        self.git("add", "code.txt")
        self.write("code.txt", "staged\nnot staged\n")
        [saved] = self.led_to("commit", "-qm", "x")
        self.assertEqual(self.content(saved, "code.txt"), "staged\nnot staged\n")
        self.assertEqual(self.seen(), "staged\n")  # it hides what is not staged, which we saw before
        self.git("checkout", "-q", "-f", "HEAD~1")
        self.assertEqual(self.seen(), "one\n")
        self.uninstall()
        self.assertEqual(describe_hooks(self.root / ".git/hooks"), before)
        self.install()
        theirs()
        self.assertEqual(self.states()["pre-commit"], "missing")
        self.install()
        self.assert_active()
        self.git("checkout", "-q", "main")
        self.assertIn("staged", self.seen())

    def test_git_lfs(self):
        needs(self, "git-lfs", "git-lfs")
        self.git("lfs", "install", "--local")
        before = describe_hooks(self.root / ".git/hooks")
        self.install()
        self.assert_active()
        self.git("lfs", "track", "*.bin")
        self.write("large.bin", b"\0" * 5000)
        self.git("add", "-A")
        [saved] = self.led_to("commit", "-qm", "large")
        self.assertEqual(saved["trigger"], "hook:pre-commit")
        self.command("git", "init", "-q", "--bare", self.top / "remote.git")
        self.git("remote", "add", "origin", self.top / "remote.git")
        self.write("savepoint.json", '{"hooks": {"deploy": ["main"]}}')
        [saved] = self.led_to("push", "-q", "origin", "main")
        self.assertEqual(saved["trigger"], "hook:pre-push")
        uploaded = [one for one in (self.top / "remote.git/lfs/objects").rglob("*") if one.is_file()]
        self.assertEqual([one.stat().st_size for one in uploaded], [5000])  # its pre-push got what git says after ours
        self.uninstall()
        self.assertEqual(describe_hooks(self.root / ".git/hooks"), before)


if __name__ == "__main__":
    unittest.main()
