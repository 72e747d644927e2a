"""Real trees, large ones: the sources of Linux and an npm install. Exact in content, mode, time and links."""
import os
import pathlib
import shutil
import subprocess
import unittest

from harness import Case, describe_tree

LINUX = pathlib.Path("/usr/src/linux-source-6.1.tar.xz")


class LongTrees(Case):
    def round_trip(self, fewest_files):
        before = describe_tree(self.root)
        self.assertGreater(len(before), fewest_files)
        self.snapshot()
        self.savepoint("restore", "latest", "--to", self.top / "copy")
        self.assertEqual(describe_tree(self.top / "copy"), before)
        shutil.rmtree(self.top / "copy")

        names = sorted(name for name in before if name != b"links" and b"\n" not in name)
        for name in names[::50]:
            path = os.path.join(os.fsencode(self.root), name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "ab") as file:
                    file.write(b"damage")
        for name in names[7::500]:
            path = os.path.join(os.fsencode(self.root), name)
            if os.path.lexists(path) and not (os.path.isdir(path) and not os.path.islink(path)):
                os.unlink(path)
        damaged = describe_tree(self.root)
        self.savepoint("restore", "latest", "--yes")
        self.assertEqual(describe_tree(self.root), before)
        self.savepoint("undo", "--yes")
        self.assertEqual(describe_tree(self.root), damaged)
        self.savepoint("verify", "--all", "--read-data")

    @unittest.skipUnless(LINUX.exists(), "needs Debian's package linux-source-6.1")
    def test_linux_sources(self):
        subprocess.run(["tar", "-C", self.root, "--strip-components=1", "-xf", LINUX], check=True)
        self.git("add", "-A", "-f")  # as its own repository has it: also what its .gitignore would ignore
        self.git("commit", "-q", "-m", "all")
        self.round_trip(80_000)

    @unittest.skipUnless(shutil.which("npm"), "needs npm")
    def test_npm_install(self):
        self.write("package.json", '{"private": true}\n')
        installed = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts",
                                    "next@15", "react@19", "react-dom@19", "typescript@5", "eslint@9", "webpack@5",
                                    "@babel/preset-env@7", "jest@29", "@mui/material@6", "@mui/icons-material@6"],
                                   cwd=self.root, stdin=subprocess.DEVNULL)
        if installed.returncode != 0:
            self.skipTest("the npm registry cannot be reached")
        self.round_trip(30_000)


if __name__ == "__main__":
    unittest.main()
