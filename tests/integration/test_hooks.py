"""savepoint hooks: install, uninstall, status, and what an installed hook does."""
import os
import shutil
import unittest

from harness import BIN, NOT_FOUND, REFUSED, USAGE
from hooks import HookCase, describe_hooks, tree_digest

NAMES = ["pre-commit", "pre-merge-commit", "pre-rebase", "pre-push", "post-checkout", "post-merge", "post-rewrite"]


class Installation(HookCase):
    """Where hooks are files: with a git that knows no configured ones."""

    def setUp(self):
        super().setUp()
        self.environment |= self.git_that_says("2.53.0")

    def test_installing_twice_changes_nothing_and_uninstalling_leaves_nothing(self):
        before = tree_digest(self.root / ".git/hooks"), (self.root / ".git/config").read_bytes()
        self.assertEqual(set(self.states().values()), {"missing"})
        first = self.install("--json").json
        self.assertTrue(first["active"])
        self.assertEqual(first["place"], "files")
        self.assertEqual([one["hook"] for one in first["hooks"]], NAMES)
        self.assert_active()
        installed = describe_hooks(self.root / ".git/hooks")
        self.assertEqual(self.install("--json").json["changes"], [])
        self.assertEqual(describe_hooks(self.root / ".git/hooks"), installed)
        self.uninstall()
        self.assertEqual((tree_digest(self.root / ".git/hooks"), (self.root / ".git/config").read_bytes().replace(self.identity(), b"")), before)
        self.assertEqual(self.uninstall("--json").json["changes"], [])

    def identity(self):
        """What opening a project may have written to git's configuration."""
        text = (self.root / ".git/config").read_bytes()
        start = text.find(b"[savepoint]")
        return text[start:] if start >= 0 else b""

    def test_a_dry_run_only_says_what_would_be_done(self):
        before = tree_digest(self.root / ".git")
        planned = self.install("--dry-run", "--json").json
        self.assertEqual({os.path.basename(one["path"]) for one in planned["changes"]}, set(NAMES))
        self.assertEqual(tree_digest(self.root / ".git"), before)
        self.assertIn("would be changed", self.install("--dry-run").out)

    def test_the_scripts_are_short_posix_sh_that_shellcheck_likes(self):
        self.install()
        for name in NAMES:
            text = (self.root / ".git/hooks" / name).read_text()
            self.assertLess(len(text.splitlines()), 22)
            if shutil.which("shellcheck"):
                checked = self.command(shutil.which("shellcheck"), "-s", "sh", self.root / ".git/hooks" / name)
                self.assertEqual(checked.code, 0, checked.out)

    def test_init_installs_them_if_told(self):
        self.assertFalse(self.savepoint("init", "--json").json["hooks"])
        self.assertTrue(self.savepoint("init", "--hooks", "--json").json["hooks"])
        self.assert_active()
        self.assertIn("installed, and run by git", self.savepoint("doctor").out)

    def test_a_bare_repository_or_none_is_refused(self):
        self.command("git", "init", "-q", "--bare", self.top / "bare.git")
        (self.top / "plain").mkdir()
        for place in ("bare.git", "plain"):
            self.assert_error(self.install("-C", self.top / place, expect=NOT_FOUND), NOT_FOUND, "git")
        self.assert_error(self.savepoint("hooks", "instal", expect=USAGE), USAGE, "instal")
        self.assert_error(self.savepoint("hooks", "run", "pre-receive", expect=USAGE), USAGE, "pre-receive")

    def test_what_another_tool_overwrote_is_named_and_put_back(self):
        self.install()
        (self.root / ".git/hooks/pre-commit").write_text("#!/bin/sh\necho theirs\n")
        (self.root / ".git/hooks/pre-rebase").chmod(0o644)
        states = self.states()
        self.assertEqual((states["pre-commit"], states["pre-rebase"], states["pre-push"]), ("missing", "unused", "active"))
        doctor = self.savepoint("doctor", expect=1)
        self.assertIn("git does not run pre-commit, pre-rebase", doctor.out)
        self.install()
        self.assert_active()
        self.uninstall()
        self.assertEqual((self.root / ".git/hooks/pre-commit").read_text(), "#!/bin/sh\necho theirs\n")

    def test_what_was_written_into_our_file_stays(self):
        self.install()
        with open(self.root / ".git/hooks/post-merge", "a") as file:
            file.write("echo added\n")
        self.uninstall()
        self.assertEqual((self.root / ".git/hooks/post-merge").read_text(), "#!/bin/sh\necho added\n")

    def test_another_savepoint_takes_over(self):
        other = self.top / "other"
        other.mkdir()
        for name in ("savepoint", "savepoint-hooks"):
            shutil.copy(BIN / name, other / name)
        self.assertEqual(self.command(other / "savepoint-hooks", "install").code, 0)
        self.assertEqual(set(self.states().values()), {"outdated"})
        self.install()
        self.assert_active()


class Run(HookCase):
    def test_a_commit_saves_what_it_is_about_to_commit_and_what_not(self):
        self.install()
        self.write("code.txt", "two\n")
        self.git("add", "code.txt")
        self.write("code.txt", "three\n")
        [saved] = self.led_to("commit", "-qm", "two")
        self.assertEqual(saved["trigger"], "hook:pre-commit")
        self.assertEqual(self.content(saved, "code.txt"), "three\n")
        self.assertRegex(self.said, r"\Asavepoint: saved \S+: before a commit\n\Z")

    def test_nothing_is_done_or_said_when_nothing_changed(self):
        self.install()
        self.assertEqual(len(self.led_to("commit", "-q", "--allow-empty", "-m", "x")), 1)
        self.savepoint("snapshot")
        self.assertEqual(self.led_to("commit", "-q", "--allow-empty", "-m", "y"), [])
        self.assertEqual(self.said, "")

    def test_it_can_be_told_not_to(self):
        self.install()
        for variables in ({"SAVEPOINT": "0"}, {"SAVEPOINT": "false"}, {"CI": "true"}):
            self.write("code.txt", str(variables))
            self.assertEqual(self.led_to("commit", "-qam", "x", env=variables), [])
        self.write("code.txt", "last")
        self.assertEqual(len(self.led_to("commit", "-qam", "x", env={"CI": "true", "SAVEPOINT_CI": "1"})), 1)

    def test_the_databases_of_the_branch_that_is_left_are_called_so(self):
        self.install()
        self.database(script="CREATE TABLE t (v); INSERT INTO t VALUES ('of main')")
        main = self.git("rev-parse", "HEAD").strip()
        self.git("switch", "-q", "-c", "topic")
        self.write("code.txt", "topic\n")
        self.git("commit", "-qam", "topic")
        topic = self.git("rev-parse", "HEAD").strip()
        [saved] = self.led_to("switch", "-q", "main")
        self.assertEqual(saved["trigger"], "hook:post-checkout")
        self.assertEqual(saved["hook"], {"left_branch": "topic", "left_commit": topic, "late": []})
        self.assertEqual(saved["git"]["commit"], main)
        self.assertIn("left topic", saved["note"])
        self.assertIn("as they were on leaving topic", self.savepoint("show", saved["id"]).out)
        [saved] = self.led_to("merge", "-q", "topic")
        self.assertEqual(saved["hook"], {"left_branch": "main", "left_commit": main, "late": []})
        self.git("checkout", "-q", "--detach", main)
        [saved] = self.led_to("checkout", "-q", "topic")
        self.assertEqual(saved["hook"], {"left_branch": None, "left_commit": main, "late": []})

    def test_a_branch_may_be_called_as_its_commit_begins(self):
        self.install()
        name = self.git("rev-parse", "HEAD").strip()[:6]
        self.git("switch", "-q", "-c", name)
        self.write("code.txt", "two\n")
        self.git("switch", "-q", "-c", "other")
        self.git("commit", "-qam", "two")
        self.git("switch", "-q", name)
        self.write("code.txt", "three\n")
        [saved] = self.led_to("checkout", "-q", "-f", "other")
        self.assertEqual(saved["hook"]["left_branch"], name)

    def test_only_pushes_to_what_the_settings_call_a_deploy(self):
        self.install()
        self.command("git", "init", "-q", "--bare", self.top / "remote.git")
        self.git("remote", "add", "origin", self.top / "remote.git")
        self.assertEqual(self.led_to("push", "-q", "origin", "main"), [])
        self.write("savepoint.json", '{"hooks": {"deploy": ["prod/*", "refs/tags/v*"]}}')
        self.assertEqual(self.led_to("push", "-q", "origin", "main:topic"), [])
        [saved] = self.led_to("push", "-q", "origin", "main:topic", "main:prod/eu")
        self.assertEqual(saved["trigger"], "hook:pre-push")
        self.git("tag", "v1")
        self.write("code.txt", "x")
        self.assertEqual(len(self.led_to("push", "-q", "origin", "v1")), 1)
        self.command("git", "commit", "-qam", "fix the bug", env={"SAVEPOINT": "0"})
        self.assertEqual(len(self.led_to("push", "-q", "origin", ":/fix the bug:refs/heads/prod/asia")), 1)
        self.write("code.txt", "y")
        self.assertEqual(self.led_to("push", "-q", "--no-verify", "origin", "main:prod/us"), [])

    def test_git_goes_on_where_nothing_can_be_saved(self):
        self.install()
        self.store.write_text("this is no directory")
        self.assertEqual(self.command("git", "commit", "--allow-empty", "-qm", "x").code, 0)
        result = self.command("git", "commit", "--allow-empty", "-qm", "x")
        self.assertRegex(result.err, r"\Asavepoint: nothing was saved: [^\n]+\n\Z")
        self.write("savepoint.json", "{ this is no JSON")
        self.assertEqual(self.command("git", "switch", "-c", "other").code, 0)
        result = self.command("git", "commit", "--allow-empty", "-qm", "x")
        self.assertEqual(result.code, 0)
        self.assertIn("savepoint.json", result.err)

    def test_a_complaint_of_any_length_is_heard_to_its_end(self):
        self.install()
        self.write("savepoint.json", '{"' + "x" * 300_000 + '": 1}')
        result = self.command("git", "commit", "--allow-empty", "-qm", "x")
        self.assertEqual(result.code, 0)
        self.assertRegex(result.err, r"\Asavepoint: nothing was saved: [^\n]*xxx")

    def test_git_stops_where_it_is_told_to(self):
        self.install()
        self.write("savepoint.json", '{"hooks": {"on_failure": "block"}}')
        self.commit_all()
        self.savepoint("snapshot")
        shutil.move(self.store, self.top / "elsewhere")
        self.store.write_text("this is no directory")
        head = self.git("rev-parse", "HEAD")
        result = self.command("git", "commit", "--allow-empty", "-qm", "x")
        self.assertEqual(result.code, 1)
        self.assertIn("SAVEPOINT=0", result.err)
        self.assertEqual(self.git("rev-parse", "HEAD"), head)
        self.assertTrue(self.savepoint("hooks", "run", "pre-commit", "--json", expect=REFUSED).json["blocked"])
        self.assertFalse(self.savepoint("hooks", "run", "post-merge", "--json", "--", "0").json["blocked"])
        self.assertEqual(self.command("git", "switch", "-q", "-c", "other", "HEAD~1").code, 0)
        self.assertEqual(self.command("git", "commit", "--allow-empty", "-qm", "x", env={"SAVEPOINT": "0"}).code, 0)

    def test_json_says_what_came_of_it(self):
        document = self.savepoint("hooks", "run", "pre-commit", "--json").json
        self.assertEqual((document["schema"], document["hook"], document["action"], document["blocked"]),
                         (1, "pre-commit", "saved", False))
        self.assertEqual(document["id"], self.snapshots()[0])
        document = self.savepoint("hooks", "run", "pre-commit", "--json").json
        self.assertEqual((document["action"], document["id"]), ("unchanged", self.snapshots()[0]))
        document = self.savepoint("hooks", "run", "post-checkout", "--json", "--", "a" * 40, "b" * 40, "0").json
        self.assertEqual((document["action"], document["reason"]), ("skipped", "only files were checked out"))

    def test_it_works_through_git_and_from_a_subdirectory(self):
        (self.root / "sub").mkdir()
        installed = self.command("git", "savepoint", "hooks", "install", cwd=self.root / "sub")
        self.assertEqual(installed.code, 0, installed.err)
        self.assert_active()

    def test_without_savepoint_git_behaves_as_if_it_had_never_been_installed(self):
        copy = self.top / "programs"
        copy.mkdir()
        for name in ("savepoint", "savepoint-hooks"):
            shutil.copy(BIN / name, copy / name)
        self.foreign_hook(self.root / ".git/hooks/pre-commit")
        self.foreign_hook(self.root / ".git/hooks/post-checkout", "python")
        self.assertEqual(self.command(copy / "savepoint-hooks", "install").code, 0)
        shutil.rmtree(copy)
        bare = {"PATH": "/usr/bin:/bin"}
        result = self.command("git", "commit", "--allow-empty", "-m", "x", env=bare)
        self.assertEqual((result.code, result.err), (0, ""))
        self.assertEqual(self.seen(), "pre-commit|\n")
        result = self.command("git", "checkout", "-q", "-b", "other", env=bare)
        self.assertEqual((result.code, result.err), (0, ""))
        self.assertRegex(self.seen(), r"\Apost-checkout\|\w+\|\w+\|1\|\n\Z")
        self.assertEqual(self.snapshots(), [])

    def test_a_savepoint_that_is_required_and_nowhere_stops_what_comes_before_and_never_what_came_after(self):
        copy = self.top / "programs"
        copy.mkdir()
        for name in ("savepoint", "savepoint-hooks"):
            shutil.copy(BIN / name, copy / name)
        self.foreign_hook(self.root / ".git/hooks/pre-commit")
        self.assertEqual(self.command(copy / "savepoint-hooks", "install").code, 0)
        shutil.rmtree(copy)
        self.command("git", "config", "savepoint.hooks.require", "yes")
        bare = {"PATH": "/usr/bin:/bin"}
        result = self.command("git", "commit", "--allow-empty", "-m", "x", env=bare)
        self.assertEqual(result.code, 1)
        self.assertIn("savepoint.hooks.require", result.err)
        self.seen()  # newer git runs theirs all the same
        self.assertEqual(self.command("git", "commit", "--allow-empty", "-m", "x", env={**bare, "SAVEPOINT": "0"}).code, 0)
        self.assertEqual(self.seen(), "pre-commit|\n")
        self.assertEqual(self.command("git", "checkout", "-q", "HEAD~1", env=bare).code, 0)
        self.command("git", "config", "--unset", "savepoint.hooks.require")
        self.assertEqual(self.command("git", "commit", "--allow-empty", "-m", "x", env=bare).code, 0)

    def test_submodules_and_theirs_get_hooks_as_well_if_that_is_asked_for(self):
        innermost = self.top / "innermost"
        inner = self.top / "inner"
        for place, within in ((innermost, None), (inner, innermost), (self.root, inner)):
            place.mkdir(exist_ok=True)
            self.command("git", "init", "-q", cwd=place)
            if within:
                self.command("git", "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", within, "sub", cwd=place)
            self.command("git", "-c", "user.name=a", "-c", "user.email=b", "commit", "-q", "--allow-empty", "-m", "x", cwd=place)
        self.command("git", "-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init", "--recursive")
        trees = [self.root, self.root / "sub", self.root / "sub/sub"]

        self.install()
        self.assertEqual([set(self.states(cwd=tree).values()) for tree in trees], [{"active"}, {"missing"}, {"missing"}])
        would = self.install("--recurse-submodules", "--dry-run", "--json").json["changes"]
        self.assertEqual({"sub" in one["path"] for one in would}, {True})
        self.assertEqual(set(self.states(cwd=trees[1]).values()), {"missing"})
        self.install("--recurse-submodules")
        for tree in trees:
            self.assert_active(cwd=tree)
        self.assertEqual(self.install("--recurse-submodules", "--json").json["changes"], [])
        (trees[2] / "new.txt").write_text("new\n")
        self.command("git", "add", "new.txt", cwd=trees[2])
        self.command("git", "-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "x", cwd=trees[2])
        listed = self.savepoint("list", "--json", "-C", trees[2]).json["snapshots"]
        self.assertEqual(listed[0]["trigger"], "hook:pre-commit")
        self.uninstall("--recurse-submodules")
        for tree in trees:
            self.assertEqual(set(self.states(cwd=tree).values()), {"missing"})

    def test_a_savepoint_that_crashes_never_stops_git(self):
        self.install()
        for name, script in (("crash", "kill -SEGV $$"), ("linker", "exit 127"), ("refused", "exit 2"), ("gaps", "exit 7")):
            self.program(self.top / name / "savepoint-hooks", f"#!/bin/sh\n{script}\n")
            result = self.command("git", "commit", "--allow-empty", "-qm", name, env={"SAVEPOINT_BIN": str(self.top / name)})
            self.assertEqual(result.code, 0, result.err)
            result = self.command("git", "checkout", "-q", "-b", name, env={"SAVEPOINT_BIN": str(self.top / name)})
            self.assertEqual(result.code, 0, result.err)


if __name__ == "__main__":
    unittest.main()
