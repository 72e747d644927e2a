"""Losses of data that other tools had, each by the way it came about there."""
import os
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
from harness import BIN, BUSY, DONE, Case, dump  # noqa: E402

DATABASE_BEFORE = "CREATE TABLE t (v); INSERT INTO t VALUES ('before');"


class WhatOthersLost(Case):
    def strace(self, options, *arguments):
        """Runs a command of ours under strace and returns what it ended with, and the calls made."""
        log = self.top / "calls"
        done = self.command("strace", "-f", "-y", "-qq", "-s", "0", "-o", log, *options,
                            BIN / "savepoint", *arguments)
        return done, log.read_text(errors="surrogateescape")

    def test_borg_9853_a_full_store_was_taken_for_a_source_that_cannot_be_read(self):
        """There: no space while writing, exit code 0, and a sealed archive without its chunks."""
        self.write("old", "old\n")
        sealed = [self.snapshot()]
        failed = 0
        for call in range(1, 400):
            self.write("large", os.urandom(200_000))
            done, _ = self.strace(["-e", f"inject=write,pwrite64,writev:error=ENOSPC:when={call}+"], "snapshot", "-q")
            listed = [s["id"] for s in self.savepoint("list", "--json").json["snapshots"]]
            if done.code == DONE:
                self.assertEqual(len(listed), len(sealed) + 1)
                break
            failed += 1
            self.assertIn(done.code, (BUSY, 1), done.err)
            # What was sealed although its end could not be told is whole.
            self.assertLessEqual(len(listed), len(sealed) + 1)
            sealed = listed
            self.savepoint("verify", "--read-data")
        self.assertGreater(failed, 0)

    def test_nix_1218_names_were_durable_before_their_contents(self):
        """There: after a power cut, files of no length under names that a database said were whole."""
        self.write("one", "1\n")
        self.snapshot()
        self.write("two", os.urandom(300_000))
        done, calls = self.strace(["-e", "trace=fsync,fdatasync,rename,renameat,renameat2,link,linkat"], "snapshot")
        self.assertEqual(done.code, DONE, done.err)

        synced, named, directories = set(), [], set()
        for line in calls.splitlines():
            if match := re.search(r"f(?:data)?sync\(\d+<([^>]*)>\) += 0", line):
                synced.add(match[1])
                directories.discard(match[1])
            elif ") = 0" in line and (match := re.search(r'(?:rename|link)\w*\(.*"', line)):
                source, target = self.names_in(line)
                if f"{self.store}/packs/" in target or f"{self.store}/manifests/" in target:
                    self.assertIn(source, synced, "it had its name before it was on disk")
                    if "/manifests/" in target:
                        self.assertEqual(directories, set(), "sealed before all names it needs were on disk")
                    directories.add(os.path.dirname(target))
                    named.append(target)
        self.assertEqual(directories, set(), "a name was not made durable")
        self.assertTrue(any("/packs/" in name for name in named) and any("/manifests/" in name for name in named))

    def names_in(self, line):
        """The two absolute paths of a call that gives a file another name."""
        parts = re.findall(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"([^"]*)"', line)
        return [os.path.normpath(os.path.join(directory, name)) for directory, name in parts]

    def test_rqlite_2736_the_original_was_deleted_before_the_swap_failed(self):
        """There: the database removed, then the rename of the new one failed, and nothing was left."""
        self.database(script=DATABASE_BEFORE)
        self.write("file", "then\n")
        self.commit_all()
        snapshot = self.snapshot()
        then = dump(self.root / "app.db")
        tried = 0
        for call in range(1, 100):
            (self.root / "app.db").unlink(missing_ok=True)
            self.database(script=DATABASE_BEFORE + f"INSERT INTO t VALUES ({call});")
            now = dump(self.root / "app.db")
            done, calls = self.strace(["-e", f"inject=rename,renameat,renameat2,link,linkat:error=EIO:when={call}"],
                                      "restore", snapshot, "--yes", "-q")
            there = dump(self.root / "app.db")
            if "INJECTED" not in calls:
                self.assertEqual((done.code, there), (DONE, then))
                break
            tried += 1
            self.assertIn(there, (now, then))
            if self.savepoint("status", expect=None).code == DONE:
                self.savepoint("recover", "--rollback", expect=None)
        self.assertGreater(tried, 0)


if __name__ == "__main__":
    unittest.main()
