"""savepoint init --npm edits package.json, and commands that npm runs hear what npm was told."""
import json
import os
import stat
import unittest

from harness import NOT_FOUND, REFUSED, USAGE, Case

PACKAGE = """{
    "name": "shop",
    "scripts": {
        "start": "node server.js",
        "migrate": "knex migrate:latest",
        "restore": "git checkout ."
    },
    "private": true
}"""
SCRIPTS = ["backup", "backup:db", "backup:code", "backup:config", "backup:list", "backup:verify"]


class InitNpm(Case):
    def package(self):
        return (self.root / "package.json").read_text()

    def test_scripts_are_added_and_every_other_byte_stays(self):
        file = self.write("package.json", PACKAGE)
        file.chmod(0o664)

        done = self.savepoint("init", "--npm", "--json").json["npm"]

        self.assertEqual([one["name"] for one in done["added"]], SCRIPTS)
        self.assertEqual(done["wrapped"], [{"name": "migrate", "before": "knex migrate:latest", "after": "savepoint run -- knex migrate:latest"}])
        self.assertEqual([one["name"] for one in done["kept"]], ["restore"])
        self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o664)
        lines = self.package().splitlines()
        before = [line for line in PACKAGE.splitlines() if "migrate" not in line]
        self.assertEqual([line for line in lines if line.rstrip(",") in [b.rstrip(",") for b in before]],
                         [line + "," if "git checkout" in line else line for line in before])
        self.assertFalse(self.package().endswith("\n"))
        self.assertEqual(json.loads(self.package())["scripts"]["restore"], "git checkout .")

    def test_a_second_time_changes_nothing_and_remove_gives_the_bytes_back(self):
        for package in (PACKAGE, '{"name":"x"}\n', "{}\r\n".replace("{}", '{\r\n\t"name": "x"\r\n}')):
            (self.root / "package.json").write_bytes(package.encode())
            self.savepoint("init", "--npm")
            once = (self.root / "package.json").read_bytes()
            self.assertIn("nothing to change", self.savepoint("init", "--npm").out)
            self.assertEqual((self.root / "package.json").read_bytes(), once)

            self.savepoint("init", "--npm", "--remove")

            self.assertEqual((self.root / "package.json").read_bytes(), package.encode())

    def test_the_nearest_package_is_meant(self):
        self.write("package.json", '{"name": "top"}\n')
        self.write("packages/api/package.json", '{"name": "api"}\n')
        self.write("packages/api/src/x.js")
        self.write("lib/x.js")
        self.savepoint("init", "--npm", cwd=self.root / "packages/api/src")
        self.assertIn("backup", (self.root / "packages/api/package.json").read_text())
        self.assertNotIn("backup", self.package())
        self.savepoint("-C", self.root / "lib", "init", "--npm", cwd=self.top)
        self.assertIn("backup", self.package())

    def test_a_link_to_a_package_stays_one(self):
        self.write("real/package.json", '{"name": "x"}\n')
        os.symlink("real/package.json", self.root / "package.json")
        self.savepoint("init", "--npm")
        self.assertTrue(os.path.islink(self.root / "package.json"))
        self.assertIn("backup", (self.root / "real/package.json").read_text())

    def test_without_a_package_or_with_a_broken_one_nothing_is_done(self):
        (self.top / "package.json").write_text('{"name": "not of this project"}\n')
        self.assert_error(self.savepoint("init", "--npm", expect=None), NOT_FOUND, "package.json", "npm init")
        for text in ('{"name": "x",}', "[]", '{"scripts": "none"}'):
            self.write("package.json", text)
            self.assert_error(self.savepoint("init", "--npm", expect=None), USAGE, "package.json")
            self.assertEqual(self.package(), text)
        self.assert_error(self.savepoint("init", "--remove", expect=None), USAGE, "--npm")
        self.assertFalse((self.root / "savepoint.json").exists())
        self.assertFalse(self.store.exists())


class RunByNpm(Case):
    """With the environment that npm 11 gives to scripts; the real one is in test_long_npm."""
    SCRIPT = {"npm_lifecycle_event": "restore"}

    def setUp(self):
        super().setUp()
        self.write("code.txt", "before")
        self.commit_all()
        self.snapshot()
        self.write("code.txt", "after")

    def test_dry_run_is_dry(self):
        dry = dict(self.SCRIPT, npm_config_dry_run="true")
        for words in (("restore", "latest"), ("restore", "latest", "--yes"), ("prune", "--snapshot", "latest", "--yes")):
            self.savepoint(*words, env=dry)
        self.assertEqual((self.root / "code.txt").read_text(), "after")
        self.assertEqual(len(self.savepoint("list", "--json").json["snapshots"]), 1)

    def test_options_that_npm_took_are_missed_before_anything_is_changed(self):
        for taken in ("yes", "force", "keep_extra"):
            result = self.savepoint("restore", "latest", env=dict(self.SCRIPT, **{f"npm_config_{taken}": "true"}), expect=None)
            self.assert_error(result, USAGE, "npm run restore -- ")
        self.savepoint("restore", "latest", expect=REFUSED, env=self.SCRIPT)
        self.assertEqual((self.root / "code.txt").read_text(), "after")
        self.savepoint("restore", "latest", "--yes", env=dict(self.SCRIPT, npm_config_yes="true"))
        self.assertEqual((self.root / "code.txt").read_text(), "before")

    def test_words_that_npm_left_over_are_not_guessed_at(self):
        self.assert_error(self.savepoint("restore", "latest", "/tmp/somewhere", "--yes", env=self.SCRIPT, expect=None), USAGE)
        self.assertEqual((self.root / "code.txt").read_text(), "after")

    def test_two_dashes_of_pnpm_are_passed_over(self):
        self.write("other.txt", "other")
        self.savepoint("snapshot", "--only", "code", "--", "-m", "noted", env=self.SCRIPT)
        self.assertIn("noted", self.savepoint("list", "--", "--limit", "1", env=self.SCRIPT).out)
        self.savepoint("restore", "--", "latest~1", "--yes", "--", "code.txt", env=self.SCRIPT)
        self.assertEqual((self.root / "code.txt").read_text(), "before")
        self.assertTrue((self.root / "other.txt").exists())


if __name__ == "__main__":
    unittest.main()
