"""PostgreSQL under load and under kill -9: what the driver promises, seen from outside."""
import subprocess
import threading
import time
import unittest

import server_promises
from harness import Case, ended_within
from server_promises import ACCOUNTS, BALANCE, CLIENTS
from servers import Postgres

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
        for name in self.databases():
            self.drop(name)

    def use(self, database, script):
        server.create(database)
        server.sql(script, database)
        (self.root / ".env").write_text(f"DATABASE_URL={self.url(database)}\n")

    def url(self, database):
        return server.url(database)

    def databases(self):
        return server.databases() - {"postgres"}

    def drop(self, database):
        server.sql(f'DROP DATABASE "{database}" WITH (FORCE)', "postgres", user="postgres")


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


class WatchedClients(Clients):
    """Clients of whom is also noticed when they wait for a lock of ours."""

    def __init__(self, script):
        super().__init__(script)
        self.blocked = BlockedByUs()

    def stop(self):
        super().stop()
        self.blocked.stop()
        self.said += [f"blocked by a lock of ours: {query}" for query in self.blocked.seen]


class Money(server_promises.Money, PostgresCase):
    def fill_bank(self):
        self.use("bank", "CREATE TABLE account (id int PRIMARY KEY, balance int); "
                         f"INSERT INTO account SELECT n, {BALANCE} FROM generate_series(1, {ACCOUNTS}) n")

    def start_clients(self):
        script = self.top / "move.sql"
        script.write_text(MOVE)
        return WatchedClients(script)

    def balances(self, database):
        return [int(row) for row in server.sql("SELECT balance FROM account ORDER BY id", database).splitlines()]


class Killed(server_promises.Killed, PostgresCase):
    def fill_shop(self):
        self.use("shop", "CREATE TABLE orders (id int PRIMARY KEY, what text);"
                         "INSERT INTO orders SELECT n, repeat('order ', 20) || n FROM generate_series(1, 20000) n")

    def rows(self):
        return server.sql("SELECT count(*), md5(string_agg(orders::text, ',' ORDER BY id)) FROM orders", "shop")

    def spoil(self, word):
        server.sql(f"DELETE FROM orders WHERE id > 10; UPDATE orders SET what = 'spoilt {word}'", "shop")

    def wait_for_the_server(self):
        deadline = time.monotonic() + 30
        while server.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name ~ '^(savepoint|pg_)'",
                         "postgres", user="postgres") != "0":
            self.assertLess(time.monotonic(), deadline)
            self.assertFalse(ended_within(server.process, 0.01))


if __name__ == "__main__":
    unittest.main()
