"""A CMake project that many build, GoogleTest as Debian has its source, uses the package in its build."""
import pathlib
import shutil
import unittest

from harness import Case, describe_tree

PROJECT = pathlib.Path("/usr/src/googletest")
ADDED = """
find_package(savepoint CONFIG REQUIRED)
savepoint_add_targets()
savepoint_guard(TARGETS gtest LABEL build ONLY code)
"""


class GoogleTest(Case):
    generator = "Ninja"

    @classmethod
    def setUpClass(cls):
        cls.install_package()

    def setUp(self):
        super().setUp()
        self.assertTrue(PROJECT.is_dir(), "googletest is not installed; './dev test --long' does that")
        shutil.copytree(PROJECT, self.root, dirs_exist_ok=True)
        self.write(".gitignore", "/build/\n")
        lists = self.root / "CMakeLists.txt"
        text = lists.read_text()
        first = text.index("\n", text.index("project(")) + 1
        # In front of everything that is installed, and behind all targets.
        self.write("CMakeLists.txt", text[:first] + "find_package(savepoint CONFIG REQUIRED)\nsavepoint_guard_install()\n" + text[first:] + ADDED)
        self.commit_all()

    def cmake(self, *words, expect=0, **options):
        done = self.command("cmake", *words, **options)
        self.assertEqual(done.code, expect, done.out + done.err)
        return done.out + done.err

    def test_it_is_built_installed_and_put_back(self):
        self.cmake("-G", self.generator, "-S", ".", "-B", "build", f"-DCMAKE_PREFIX_PATH={self.prefix}", "-DBUILD_GMOCK=OFF",
                   "-DCMAKE_CXX_FLAGS=-O0")
        before = describe_tree(self.root, leave_out=(b".git", b"build"))

        self.cmake("--build", "build", "-j2")
        self.cmake("--install", "build", "--prefix", self.top / "target")

        self.assertEqual(self.triggers(), ["target:build", "target:install"])
        self.assertTrue(list((self.top / "target").rglob("libgtest.a")))
        self.assertEqual(describe_tree(self.root, leave_out=(b".git", b"build")), before)
        shutil.rmtree(self.root / "googletest/src")
        self.write("googletest/include/gtest/gtest.h", "broken")
        environment = {"SNAPSHOT": "latest", "SAVEPOINT_FLAGS": "--yes"}
        self.cmake("--build", "build", "--target", "restore", env=environment)
        self.assertEqual(describe_tree(self.root, leave_out=(b".git", b"build")), before)
        self.assertIn("ok", self.cmake("--build", "build", "--target", "backup-verify"))
        # Nothing is compiled anew: the files are as old as they were.
        self.assertNotRegex(self.cmake("--build", "build", "--verbose"), r" -o \S*gtest-all")

    def test_without_a_snapshot_it_is_neither_built_nor_installed(self):
        broken = {"SAVEPOINT_STORE": "/dev/null/store"}
        self.cmake("-G", self.generator, "-S", ".", "-B", "build", f"-DCMAKE_PREFIX_PATH={self.prefix}", "-DBUILD_GMOCK=OFF")
        self.assertNotEqual(self.command("cmake", "--build", "build", env=broken).code, 0)
        self.assertEqual(list((self.root / "build").rglob("*.a")), [])
        self.assertNotEqual(self.command("cmake", "--install", "build", "--prefix", self.top / "target", env=broken).code, 0)
        self.assertFalse((self.top / "target").exists())


class GoogleTestWithMakefiles(GoogleTest):
    generator = "Unix Makefiles"


if __name__ == "__main__":
    unittest.main()
