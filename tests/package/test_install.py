"""`cmake --install` puts everything where GNUInstallDirs says, whatever that is."""
import pathlib
import re
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DIRECTORIES = ("BINDIR", "LIBDIR", "INCLUDEDIR", "DATADIR", "MANDIR", "DOCDIR")


class Install(unittest.TestCase):
    def test_nothing_is_installed_elsewhere_than_told(self):
        with tempfile.TemporaryDirectory() as build:
            told = {name: f"told/{name.lower()}" for name in DIRECTORIES}
            done = subprocess.run(["cmake", "-S", SOURCE, "-B", build, "-DSAVEPOINT_DEVELOPER_MODE=OFF", "-DSAVEPOINT_UI=OFF",
                                   "-DCMAKE_INSTALL_PREFIX=/prefix",
                                   *(f"-DCMAKE_INSTALL_{name}={path}" for name, path in told.items())],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout)
            scripts = "".join(script.read_text() for script in pathlib.Path(build).rglob("cmake_install.cmake"))
        found = set(re.findall(r'DESTINATION "\$\{CMAKE_INSTALL_PREFIX\}/([^"]*)"', scripts))

        for path in told.values():
            self.assertTrue(any(destination.startswith(path) for destination in found), f"nothing goes to {path}")
        self.assertEqual([destination for destination in found if not destination.startswith(tuple(told.values()))], [])
        self.assertEqual(re.findall(r'DESTINATION "(?!\$\{CMAKE_INSTALL_PREFIX\}/)[^"]*"', scripts), [])


if __name__ == "__main__":
    unittest.main()
