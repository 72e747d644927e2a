"""What a project of any framework goes through: migrate, snapshot, a migration that destroys, restore, work on."""
import os
import re

from harness import BIN, Case

# Programs of ours, and of the server; nothing of the project, of its framework or of its language.
HARMLESS = {"savepoint", "savepoint-project", "savepoint-snapshot", "pg_dump"}


class FrameworkCase(Case):
    """A project with its framework's own files. Who inherits says how it is migrated and asked."""

    def migrate(self):
        """Applies all migrations that are there."""
        raise NotImplementedError

    def migrations(self):
        """The names of the applied migrations as the framework lists them, the newest last."""
        raise NotImplementedError

    def orders(self):
        """The orders as the application reads them."""
        raise NotImplementedError

    def add_order(self, what):
        """Writes one more as the application does."""
        raise NotImplementedError

    def make_destructive_migration(self):
        """Changes the code so that the next migration drops a column and a table and deletes orders."""
        raise NotImplementedError

    def is_up_to_date(self):
        """Whether the framework finds code, migrations and database in agreement."""
        raise NotImplementedError

    def run_checked(self, *arguments):
        done = self.command(*arguments)
        self.assertEqual(done.code, 0, f"{arguments}\nout: {done.out}\nerr: {done.err}")
        return done.out

    def programs_of(self, *arguments):
        """What is executed while savepoint runs, by name."""
        log = self.top / "executed"
        self.run_checked("strace", "-f", "-qq", "-e", "trace=execve", "-e", "signal=none", "-o", log,
                                BIN / "savepoint", *arguments)
        executed = re.findall(r'execve\("([^"]*)".* = 0$', log.read_text(), re.MULTILINE)
        self.assertTrue(executed)
        return {os.path.basename(program) for program in executed}

    def database_of(self, snapshot):
        components = self.savepoint("show", snapshot, "--json").json["components"]
        databases = [c for c in components if c["kind"] == "database"]
        self.assertEqual(len(databases), 1, databases)
        return databases[0]

    def go_through(self, name, source):
        """The whole way of one project whose only database is called `name` and stands at `source`."""
        self.migrate()
        for what in ("apples", "pears", "plums"):
            self.add_order(what)
        orders, migrations = self.orders(), self.migrations()
        self.assertEqual(len(orders), 3)
        self.assertTrue(self.is_up_to_date())
        self.commit_all()
        code = self.git("ls-files", "-s")

        self.assertEqual(self.programs_of("doctor", "--json") - HARMLESS, {"git"})  # which says where it looks for hooks
        taken = [d for d in self.savepoint("doctor", "--json").json["databases"] if d["taken"]]
        self.assertEqual([d["name"] for d in taken], [name])
        self.assertRegex(taken[0]["source"], source)
        self.assertFalse((self.root / "savepoint.json").exists())

        self.assertEqual(self.programs_of("snapshot") - HARMLESS, set())
        self.assertEqual(self.database_of("latest")["name"], name)
        self.assertEqual(self.database_of("latest")["migration"], migrations[-1])
        self.assertIn(f"migration {migrations[-1]}", self.savepoint("show", "latest").out)

        self.make_destructive_migration()
        self.migrate()
        destroyed = self.migrations()
        self.assertEqual(destroyed[:-1], migrations)
        self.assertLess(len(self.orders()), 3)
        self.assertNotEqual(self.orders(), orders[:len(self.orders())])

        done = self.savepoint("restore", "latest", "--yes", "--json").json
        self.assertEqual(self.git("status", "--porcelain"), "")
        self.assertEqual(self.git("ls-files", "-s"), code)
        self.assertEqual(self.orders(), orders)
        self.assertEqual(self.migrations(), migrations)
        self.assertTrue(self.is_up_to_date())
        self.assertEqual(self.database_of(done["safety_snapshot"])["migration"], destroyed[-1])
        self.add_order("cherries")
        self.assertEqual(self.orders()[:-1], orders)

        self.make_destructive_migration()
        self.migrate()
        self.assertEqual(self.migrations(), destroyed)
