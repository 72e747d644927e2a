"""Databases that others are using: captured as one committed state, restored under their feet."""
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

from harness import Case, dump

ACCOUNTS, BALANCE = 50, 1000

# Moves money between accounts until told to stop; ends with 1 and a message if SQLite ever says no.
MOVER = """
import random, signal, sqlite3, sys
stop = []
signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
connection = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)
print("ready", flush=True)
moved = 0
while not stop:
    a, b, amount = random.randrange(%d), random.randrange(%d), random.randrange(100)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE account SET balance = balance - ? WHERE id = ?", (amount, a))
    connection.execute("UPDATE account SET balance = balance + ? WHERE id = ?", (amount, b))
    connection.execute("COMMIT")
    moved += 1
print(moved)
""" % (ACCOUNTS, ACCOUNTS)


class BusyDatabases(Case):
    def bank(self, mode):
        script = "CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER);" + "".join(
            f"INSERT INTO account VALUES ({i}, {BALANCE});" for i in range(ACCOUNTS))
        return self.database("bank.db", script, mode)

    def movers(self, database, count=4):
        running = []
        for _ in range(count):
            mover = subprocess.Popen([sys.executable, "-c", MOVER, database], stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, text=True)
            self.addCleanup(mover.wait)
            self.addCleanup(mover.kill)
            self.assertEqual(mover.stdout.readline(), "ready\n")
            running.append(mover)
        return running

    def stop(self, movers):
        for mover in movers:
            mover.send_signal(signal.SIGTERM)
        for mover in movers:
            out, err = mover.communicate(timeout=60)
            self.assertEqual((mover.returncode, err), (0, ""))
            self.assertGreater(int(out), 0)

    def check_bank(self, file):
        connection = sqlite3.connect(file)
        self.assertEqual(connection.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        self.assertEqual(connection.execute("SELECT sum(balance), count(*) FROM account").fetchone(),
                         (ACCOUNTS * BALANCE, ACCOUNTS))
        connection.close()

    def snapshots_under_load(self, mode):
        database = self.bank(mode)
        movers = self.movers(database)
        identifiers = [self.snapshot() for _ in range(25)]
        self.stop(movers)
        dumps = set()
        for number, identifier in enumerate(identifiers):
            target = self.top / f"out{number}"
            self.savepoint("restore", identifier, "--to", target)
            self.check_bank(target / "bank.db")
            dumps.add("\n".join(dump(target / "bank.db")))
        self.assertGreater(len(dumps), 1, "the movers did not move while snapshots were taken")
        self.savepoint("verify", "--all", "--rehearse")

    def test_wal(self):
        self.snapshots_under_load("wal")

    def test_rollback_journal(self):
        self.snapshots_under_load("delete")

    def restore_under_load(self, mode):
        database = self.bank(mode)
        identifier = self.snapshot()
        movers = self.movers(database, 2)
        for _ in range(3):
            self.savepoint("restore", identifier, "--yes")
        self.stop(movers)  # they went on working, without any error
        self.check_bank(database)

    def test_restore_while_others_write_wal(self):
        self.restore_under_load("wal")

    def test_restore_while_others_write_rollback(self):
        self.restore_under_load("delete")

    def test_rows_only_in_the_wal(self):
        database = self.database(script="CREATE TABLE t (v)")
        writer = sqlite3.connect(database, isolation_level=None)
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("INSERT INTO t VALUES ('only in the wal')")
        identifier = self.snapshot()
        self.savepoint("restore", identifier, "--to", self.top / "out")
        self.assertIn("only in the wal", "\n".join(dump(self.top / "out/app.db")))
        self.assertEqual(sorted(os.listdir(self.top / "out")), ["app.db"])
        writer.close()

    def test_a_hot_journal_of_a_killed_writer(self):
        database = self.database(script="CREATE TABLE t (v);" + "INSERT INTO t VALUES (1);" * 500, mode="delete")
        killed = subprocess.run([sys.executable, "-c", """
import os, signal, sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("PRAGMA cache_size = 1")
c.execute("BEGIN IMMEDIATE")
c.execute("UPDATE t SET v = randomblob(3000)")
os.kill(os.getpid(), signal.SIGKILL)
""", database])
        self.assertEqual(killed.returncode, -signal.SIGKILL)
        self.assertTrue(pathlib.Path(f"{database}-journal").exists())
        identifier = self.snapshot()
        self.savepoint("restore", identifier, "--to", self.top / "out")
        connection = sqlite3.connect(self.top / "out/app.db")
        self.assertEqual(connection.execute("SELECT count(*), sum(v) FROM t").fetchone(), (500, 500))

    def test_a_stale_wal_is_never_replayed(self):
        database = self.database(script="CREATE TABLE t (v); INSERT INTO t VALUES ('old')")
        identifier = self.snapshot()
        writer = sqlite3.connect(database, isolation_level=None)
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("UPDATE t SET v = 'new'")
        wal = pathlib.Path(f"{database}-wal").read_bytes()
        writer.close()
        database.unlink()
        pathlib.Path(f"{database}-wal").write_bytes(wal)
        self.savepoint("restore", identifier, "--yes")
        self.assertIn("old", "\n".join(dump(database)))

    def test_an_unchanged_database_is_not_captured_again(self):
        self.database(script="CREATE TABLE t (v);" + "INSERT INTO t VALUES (hex(randomblob(500)));" * 500)
        self.snapshot()
        self.write("other", "x")
        self.assertLess(self.savepoint("snapshot", "--json").json["bytes_added"], 5000)

    def test_what_only_looks_like_a_database_is_a_file(self):
        fake = self.write("fake.db", b"SQLite format 3\0" + b"\xff" * 5000).read_bytes()
        self.snapshot()
        self.write("fake.db", "gone")
        self.savepoint("restore", "latest", "--yes")
        self.assertEqual((self.root / "fake.db").read_bytes(), fake)

    def test_what_only_looks_like_a_database_is_a_file_in_an_ignored_folder_too(self):
        self.write(".gitignore", "/data/\n")
        self.write("data/cache", "mine")
        fake = self.write("data/deep/fake.db", b"SQLite format 3\0" + b"\xff" * 5000).read_bytes()
        taken = self.snapshot()
        self.assertFalse(self.savepoint("snapshot", "--if-changed", "--json").json["created"])
        self.write("data/deep/fake.db", "gone")
        self.savepoint("restore", taken, "--yes")
        self.assertEqual((self.root / "data/deep/fake.db").read_bytes(), fake)
        self.assertEqual((self.root / "data/cache").read_text(), "mine")

    def test_the_manifest_tells_about_tables_and_migrations(self):
        self.database(script="CREATE TABLE a (v); INSERT INTO a VALUES (1), (2);"
                             'CREATE TABLE "odd ""name" (v);'
                             "CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app, name, applied);"
                             "INSERT INTO django_migrations VALUES (1, 'shop', '0001_initial', 1), (2, 'shop', '0002_tea', 2);")
        self.snapshot()
        component = next(c for c in self.savepoint("show", "latest", "--json").json["components"]
                         if c["kind"] == "database")
        self.assertEqual({t["name"]: t["rows"] for t in component["tables"]},
                         {"a": 2, 'odd "name': 0, "django_migrations": 2})
        self.assertEqual(component["migration"], "shop.0002_tea")


if __name__ == "__main__":
    unittest.main()
