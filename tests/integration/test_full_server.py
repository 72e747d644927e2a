"""A server whose disk is full: nothing is reported as done that is not, the old database answers, and nothing stays."""
import os
import unittest

from harness import BUSY, CORRUPT, DONE, FAILED, GAPS, Case
from mariadb import Mariadb
from servers import Postgres

ROWS = 20_000


class FullServer:
    """What holds of each server. `server`, `url`, `query` and `scratch` are the case's own."""

    def assert_nothing_stays(self):
        """A server that is full to the last byte cannot even drop a database: the next command does."""
        if self.scratch():
            self.savepoint("snapshot")
        self.assertEqual(self.scratch(), [])

    def test_a_restore_into_a_full_server_changes_nothing_and_is_no_success(self):
        snapshot = self.snapshot()
        self.query("DELETE FROM orders WHERE id > 10")
        refused = 0
        for left in (0, 1, 3, 6, 9):  # at the beginning, and while rows are loaded
            self.server.disk.fill(left)
            result = self.savepoint("restore", snapshot, "--yes", expect=None)
            self.server.disk.empty()
            if result.code == DONE:
                break
            refused += 1
            with self.subTest(left=left):
                self.assertIn(result.code, (BUSY, FAILED), result.err)
                self.assert_error(result, result.code, "nothing was changed")
                self.assertEqual(self.query("SELECT count(*) FROM orders"), "10")
                self.assert_nothing_stays()
        self.assertGreater(refused, 1)
        self.savepoint("restore", snapshot, "--yes")  # works again, without help
        self.assertEqual(self.query("SELECT count(*) FROM orders"), str(ROWS))
        self.assertEqual(self.scratch(), [])

    def test_a_rehearsal_on_a_full_server_is_no_success_and_leaves_nothing(self):
        snapshot = self.snapshot()
        for left in (0, 3, 6):
            self.server.disk.fill(left)
            result = self.savepoint("verify", snapshot, "--rehearse", "--json", expect=None)
            self.server.disk.empty()
            with self.subTest(left=left):
                self.assertIn(result.code, (BUSY, FAILED, CORRUPT), result.err)
                self.assertFalse(result.json["ok"])
                self.assertEqual(self.query("SELECT count(*) FROM orders"), str(ROWS))
                self.assert_nothing_stays()
        self.savepoint("verify", snapshot, "--rehearse")

    def test_a_snapshot_of_a_full_server_is_whole_or_named(self):
        self.server.disk.fill(0)
        taken = self.savepoint("snapshot", "--json", expect=None)
        self.server.disk.empty()
        self.assertIn(taken.code, (DONE, GAPS), taken.err)
        rows = [c for c in taken.json["components"] if c["kind"] == "database"]
        self.assertEqual(len(rows) + len([s for s in taken.json["skipped"] if s["error"]]), 1)
        self.savepoint("verify", taken.json["id"], "--rehearse")


@unittest.skipIf(os.geteuid() != 0, "needs root to mount a small file system")
class FullPostgres(FullServer, Case):
    @classmethod
    def setUpClass(cls):
        cls.server = Postgres(disk=60)
        cls.addClassCleanup(cls.server.close)

    def setUp(self):
        super().setUp()
        for name in self.server.databases() - {"postgres"}:
            self.server.sql(f'DROP DATABASE "{name}" WITH (FORCE)', "postgres", user="postgres")
        self.server.create("shop")
        self.query(f"CREATE TABLE orders (id int PRIMARY KEY, what text); INSERT INTO orders SELECT n, repeat(md5(n::text), 12) "
                   f"FROM generate_series(1, {ROWS}) n")
        (self.root / ".env").write_text(f"DATABASE_URL={self.server.url('shop')}\n")

    def query(self, text):
        return self.server.sql(text, "shop")

    def scratch(self):
        return [name for name in self.server.databases() if name.startswith("savepoint_")]


@unittest.skipIf(os.geteuid() != 0, "needs root to mount a small file system")
class FullMariadb(FullServer, Case):
    @classmethod
    def setUpClass(cls):
        cls.server = Mariadb(disk=220)
        cls.addClassCleanup(cls.server.close)
        cls.server.sql("CREATE USER app@'127.0.0.1' IDENTIFIED BY 'secret'; CREATE DATABASE shop;"
                       "GRANT ALL PRIVILEGES ON shop.* TO app@'127.0.0.1';"
                       "GRANT ALL PRIVILEGES ON `savepoint\\_%`.* TO app@'127.0.0.1'")

    def setUp(self):
        super().setUp()
        self.server.sql(f"DROP TABLE IF EXISTS orders; CREATE TABLE orders (id INT PRIMARY KEY, what TEXT);"
                        f"INSERT INTO orders SELECT seq, REPEAT(MD5(seq), 12) FROM seq_1_to_{ROWS}", "shop")
        (self.root / ".env").write_text(f"DATABASE_URL=mysql://app:secret@127.0.0.1:{self.server.port}/shop\n")

    def query(self, text):
        return self.server.sql(text, "shop")

    def scratch(self):
        return [name for name in self.server.sql("SHOW DATABASES").split() if name.startswith("savepoint_")]


if __name__ == "__main__":
    unittest.main()
