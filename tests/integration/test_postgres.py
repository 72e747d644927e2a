"""PostgreSQL under load and under kill -9: what the driver promises, seen from outside."""
import os
import pathlib
import random
import signal
import subprocess
import threading
import time
import unittest

from harness import BIN, Case
from servers import Postgres

ACCOUNTS, BALANCE, CLIENTS, SNAPSHOTS = 100, 1000, 8, 30

# Rows are locked in one order, so that the clients never deadlock by themselves.
MOVE = f"""
\\set a random(1, {ACCOUNTS})
\\set b random(1, {ACCOUNTS})
\\set amount random(1, 100)
BEGIN;
SELECT id FROM account WHERE id IN (:a, :b) ORDER BY id FOR UPDATE;
UPDATE account SET balance = balance - :amount WHERE id = :a;
UPDATE account SET balance = balance + :amount WHERE id = :b;
COMMIT;
"""


def setUpModule():
    global server
    server = Postgres()


def tearDownModule():
    server.close()


class PostgresCase(Case):
    def setUp(self):
        super().setUp()
        for name in server.databases() - {"postgres"}:
            server.sql(f'DROP DATABASE "{name}" WITH (FORCE)', "postgres", user="postgres")

    def use(self, database, script):
        server.create(database)
        server.sql(script, database)
        (self.root / ".env").write_text(f"DATABASE_URL={server.url(database)}\n")


class Clients:
    """Eight clients that move money until `stop`; `said` is what they complained of."""

    def __init__(self, script):
        self.script, self.said, self.moved, self.ending = script, [], 0, threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.ending.is_set():
            done = subprocess.run([server.bin / "pgbench", "-n", "-c", str(CLIENTS), "-j", "2", "-T", "2", "-f", self.script,
                                   "-h", server.socket, "-p", str(server.port), "-U", "app", "bank"],
                                  capture_output=True, text=True, check=False)
            if done.returncode != 0 or "error" in done.stderr.lower():
                self.said.append(done.stderr)
            self.moved += sum(int(line.split(":")[1].split("/")[0]) for line in done.stdout.splitlines()
                              if line.startswith("number of transactions actually processed"))

    def stop(self):
        self.ending.set()
        self.thread.join()


class BlockedByUs:
    """Watches for sessions that wait for a lock of ours."""

    QUESTION = ("SELECT w.query FROM pg_stat_activity w, unnest(pg_blocking_pids(w.pid)) b JOIN pg_stat_activity s "
                "ON s.pid = b WHERE s.application_name ~ '^(savepoint|pg_dump)' AND w.application_name = 'pgbench'")

    def __init__(self):
        self.seen, self.ending = [], threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.ending.is_set():
            self.seen += server.sql(self.QUESTION, "postgres", user="postgres").splitlines()

    def stop(self):
        self.ending.set()
        self.thread.join()


class Money(PostgresCase):
    def test_no_money_is_lost_in_thirty_snapshots_and_no_client_notices(self):
        self.use("bank", "CREATE TABLE account (id int PRIMARY KEY, balance int); "
                         f"INSERT INTO account SELECT n, {BALANCE} FROM generate_series(1, {ACCOUNTS}) n")
        script = pathlib.Path(self.top / "move.sql")
        script.write_text(MOVE)
        clients, blocked = Clients(script), BlockedByUs()
        try:
            snapshots = [self.snapshot() for _ in range(SNAPSHOTS)]
        finally:
            clients.stop()
            blocked.stop()

        self.assertEqual(clients.said, [])
        self.assertGreater(clients.moved, SNAPSHOTS)
        self.assertEqual(blocked.seen, [])
        self.assertEqual(len(set(snapshots)), SNAPSHOTS)
        balances = set()
        for snapshot in snapshots:
            self.savepoint("restore", snapshot, "--yes", "--create-database", "--database",
                           f"bank={server.url('copy')}")
            rows = server.sql("SELECT id, balance FROM account ORDER BY id", "copy").splitlines()
            self.assertEqual(len(rows), ACCOUNTS)
            self.assertEqual(sum(int(row.split("|")[1]) for row in rows), ACCOUNTS * BALANCE)
            balances.add(tuple(rows))
            server.sql("DROP DATABASE copy", "postgres")
        self.assertGreater(len(balances), SNAPSHOTS // 2)


class Killed(PostgresCase):
    MOMENTS = 15

    def setUp(self):
        super().setUp()
        self.use("shop", "CREATE TABLE orders (id int PRIMARY KEY, what text);"
                         "INSERT INTO orders SELECT n, repeat('order ', 20) || n FROM generate_series(1, 20000) n")
        self.good = self.snapshot()
        self.new = self.rows()

    def rows(self):
        return server.sql("SELECT count(*), md5(string_agg(orders::text, ',' ORDER BY id)) FROM orders", "shop")

    def spoil(self, number):
        server.sql(f"DELETE FROM orders WHERE id > 10; UPDATE orders SET what = 'spoilt {number}'", "shop")
        return self.rows()

    def wait_for_the_server(self):
        """Until it has noticed that its client is gone."""
        deadline = time.monotonic() + 30
        while server.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name ~ '^(savepoint|pg_)'",
                         "postgres", user="postgres") != "0":
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def test_a_restore_killed_at_any_moment_leaves_the_old_rows_or_the_new_ones(self):
        self.spoil("first")
        begin = time.monotonic()
        self.savepoint("restore", self.good, "--yes")
        longest = time.monotonic() - begin
        seen = set()
        rng = random.Random(7)
        for number in range(self.MOMENTS):
            old = self.spoil(number)
            moment = longest * (number + rng.random()) / self.MOMENTS
            process = subprocess.Popen([BIN / "savepoint", "restore", self.good, "--yes"], cwd=self.root,
                                       env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, start_new_session=True)
            try:
                process.wait(timeout=moment)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

            now = self.rows()
            self.assertIn(now, (old, self.new))
            seen.add(now == old)
            self.wait_for_the_server()
            self.assertIn(self.rows(), (old, self.new))
            self.savepoint("snapshot")
            self.assertEqual(server.databases(), {"postgres", "shop"})
        self.assertIn(True, seen)
        self.savepoint("restore", self.good, "--yes")
        self.assertEqual(self.rows(), self.new)

    def test_a_rehearsal_killed_at_any_moment_leaves_nothing_after_the_next_command(self):
        begin = time.monotonic()
        self.savepoint("verify", self.good, "--rehearse")
        longest = time.monotonic() - begin
        for number in range(5):
            process = subprocess.Popen([BIN / "savepoint", "verify", self.good, "--rehearse"], cwd=self.root,
                                       env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, start_new_session=True)
            try:
                process.wait(timeout=longest * (number + 1) / 6)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            self.wait_for_the_server()

            self.savepoint("snapshot")

            self.assertEqual(server.databases(), {"postgres", "shop"})
            self.assertEqual(self.rows(), self.new)


if __name__ == "__main__":
    unittest.main()
