"""The guard: a snapshot before a command of git, or of a coding agent, takes work away."""
import json
import os
import shutil
import unittest

from harness import BIN, DONE, FAILED, REFUSED, USAGE, Case, describe_tree, dump

PRECIOUS = b"precious\n"


class Guarded(Case):
    """A project with work that is in no commit: changed, staged, untracked and ignored files."""

    def setUp(self):
        super().setUp()
        self.write(".gitignore", ".env\n*.db\n")
        for name in ("tracked", "other", "deep/er"):
            self.write(name, "first\n")
        self.commit_all()
        self.git("switch", "-qc", "topic")
        self.write("other", "of the topic\n")
        self.commit_all()
        self.git("switch", "-q", "main")
        self.write("third", "third\n")
        self.commit_all()
        self.savepoint("hooks", "install", "--guard")
        self.write("tracked", PRECIOUS)
        self.write("deep/er", PRECIOUS)
        self.git("add", "deep/er")
        self.write("untracked", PRECIOUS)
        self.write(".env", "KEY=precious\n")
        self.database("app.db", "CREATE TABLE t (v); INSERT INTO t VALUES ('precious')")

    def state(self):
        files = describe_tree(self.root, leave_out=(b".git", b"app.db", b"app.db-wal", b"app.db-shm"))
        files.pop(b".", None)
        for facts in files.values():  # a folder's time is not work
            if isinstance(facts, dict) and "sha256" not in facts:
                facts.pop("mtime")
        return files, dump(self.root / "app.db") if (self.root / "app.db").exists() else None

    def guarded(self):
        return [trigger for trigger in self.triggers() if trigger.startswith("guard:")]


class DestructiveCommands(Guarded):
    def lose(self, *command, label, code=0, before=()):
        """Runs a git command, and finds everything that it took away in the newest snapshot."""
        for preparation in before:
            self.command("git", *preparation)
        state, seen = self.state(), len(self.guarded())
        done = self.command("git", *command)
        self.assertEqual(done.code, code, done.err)
        self.assertNotEqual(self.state(), state, "the command took nothing away: this test shows nothing")
        guarded = self.guarded()
        self.assertEqual(guarded[-1], f"guard:{label}")
        self.assertEqual(len(guarded), seen + 1, "one snapshot for one command")
        self.assertIn("savepoint: saved ", done.err)
        newest = self.savepoint("list", "--json", "--trigger", f"guard:{label}").json["snapshots"][0]["id"]
        self.savepoint("restore", newest, "--yes", "--with-config")
        self.assertEqual(self.state(), state)

    def test_reset_hard(self):
        self.lose("reset", "-q", "--hard", label="reset --hard")

    def test_checkout_of_a_path_behind_dashes(self):
        self.lose("checkout", "-q", "--", "tracked", label="checkout --")

    def test_checkout_of_everything(self):
        self.lose("checkout", "-q", ".", label="checkout --")

    def test_checkout_of_a_path_from_a_commit(self):
        self.lose("checkout", "-q", "HEAD", "tracked", label="checkout --")

    def test_forced_checkout(self):
        self.lose("checkout", "-qf", label="checkout -f")

    def test_restore(self):
        self.lose("restore", "tracked", label="restore")

    def test_switch_that_discards_changes(self):
        self.lose("switch", "-q", "--discard-changes", "topic", label="switch --discard-changes")

    def test_clean_of_untracked_files(self):
        self.lose("clean", "-qfd", label="clean")

    def test_clean_of_ignored_files_and_databases(self):
        self.lose("clean", "-qfdx", label="clean")

    def test_stash(self):
        self.lose("stash", "-q", label="stash")

    def test_stash_of_untracked_files(self):
        self.lose("stash", "push", "-qu", label="stash push")

    def test_merge(self):
        self.git("reset", "-q")
        self.lose("merge", "-q", "topic", "-m", "merged", label="merge")

    def test_merge_that_is_aborted(self):
        self.lose("merge", "--abort", label="merge", before=(
            ("commit", "-qam", "mine"), ("switch", "-q", "topic"), ("checkout", "-q", "-b", "theirs"), ("rm", "-q", "tracked"),
            ("commit", "-qm", "theirs"), ("merge", "-q", "main")))

    def test_pull(self):
        self.git("clone", "-q", ".", str(self.top / "origin"))
        origin = ("git", "-C", self.top / "origin", "-c", "user.name=a", "-c", "user.email=a@b")
        self.command(*origin, "commit", "-q", "--allow-empty", "-m", "upstream")
        (self.top / "origin" / "fourth").write_text("fourth\n")
        self.command(*origin, "add", "-A")
        self.command(*origin, "commit", "-qm", "fourth")
        self.git("reset", "-q")
        self.lose("pull", "-q", "--no-rebase", str(self.top / "origin"), "main", label="pull")

    def test_rebase(self):
        self.lose("rebase", "-q", "--autostash", "topic", label="rebase")

    def test_forced_removal(self):
        self.lose("rm", "-qf", "tracked", label="rm -f")

    def test_forced_move(self):
        self.lose("mv", "-f", "tracked", "other", label="mv -f")

    def test_aliases_folders_and_options_before_the_command(self):
        self.git("config", "alias.oops", "reset -q --hard")
        state = self.state()
        done = self.command("git", "-c", "core.pager=cat", "-C", "..", "oops", cwd=self.root / "deep")
        self.assertEqual(done.code, 0, done.err)
        self.assertNotEqual(self.state(), state)
        self.assertEqual(self.guarded(), ["guard:reset --hard"])

    def test_nothing_is_saved_of_a_work_tree_that_is_being_made(self):
        done = self.command("git", "worktree", "add", "../linked", "topic")
        self.assertEqual(done.code, 0, done.err)
        self.assertNotIn("savepoint", done.err)
        self.assertEqual(self.savepoint("list", "--json", cwd=self.top / "linked").json["snapshots"], [])

    def test_in_a_linked_work_tree(self):
        self.git("worktree", "add", "-q", "../linked", "topic")
        (self.top / "linked" / "tracked").write_bytes(PRECIOUS)
        done = self.command("git", "reset", "-q", "--hard", cwd=self.top / "linked")
        self.assertEqual(done.code, 0, done.err)
        self.savepoint("restore", "latest", "--yes", cwd=self.top / "linked")
        self.assertEqual((self.top / "linked" / "tracked").read_bytes(), PRECIOUS)


class HarmlessCommands(Guarded):
    def test_nothing_is_saved_and_git_says_what_it_always_says(self):
        for command in (("status", "--porcelain"), ("diff",), ("log", "--oneline"), ("add", "-A"), ("stash", "list"),
                        ("clean", "-n"), ("commit", "-qm", "more"), ("switch", "-q", "topic"), ("checkout", "-q", "main"),
                        ("reset", "-q", "--soft", "HEAD~1"), ("branch", "another")):
            with self.subTest(command=command):
                done = self.command("git", *command)
                self.assertEqual(done.code, 0, done.err)
                if command[0] not in ("commit", "switch", "checkout"):  # there our hooks speak
                    self.assertEqual(done.err, "")
        self.assertEqual(self.guarded(), [])

    def test_git_asks_once_and_for_what_is_typed_most_no_program_of_ours_is_started(self):
        trace = self.top / "trace"
        self.git("status")
        for command in (("status",), ("diff", "--stat"), ("add", "tracked"), ("commit", "-qm", "x"), ("checkout", "-q", "-b", "another")):
            looks = 2 if command[0] == "commit" else 1  # it reads the index again behind its hook
            with self.subTest(command=command):
                trace.write_text("")
                started = self.command("strace", "-f", "-qq", "-e", "trace=execve", "-e", "signal=none", "-o", trace, "git", *command,
                                       env={"SAVEPOINT_CI": "", "CI": "1"})  # our hooks do nothing
                self.assertEqual(started.code, 0, started.err)
                lines = [line for line in trace.read_text().splitlines() if line.endswith(" = 0")]
                self.assertEqual(sum('savepoint-guard/fsmonitor"' in line for line in lines), looks, lines)
                self.assertEqual(sum('/savepoint-guard"' in line for line in lines), int(command[0] == "checkout"), lines)

    def test_words_that_begin_like_harmless_ones_hide_nothing(self):
        self.git("config", "alias.status-quo", "reset -q --hard")
        self.git("branch", "status")
        for command in (("status-quo",), ("checkout", "-q", "status", "--", "tracked"), ("-c", "x.y=status", "restore", "tracked")):
            with self.subTest(command=command):
                self.write("tracked", f"of {command}\n")
                seen = len(self.guarded())
                done = self.command("git", *command)
                self.assertEqual(done.code, 0, done.err)
                self.assertEqual(len(self.guarded()), seen + 1)

    def test_commits_of_a_branch_that_was_left_stay_when_it_is_deleted(self):
        self.git("stash", "-q")
        self.git("switch", "-q", "topic")
        self.write("lost", "of the topic\n")
        self.git("add", "lost")
        self.git("commit", "-qm", "lost")
        lost = self.git("rev-parse", "HEAD").strip()
        self.git("switch", "-q", "main")
        self.git("branch", "-qD", "topic")
        self.git("reflog", "expire", "--expire=now", "--all")
        self.git("gc", "-q", "--prune=now")
        self.assertEqual(self.git("show", f"{lost}:lost"), "of the topic\n")
        checked = self.command("git", "fsck", "--connectivity-only")  # newer ones call it dangling, and spare it
        self.assertEqual((checked.code, checked.out.replace(f"dangling commit {lost}\n", "")), (0, ""))

    def test_what_git_finds_changed_is_what_it_finds_without(self):
        for name in ("one", "two words", "deep/new\nline"):
            self.write(name, "new\n")
        with_guard = self.git("status", "--porcelain", "-z")
        self.assertEqual(with_guard, self.git("-c", "core.fsmonitor=false", "status", "--porcelain", "-z"))
        self.write("tracked", "again\n")
        self.assertEqual(self.git("diff"), self.git("-c", "core.fsmonitor=false", "diff"))
        for version in ("1", "2"):
            with self.subTest(version=version):
                self.write("tracked", f"{version}\n")
                (self.root / "other").unlink(missing_ok=True)
                done = self.command("git", "-c", f"core.fsmonitorHookVersion={version}", "status", "--porcelain", "-z")
                self.assertEqual((done.code, done.err), (0, ""))
                self.assertEqual(done.out, self.git("-c", "core.fsmonitor=false", "status", "--porcelain", "-z"))


class Guard(Guarded):
    def test_it_can_be_turned_off_for_one_command(self):
        done = self.command("git", "reset", "-q", "--hard", env={"SAVEPOINT": "0"})
        self.assertEqual((done.code, done.err), (0, ""))
        self.assertEqual(self.guarded(), [])

    def test_without_savepoint_git_behaves_as_if_it_had_never_been_installed(self):
        away = self.top / "bin"
        away.mkdir()
        for tool in BIN.iterdir():  # installed where it then is no more
            if tool.name.startswith(("savepoint", "git-savepoint")):
                shutil.copy2(tool, away / tool.name, follow_symlinks=False)
        self.savepoint("hooks", "uninstall")
        installed = self.command(away / "savepoint-hooks", "install", "--guard", env={"PATH": f"{away}:/usr/bin:/bin"})
        self.assertEqual(installed.code, 0, installed.err)
        away.rename(self.top / "gone")
        for command in (("status",), ("stash",), ("reset", "--hard"), ("clean", "-fdx")):
            with self.subTest(command=command):
                without = self.command("git", *command, env={"PATH": "/usr/bin:/bin"})
                self.assertEqual((without.code, without.err), (0, ""))

    def test_git_stops_where_nothing_could_be_saved_and_the_settings_say_so(self):
        self.write("savepoint.json", json.dumps({"hooks": {"on_failure": "block"}, "store": str(self.root / "inside")}))
        environment = {"SAVEPOINT_STORE": ""}
        state = self.state()
        done = self.command("git", "reset", "-q", "--hard", env=environment)
        self.assertNotEqual(done.code, 0)
        self.assertIn("SAVEPOINT=0", done.err)
        self.assertEqual(self.state(), state)
        self.assertFalse((self.root / ".git" / "index.lock").exists())
        self.write("savepoint.json", json.dumps({"store": str(self.root / "inside")}))
        done = self.command("git", "reset", "-q", "--hard", env=environment)
        self.assertEqual(done.code, 0)
        self.assertIn("nothing was saved", done.err)

    def test_a_monitor_that_was_there_goes_on(self):
        self.savepoint("hooks", "uninstall")
        seen = self.top / "seen"
        monitor = self.write("../monitor here.sh", f"#!/bin/sh\necho \"$@\" >> '{seen}'\nexit 1\n")
        monitor.chmod(0o755)
        value = f"'{monitor.resolve()}'"
        self.git("config", "core.fsmonitor", value)
        self.savepoint("hooks", "install", "--guard")
        self.git("reset", "-q", "--hard")
        self.assertEqual(self.guarded(), ["guard:reset --hard"])
        self.assertTrue(seen.read_text().startswith("2 "))
        self.savepoint("hooks", "uninstall")
        self.assertEqual(self.git("config", "core.fsmonitor").strip(), value)

    def test_beside_the_daemon_of_git_it_is_refused_with_the_reason(self):
        self.savepoint("hooks", "uninstall")
        self.git("config", "core.fsmonitor", "true")
        refused = self.savepoint("hooks", "install", "--guard", expect=REFUSED)
        self.assert_error(refused, REFUSED, "core.fsmonitor", "nothing was changed")
        self.assertEqual(self.git("config", "core.fsmonitor").strip(), "true")

    def test_a_daemon_of_git_that_is_switched_on_later_is_in_nobodys_way(self):
        for number, scope in enumerate(("--global", "--local")):
            self.command("git", "config", scope, "core.fsmonitor", "true")
            self.assertTrue(self.savepoint("hooks", "status", "--json").json["guard"]["active"])
            for command in (("doctor",), ("status", "--check"), ("init",)):
                self.assertNotEqual(self.savepoint(*command, expect=None).code, REFUSED)
            self.assertEqual(self.savepoint("hooks", "install", "--json").json["changes"], [])
            self.write("tracked", f"{number}\n")
            self.git("reset", "-q", "--hard")
            self.assertEqual(len(self.guarded()), number + 1)
            refused = self.savepoint("hooks", "install", "--guard", expect=REFUSED)
            self.assert_error(refused, REFUSED, "core.fsmonitor", scope.strip("-"), "nothing was changed")

    def test_a_daemon_that_goes_before_the_guard_is_seen_by_the_status(self):
        self.git("config", "extensions.worktreeConfig", "true")
        self.git("config", "--worktree", "core.fsmonitor", "true")
        self.assertEqual(self.savepoint("hooks", "status", "--json").json["guard"]["state"], "unused")
        self.savepoint("hooks", "install")

    def test_only_the_monitor_that_counts_is_in_the_way(self):
        self.savepoint("hooks", "uninstall")
        self.command("git", "config", "--global", "core.fsmonitor", "true")
        self.git("config", "core.fsmonitor", "false")
        self.savepoint("hooks", "install", "--guard")
        self.git("reset", "-q", "--hard")
        self.assertEqual(self.guarded(), ["guard:reset --hard"])

    def test_installing_twice_changes_nothing_and_uninstalling_gives_everything_back(self):
        config = self.root / ".git" / "config"
        installed = config.read_bytes()
        self.savepoint("hooks", "install", "--guard")
        self.assertEqual(config.read_bytes(), installed)
        self.git("reset", "-q", "--hard")
        self.savepoint("hooks", "uninstall")
        self.assertNotIn(b"fsmonitor", config.read_bytes())
        self.assertEqual(self.command("git", "config", "core.fsmonitor").code, 1)
        self.assertEqual([p.name for p in (self.root / ".git").rglob("*savepoint-guard*")], [])

    def test_the_status_says_whether_it_watches(self):
        self.assertIn("guard", self.savepoint("hooks", "status").out)
        self.assertTrue(self.savepoint("hooks", "status", "--json").json["guard"]["active"])
        self.savepoint("hooks", "uninstall")
        self.assertFalse(self.savepoint("hooks", "status", "--json").json["guard"]["active"])


class Agents(Guarded):
    def call(self, event, expect=DONE, **options):
        text = event if isinstance(event, str) else json.dumps(event)
        result = self.command(BIN / "savepoint", "guard", "--stdin-json", stdin=None, input=text, **options)
        self.assertEqual(result.code, expect, result.err)
        return result

    def test_a_command_that_destroys_is_saved_before_whoever_sends_it(self):
        events = (
            {"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": "rm -rf untracked"}, "cwd": str(self.root)},
            {"command": "cd deep && rm er", "cwd": str(self.root / "deep")},
            {"toolName": "bash", "toolArgs": json.dumps({"command": "npx prisma migrate reset"}), "cwd": str(self.root)},
            {"tool_name": "run_shell_command", "tool_input": {"command": "echo x > tracked"}, "workspace_roots": [str(self.root)]},
        )
        for number, event in enumerate(events):
            with self.subTest(event=event):
                self.write("tracked", f"{number}\n")
                result = self.call(event, cwd=self.top)
                self.assertIn("savepoint: saved", result.err)
                self.assertEqual(len(self.guarded()), number + 1)
        self.assertEqual(self.guarded()[-1], "guard:echo >")

    def test_the_project_that_the_command_goes_to_is_saved(self):
        self.call({"command": f"cd '{self.root}' && git checkout tracked", "cwd": str(self.top)}, cwd=self.top)
        self.assertEqual(self.guarded(), ["guard:checkout --"])
        self.write("tracked", "again\n")
        self.call({"command": "git -C deep checkout er", "cwd": str(self.root)}, cwd=self.top)
        self.assertEqual(len(self.guarded()), 2)
        self.write("tracked", "and again\n")
        self.call({"command": "git commit -m \"$(cat <<'EOF'\nIt isn't lost\nEOF\n)\"; git clean -fd", "cwd": str(self.root)})
        self.assertEqual(self.guarded()[-1], "guard:clean")

    def test_every_project_that_the_command_goes_to_is_saved(self):
        self.git("worktree", "add", "-q", "../linked", "topic")
        linked = self.top / "linked"
        for number, (command, expected) in enumerate((
                (f"git reset --hard; cd deep && rm er; cd '{linked}' && git checkout .", ["guard:reset --hard"]),
                ("cd ~/linked && git clean -f", []),
                ("git worktree remove --force ../linked", []))):
            self.write("tracked", f"{number}\n")
            (linked / "tracked").write_text(f"{number}\n")
            seen = len(self.guarded())
            result = self.call({"command": command, "cwd": str(self.root)}, env={"HOME": str(self.top)})
            self.assertEqual(result.err.count("savepoint: saved"), len(expected) + 1)
            self.assertEqual(self.guarded()[seen:], expected)
        self.assertEqual([one["trigger"] for one in self.savepoint("list", "--json", cwd=linked).json["snapshots"]][:3],
                         ["guard:worktree remove", "guard:clean", "guard:checkout --"])

    def test_a_program_may_be_called_anything(self):
        for number, name in enumerate(("two\nlines", "\x1b[31m", "x" * 500, "\ud83d\ude00")):
            self.write("tracked", f"{number}\n")
            result = self.call({"command": f"'./{name}' > tracked", "cwd": str(self.root)})
            self.assertIn("savepoint: saved", result.err)
        self.assertEqual(len(self.guarded()), 4)

    def test_what_destroys_nothing_is_let_through_in_silence(self):
        for event in ({"tool_input": {"command": "ls -l"}, "cwd": str(self.root)}, {"tool_name": "Read", "tool_input": {"path": "x"}}, {}):
            result = self.call(event)
            self.assertEqual((result.out, result.err), ("", ""))
        self.assertEqual(self.guarded(), [])

    def test_nothing_is_made_a_project_by_an_agent(self):
        folder = self.top / "elsewhere"
        folder.mkdir()
        (folder / "file").write_text("x")
        self.assertEqual(self.call({"command": "rm file", "cwd": str(folder)}).err, "")

    def test_nonsense_is_an_error_that_does_not_stop_the_agent(self):
        for text in ("", "{", "[]", "\"rm\"", "{\"command\": 1e999"):
            result = self.call(text, expect=FAILED)
            self.assert_error(result, FAILED, "event")

    def test_a_text_that_only_begins_like_json_is_no_command(self):
        for given in ("{", "{{template}}", "{print $1}"):
            self.call({"tool_name": "Edit", "input": given, "cwd": str(self.root)})
        self.assertEqual(self.guarded(), [])
        self.call({"args": "{nothing", "parameters": {"command": "rm tracked"}, "cwd": str(self.root)})
        self.assertEqual(self.guarded(), ["guard:rm"])

    def test_the_agent_is_stopped_where_nothing_could_be_saved_and_the_settings_say_so(self):
        self.write("savepoint.json", json.dumps({"hooks": {"on_failure": "block"}, "store": str(self.root / "inside")}))
        self.call({"command": "rm tracked", "cwd": str(self.root)}, expect=USAGE, env={"SAVEPOINT_STORE": ""})

    def test_a_project_with_a_strange_name_is_saved(self):
        strange = self.top / "a 'strange'\nname"
        os.rename(self.root, strange)
        self.root = strange
        self.write("tracked", "new\n")
        self.call({"command": "git checkout .", "cwd": str(strange)}, cwd=self.top)
        self.assertEqual(self.guarded(), ["guard:checkout --"])


if __name__ == "__main__":
    unittest.main()
