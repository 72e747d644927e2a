"""savepoint hooks install --follow with databases that a server keeps, and guards."""
import unittest

from hooks import FollowCase
from servers import Postgres


@unittest.skipUnless(Postgres.versions.exists(), "there is no PostgreSQL")
class Servers(FollowCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Postgres()
        cls.addClassCleanup(cls.server.close)

    def setUp(self):
        for name in ("shop", "shop_prod"):
            self.server.sql(f'DROP DATABASE IF EXISTS "{name}"', "postgres")
            self.server.create(name)
            self.server.sql("CREATE TABLE t (v text); INSERT INTO t VALUES ('main')", name)
        super().setUp()
        self.write(".env", f"DATABASE_URL={self.server.url('shop')}\n")

    def served(self, database="shop"):
        return self.server.sql("SELECT v FROM t ORDER BY v", database).split()

    def test_a_server_follows_and_a_client_that_is_connected_stops_it(self):
        self.new_branch("topic", "topic")
        self.server.sql("INSERT INTO t VALUES ('topic')", "shop")
        visitor = self.server.session("shop")
        self.addCleanup(visitor.stdin.close)
        self.addCleanup(visitor.wait)
        self.addCleanup(visitor.kill)
        said = self.switch("main")
        self.assertEqual((self.served(), self.rows(), self.whose()), (["main", "topic"], ["main", "topic"], "topic"))
        self.assertRegex(said, r"\n?savepoint: databases are still those of topic: [^\n]*shop[^\n]*savepoint hooks follow --disconnect\n\Z")
        self.savepoint("hooks", "follow", "--disconnect")
        self.assertEqual((self.served(), self.rows(), self.whose()), (["main"], ["main"], "main"))
        self.assertIn("are those of topic again", self.switch("topic"))
        self.assertEqual((self.served(), self.rows()), (["main", "topic"], ["main", "topic"]))

    def test_a_server_that_is_down_keeps_everything_as_it_is(self):
        self.new_branch("topic", "topic")
        self.server.stop()
        try:
            said = self.switch("main")
        finally:
            self.server.start()
        self.assertIn("databases are still those of topic", said)
        self.assertEqual((self.rows(), self.whose()), (["main", "topic"], "topic"))

    def test_a_protected_database_stays_and_is_named(self):
        self.write(".env", f"DATABASE_URL={self.server.url('shop')}\nREPLICA={self.server.url('shop_prod')}\n")
        self.write("savepoint.json", '{"databases": [{"name": "shop_prod", "url": {"env": "REPLICA"}}]}')
        self.commit_all()
        self.new_branch("topic", "topic")
        for name in ("shop", "shop_prod"):
            self.server.sql("INSERT INTO t VALUES ('topic')", name)
        said = self.switch("main")
        self.assertEqual((self.served(), self.served("shop_prod"), self.rows()), (["main"], ["main", "topic"], ["main"]))
        self.assertRegex(said, r"\n?savepoint: databases are those of main again [^\n]*shop_prod stays as it is: it is protected[^\n]*\n\Z")

    def test_in_an_environment_of_production_nothing_is_put_back(self):
        self.new_branch("topic", "topic")
        self.server.sql("INSERT INTO t VALUES ('topic')", "shop")
        said = self.switch("main", env={"NODE_ENV": "production"})
        self.assertIn("databases are still those of topic", said)
        self.assertEqual((self.served(), self.rows(), self.whose()), (["main", "topic"], ["main", "topic"], "topic"))
        self.savepoint("hooks", "follow")
        self.assertEqual((self.served(), self.rows()), (["main"], ["main"]))

    def test_a_database_of_its_own_on_each_branch_is_never_given_to_the_other(self):
        self.server.sql("DROP DATABASE IF EXISTS shop_topic", "postgres")
        self.server.create("shop_topic")
        self.server.sql("CREATE TABLE t (v text); INSERT INTO t VALUES ('topic')", "shop_topic")
        self.write("savepoint.json", '{"databases": [{"name": "main", "url": {"env": "DATABASE_URL", "file": "settings.env"}}]}')
        (self.root / ".env").unlink()
        self.write("settings.env", f"DATABASE_URL={self.server.url('shop')}\n")
        self.commit_all()
        self.new_branch("topic")
        self.write("settings.env", f"DATABASE_URL={self.server.url('shop_topic')}\n")
        self.git("commit", "-qam", "a database of its own")
        for branch in ("main", "topic", "main"):
            self.write_row(branch)
            said = self.switch(branch)
            self.assertEqual((self.served(), self.served("shop_topic")), (["main"], ["topic"]), said)
        self.assertRegex(said, r"main stays as it is: it was kept at postgres://[^\n]*shop_topic[^\n]*, and the settings now say [^\n]*shop\b")
        self.assertEqual(self.whose(), "main")


if __name__ == "__main__":
    unittest.main()
