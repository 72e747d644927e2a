"""What every database server is promised under load and under kill -9; a test says how its own does the rest."""
import random

ACCOUNTS, BALANCE, CLIENTS, SNAPSHOTS = 100, 1000, 8, 30


class Money:
    """Accounts between which clients move money, so that the sum of each snapshot is known.

    A test has `fill_bank()`, `start_clients()`, whose result has `said`, `moved` and `stop()`,
    `url(database)`, `balances(database)`, `drop(database)` and `TABLES`, the number of tables with accounts.
    """
    TABLES = 1

    def test_no_money_is_lost_in_thirty_snapshots_and_no_client_notices(self):
        self.fill_bank()
        clients = self.start_clients()
        try:
            snapshots = [self.snapshot() for _ in range(SNAPSHOTS)]
        finally:
            clients.stop()

        self.assertEqual(clients.said, [])
        self.assertGreater(clients.moved, SNAPSHOTS)
        self.assertEqual(len(set(snapshots)), SNAPSHOTS)
        states = set()
        for snapshot in snapshots:
            self.savepoint("restore", snapshot, "--yes", "--create-database", "--database", f"bank={self.url('copy')}")
            balances = self.balances("copy")
            self.assertEqual(len(balances), self.TABLES * ACCOUNTS)
            self.assertEqual(sum(balances), self.TABLES * ACCOUNTS * BALANCE)
            states.add(tuple(balances))
            self.drop("copy")
        self.assertGreater(len(states), SNAPSHOTS // 2)


class Killed:
    """A database 'shop' that operations which are killed leave as it was, or finish.

    A test has `fill_shop()`, `rows()`, `spoil(word)`, `databases()` of the user's, and perhaps
    `wait_for_the_server()`.
    """
    MOMENTS = 15

    def setUp(self):
        super().setUp()
        self.fill_shop()
        self.good = self.snapshot()
        self.new = self.rows()

    def wait_for_the_server(self):
        """Until it has noticed that its client is gone."""

    def test_a_restore_killed_at_any_moment_leaves_the_old_rows_or_the_new_ones(self):
        self.spoil("first")
        longest = self.duration("restore", self.good, "--yes")
        seen = set()
        rng = random.Random(7)
        for number in range(self.MOMENTS):
            self.spoil(number)
            old = self.rows()
            self.kill_within(longest * (number + rng.random()) / self.MOMENTS, "restore", self.good, "--yes")

            now = self.rows()
            self.assertIn(now, (old, self.new))
            seen.add(now == old)
            self.wait_for_the_server()
            self.assertIn(self.rows(), (old, self.new))
            self.savepoint("snapshot")
            self.assertIn(self.rows(), (old, self.new))
            self.assertEqual(self.databases(), {"shop"})
        self.assertIn(True, seen)
        self.savepoint("restore", self.good, "--yes")
        self.assertEqual(self.rows(), self.new)

    def test_a_rehearsal_killed_at_any_moment_leaves_nothing_after_the_next_command(self):
        longest = self.duration("verify", self.good, "--rehearse")
        for number in range(5):
            self.kill_within(longest * (number + 1) / 6, "verify", self.good, "--rehearse")
            self.wait_for_the_server()

            self.savepoint("snapshot")

            self.assertEqual(self.databases(), {"shop"})
            self.assertEqual(self.rows(), self.new)
