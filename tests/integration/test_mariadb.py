"""MariaDB under load and under kill -9: what the driver promises, seen from outside."""
import threading
import unittest

import server_promises
from harness import GAPS, Case
from mariadb import Mariadb
from server_promises import ACCOUNTS, BALANCE, CLIENTS

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


class MariadbCase(Case):
    def setUp(self):
        super().setUp()
        for name in self.databases():
            self.drop(name)

    def use(self, database, script):
        server.sql(f"CREATE DATABASE {database}")
        server.sql(script, database)
        (self.root / ".env").write_text(f"DATABASE_URL={self.url(database)}\n")

    def url(self, database):
        return f"mysql://app:secret@127.0.0.1:{server.port}/{database}"

    def databases(self):
        return set(server.sql("SHOW DATABASES").split()) - {"mysql", "sys", "information_schema", "performance_schema"}

    def drop(self, database):
        server.sql(f"DROP DATABASE `{database}`")


class Clients:
    """Eight clients that move money until `stop`; `said` is what they complained of."""

    def __init__(self):
        server.sql("CREATE DATABASE clients")
        server.sql(MOVE + "INSERT INTO clients.going VALUES (1);")
        self.said, self.moved = [], 0
        self.threads = [threading.Thread(target=self.run) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def run(self):
        try:
            moved, slowest = server.sql("CALL clients.move_money()").split("\t")
            self.moved += int(moved)
            if int(slowest) >= 10_000_000:  # generous: the machine may be busy
                self.said.append(f"a transaction took {slowest} microseconds")
        except RuntimeError as error:
            self.said.append(str(error))

    def stop(self):
        server.sql("UPDATE clients.going SET go = 0")
        for thread in self.threads:
            thread.join()


class Money(server_promises.Money, MariadbCase):
    TABLES = 2

    def fill_bank(self):
        self.use("bank", "CREATE TABLE account (id INT PRIMARY KEY, balance INT); CREATE TABLE savings LIKE account;"
                         f"INSERT INTO account SELECT seq, {BALANCE} FROM seq_1_to_{ACCOUNTS};"
                         f"INSERT INTO savings SELECT seq, {BALANCE} FROM seq_1_to_{ACCOUNTS}")

    def start_clients(self):
        return Clients()

    def balances(self, database):
        rows = server.sql("SELECT balance FROM account UNION ALL SELECT balance FROM savings", database)
        return [int(row) for row in rows.split()]


class Killed(server_promises.Killed, MariadbCase):
    def fill_shop(self):
        self.use("shop", "CREATE TABLE orders (id INT PRIMARY KEY, what TEXT); CREATE TABLE parts (id INT, number INT,"
                         "FOREIGN KEY (number) REFERENCES orders(id));"
                         "INSERT INTO orders SELECT seq, CONCAT(REPEAT('order ', 20), seq) FROM seq_1_to_20000;"
                         "INSERT INTO parts SELECT seq, seq FROM seq_1_to_20000")

    def rows(self):
        return server.sql("SELECT o.n, o.s, l.n FROM (SELECT COUNT(*) n, SUM(CRC32(CONCAT(id, what))) s FROM orders) o, "
                          "(SELECT COUNT(*) n FROM parts) l", "shop")

    def spoil(self, word):
        server.sql(f"DELETE FROM parts WHERE id > 5; DELETE FROM orders WHERE id > 10;"
                   f"UPDATE orders SET what = 'spoilt {word}'", "shop")


class Migration(MariadbCase):
    def test_a_migration_that_fails_half_way_leaves_nothing_where_ddl_cannot_be_rolled_back(self):
        self.use("shop", "CREATE TABLE orders (id INT PRIMARY KEY, what TEXT); INSERT INTO orders SELECT seq, 'x' FROM seq_1_to_500")
        before = server.dump("shop")
        script = self.write("migration.sql", "ALTER TABLE orders ADD COLUMN price INT; DELETE FROM orders WHERE id > 9;"
                            "CREATE TABLE audit (id INT); ALTER TABLE no_such_table ADD COLUMN a INT;")
        migration = ["sh", "-c", f"{' '.join(map(str, server.client()))} shop < {script}"]

        failed = self.savepoint("run", "--restore-on-failure", "--", *migration, expect=1)

        self.assertIn("no_such_table", failed.err)
        self.assertEqual(server.dump("shop"), before)
        self.savepoint("undo", "--yes")
        self.assertEqual(server.sql("SELECT COUNT(*) FROM orders", "shop"), "9")


class Views(MariadbCase):
    def test_a_view_that_shows_nothing_is_named_and_still_there_after_restore_and_undo(self):
        self.use("shop", "CREATE TABLE base (id INT PRIMARY KEY); CREATE VIEW v AS SELECT * FROM base")
        first = self.snapshot()
        server.sql("RENAME TABLE base TO base_tmp; CREATE VIEW important AS SELECT * FROM base_tmp; DROP TABLE base_tmp", "shop")
        views = "SELECT TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'shop' ORDER BY 1"
        before = server.sql(views)

        half = self.savepoint("snapshot", expect=GAPS)
        self.assertIn("left out 'shop: view 'important''", half.err)
        done = self.savepoint("restore", first, "--yes", expect=GAPS)
        self.assertIn("view 'important' stays", done.err)
        self.assertEqual(server.sql("SELECT COUNT(*) FROM v", "shop"), "0")
        self.savepoint("undo", "--yes")

        self.assertEqual(server.sql(views), before)
        self.assertEqual(server.sql("SHOW FULL TABLES WHERE Table_type <> 'VIEW'", "shop"), "")


class Localhost(MariadbCase):
    """Clients in C and PHP take the socket for `localhost`, those of Node and Java port 3306."""

    def test_where_it_is_two_servers_neither_is_taken_for_the_other(self):
        self.use("shop", "CREATE TABLE here (id INT)")
        (self.root / ".env").write_text("DATABASE_URL=mysql://app:secret@localhost/shop\n")
        server.sql("CREATE OR REPLACE USER app@localhost IDENTIFIED BY 'secret'; GRANT ALL ON *.* TO app@localhost")
        self.environment["MYSQL_UNIX_PORT"], self.environment["MYSQL_TCP_PORT"] = str(server.socket), str(server.port)
        self.savepoint("snapshot")

        other = Mariadb()
        self.addCleanup(other.close)
        self.environment["MYSQL_TCP_PORT"] = str(other.port)
        self.savepoint("snapshot")  # the other one does not let us in, nor the project's programs
        other.sql("CREATE DATABASE shop; CREATE USER app@'127.0.0.1' IDENTIFIED BY 'secret'; GRANT ALL ON *.* TO app@'127.0.0.1'")
        refused = self.savepoint("snapshot", expect=GAPS)
        self.assertIn("localhost is two servers here", refused.err)
        self.assertIn("localhost:3306", refused.err)

        self.environment["MYSQL_UNIX_PORT"] = "/nowhere/socket"
        self.savepoint("snapshot")
        self.environment["MYSQL_UNIX_PORT"] = str(server.socket)
        server.sql("ALTER USER app@localhost IDENTIFIED BY 'another'")
        self.savepoint("snapshot")
        self.environment["MYSQL_TCP_PORT"] = "9"
        self.assertIn("cannot log in", self.savepoint("snapshot", expect=GAPS).err)


if __name__ == "__main__":
    unittest.main()
