"""Beside every way in which a repository may have hooks: ours run, the others run as ever, and uninstalling gives every byte back."""
import os
import shutil
import subprocess
import unittest

from harness import BIN
from hooks import HookCase, describe_hooks

# What git gives to hooks is the same in both runs if commits have the same ids.
FIXED = {"GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}
HOOKS = ["pre-commit", "pre-push", "post-checkout", "post-rewrite", "commit-msg"]
OURS = {"pre-commit", "post-checkout", "post-rewrite", "pre-push"}

ELF = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int argc, char** argv) {
  FILE* out = fopen(SEEN, "a");
  const char* slash = strrchr(argv[0], '/');
  fprintf(out, "%s|", slash ? slash + 1 : argv[0]);
  for (int i = 1; i < argc; ++i) fprintf(out, "%s|", argv[i]);
  fputc('\n', out);
  for (int c = getchar(); c != EOF; c = getchar()) fputc(c, out);
  fclose(out);
  FILE* code = fopen(CODE, "r");
  int end = 0;
  if (code && fscanf(code, "%d", &end) != 1) end = 0;
  return end;
}
"""


class Layout(HookCase):
    """Each test makes one layout twice: as it is, and with our hooks installed, and compares what happens."""

    def setUp(self):
        super().setUp()
        self.environment.update(FIXED)
        self.original = self.root

    def compare(self, build, hooks=HOOKS, place="files", refuses=True):
        """`build(top)` makes the layout below a directory that is empty but for the project, and returns the work
        tree to use and the directories in which nothing may be lost."""
        plain = self.exercise(*self.built("plain", build)[:1], hooks)
        tree, directories = self.built("installed", build)
        before = [describe_hooks(one) for one in directories]
        config = self.config_of(tree)
        installed = self.install("--json", cwd=tree).json
        place = "configured" if self.knows_configured_hooks() else place
        self.assertEqual((installed["place"], installed["active"]), (place, True))
        self.assertEqual(self.install("--json", cwd=tree).json["changes"], [])
        self.assertEqual(self.exercise(tree, hooks), plain)
        triggers = {one["trigger"].removeprefix("hook:") for one in map(self.show, self.snapshots())}
        self.assertEqual(triggers, OURS)
        if refuses:
            (self.top / "code").write_text("1")
            result = self.command("git", "commit", "-q", "--allow-empty", "-m", "refused", cwd=tree)
            self.assertEqual(result.code, 1, result.err)
            (self.top / "code").unlink()
        self.uninstall(cwd=tree)
        self.assertEqual([describe_hooks(one) for one in directories], before)
        self.assertEqual(self.config_of(tree), config)
        return tree

    def config_of(self, tree):
        """Git's configuration, without the project's identity and what a submodule or a push notes there."""
        folder = self.command("git", "rev-parse", "--path-format=absolute", "--git-common-dir", cwd=tree).out.strip()
        text = (type(self.top)(folder) / "config").read_text()
        return text.split("[savepoint]")[0]

    def built(self, name, build):
        top = self.top / name
        top.mkdir()
        shutil.copytree(self.original, top / "project", symlinks=True)
        self.command("git", "init", "-q", "--bare", top / "remote.git")
        self.command("git", "remote", "add", "origin", "../remote.git", cwd=top / "project")
        (top / "project/savepoint.json").write_text('{"hooks": {"deploy": ["*"]}}')
        tree, directories = build(top / "project")
        self.command("git", "config", "user.name", "a", cwd=tree)
        self.command("git", "config", "user.email", "b", cwd=tree)
        return tree, directories

    def exercise(self, tree, hooks):
        """[(what, exit code, what hooks saw)]"""
        happened = []
        self.seen()

        def run(*command):
            result = self.command("git", *command, cwd=tree)
            happened.append((command[0], result.code, self.seen().replace(str(tree.parent), "TOP")))

        (tree / "changed.txt").write_text("changed\n")
        run("add", "changed.txt")
        run("commit", "-q", "-m", "one")
        (tree / "changed.txt").write_text("again\n")
        run("commit", "-q", "-a", "--amend", "-m", "two")
        (tree / "changed.txt").write_text("and not committed\n")
        run("push", "-q", "origin", "HEAD:refs/heads/a", "HEAD:refs/heads/b")
        run("push", "-q", "origin", "HEAD:refs/heads/a")
        run("checkout", "-q", "-f", "HEAD~1")
        saw = "".join(one[2] for one in happened)
        for name in hooks:
            self.assertRegex(saw, rf"(?m)^{name}\|")
        return happened

    def all_foreign(self, directory, language="sh"):
        for name in HOOKS:
            self.foreign_hook(directory / name, language)

    # The twelve

    def test_nothing_there_yet(self):
        self.compare(lambda root: (root, [root / ".git/hooks"]), hooks=[], refuses=False)

    def test_a_shell_script_that_ends_in_exec(self):
        def build(root):
            self.all_foreign(root / ".git/hooks")
            return root, [root / ".git/hooks"]
        self.compare(build)

    def test_a_python_script_that_imports_its_neighbour(self):
        def build(root):
            (root / ".git/hooks/neighbour.py").write_text("NAME = 'neighbour'\n")
            for name in HOOKS:
                hook = self.foreign_hook(root / ".git/hooks" / name, "python")
                hook.write_text(hook.read_text().replace("import os, sys\n", "import os, sys\nsys.dont_write_bytecode = True\nimport neighbour\n"))
            return root, [root / ".git/hooks"]
        self.compare(build)

    def test_a_native_program(self):
        compiler = shutil.which("cc") or shutil.which("c++")
        source = self.top / "hook.c"
        source.write_text(ELF)
        self.command(compiler, "-x", "c", f'-DSEEN="{self.top}/seen"', f'-DCODE="{self.top}/code"', source, "-o", self.top / "hook")

        def build(root):
            for name in HOOKS:
                shutil.copy(self.top / "hook", root / ".git/hooks" / name)
            return root, [root / ".git/hooks"]
        self.compare(build)

    def test_a_linked_work_tree(self):
        def build(root):
            self.all_foreign(root / ".git/hooks")
            self.command("git", "worktree", "add", "-q", "../linked", "-b", "linked", cwd=root, env={"SAVEPOINT": "0"})
            shutil.copy(root / "savepoint.json", root.parent / "linked")
            self.seen()
            return root.parent / "linked", [root / ".git/hooks"]
        self.compare(build)

    def test_a_submodule(self):
        def build(root):
            self.command("git", "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", self.original, "sub", cwd=root)
            self.command("git", "remote", "set-url", "origin", "../../remote.git", cwd=root / "sub")
            shutil.copy(root / "savepoint.json", root / "sub")
            self.all_foreign(root / ".git/modules/sub/hooks")
            return root / "sub", [root / ".git/modules/sub/hooks", root / ".git/hooks"]
        self.compare(build)

    def test_a_tracked_directory_of_hooks(self):
        def build(root):
            self.all_foreign(root / ".githooks")
            self.command("git", "add", ".githooks", "savepoint.json", cwd=root)
            self.command("git", "commit", "-qm", "hooks", cwd=root)
            self.command("git", "config", "core.hooksPath", ".githooks", cwd=root)
            return root, [root / ".git/hooks", root / ".githooks"]
        tree = self.compare(build, place="leading-on")
        self.assertEqual(self.command("git", "diff", "--name-only", cwd=tree).out, "")

    def test_a_directory_of_hooks_for_all_repositories_of_the_user(self):
        def build(root):
            home = self.top / "home/hooks"
            self.all_foreign(home)
            (self.top / "home/.gitconfig").write_text("[core]\n\thooksPath = ~/hooks\n")
            return root, [root / ".git/hooks", self.top / "home"]
        self.compare(build, place="leading-on")

    def husky(self, root):
        """What husky 9 makes of a package.json in which it is `prepare`d."""
        folder = root / ".husky/_"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*")
        (folder / "h").write_text('#!/usr/bin/env sh\nn=$(basename "$0")\ns=$(dirname "$(dirname "$0")")/$n\n'
                                  '[ ! -f "$s" ] && exit 0\n[ "${HUSKY-}" = "0" ] && exit 0\n'
                                  'export PATH="node_modules/.bin:$PATH"\nsh -e "$s" "$@"\nexit $?\n')
        for name in HOOKS + ["pre-merge-commit", "pre-rebase", "post-merge", "prepare-commit-msg"]:
            self.program(folder / name, '#!/usr/bin/env sh\n. "$(dirname "$0")/h"')
        self.command("git", "config", "core.hooksPath", ".husky/_", cwd=root)

    def test_husky(self):
        def build(root):
            self.husky(root)
            self.all_foreign(root / ".husky")
            return root, [root / ".git/hooks", root / ".husky"]
        self.compare(build, place="leading-on")

    def test_husky_that_sets_everything_up_again(self):
        self.husky(self.root)
        self.all_foreign(self.root / ".husky")
        self.install()
        self.husky(self.root)
        self.assert_active()
        self.assertEqual(len(self.led_to("commit", "-q", "--allow-empty", "-m", "x")), 1)
        self.assertIn("pre-commit|", self.seen())
        self.git("config", "--unset", "core.hooksPath")
        shutil.rmtree(self.root / ".husky")
        self.foreign_hook(self.root / ".git/hooks/pre-commit")
        self.git("commit", "-q", "--allow-empty", "-m", "y")
        self.assertIn("pre-commit|", self.seen())

    def stub(self, name):
        """A program that writes down how it is called and what it reads."""
        self.environment["PATH"] = f"{self.top / 'stubs'}:{self.environment['PATH']}"
        self.program(self.top / "stubs" / name, "#!/bin/sh\nfor last; do case $last in pre-*|post-*|commit-msg) hook=$last; esac; done\n"
                     f"{{ printf '%s|' \"$hook\" \"$@\"; echo; cat; }} >> '{self.top}/seen'\n"
                     f"exit $(cat '{self.top}/code' 2>/dev/null || echo 0)\n")

    def test_lefthook(self):
        self.stub("lefthook")

        def build(root):
            for name in HOOKS:
                self.program(root / ".git/hooks" / name, '#!/bin/sh\n\nif [ "$LEFTHOOK" = "0" ]; then\n  exit 0\nfi\n\ncall_lefthook()\n{\n'
                             f'  lefthook "$@"\n}}\n\ncall_lefthook run "{name}" "$@"\n')
            return root, [root / ".git/hooks"]
        self.compare(build)

    def test_the_pre_commit_framework(self):
        self.stub("pre-commit")

        def build(root):
            for name in HOOKS:
                self.program(root / ".git/hooks" / name, "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n"
                             f"ARGS=(hook-impl --hook-type={name} {name})\nHERE=\"$(cd \"$(dirname \"$0\")\" && pwd)\"\n"
                             "ARGS+=(--hook-dir \"$HERE/..\" -- \"$@\")\nARGS=(${ARGS[@]//$HERE/here})\n"
                             "if command -v pre-commit > /dev/null; then\n    exec pre-commit \"${ARGS[@]}\"\nfi\nexit 1\n")
            return root, [root / ".git/hooks"]
        self.compare(build)

    def test_git_lfs(self):
        self.stub("git-lfs")

        def build(root):
            for name in HOOKS:
                self.program(root / ".git/hooks" / name, "#!/bin/sh\ncommand -v git-lfs >/dev/null 2>&1 || { echo >&2 \"no git-lfs\"; exit 2; }\n"
                             f"git lfs {name} \"$@\"\n")
            return root, [root / ".git/hooks"]
        self.compare(build)

    # And what else there is

    def test_hooks_that_are_symlinks_and_files_without_a_first_line(self):
        def build(root):
            for name in HOOKS:
                script = self.foreign_hook(root / "scripts" / name)
                if name != "pre-commit":
                    (root / ".git/hooks" / name).symlink_to(f"../../scripts/{name}")
                else:
                    shutil.copy(script, root / ".git/hooks" / name)
                    text = (root / ".git/hooks" / name).read_text()
                    (root / ".git/hooks" / name).write_text(text.split("\n", 1)[1])
            return root, [root / ".git/hooks", root / "scripts"]
        self.compare(build)

    def test_a_hook_that_git_does_not_run_is_not_run_now(self):
        hook = self.foreign_hook(self.root / ".git/hooks/pre-commit")
        hook.chmod(0o644)
        before = describe_hooks(self.root / ".git/hooks")
        self.install()
        self.assertEqual(len(self.led_to("commit", "-q", "--allow-empty", "-m", "x")), 1)
        self.assertEqual(self.seen(), "")
        self.uninstall()
        self.assertEqual(describe_hooks(self.root / ".git/hooks"), before)

    def test_an_earlier_hook_that_was_moved_aside_is_never_lost(self):
        self.environment |= self.git_that_says("2.53.0")
        self.foreign_hook(self.root / ".git/hooks/pre-commit", "python")
        self.install()
        (self.root / ".git/hooks/pre-commit").write_text("#!/usr/bin/python3\nprint('another')\n")
        self.install()
        self.assert_active()
        self.uninstall()
        self.assertIn("another", (self.root / ".git/hooks/pre-commit").read_text())
        self.assertIn("sys.argv", (self.root / ".git/hooks/pre-commit.savepoint-orig-1").read_text())

    def test_hooks_of_others_outlive_installations_that_run_at_once(self):
        for name in HOOKS:
            self.foreign_hook(self.root / ".git/hooks" / name, "python" if name.startswith("p") else "sh")
        before = describe_hooks(self.root / ".git/hooks")
        for command in (("install", "--guard"), ("install",), ("uninstall",)):
            for _ in range(4):
                several = [subprocess.Popen([BIN / "savepoint", "hooks", *command], cwd=self.root, env=self.environment,
                                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(6)]
                for one in several:
                    self.assertEqual(one.communicate()[1], b"")
                    self.assertEqual(one.returncode, 0)
                if command[0] == "install":
                    self.assert_active()
                    self.uninstall()
                self.assertEqual(describe_hooks(self.root / ".git/hooks"), before)
                if command[0] == "uninstall":
                    self.install("--guard")
        self.uninstall()

    def test_files_that_git_is_told_are_elsewhere(self):
        self.all_foreign(self.top / "hooks")
        self.git("config", "core.hooksPath", self.top / "hooks")
        self.install("--guard")
        (self.top / "elsewhere").mkdir()
        for command in (("checkout", "-f", "--", "."), ("status",), ("checkout", "-q", "-b", "another")):
            done = self.command("git", f"--git-dir={self.root}/.git", f"--work-tree={self.top}/elsewhere", *command, cwd=self.top)
            self.assertEqual(done.code, 0)
            self.assertRegex(done.err, r"\A(savepoint: saved [^\n]*\n)?\Z")
        self.assertTrue((self.top / "elsewhere/code.txt").exists())
        self.assertIn("post-checkout|", self.seen())

    def test_a_repository_that_is_moved_keeps_all_hooks(self):
        self.all_foreign(self.root / ".githooks")
        self.git("config", "core.hooksPath", ".githooks")
        self.install()
        moved = self.top / "moved"
        self.root.rename(moved)
        self.root = moved
        self.assertEqual(len(self.led_to("commit", "-q", "--allow-empty", "-m", "x")), 1)
        self.assertIn("pre-commit|", self.seen())
        self.git("worktree", "add", "-q", "../linked", "-b", "linked")
        shutil.copytree(self.root / ".githooks", self.top / "linked/.githooks")
        self.seen()
        result = self.command("git", "commit", "--allow-empty", "-qm", "x", cwd=self.top / "linked")
        self.assertEqual(result.code, 0, result.err)
        self.assertIn("pre-commit|", self.seen())

    def test_what_stays_if_our_directory_is_deleted_is_git_as_it_was(self):
        self.all_foreign(self.root / ".githooks")
        self.git("config", "core.hooksPath", ".githooks")
        self.install()
        shutil.rmtree(self.root / ".git/savepoint-hooks")
        self.assertEqual(self.git("config", "core.hooksPath").strip(), ".githooks")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        self.assertIn("pre-commit|", self.seen())

    def test_hooks_installed_before_a_manager_move_to_where_git_looks_now(self):
        self.environment |= self.git_that_says("2.53.0")
        self.install()
        self.husky(self.root)
        self.assertEqual(set(self.states().values()), {"unused"})
        self.install()
        self.assert_active()
        self.assertFalse((self.root / ".git/hooks/pre-commit").exists())

    def test_what_another_tool_writes_where_git_says_hooks_are_is_never_lost(self):
        self.environment |= self.git_that_says("2.53.0")
        self.husky(self.root)
        self.install()
        ours = self.root / ".git/savepoint-hooks"
        self.assertTrue(self.git("rev-parse", "--git-path", "hooks").strip().endswith(".git/savepoint-hooks"))
        theirs = self.foreign_hook(ours / "pre-push").read_text()
        with open(ours / "post-merge", "a") as file:
            file.write("echo added\n")
        (ours / "helper").write_text("no hook\n")
        self.assertEqual(self.states()["pre-push"], "missing")

        installed = self.install()
        self.assert_active()
        self.assertEqual((ours / "pre-push.savepoint-orig").read_text(), theirs)
        self.assertRegex(installed.err, r"pre-push.savepoint-orig.*move it to .*\.husky/_/pre-push")
        self.assertTrue((ours / "post-merge").read_text().endswith("echo added\n"))
        self.assertEqual(self.install("--json").json["changes"], [])
        self.foreign_hook(ours / "pre-push", "python")
        self.install()
        self.assertEqual((ours / "pre-push.savepoint-orig-1").read_text(), theirs)

        another = self.foreign_hook(ours / "pre-rebase").read_text()
        uninstalled = self.uninstall()
        self.assertEqual({one.name for one in ours.iterdir()},
                         {"pre-push.savepoint-orig", "pre-push.savepoint-orig-1", "pre-rebase", "post-merge", "helper"})
        self.assertEqual((ours / "pre-rebase").read_text(), another)
        self.assertEqual((ours / "post-merge").read_text(), "#!/bin/sh\necho added\n")
        self.assertIn("pre-rebase", uninstalled.err)
        self.assertEqual(self.uninstall("--json").json["changes"], [])

    def test_a_git_with_configured_hooks_gets_those_and_no_file_is_touched(self):
        self.all_foreign(self.root / ".git/hooks")
        before = describe_hooks(self.root / ".git/hooks")
        newer = self.git_that_says("2.55.0")
        older = self.git_that_says("2.53.0")
        self.assertEqual(self.install("--json", env=newer).json["place"], "configured")
        self.assertEqual(self.install("--json", env=newer).json["changes"], [])
        self.assert_active(env=newer)
        self.assertEqual(describe_hooks(self.root / ".git/hooks"), before)
        for name in ("pre-commit", "post-checkout"):
            self.assertEqual(self.git("config", f"hook.savepoint-{name}.event").strip(), name)
        command = self.git("config", "hook.savepoint-pre-commit.command").rstrip("\n")
        self.assertEqual(self.command("sh", "-c", f'{command} "$@"', command).code, 0)  # as git runs it
        self.assertEqual([self.show(one)["trigger"] for one in self.snapshots()], ["hook:pre-commit"])
        command = self.git("config", "hook.savepoint-post-checkout.command").rstrip("\n")
        self.write("code.txt", "x")
        result = self.command("sh", "-c", f'{command} "$@"', command, "a" * 40, "b" * 40, "1")
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual(self.show(self.snapshots()[0])["hook"]["left_commit"], "a" * 40)
        shutil.rmtree(self.root / ".git/savepoint-hooks")
        self.assertEqual(self.command("git", "config", "hook.savepoint-pre-commit.command").code, 1)
        self.install(env=newer)
        self.install(env=older)
        self.assert_active(env=older)
        self.uninstall()
        self.assertEqual(describe_hooks(self.root / ".git/hooks"), before)


if __name__ == "__main__":
    os.environ.pop("GIT_DIR", None)
    unittest.main()
