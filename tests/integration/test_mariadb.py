"""MariaDB under load and under kill -9: what the driver promises, seen from outside."""
import os
import random
import signal
import subprocess
import threading
import time
import unittest

from harness import BIN, Case
from mariadb import Mariadb

ACCOUNTS, BALANCE, CLIENTS, SNAPSHOTS = 100, 1000, 8, 30

# Moves money until it is told to stop; says how often, and how long the slowest transaction took in microseconds.
MOVE = """
CREATE TABLE clients.going (go INT);
DELIMITER //
CREATE PROCEDURE clients.move_money()
BEGIN
  DECLARE moved, slowest, taken BIGINT DEFAULT 0;
  DECLARE giver, taker, amount INT;
  DECLARE begun DATETIME(6);
  WHILE (SELECT go FROM clients.going) = 1 DO
    SET giver = 1 + FLOOR(RAND() * 100), taker = 1 + FLOOR(RAND() * 100), amount = FLOOR(RAND() * 100), begun = SYSDATE(6);
    START TRANSACTION;
    UPDATE bank.account SET balance = balance - amount WHERE id = giver;
    UPDATE bank.savings SET balance = balance + amount WHERE id = taker;
    COMMIT;
    SET moved = moved + 1, taken = TIMESTAMPDIFF(MICROSECOND, begun, SYSDATE(6)), slowest = GREATEST(slowest, taken);
  END WHILE;
  SELECT moved, slowest;
END//
DELIMITER ;
"""


def setUpModule():
    global server
    server = Mariadb()
    server.sql("CREATE USER app@'127.0.0.1' IDENTIFIED BY 'secret'")
    for database in ("bank", "shop", "copy", "savepoint\\_%"):
        server.sql(f"GRANT ALL PRIVILEGES ON `{database}`.* TO app@'127.0.0.1'")


def tearDownModule():
    server.close()


def databases():
    return set(server.sql("SHOW DATABASES").split()) - {"mysql", "sys", "information_schema", "performance_schema"}


def url(database):
    return f"mysql://app:secret@127.0.0.1:{server.port}/{database}"


class MariadbCase(Case):
    def setUp(self):
        super().setUp()
        for name in databases():
            server.sql(f"DROP DATABASE `{name}`")

    def use(self, database, script):
        server.sql(f"CREATE DATABASE {database}")
        server.sql(script, database)
        (self.root / ".env").write_text(f"DATABASE_URL={url(database)}\n")


class Clients:
    """Eight clients that move money until `stop`."""

    def __init__(self):
        server.sql("CREATE DATABASE clients")
        server.sql(MOVE + "INSERT INTO clients.going VALUES (1);")
        self.said, self.moved, self.slowest = [], 0, 0
        self.threads = [threading.Thread(target=self.run) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def run(self):
        try:
            moved, slowest = server.sql("CALL clients.move_money()").split("\t")
            self.moved += int(moved)
            self.slowest = max(self.slowest, int(slowest))
        except RuntimeError as error:
            self.said.append(str(error))

    def stop(self):
        server.sql("UPDATE clients.going SET go = 0")
        for thread in self.threads:
            thread.join()


class Money(MariadbCase):
    def test_no_money_is_lost_in_thirty_snapshots_and_no_client_notices(self):
        self.use("bank", "CREATE TABLE account (id INT PRIMARY KEY, balance INT); CREATE TABLE savings LIKE account;"
                         f"INSERT INTO account SELECT seq, {BALANCE} FROM seq_1_to_{ACCOUNTS};"
                         f"INSERT INTO savings SELECT seq, {BALANCE} FROM seq_1_to_{ACCOUNTS}")
        clients = Clients()
        try:
            snapshots = [self.snapshot() for _ in range(SNAPSHOTS)]
        finally:
            clients.stop()

        self.assertEqual(clients.said, [])
        self.assertGreater(clients.moved, SNAPSHOTS)
        self.assertLess(clients.slowest, 10_000_000)  # generous: the machine may be busy
        self.assertEqual(len(set(snapshots)), SNAPSHOTS)
        balances = set()
        for snapshot in snapshots:
            self.savepoint("restore", snapshot, "--yes", "--create-database", "--database", f"bank={url('copy')}")
            rows = server.sql("SELECT balance FROM account UNION ALL SELECT balance FROM savings", "copy").split()
            self.assertEqual(len(rows), 2 * ACCOUNTS)
            self.assertEqual(sum(map(int, rows)), 2 * ACCOUNTS * BALANCE)
            balances.add(tuple(rows))
            server.sql("DROP DATABASE copy")
        self.assertGreater(len(balances), SNAPSHOTS // 2)


class Killed(MariadbCase):
    MOMENTS = 15

    def setUp(self):
        super().setUp()
        self.use("shop", "CREATE TABLE orders (id INT PRIMARY KEY, what TEXT); CREATE TABLE parts (id INT, number INT,"
                         "FOREIGN KEY (number) REFERENCES orders(id));"
                         "INSERT INTO orders SELECT seq, CONCAT(REPEAT('order ', 20), seq) FROM seq_1_to_20000;"
                         "INSERT INTO parts SELECT seq, seq FROM seq_1_to_20000")
        self.good = self.snapshot()
        self.new = self.rows()

    def rows(self):
        return server.sql("SELECT o.n, o.s, l.n FROM (SELECT COUNT(*) n, SUM(CRC32(CONCAT(id, what))) s FROM orders) o, "
                          "(SELECT COUNT(*) n FROM parts) l", "shop")

    def spoil(self, number):
        server.sql(f"DELETE FROM parts WHERE id > 5; DELETE FROM orders WHERE id > 10;"
                   f"UPDATE orders SET what = 'spoilt {number}'", "shop")
        return self.rows()

    def start_and_kill(self, moment, *command):
        process = subprocess.Popen([BIN / "savepoint", *command], cwd=self.root, env=self.environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True)
        try:
            process.wait(timeout=moment)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def test_a_restore_killed_at_any_moment_leaves_the_old_rows_or_the_new_ones(self):
        self.spoil("first")
        begin = time.monotonic()
        self.savepoint("restore", self.good, "--yes")
        longest = time.monotonic() - begin
        seen = set()
        rng = random.Random(7)
        for number in range(self.MOMENTS):
            old = self.spoil(number)
            self.start_and_kill(longest * (number + rng.random()) / self.MOMENTS, "restore", self.good, "--yes")

            now = self.rows()
            self.assertIn(now, (old, self.new))
            seen.add(now == old)
            self.savepoint("snapshot")
            self.assertIn(self.rows(), (old, self.new))
            self.assertEqual(databases(), {"shop"})
        self.assertIn(True, seen)
        self.savepoint("restore", self.good, "--yes")
        self.assertEqual(self.rows(), self.new)

    def test_a_rehearsal_killed_at_any_moment_leaves_nothing_after_the_next_command(self):
        begin = time.monotonic()
        self.savepoint("verify", self.good, "--rehearse")
        longest = time.monotonic() - begin
        for number in range(5):
            self.start_and_kill(longest * (number + 1) / 6, "verify", self.good, "--rehearse")

            self.savepoint("snapshot")

            self.assertEqual(databases(), {"shop"})
            self.assertEqual(self.rows(), self.new)


if __name__ == "__main__":
    unittest.main()
