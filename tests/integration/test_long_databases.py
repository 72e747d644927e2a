"""A gigabyte of rows in each kind of database: captured, destroyed, restored, the same to the last row, in little memory."""
import os
import sqlite3
import subprocess
import unittest

from harness import BIN, Case
from mariadb import Mariadb
from servers import Postgres

ROWS = 2_400_000  # of 450 bytes
PEAK = 256 << 10  # KiB


class Large:
    """What holds of each database. `fill`, `destroy` and `dump` (a shell command) are the case's own."""

    def run_within_memory(self, *arguments):
        process = subprocess.Popen([BIN / "savepoint", *arguments], cwd=self.root, env=self.environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, err = process.stdout.read(), process.stderr.read()
        process.stdout.close()
        process.stderr.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0, out + err)
        self.assertLess(usage.ru_maxrss, PEAK, f"{arguments}: peak memory in KiB")
        return out

    def digest(self):
        """Of the sorted logical dump."""
        done = subprocess.run(["bash", "-c", f"set -o pipefail; {self.dump()} | LC_ALL=C sort -S 1G | sha256sum"],
                              stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout

    def test_a_gigabyte_of_rows_comes_back(self):
        self.fill()
        before = self.digest()
        snapshot = self.run_within_memory("snapshot", "--quiet").strip()
        self.destroy()
        self.assertNotEqual(self.digest(), before)

        self.run_within_memory("restore", snapshot, "--yes")

        self.assertEqual(self.digest(), before)
        self.run_within_memory("verify", snapshot, "--rehearse")


class LargeSqlite(Large, Case):
    def fill(self):
        with sqlite3.connect(self.root / "app.db") as connection:
            connection.execute("CREATE TABLE big (id INTEGER PRIMARY KEY, what TEXT)")
            connection.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO big "
                "SELECT i, hex(randomblob(16)) || printf('%0400d', i * 7919) FROM n", (ROWS,))
        connection.close()

    def destroy(self):
        with sqlite3.connect(self.root / "app.db") as connection:
            connection.execute("DELETE FROM big WHERE id % 3 = 0")
        connection.close()

    def dump(self):
        return f"sqlite3 {self.root}/app.db .dump"


class LargePostgres(Large, Case):
    def fill(self):
        self.server = Postgres()
        self.addCleanup(self.server.close)
        self.server.create("shop")
        self.server.sql(f"CREATE TABLE big (id int PRIMARY KEY, what text); INSERT INTO big SELECT n, md5(n::text) || "
                        f"repeat(md5((n * 7)::text), 13) FROM generate_series(1, {ROWS}) n", "shop")
        (self.root / ".env").write_text(f"DATABASE_URL={self.server.url('shop')}\n")

    def destroy(self):
        self.server.sql("DELETE FROM big WHERE id % 3 = 0", "shop")

    def dump(self):
        return (f"{self.server.bin}/pg_dump -h {self.server.socket} -p {self.server.port} -U postgres shop | "
                "grep -v '^.\\(un\\)\\?restrict '")


class LargeMariadb(Large, Case):
    def fill(self):
        self.server = Mariadb()
        self.addCleanup(self.server.close)
        self.server.sql("CREATE USER app@'127.0.0.1' IDENTIFIED BY 'secret'; CREATE DATABASE shop;"
                        "GRANT ALL PRIVILEGES ON shop.* TO app@'127.0.0.1';"
                        "GRANT ALL PRIVILEGES ON `savepoint\\_%`.* TO app@'127.0.0.1'")
        self.server.sql(f"CREATE TABLE big (id INT PRIMARY KEY, what TEXT); INSERT INTO big SELECT seq, CONCAT(MD5(seq), "
                        f"REPEAT(MD5(seq * 7), 13)) FROM seq_1_to_{ROWS}", "shop")
        (self.root / ".env").write_text(f"DATABASE_URL=mysql://app:secret@127.0.0.1:{self.server.port}/shop\n")

    def destroy(self):
        self.server.sql("DELETE FROM big WHERE id % 3 = 0", "shop")

    def dump(self):
        return (f"mariadb-dump --no-defaults -uroot -S {self.server.socket} --skip-extended-insert --skip-dump-date "
                "--compact shop")


if __name__ == "__main__":
    unittest.main()
