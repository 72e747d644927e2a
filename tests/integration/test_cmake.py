"""The CMake package in a project's build, with both generators: targets, guards, installation, fixtures for ctest."""
import os
import pathlib
import pty
import select
import shutil
import unittest

from harness import Case, dump, read_until_closed

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BEFORE = "CREATE TABLE t (v); INSERT INTO t VALUES ('before')"
HEAD = """
cmake_minimum_required(VERSION 3.22)
project(shop NONE)
"""
FIND = HEAD + "find_package(savepoint CONFIG REQUIRED)\n"
MIGRATE = """
add_custom_target(migrate COMMAND sqlite3 -cmd ".timeout 20000" app.db "UPDATE t SET v = 'after'"
                  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM)
add_custom_target(seed COMMAND sqlite3 -cmd ".timeout 20000" app.db "CREATE TABLE seeds (v)"
                  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM)
"""


class Installed(Case):
    """A project that finds the installed package."""
    generator = "Ninja"

    @classmethod
    def setUpClass(cls):
        cls.install_package()

    def setUp(self):
        super().setUp()
        self.environment["PATH"] = "/usr/local/bin:/usr/bin:/bin"
        self.write(".gitignore", "app.db*\n/build/\n.env\n")
        self.write("code.txt", "before")
        self.write(".env", "A=before\n")
        self.database(script=BEFORE, mode="delete")

    def configure(self, text, *options, expect=0, prefix=None):
        self.write("CMakeLists.txt", text)
        self.commit_all()
        done = self.command("cmake", "-G", self.generator, "-S", ".", "-B", "build",
                            f"-DCMAKE_PREFIX_PATH={prefix or self.prefix}", *options)
        self.assertEqual(done.code, expect, done.out + done.err)
        return done.out + done.err

    def build(self, *targets, expect=0, options=(), **more):
        done = self.command("cmake", "--build", "build", "-j4", "--target", *targets, *options, **more)
        self.assertEqual(done.code == 0, expect == 0, done.out + done.err)
        return done.out + done.err

    def fake(self, script):
        """As an option for configure."""
        return f"-DSAVEPOINT_EXECUTABLE={self.fake_savepoint(script)}"

    def rows(self):
        return [line for line in dump(self.root / "app.db") if "INSERT" in line]


class WithNinja(Installed):
    def test_each_target_does_what_its_name_says(self):
        self.configure(FIND + "savepoint_add_targets()")

        self.assertNotIn(";", self.build("backup"))
        self.build("backup-db")
        self.build("backup-code")
        self.build("backup-config")

        self.assertEqual(self.triggers(), ["target:backup", "target:backup-db", "target:backup-code", "target:backup-config"])
        kinds = [{c["kind"] for c in one["components"]} for one in self.savepoint("list", "--json").json["snapshots"]][::-1]
        self.assertEqual(kinds, [{"code", "config", "database"}, {"database"}, {"code"}, {"config"}])
        self.assertIn("target:backup-code", self.build("backup-list"))
        self.assertIn("ok: 4 snapshots", self.build("backup-verify"))

    def test_restore_takes_the_snapshot_from_the_environment(self):
        self.configure(FIND + "savepoint_add_targets()")
        self.build("backup")
        self.write("code.txt", "after")

        self.assertIn("no snapshot is named", self.build("restore", expect=1))
        self.assertIn("--yes", self.build("restore", expect=1, env={"SNAPSHOT": "latest"}))
        dry = self.build("restore", env={"SNAPSHOT": "latest", "SAVEPOINT_FLAGS": "--dry-run"})
        self.assertIn("code.txt", dry)
        self.assertEqual((self.root / "code.txt").read_text(), "after")
        self.build("restore", env={"SNAPSHOT": "latest", "SAVEPOINT_FLAGS": "--yes"})
        self.assertEqual((self.root / "code.txt").read_text(), "before")

    def test_restore_asks_on_the_terminal_of_the_build(self):
        self.configure(FIND + "savepoint_add_targets()")
        self.build("backup")
        self.write("code.txt", "after")

        process, master = pty.fork()
        if process == 0:
            os.chdir(self.root)
            os.execvpe("cmake", ["cmake", "--build", "build", "--target", "restore"], dict(self.environment, SNAPSHOT="latest"))
        said = b""
        while b"code.txt" not in said or b"?" not in said:
            ready, _, _ = select.select([master], [], [], 60)
            self.assertTrue(ready, said)
            said += os.read(master, 4096)
        os.write(master, b"y\n")
        said += read_until_closed(master)
        self.assertEqual(os.waitpid(process, 0)[1], 0, said)
        os.close(master)
        self.assertEqual((self.root / "code.txt").read_text(), "before")

    def test_one_snapshot_is_taken_before_all_guarded_targets(self):
        self.configure(FIND + MIGRATE + "savepoint_guard(TARGETS migrate seed LABEL schema)\n"
                       "add_custom_target(both)\nadd_dependencies(both migrate seed)")
        before = dump(self.root / "app.db")

        self.build("both")

        self.assertNotEqual(dump(self.root / "app.db"), before)
        self.assertEqual(self.triggers(), ["target:schema"])
        self.savepoint("restore", "latest", "--yes")
        self.assertEqual(dump(self.root / "app.db"), before)

    def test_a_guard_takes_what_it_is_told_to(self):
        self.configure(FIND + MIGRATE + "savepoint_guard(TARGETS migrate ONLY database)\nsavepoint_guard(TARGETS seed)")

        self.build("migrate")
        self.build("seed")

        self.assertEqual(self.triggers(), ["target:migrate", "target:seed"])
        newest, oldest = self.savepoint("list", "--json").json["snapshots"]
        self.assertEqual([c["kind"] for c in oldest["components"]], ["database"])
        self.assertEqual(len(newest["components"]), 3)

    def test_what_is_compiled_can_be_guarded(self):
        self.write("main.c", "int main(void) { return 0; }\n")
        self.configure(FIND.replace("NONE", "C") + "add_executable(tool main.c)\nsavepoint_guard(TARGETS tool)")

        self.build("all")

        self.assertEqual(self.triggers(), ["target:tool"])

    def test_a_snapshot_that_fails_stops_the_guarded_step_whatever_its_code(self):
        ending = self.top / "ending"
        self.configure(FIND + MIGRATE + "savepoint_guard(TARGETS migrate)", self.fake(f". {ending}"))
        keep_going = ("--", "-k", "0") if self.generator == "Ninja" else ("--", "-k")
        for code in range(1, 8):
            ending.write_text(f"exit {code}")
            self.assert_code_is_named(self.build("migrate", expect=1, options=keep_going), code)
        for signal in ("TERM", "INT", "KILL"):
            ending.write_text(f"kill -{signal} $$")
            self.build("migrate", expect=1)
        self.assertIn("'before'", "".join(self.rows()))
        ending.write_text("exit 0")
        self.build("migrate")
        self.assertIn("'after'", "".join(self.rows()))

    def assert_code_is_named(self, said, code):
        self.assertIn("FAILED", said)  # of Ninja that is all

    def test_a_guard_of_a_target_that_does_not_exist_is_an_error(self):
        said = self.configure(FIND + "savepoint_guard(TARGETS migrate)", expect=1)
        self.assertIn("no target 'migrate'", said)
        said = self.configure(FIND + MIGRATE + "savepoint_guard(TARGET migrate)", expect=1)
        self.assertIn("savepoint_guard", said)

    def test_an_installation_is_guarded(self):
        text = FIND + "savepoint_guard_install(LABEL deploy)\ninstall(FILES code.txt DESTINATION share)\n"
        self.configure(text)
        self.command("cmake", "--build", "build")
        self.assertEqual(self.triggers(), [])

        done = self.command("cmake", "--install", "build", "--prefix", self.top / "target")

        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(self.triggers(), ["target:deploy"])
        self.assertTrue((self.top / "target/share/code.txt").exists())
        self.configure(text, self.fake("exit 3"))
        done = self.command("cmake", "--install", "build", "--prefix", self.top / "second")
        self.assertNotEqual(done.code, 0)
        self.assertIn("ended with 3", done.err)
        self.assertFalse((self.top / "second").exists())

    FIXTURE = FIND + """
enable_testing()
add_test(NAME breaks COMMAND sqlite3 -cmd ".timeout 20000" app.db "DROP TABLE t" WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
add_test(NAME other COMMAND sqlite3 -cmd ".timeout 20000" app.db "CREATE TABLE more (v)" WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
savepoint_test_fixture(data TESTS breaks other)
"""

    def test_tests_find_and_leave_the_databases_as_they_were(self):
        self.configure(self.FIXTURE)
        before = dump(self.root / "app.db")
        self.write("code.txt", "edited while the tests run")

        for _ in range(2):
            done = self.command("ctest", "-j4", cwd=self.root / "build")
            self.assertEqual(done.code, 0, done.out + done.err)
            self.assertEqual(dump(self.root / "app.db"), before)

        self.assertIn("target:data", self.triggers())
        self.assertEqual((self.root / "code.txt").read_text(), "edited while the tests run")

    def test_without_a_snapshot_the_tests_do_not_run(self):
        self.configure(self.FIXTURE, self.fake("exit 5"))
        done = self.command("ctest", cwd=self.root / "build")
        self.assertNotEqual(done.code, 0)
        self.assertIn("Not Run", done.out)
        self.assertIn("'before'", "".join(self.rows()))

    EVERYTHING = MIGRATE + """
savepoint_add_targets()
savepoint_guard(TARGETS migrate)
savepoint_guard(TARGETS does-not-exist-yet)
savepoint_guard_install()
enable_testing()
add_test(NAME nothing COMMAND true)
savepoint_test_fixture(data TESTS nothing)
install(FILES code.txt DESTINATION share)
"""

    def assert_all_of_it_does_nothing(self):
        self.build("backup", expect=1)
        self.build("migrate")
        self.assertIn("'after'", "".join(self.rows()))
        self.assertEqual(self.command("cmake", "--install", "build", "--prefix", self.top / "target").code, 0)
        self.assertIn("100% tests passed, 0 tests failed out of 1", self.command("ctest", cwd=self.root / "build").out)
        self.assertEqual(self.triggers(), [])

    def test_switched_off_nothing_is_made(self):
        self.configure(FIND + self.EVERYTHING, "-DSAVEPOINT_ENABLE=OFF")
        self.assert_all_of_it_does_nothing()

    def test_without_the_executable_nothing_is_made(self):
        said = self.configure(FIND + self.EVERYTHING, f"-DSAVEPOINT_EXECUTABLE={self.top}/nowhere")
        self.assertIn("no snapshots are taken", said)
        self.assert_all_of_it_does_nothing()

    def test_without_the_package_the_file_that_a_project_keeps_makes_nothing(self):
        self.write("cmake/savepoint.cmake", (self.prefix / "share/savepoint/templates/cmake/savepoint.cmake").read_text())
        text = HEAD + "include(cmake/savepoint.cmake)\n" + self.EVERYTHING
        said = self.configure(text, prefix=self.top / "nowhere")
        self.assertIn("no snapshots are taken", said)
        self.assert_all_of_it_does_nothing()

        shutil.rmtree(self.root / "build")
        self.configure(text.replace("savepoint_guard(TARGETS does-not-exist-yet)", ""))
        self.build("backup")
        self.assertEqual(self.triggers(), ["target:backup"])

    def test_targets_that_are_taken_stay_whose_they_are(self):
        said = self.configure(FIND + 'add_custom_target(backup COMMAND echo "mine")\n'
                              "savepoint_add_targets()\nsavepoint_add_targets()\nsavepoint_add_targets(PREFIX sp-)")
        self.assertIn("savepoint-backup", said)

        self.assertIn("mine", self.build("backup"))
        self.assertEqual(self.triggers(), [])
        self.build("savepoint-backup")
        self.build("sp-backup-db")
        self.build("backup-db")
        self.assertEqual(self.triggers(), ["target:backup", "target:backup-db", "target:backup-db"])

    def test_a_project_inside_of_another_one_leaves_it_the_names(self):
        self.write("part/CMakeLists.txt", FIND.replace("shop", "part") + "savepoint_add_targets()\n")
        self.write("whole/CMakeLists.txt", FIND.replace("shop", "whole") + 'savepoint_add_targets(PREFIX "")\n')

        self.configure(HEAD + 'add_subdirectory(part)\nadd_custom_target(backup COMMAND echo "mine")\n'
                       "add_subdirectory(whole)\n")

        self.assertIn("mine", self.build("backup"))
        self.build("part-backup-code")
        self.build("savepoint-backup")
        self.build("backup-db")
        self.assertEqual(self.triggers(), ["target:backup-code", "target:backup", "target:backup-db"])

    def test_a_workflow_takes_a_snapshot_between_its_steps(self):
        presets = (self.prefix / "share/savepoint/templates/cmake/CMakePresets.json").read_text()
        self.write("CMakePresets.json", presets.replace("Ninja", self.generator))
        self.environment["CMAKE_PREFIX_PATH"] = str(self.prefix)
        self.write("CMakeLists.txt", FIND + "savepoint_add_targets()" + MIGRATE)
        before = dump(self.root / "app.db")

        done = self.command("cmake", "--workflow", "--preset", "migrate")

        self.assertEqual(done.code, 0, done.out + done.err)
        self.assertIn("'after'", "".join(self.rows()))
        self.savepoint("restore", "latest", "--yes")
        self.assertEqual(dump(self.root / "app.db"), before)

    def test_nothing_is_left_in_the_project(self):
        self.configure(FIND + "savepoint_add_targets()\nsavepoint_guard_install()" + MIGRATE + "savepoint_guard(TARGETS migrate)")
        self.build("backup", "migrate")

        shutil.rmtree(self.root / "build")

        self.assertEqual(self.git("status", "--porcelain", "--ignored").split(), ["!!", ".env", "!!", "app.db"])


class WithMakefiles(WithNinja):
    generator = "Unix Makefiles"

    def assert_code_is_named(self, said, code):
        self.assertIn(f"Error {code}", said)


class FromSource(Installed):
    """savepoint as a part of somebody's build. It is configured; compiling it is tested where it is the whole."""

    def test_the_source_makes_no_target_that_nobody_asked_for(self):
        self.environment["CLICOLOR"] = "0"
        text = HEAD.replace("NONE", "CXX") + f"""
include(FetchContent)
add_custom_target(backup COMMAND echo "mine")
add_custom_target(restore COMMAND echo "mine")
FetchContent_Declare(savepoint SOURCE_DIR "{SOURCE}")
FetchContent_MakeAvailable(savepoint)
install(FILES code.txt DESTINATION share)
""" + MIGRATE + "add_library(program INTERFACE)\ntarget_link_libraries(program INTERFACE savepoint::savepoint)\n"
        self.configure(text, prefix="/usr")

        self.assertIn("mine", self.build("backup"))
        targets = self.command("cmake", "--build", "build", "--target", "help").out
        self.assertNotIn("backup-db", targets)
        self.assertNotRegex(targets, r"\w_tests\b")
        done = self.command("cmake", "--install", "build", "--prefix", self.top / "target")
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual([p.name for p in (self.top / "target").rglob("*") if p.is_file()], ["code.txt"])

        self.configure(text + "savepoint_add_targets()\nsavepoint_guard(TARGETS migrate)")
        targets = self.command("cmake", "--build", "build", "--target", "help").out
        self.assertIn("savepoint-restore: phony", targets)
        self.assertIn("backup-db: phony", targets)
        steps = self.command("ninja", "-C", "build", "-t", "commands", "migrate").out
        self.assertIn("bin/savepoint snapshot --trigger target:migrate", steps)
        self.assertIn("-o _deps/savepoint-build/bin/savepoint-snapshot", steps)
        self.assertNotIn("CMAKE_BUILD_TYPE:STRING=Release", (self.root / "build/CMakeCache.txt").read_text())


if __name__ == "__main__":
    unittest.main()
