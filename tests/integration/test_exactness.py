"""What is put back is what was there: every kind of file, name and change."""
import os
import random
import shutil
import unittest

from harness import BIN, GAPS, Case, describe_tree


class Exactness(Case):
    def make_odd_tree(self):
        self.write(b"line\nbreak", "newline in the name")
        self.write(b"not utf-8 \xff\xfe", "bytes")
        self.write(b"-rf", "looks like an option")
        self.write("esc\x1b[31m", "colour")
        self.write("n" * 255, "longest name")
        self.write("empty")
        self.write("zeros", b"\0" * 300_000)
        self.write("big", random.Random(1).randbytes(3_000_000))
        for size in (1, 4095, 4096, 4097, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 1 << 20, (1 << 20) + 3):
            self.write(f"sizes/{size}", random.Random(size).randbytes(size))
        self.write("d/x", "x")
        os.link(self.root / "d/x", self.root / "d/y")
        os.link(self.root / "d/x", self.root / "z")
        os.symlink("d/x", self.root / "link")
        os.symlink("nowhere", self.root / "dangling")
        os.symlink("/etc/passwd", self.root / "absolute")
        os.symlink(".", self.root / "loop")
        os.symlink(b"\xff\xfe", os.fsencode(self.root) + b"/odd link")
        os.mkfifo(self.root / "pipe", 0o640)
        (self.root / "hollow/empty").mkdir(parents=True)
        with open(self.root / "sparse", "wb") as file:
            file.truncate(5 << 30)
            file.seek(3 << 30)
            file.write(b"island")
        os.chmod(self.write("private", "p"), 0o600)
        os.chmod(self.write("none", "n"), 0o000)
        os.chmod(self.write("script", "#!/bin/sh\n"), 0o755)
        os.chmod(self.root / "hollow", 0o2750)
        try:
            os.setxattr(self.root / "d/x", "user.note", b"\x00\xff kept")
        except OSError:
            pass
        os.utime(self.write("old", "1969"), ns=(-86_400_000_000_001, -86_400_000_000_001))
        os.utime(self.write("future", "2120"), ns=(4_733_500_000_123_456_789,) * 2)
        self.write("deep/" + "/".join("d" * 20 for _ in range(60)) + "/f", "deep")
        for folder in ("d", "hollow", "sizes", "."):
            os.utime(self.root / folder, ns=(1_600_000_000_123_456_789,) * 2)

    def test_every_kind_of_file_comes_back(self):
        self.make_odd_tree()
        before = describe_tree(self.root)
        self.snapshot()
        self.assertLess(sum(f.stat().st_size for f in self.store.rglob("*") if f.is_file()), 30_000_000)
        self.command("bash", "-c", "shopt -s dotglob; for f in *; do [ \"$f\" = .git ] || rm -rf -- \"$f\"; done")
        self.write("leftover", "to be removed")
        self.savepoint("restore", "latest", "--yes")
        self.assertEqual(describe_tree(self.root), before)
        self.assertLess(os.stat(self.root / "sparse").st_blocks * 512, 1 << 20)

        self.savepoint("restore", "latest", "--to", self.top / "copy")
        self.assertEqual(describe_tree(self.top / "copy"), before)

    def test_databases_that_git_tracks_are_the_same_files_again(self):
        for mode in ("delete", "wal"):
            self.database(f"{mode}.db", "CREATE TABLE t (v); INSERT INTO t VALUES ('a'), ('b');", mode)
        self.git("add", ".")
        self.git("commit", "-qm", "with databases")
        before = describe_tree(self.root)
        self.snapshot()
        for mode in ("delete", "wal"):
            self.database(f"{mode}.db", "DELETE FROM t; CREATE TABLE u (v);", mode)
        changed = describe_tree(self.root)
        self.savepoint("restore", "latest", "--yes")
        self.assertEqual(describe_tree(self.root), before)
        self.assertEqual(self.git("status", "--porcelain"), "")
        self.savepoint("undo", "--yes")
        self.assertEqual(describe_tree(self.root), changed)

    def test_changes_of_kind(self):
        self.write("file-to-directory", "f")
        self.write("directory-to-file/inner/x", "x")
        os.symlink("elsewhere", self.root / "link-to-directory")
        self.write("directory-to-link/y", "y")
        self.write("Case", "upper")
        os.symlink(self.top, self.root / "link-to-outside")
        before = describe_tree(self.root)
        self.snapshot()
        for command in ("rm file-to-directory; mkdir file-to-directory; echo 1 > file-to-directory/in",
                        "rm -r directory-to-file; echo f > directory-to-file",
                        "rm link-to-directory; mkdir link-to-directory; echo 2 > link-to-directory/in",
                        "rm -r directory-to-link; ln -s . directory-to-link",
                        "mv Case case", "rm link-to-outside; mkdir link-to-outside; echo 3 > link-to-outside/in"):
            self.command("sh", "-c", command)
        damaged = describe_tree(self.root)
        self.savepoint("restore", "latest", "--yes")
        self.assertEqual(describe_tree(self.root), before)
        self.savepoint("undo", "--yes")
        self.assertEqual(describe_tree(self.root), damaged)

    def test_random_edits_then_back_and_forth(self):
        rng = random.Random(11)
        names = [f"d{i % 4}/f{i}" for i in range(30)] + ["a", "b b", "ü"]
        for name in names:
            self.write(name, rng.randbytes(rng.randint(0, 5000)))
        states = []
        for step in range(12):
            for _ in range(rng.randint(1, 8)):
                name = rng.choice(names)
                action = rng.randint(0, 4)
                path = self.root / name
                if action == 0 and path.exists():
                    path.unlink()
                elif action == 1:
                    self.write(name + f".{step}", rng.randbytes(300))
                elif action == 2 and path.exists():
                    os.chmod(path, rng.choice([0o600, 0o644, 0o755]))
                else:
                    self.write(name, rng.randbytes(rng.randint(0, 400_000)))
            states.append((self.snapshot(), describe_tree(self.root)))
        for _ in range(12):
            identifier, expected = rng.choice(states)
            before = describe_tree(self.root)
            self.savepoint("restore", identifier, "--yes")
            self.assertEqual(describe_tree(self.root), expected)
            if before != expected:
                self.savepoint("undo", "--yes")
                self.assertEqual(describe_tree(self.root), before)
        self.savepoint("verify", "--all", "--read-data")

    def test_one_changed_byte_in_a_large_file_costs_little(self):
        data = bytearray(random.Random(3).randbytes(40_000_000))
        self.write("large.bin", bytes(data))
        self.snapshot()
        data[20_000_000] ^= 1
        self.write("large.bin", bytes(data))
        added = self.savepoint("snapshot", "--json").json["bytes_added"]
        self.assertLess(added, 2_500_000)

    def test_equal_files_are_stored_once(self):
        block = random.Random(5).randbytes(500_000)
        for i in range(20):
            self.write(f"copy{i}", block)
        self.assertLess(self.savepoint("snapshot", "--json").json["bytes_added"], 700_000)

    def test_a_socket_is_named_and_the_rest_is_saved(self):
        import socket
        self.write("a", "a")
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(self.root / "s"))
        self.addCleanup(server.close)
        taken = self.savepoint("snapshot", "--json").json
        self.assertEqual([s["path"] for s in taken["skipped"]], ["s"])

    def as_nobody(self, *arguments):
        """Runs savepoint as somebody to whom file modes mean something."""
        if not (self.top / "bin").exists():
            os.chmod(self.top, 0o755)
            shutil.copytree(BIN, self.top / "bin", ignore=lambda _, names: [n for n in names if "_tests" in n])
        self.command("chown", "-R", "nobody", str(self.top))
        return self.as_owner_of_nothing(*arguments)

    def as_owner_of_nothing(self, *arguments):
        """As nobody, who is given no file for it."""
        return self.command("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
                            self.top / "bin/savepoint", *arguments)

    @unittest.skipIf(os.geteuid() != 0, "needs root to become another user")
    def test_an_unreadable_file_is_named_and_the_rest_is_saved(self):
        self.write("a", "a")
        os.chmod(self.write("closed", "c"), 0)
        result = self.as_nobody("snapshot", "--json")
        self.assertEqual(result.code, GAPS, result.err)
        self.assertEqual([s["path"] for s in result.json["skipped"]], ["closed"])
        files = self.as_nobody("files", "latest", "--json").json["files"]
        self.assertIn("a", [f["path"] for f in files])

    @unittest.skipIf(os.geteuid() != 0, "needs root to become another user")
    def test_what_could_not_be_read_then_is_not_removed_now(self):
        self.write("a", "a")
        self.write("closed/inner", "precious")
        os.chmod(self.root / "closed", 0)
        self.assertEqual(self.as_nobody("snapshot").code, GAPS)
        os.chmod(self.root / "closed", 0o755)
        self.write("a", "changed")
        result = self.as_nobody("restore", "latest", "--yes")
        self.assertEqual((self.root / "a").read_text(), "a", result.err)
        os.chmod(self.root / "closed", 0o755)
        self.assertEqual((self.root / "closed/inner").read_text(), "precious")

    @unittest.skipIf(os.geteuid() != 0, "needs root to become another user")
    def test_a_file_that_a_container_touched_as_root_gets_its_time_and_mode_back(self):
        self.write("a", "a")
        os.chmod(self.write("of_root", "same"), 0o644)
        os.symlink("a", self.root / "link_of_root")
        self.assertEqual(self.as_nobody("snapshot").code, 0)
        before = describe_tree(self.root)
        self.write("a", "changed")
        for name in ("of_root", "link_of_root"):
            os.chown(self.root / name, 0, 0, follow_symlinks=False)
            os.utime(self.root / name, (1, 1), follow_symlinks=False)
        os.chmod(self.root / "of_root", 0o604)
        result = self.as_owner_of_nothing("restore", "latest", "--yes")
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual(describe_tree(self.root), before)

    @unittest.skipIf(os.geteuid() != 0, "needs root to become another user")
    def test_what_cannot_be_read_now_is_not_called_deleted(self):
        self.write("closed/deeper/inner", "x")
        self.write(".env", "KEY=1\n")
        self.write(".gitignore", ".env\n")
        self.git("init", "-q")
        self.assertEqual(self.as_nobody("snapshot").code, 0)
        os.chmod(self.root / "closed", 0)
        os.chmod(self.root / ".env", 0)
        told = self.as_owner_of_nothing("diff", "latest", "--json")
        self.assertEqual(told.code, 0, told.err)
        self.assertEqual((told.json["files"], told.json["config"]), ([], []))
        self.assertIn("not compared: 'closed'", self.as_owner_of_nothing("diff", "latest").err)

    def test_modes_under_any_umask(self):
        self.make_odd_tree()
        self.database()
        before = describe_tree(self.root)
        for mask in (0o277, 0o777):
            with self.subTest(mask=oct(mask)):
                usual = os.umask(mask)
                try:
                    identifier = self.snapshot("--tag", "any")
                    shutil.rmtree(self.root / "sizes")
                    self.savepoint("restore", identifier, "--yes")
                finally:
                    os.umask(usual)
                self.assertEqual(describe_tree(self.root), before)
                for path in self.store.rglob("*"):
                    wanted = 0o700 if path.is_dir() else 0o600
                    self.assertEqual(path.stat().st_mode & 0o777, wanted, path)

    def test_what_vanishes_or_fails_while_it_is_looked_at_is_named(self):
        self.write("file", "x")
        self.write("folder/in", "x")
        os.symlink("nowhere", self.root / "link")
        for name, calls, error in (("file", "newfstatat", "ENOENT"), ("folder", "openat", "ENOENT"), ("folder", "openat", "ENOTDIR"),
                                   ("link", "newfstatat", "ENOENT"), ("link", "readlinkat", "EIO"), ("file", "openat", "ENOENT")):
            with self.subTest(name=name, calls=calls, error=error):
                self.write("other", f"{name} {calls} {error}")
                taken = self.command("strace", "-f", "-qq", "-o", self.top / "calls", "-P", name, "-e", f"trace={calls}",
                                     "-e", f"inject={calls}:error={error}", BIN / "savepoint", "snapshot", "--json")
                self.assertIn("INJECTED", (self.top / "calls").read_text())
                self.assertEqual(taken.code, GAPS, taken.out + taken.err)
                [skipped] = taken.json["skipped"]
                self.assertEqual((skipped["path"], skipped["error"]), (name, True))
                self.assertIn("vanished" if error != "EIO" else "cannot be read", skipped["reason"])


if __name__ == "__main__":
    unittest.main()
