"""What ./dev release makes: packages that are whole, and that come and go on a clean Debian.

SAVEPOINT_DEBOOTSTRAP_CACHE may name a directory that keeps the packages of the clean system."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, os.fspath(SOURCE / "tests/docs"))
import pages  # noqa: E402
import runner  # noqa: E402

VERSION = re.search(r"project\(savepoint VERSION (\S+)", (SOURCE / "CMakeLists.txt").read_text())[1]
EXECUTABLES = ["git-savepoint", "savepoint", *(f"savepoint-{name}" for name in
               ("guard", "hooks", "manifest", "project", "prune", "restore", "run", "snapshot", "ui"))]


def output(*words, **options):
    done = subprocess.run([os.fspath(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{words} ends with {done.returncode}:\n{done.stdout[-8000:]}")
    return done.stdout


def setUpModule():
    global DIST
    DIST = pathlib.Path(tempfile.mkdtemp(prefix="savepoint-dist-"))
    unittest.addModuleCleanup(shutil.rmtree, DIST)
    output(SOURCE / "dev", "release", DIST)


def only(pattern):
    found = list(DIST.glob(pattern))
    if len(found) != 1:
        raise AssertionError(f"{pattern} is {found}")
    return found[0]


class Release(unittest.TestCase):
    def test_every_package_is_there_with_the_version_of_the_sources_and_its_checksum(self):
        named = [line.split()[1] for line in (DIST / "SHA256SUMS").read_text().splitlines()]
        self.assertEqual(sorted(named), sorted(file.name for file in DIST.iterdir() if file.name != "SHA256SUMS"))
        self.assertEqual(len(named), 4)
        for name in named:
            self.assertIn(VERSION, name)
        output("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=DIST)

    def test_the_package_of_debian_has_everything_where_debian_looks_for_it(self):
        package = only("*.deb")
        names = {line.split()[5].removeprefix("./"): line.split()[:2] for line in output("dpkg-deb", "-c", package).splitlines()}
        expected = [f"usr/bin/{name}" for name in EXECUTABLES]
        expected += [f"usr/share/man/man1/{name}.1.gz" for name in EXECUTABLES]
        expected += [f"usr/share/doc/savepoint/{name}" for name in ("copyright", "changelog.gz", "README.md", "CHANGELOG.md", "docs/getting-started.md")]
        expected += ["usr/share/bash-completion/completions/savepoint", "usr/share/zsh/vendor-completions/_savepoint",
                     "usr/share/fish/vendor_completions.d/savepoint.fish", "usr/share/savepoint/templates/savepoint.schema.json",
                     "usr/share/savepoint/templates/savepoint.mk", "usr/include/savepoint/savepoint.hpp"]
        self.assertEqual([name for name in expected if name not in names], [])
        self.assertEqual({name.split("/")[0] for name in names if name}, {"usr"})
        self.assertEqual({owner for _, owner in names.values()}, {"root/root"})
        self.assertEqual([name for name, (mode, _) in names.items() if mode[0] != "l" and "w" in mode[5:]], [])

        fields = output("dpkg-deb", "-f", package)
        self.assertIn(f"\nVersion: {VERSION}\n", f"\n{fields}")
        for library in ("libc6", "libgit2", "libsqlite3", "libzstd", "libssl"):
            self.assertRegex(fields, rf"(?m)^Depends:.*{library}")

    def test_what_pages_say_of_templates_leads_there(self):
        with tempfile.TemporaryDirectory() as top:
            output("dpkg-deb", "-x", only("*.deb"), top)
            found = 0
            for page in pathlib.Path(top, "usr/share/doc/savepoint").rglob("*.md"):
                for target in re.findall(r"\]\(([^):#]*templates/[^)#]*)\)", page.read_text()):
                    self.assertTrue((page.parent / target).exists(), f"{page.name}: {target}")
                    found += 1
            self.assertGreater(found, 5)

    def test_nothing_of_somebody_else_is_removed_for_a_release(self):
        for name in ("debian-12.iso", "savepoint_notes.txt", ".hidden"):
            with self.subTest(name), tempfile.TemporaryDirectory() as top:
                pathlib.Path(top, "SHA256SUMS").write_text("0  debian-12.iso\n")
                pathlib.Path(top, name).write_text("mine")
                done = subprocess.run([SOURCE / "dev", "release", top], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("something else in it", done.stdout)
                self.assertEqual(pathlib.Path(top, name).read_text(), "mine")

    def test_lintian_finds_no_error(self):
        if shutil.which("lintian") is None:
            self.skipTest("lintian is not installed; './dev deps --long' does that")
        self.assertNotRegex(output("lintian", "--fail-on", "error", only("*.deb")), r"(?m)^E:")

    def test_the_archive_runs_where_it_is_unpacked(self):
        with tempfile.TemporaryDirectory() as top:
            with tarfile.open(only("*.tar.gz")) as archive:
                archive.extractall(top, filter="data") if hasattr(tarfile, "data_filter") else archive.extractall(top)
            root = next(pathlib.Path(top).iterdir())
            self.assertIn(VERSION, output(root / "bin/savepoint", "--version"))
            self.assertIn(VERSION, output(root / "bin/savepoint", "snapshot", "--version"))
            self.assertTrue((root / "share/doc/savepoint/LICENSE").is_file())
            self.assertEqual(pathlib.Path(output(root / "bin/savepoint", "--print-makefile").strip()).resolve(),
                             (root / "share/savepoint/templates/savepoint.mk").resolve())

    def test_the_package_of_npm_has_the_schema_and_nothing_of_the_sources(self):
        with tarfile.open(only("savepoint-[0-9]*.tgz")) as archive:
            names = archive.getnames()
        self.assertIn("package/tools/npm/launcher.js", names)
        self.assertIn("package/templates/savepoint.schema.json", names)
        self.assertEqual([name for name in names if name.startswith(("package/lib/", "package/tests/"))], [])


@unittest.skipIf(os.geteuid() != 0, "a clean system needs root to be made")
@unittest.skipIf(shutil.which("debootstrap") is None, "debootstrap is not installed; './dev deps --long' does that")
class CleanSystem(unittest.TestCase):
    """A minimal system of this distribution, with what somebody who develops has: git, sqlite3, Python."""

    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix="savepoint-root-"))
        cls.addClassCleanup(shutil.rmtree, cls.root, ignore_errors=True)
        cls.root.chmod(0o755)
        release = dict(line.split("=", 1) for line in pathlib.Path("/etc/os-release").read_text().splitlines() if "=" in line)
        mirror, components = "http://deb.debian.org/debian", "main"
        if release["ID"] == "ubuntu":
            mirror, components = "http://archive.ubuntu.com/ubuntu", "main,universe"
        cache = os.environ.get("SAVEPOINT_DEBOOTSTRAP_CACHE")
        # In name spaces of their own, mounts end with what needs them.
        output("unshare", "--mount", "debootstrap", "--variant=minbase", f"--components={components}",
               *([f"--cache-dir={cache}"] if cache else []), release["VERSION_CODENAME"].strip('"'), cls.root, mirror)
        shutil.copy("/etc/resolv.conf", cls.root / "etc/resolv.conf")
        for part in pathlib.Path("/etc/apt/apt.conf.d").iterdir():
            shutil.copy(part, cls.root / "etc/apt/apt.conf.d")
        cls.run_there("apt-get", "update", "-q")
        cls.run_there("apt-get", "install", "-q", "-y", "--no-install-recommends", "git", "sqlite3", "python3")
        cls.run_there("useradd", "--create-home", "--uid", "1000", "--shell", "/bin/bash", "me")
        shutil.copy(runner.AT_TERMINAL, cls.root / "usr/local/bin/at_terminal")
        shutil.copy(only("*.deb"), cls.root / "root/savepoint.deb")

    @classmethod
    def prefix(cls, *options):
        """What runs a command in there, with terminals and processes of its own."""
        mounts = ('mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$0/dev/pts" && '
                  'rm -f "$0/dev/ptmx" && ln -s pts/ptmx "$0/dev/ptmx" && exec /usr/sbin/chroot "$@"')
        return ["unshare", "--mount", "--pid", "--fork", f"--mount-proc={cls.root}/proc", "sh", "-c", mounts, os.fspath(cls.root), *options, os.fspath(cls.root)]

    @classmethod
    def run_there(cls, *words):
        return output(*cls.prefix(), *words, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive",
                                                  "LC_ALL": "C.UTF-8", "HOME": "/root"})

    def files(self):
        """All there is, but what package managers and the system keep for themselves."""
        passed_over = ("var/lib/apt/", "var/lib/dpkg/", "var/cache/", "var/log/", "proc/", "dev/", "tmp/", "run/", "sys/")
        found = set()
        for folder, folders, files in os.walk(self.root):
            below = os.path.relpath(folder, self.root) + "/"
            found |= {os.path.normpath(below + name) for name in folders + files if not os.path.normpath(below + name).startswith(passed_over)}
        return found

    def test_it_installs_does_what_the_first_page_says_and_leaves_only_the_users_snapshots(self):
        before = self.files()
        self.run_there("apt-get", "install", "-q", "-y", "/root/savepoint.deb")
        home, shop = self.root / "home/me", self.root / "home/me/shop"
        shop.mkdir()
        os.chown(shop, 1000, 1000)
        (home / ".gitconfig").write_text("[user]\n\tname = Me\n\temail = me@example.org\n[init]\n\tdefaultBranch = main\n")
        environment = {"PATH": "/usr/bin:/bin", "HOME": "/home/me", "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "PAGER": "cat", "TZ": "UTC",
                       "AT_TERMINAL": "/usr/local/bin/at_terminal"}
        me = self.prefix("--userspec=1000:1000")

        parts = runner.parts(pages.ROOT / "docs/getting-started.md")
        self.assertEqual(len(parts), 1)
        wrong = runner.run(parts[0], "/home/me/shop", environment, prefix=me)
        if wrong:
            self.fail("\n" + "\n".join(map(str, wrong)))

        self.run_there("apt-get", "purge", "-q", "-y", "savepoint")
        self.run_there("apt-get", "autoremove", "-q", "-y", "--purge")

        after = self.files()
        self.assertEqual(sorted(before - after), [])
        self.assertEqual(sorted(name for name in after - before if not name.startswith("home/me/")), [])
        kept = sorted(name for name in after - before if name.startswith("home/me/") and not name.startswith("home/me/shop"))
        self.assertEqual([name for name in kept if not (name.startswith("home/me/.local/share/savepoint/") or
                                                        name in ("home/me/.gitconfig", "home/me/.local", "home/me/.local/share", "home/me/.local/share/savepoint"))], [])
        self.assertTrue(any("/manifests/" in name for name in kept))
        # Its hooks are still in the repository, and git goes on as if they were not.
        said = output(*me, "sh", "-c", "cd /home/me/shop && echo x > new && git add -A && git commit -q -m more && git reset -q --hard && git log -1 --format=%s", env=environment)
        self.assertEqual(said, "more\n")


if __name__ == "__main__":
    unittest.main()
