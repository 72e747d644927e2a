"""Our lines in git's configuration: what others set there, before or between them, stays and counts."""
import unittest

from harness import REFUSED
from hooks import HookCase


class Settings(HookCase):
    def test_settings_without_a_last_newline_come_back_without_it(self):
        self.git("config", "core.hooksPath", ".githooks")
        self.savepoint("init")
        config = self.root / ".git/config"
        config.write_bytes(config.read_bytes().rstrip(b"\n"))
        before = config.read_bytes()
        self.install()
        self.assert_active()
        self.uninstall()
        self.assertEqual(config.read_bytes(), before)
        self.assertFalse((self.root / ".git/savepoint-hooks").exists())

    def test_settings_that_git_writes_between_our_lines_stay(self):
        self.install("--follow")
        require = ("config", "--type=bool", "savepoint.hooks.require")
        self.git(*require, "true")
        self.git("config", "savepoint.hooks.follow", "false")
        self.install()
        self.assertEqual(self.git(*require).strip(), "true")
        self.assertEqual(self.git("config", "savepoint.hooks.follow").strip(), "false")
        self.assertEqual(self.install("--json").json["changes"], [])
        config = self.root / ".git/config"
        config.write_text(config.read_text().replace("\tfollow = false\n", "\tfollow = false\n# mine\n\tother = a \\\n  b\n"))
        self.uninstall()
        self.assertEqual(self.git(*require).strip(), "true")
        self.assertEqual(self.git("config", "savepoint.hooks.other").strip(), "a   b")
        self.assertEqual(self.command("git", "config", "savepoint.hooks.follow").code, 1)
        self.assertTrue(config.read_text().endswith('[savepoint "hooks"]\n\trequire = true\n[savepoint "hooks"]\n# mine\n\tother = a \\\n  b\n'))

    def test_settings_that_users_include_stay_beside_configured_hooks(self):
        newer = self.git_that_says("2.55.0")
        (self.root / ".gitconfig").write_text("[my]\n\tsetting = 1\n")
        self.install(env=newer)
        self.git("config", "include.path", "../.gitconfig")
        self.assertEqual(self.git("config", "hook.savepoint-pre-commit.event").strip(), "pre-commit")
        self.install(env=newer)
        self.assertEqual(self.git("config", "my.setting").strip(), "1")
        self.uninstall(env=newer)
        self.assertEqual(self.git("config", "--get-all", "include.path"), "../.gitconfig\n")

    def test_a_setting_of_one_work_tree_is_not_overruled(self):
        self.environment |= self.git_that_says("2.53.0")
        self.git("config", "extensions.worktreeConfig", "true")
        self.git("config", "--worktree", "core.hooksPath", "mine")
        self.assert_error(self.install(expect=REFUSED), REFUSED, "config.worktree")

    def test_settings_that_git_is_just_writing_are_left_alone(self):
        self.git("config", "core.hooksPath", ".githooks")
        self.savepoint("init")
        (self.root / ".git/config.lock").write_text("")
        self.assert_error(self.install(expect=5), 5, "config.lock")
        (self.root / ".git/config.lock").unlink()
        self.install()
        self.assert_active()


if __name__ == "__main__":
    unittest.main()
