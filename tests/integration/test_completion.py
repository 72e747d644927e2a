"""What shells complete behind `savepoint`: asked of savepoint itself, and typed into real shells."""
import fcntl
import os
import pathlib
import pty
import shutil
import subprocess
import unittest

from harness import BIN, DONE, USAGE, Case, read_until_closed

COMPLETIONS = pathlib.Path(__file__).resolve().parents[2] / "completions"
PROMPT = b"READY> "


class CompletionCase(Case):
    def setUp(self):
        super().setUp()
        self.write("a.txt", "a")
        self.database("app.db", "create table t (a)")
        self.commit_all()
        self.first = self.snapshot("--tag", "before-the-merge", "--trigger", "timer", "-m", "one")
        self.write("a.txt", "b")
        self.second = self.snapshot()

    def words(self, *typed, **options):
        """What the last of these words can become."""
        result = self.savepoint("completion", "words", "--", *typed, **options)
        self.assertEqual(result.err, "")
        return [line.split("\t")[0] for line in result.out.splitlines()]


class Words(CompletionCase):
    def test_commands_and_their_commands(self):
        self.assertEqual(self.words("sn"), ["snapshot"])
        self.assertLessEqual({"init", "snapshot", "restore", "log", "completion"}, set(self.words("")))
        self.assertEqual(self.words("-C", ".", "--json", "und"), ["undo"])
        self.assertEqual(self.words("hooks", "in"), ["install"])
        self.assertEqual(self.words("manifest", "reb"), ["rebuild"])
        self.assertEqual(self.words("nothing", ""), [])

    def test_options_are_those_of_the_command(self):
        self.assertEqual(self.words("restore", "--dry"), ["--dry-run"])
        self.assertEqual(self.words("list", "--dry"), [])
        self.assertLessEqual({"--note", "-m", "--pin", "--store", "-C"}, set(self.words("snapshot", "-")))
        self.assertEqual(self.words("restore", "--", "-"), [":files"])

    def test_snapshots_are_known_by_id_tag_and_latest(self):
        self.assertEqual(self.words("restore", ""), ["latest", "before-the-merge", self.second, self.first])
        self.assertEqual(self.words("restore", "--keep-extra", "bef"), ["before-the-merge"])
        self.assertEqual(self.words("show", self.first[:-1]), [self.first])
        self.assertEqual(self.words("restore", "latest", ""), [])
        self.assertEqual(self.words("verify", "latest", "bef"), ["before-the-merge"])
        self.assertEqual(self.words("diff", "latest", "bef"), ["before-the-merge"])
        self.assertEqual(self.words("prune", "--snapshot", "bef"), ["before-the-merge"])
        self.assertIn("manual", self.savepoint("completion", "words", "--", "show", self.second).out)

    def test_values_of_options(self):
        self.assertEqual(self.words("list", "--branch", ""), ["main"])
        self.assertEqual(self.words("list", "--branch=m"), ["--branch=main"])
        self.assertEqual(self.words("list", "--tag", "b"), ["before-the-merge"])
        self.assertEqual(self.words("list", "--trigger", ""), ["manual", "timer"])
        self.assertEqual(self.words("snapshot", "--only", "co"), ["code", "config"])
        self.assertEqual(self.words("snapshot", "--only", "code,database:"), ["code,database:app.db"])
        self.assertEqual(self.words("snapshot", "--only=code,conf"), ["--only=code,config"])
        self.assertEqual(self.words("restore", "--database", "a"), ["app.db="])
        self.assertEqual(self.words("restore", "--to", ""), [":directories"])
        self.assertEqual(self.words("completion", "z"), ["zsh"])
        self.assertEqual(self.words("run", "--", "ma"), [":files"])

    def test_the_project_is_the_one_that_the_command_line_names(self):
        away = {"cwd": self.top, "env": {"SAVEPOINT_STORE": ""}}
        self.assertEqual(self.words("restore", "bef", **away), [])
        self.assertEqual(self.words("-C", "project", "--store", "store", "restore", "bef", **away), ["before-the-merge"])
        self.assertEqual(self.words("restore", "-C", "project", "--store=store", "bef", **away), ["before-the-merge"])

    def test_nothing_is_said_where_nothing_can_be_known(self):
        (self.store / "store.json").write_text("damaged")
        self.assertEqual(self.words("restore", ""), [])
        self.assertEqual(self.words("-C", self.top / "none", "restore", ""), [])
        self.assertEqual(self.words(), self.words(""))

    def test_nobody_waits_at_a_prompt_for_a_store_that_is_in_use(self):
        with open(self.store / "lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            result = self.command("timeout", "15", BIN / "savepoint", "completion", "words", "--", "restore", "")
            self.assertEqual((result.code, result.out, result.err), (DONE, "", ""))

    def test_there_is_a_script_for_each_shell(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertEqual(self.savepoint("completion", shell).out, (COMPLETIONS / f"savepoint.{shell}").read_text())
        self.assert_error(self.savepoint("completion", "tcsh", expect=USAGE), USAGE, "tcsh", "fish")


class Shells(CompletionCase):
    def setUp(self):
        super().setUp()
        self.environment.update(PS1=PROMPT.decode(), TERM="dumb", INPUTRC="/dev/null")

    def type_into(self, shell, *lines):
        """Types lines at the prompt of an interactive shell, as fast as it asks for them, and leaves it."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.root)
            os.execvpe(shell[0], shell, self.environment)
        said = b""
        for line in (*lines, "exit\n"):
            while not said.endswith(PROMPT):
                said += os.read(terminal, 1)
            os.write(terminal, line.encode())
            said += os.read(terminal, 1)
        said += read_until_closed(terminal)
        os.waitpid(child, 0)
        return said.decode(errors="replace")

    def assert_completes(self, shell, *setup):
        said = self.type_into(shell, *setup, "savepoint pin bef\t\n", "savepoint snapsh\t--on\tcode --ta\tof-shell\n")
        [newest, _, oldest] = self.savepoint("list", "--json").json["snapshots"]
        self.assertTrue(oldest["pinned"], said)
        self.assertEqual((newest["tags"], [one["kind"] for one in newest["components"]]), (["of-shell"], ["code"]), said)

    def test_bash_has_a_completion_that_works_as_it_is_typed(self):
        self.assert_completes(["bash", "--noprofile", "--norc", "-i"], f"source {COMPLETIONS}/savepoint.bash\n")

    def bash(self, line):
        """What bash would offer behind `line`."""
        script = f"""source {COMPLETIONS}/savepoint.bash; complete -p savepoint; COMP_LINE=$1 COMP_POINT=${{#1}}
            compopt() {{ :; }}; _savepoint savepoint; printf '%s\\n' "${{COMPREPLY[@]}}" """
        declared, *offered = self.command("bash", "--norc", "-c", script, "-", line).out.splitlines()
        self.assertEqual(declared, "complete -F _savepoint savepoint")
        return offered

    def test_bash_is_offered_what_it_has_to_put_in_place_of_a_part_of_a_word(self):
        self.assertEqual(self.bash("savepoint snap"), ["snapshot"])
        self.assertEqual(self.bash("savepoint list --branch=m"), ["main"])
        self.assertEqual(self.bash("savepoint snapshot --only database:a"), ["app.db"])
        self.assertEqual(self.bash("savepoint restore --to .gi"), [".git"])
        self.assertEqual(self.bash("savepoint restore "), ["latest", "before-the-merge", self.second, self.first])

    @unittest.skipUnless(shutil.which("zsh"), "there is no zsh")
    def test_zsh_has_a_completion_that_works_as_it_is_typed(self):
        functions = self.top / "functions"
        functions.mkdir()
        (functions / "_savepoint").write_text((COMPLETIONS / "savepoint.zsh").read_text())
        self.assert_completes(["zsh", "-f", "-i"], f"fpath=({functions} $fpath); autoload -Uz compinit; compinit -u -D\n")

    @unittest.skipUnless(shutil.which("fish"), "there is no fish")
    def test_fish_has_a_completion(self):
        def offered(line):
            result = self.command("fish", "--no-config", "-c", f"source {COMPLETIONS}/savepoint.fish; complete -C '{line}'")
            self.assertEqual(result.err, "")
            return [one.split("\t")[0] for one in result.out.splitlines()]

        self.assertEqual(offered("savepoint snap"), ["snapshot"])
        self.assertEqual(offered("savepoint list --branch "), ["main"])
        self.assertEqual(set(offered("savepoint restore ")), {"latest", "before-the-merge", self.second, self.first})
        self.assertEqual(offered("savepoint restore --to .gi"), [".git/"])


@unittest.skipUnless(shutil.which("man"), "there is no man")
class Installed(Case):
    @classmethod
    def setUpClass(cls):
        cls.install_package()

    def test_shells_and_man_find_what_is_installed(self):
        share = self.prefix / "share"
        for file, shell in (("bash-completion/completions/savepoint", "bash"), ("zsh/site-functions/_savepoint", "zsh"),
                            ("fish/vendor_completions.d/savepoint.fish", "fish")):
            self.assertEqual((share / file).read_text(), self.savepoint("completion", shell).out)
        for program in (self.prefix / "bin").iterdir():
            page = subprocess.run(["man", "--warnings", "-P", "cat", program.name], text=True, capture_output=True,
                                  env={**self.environment, "MANPATH": str(share / "man"), "MANWIDTH": "100"})
            self.assertEqual((page.returncode, page.stderr), (0, ""), program.name)
            self.assertIn("SAVEPOINT", page.stdout)
        said = subprocess.run(["man", "-P", "cat", "savepoint", "restore"], text=True, capture_output=True, check=True,
                              env={**self.environment, "MANPATH": str(share / "man"), "MANWIDTH": "100"}).stdout
        self.assertRegex(said, r"--keep-extra\s+leave files that the snapshot does not have")


if __name__ == "__main__":
    unittest.main()
