"""savepoint status --check: one line and an exit code, for cron and monitoring."""
import json
import re
import unittest

from harness import CORRUPT, DONE, FAILED, GAPS
from hooks import HookCase


def without_free_space(message):
    """Others write to the disk meanwhile."""
    return re.sub(r"[0-9.]+ \w+ are free", "… are free", message)


class Health(HookCase):
    def setUp(self):
        super().setUp()
        self.environment["XDG_CONFIG_HOME"] = str(self.top / "config")

    def check(self, expect=DONE):
        """The checks that found something."""
        document = self.savepoint("status", "--check", "--json", expect=expect).json
        self.assertEqual(document["ok"], expect == DONE)
        for problem in document["problems"]:
            self.assertTrue(problem["message"] and problem["hint"], problem)
        text = self.savepoint("status", "--check", expect=expect).out
        self.assertEqual(len(text.splitlines()), 1, text)
        for problem in document["problems"]:
            self.assertIn(without_free_space(problem["message"]), without_free_space(text))
        return [problem["check"] for problem in document["problems"]]

    def set(self, **health):
        (self.top / "config/savepoint").mkdir(parents=True, exist_ok=True)
        (self.top / "config/savepoint/config.json").write_text(json.dumps({"health": health}))

    def test_all_is_well_with_a_recent_snapshot(self):
        self.assertEqual(self.check(FAILED), ["snapshot"])
        self.assertEqual(self.savepoint("status", "--check", expect=FAILED).out, "no snapshot yet\n")
        first = self.snapshot()
        self.assertEqual(self.check(), [])
        self.assertEqual(self.savepoint("status", "--check").out, f"ok: last snapshot just now ({first})\n")

    def test_cron_mails_only_what_is_wrong(self):
        self.snapshot()
        well = self.savepoint("status", "--check", "--quiet")
        self.assertEqual((len(well.out.splitlines()), well.err), (1, ""))
        self.set(verified_within="1d")
        wrong = self.savepoint("status", "--check", "--quiet", expect=FAILED)
        self.assertEqual((wrong.out, wrong.err), (well.out, "savepoint: never verified as far as the log reaches\n"))

    def test_the_settings_decide_how_old_is_too_old(self):
        self.snapshot()
        self.set(snapshot_within="0s")
        self.assertEqual(self.check(FAILED), ["snapshot"])
        self.set(snapshot_within="1h", verified_within="1h")
        self.assertEqual(self.check(FAILED), ["verification"])
        self.savepoint("verify")
        self.assertEqual(self.check(), [])

    def test_a_snapshot_with_gaps_is_named_until_there_is_a_whole_one(self):
        self.snapshot()
        self.write(".env", "DATABASE_URL=postgres://u:pw@127.0.0.1:1/shop\n")
        self.savepoint("snapshot", expect=GAPS)
        self.assertEqual(self.check(FAILED), ["gaps"])
        (self.root / ".env").unlink()
        self.snapshot()
        self.assertEqual(self.check(), [])

    def test_a_disk_that_is_nearly_full_is_named(self):
        self.snapshot()
        self.set(free_space="1000T")
        self.assertEqual(self.check(FAILED), ["space"])

    def test_damage_is_named_until_it_is_gone(self):
        self.snapshot()
        [pack] = (self.store / "packs").rglob("*.pack")
        whole = pack.read_bytes()
        pack.chmod(0o600)
        pack.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
        self.savepoint("verify", "--read-data", expect=CORRUPT)
        self.assertEqual(self.check(FAILED), ["verification"])
        pack.write_bytes(whole)
        self.savepoint("verify", "--read-data")
        self.assertEqual(self.check(), [])

    def test_a_snapshot_of_a_hook_that_failed_unseen_is_named(self):
        self.install()
        self.snapshot()
        self.write("code.txt", "two\n")
        (self.store / "scratch").rename(self.store / "aside")
        (self.store / "scratch").write_text("in the way")
        self.git("commit", "-qam", "two")
        (self.store / "scratch").unlink()
        (self.store / "aside").rename(self.store / "scratch")
        self.assertEqual(self.check(FAILED), ["failures"])
        self.assertIn("hook:", self.savepoint("status", "--check", expect=FAILED).out)
        self.snapshot()
        self.assertEqual(self.check(), [])

    def test_hooks_that_git_does_not_run_any_more_are_named(self):
        self.snapshot()
        self.assertEqual(self.check(), [])
        self.install()
        self.assertEqual(self.check(), [])
        (self.root / ".git/hooks/pre-commit").unlink()
        self.assertEqual(self.check(FAILED), ["hooks"])
        for hook in (self.root / ".git/hooks").iterdir():
            hook.unlink()
        self.assertEqual(self.check(FAILED), ["hooks"])
        self.install()
        self.assertEqual(self.check(), [])
        self.uninstall()
        self.assertEqual(self.check(), [])


if __name__ == "__main__":
    unittest.main()
