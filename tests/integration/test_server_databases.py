"""Databases that a server keeps, with the real executables and a real PostgreSQL."""
import json
import os
import pty
import re
import unittest

from harness import BUSY, DONE, FAILED, GAPS, NOT_FOUND, REFUSED, USAGE, Case
from servers import Postgres

PASSWORD = "open-sesame"


def setUpModule():
    global server
    server = Postgres()


def tearDownModule():
    server.close()


class ServerCase(Case):
    """A project whose .env names the database 'shop' with 1,000 rows."""

    def setUp(self):
        super().setUp()
        if server.process is None:
            server.start()
        for name in server.databases() - {"postgres"}:
            server.sql(f'DROP DATABASE "{name}" WITH (FORCE)', "postgres", user="postgres")
        server.create("shop")
        server.sql("CREATE TABLE orders (id int PRIMARY KEY, what text); CREATE TABLE users (id int PRIMARY KEY);"
                   "INSERT INTO orders SELECT n, 'order ' || n FROM generate_series(1, 1000) n;"
                   "INSERT INTO users SELECT generate_series(1, 10)", "shop")
        self.use(server.url("shop"))
        (self.root / "code.txt").write_text("one")

    def use(self, url):
        (self.root / ".env").write_text(f"DATABASE_URL={url}\n")

    def rows(self, database="shop"):
        return int(server.sql("SELECT count(*) FROM orders", database))

    def destroy(self):
        server.sql("DELETE FROM orders WHERE id > 10", "shop")

    def assert_no_password(self, *results):
        for result in results:
            self.assertNotIn(PASSWORD, result.out + result.err)


class WholeFlow(ServerCase):
    def test_rows_that_were_destroyed_come_back_and_go_again(self):
        taken = self.savepoint("snapshot", "--json")
        snapshot = taken.json["id"]
        self.assertIn({"kind": "database", "name": "shop"},
                      [{"kind": c["kind"], "name": c["name"]} for c in taken.json["components"]])
        self.assertEqual(taken.json["skipped"], [])
        self.destroy()
        (self.root / "code.txt").write_text("two")

        difference = self.savepoint("diff", snapshot, "--json").json
        self.assertEqual([(t["name"], t["before"], t["after"]) for t in difference["databases"][0]["tables"]
                          if t["before"] != t["after"]], [("public.orders", 1000, 10)]
                         if difference["databases"][0]["tables"][0]["name"].startswith("public.")
                         else [("orders", 1000, 10)])

        restored = self.savepoint("restore", snapshot, "--yes", "--json")
        self.assertEqual(self.rows(), 1000)
        self.assertEqual((self.root / "code.txt").read_text(), "one")
        self.assertEqual([c for c in restored.json["changes"] if c["action"] == "database"],
                         [{"action": "database", "path": "shop", "bytes": restored.json["changes"][-1]["bytes"],
                           "into": f"postgres://app@127.0.0.1:{server.port}/shop", "compared": False}])
        self.assertEqual(self.savepoint("diff", snapshot, "--json").json["databases"], [])

        self.savepoint("undo", "--yes")
        self.assertEqual(self.rows(), 10)
        self.assertEqual((self.root / "code.txt").read_text(), "two")
        self.savepoint("undo", "--yes")
        self.assertEqual(self.rows(), 1000)
        self.assertEqual(server.databases(), {"postgres", "shop"})
        self.assert_no_password(taken, restored, self.savepoint("show", snapshot, "--json"))

    def test_a_changed_schema_is_named_and_changed_rows_are_none(self):
        before = self.snapshot()
        self.destroy()
        [database] = self.savepoint("diff", before, "--json").json["databases"]
        self.assertIs(database["schema_changed"], False)
        server.sql("ALTER TABLE orders ADD price int", "shop")
        [database] = self.savepoint("diff", before, "--json").json["databases"]
        self.assertIs(database["schema_changed"], True)
        self.assertIn("the schema changed\n", self.savepoint("diff", before, self.snapshot()).out)

    def test_a_restore_of_code_alone_does_not_touch_the_database(self):
        snapshot = self.snapshot()
        self.destroy()
        (self.root / "code.txt").write_text("two")

        self.savepoint("restore", snapshot, "--yes", "--only", "code")

        self.assertEqual(self.rows(), 10)
        self.assertEqual((self.root / "code.txt").read_text(), "one")

    def test_what_has_not_changed_is_neither_dumped_nor_restored(self):
        snapshot = self.snapshot()

        self.assertFalse(self.savepoint("snapshot", "--if-changed", "--json").json["created"])
        self.assertEqual(self.savepoint("restore", snapshot, "--yes", "--json").json["changes"], [])
        self.assertEqual(self.savepoint("status", "--json").json["may_have_changed"], [])

    def test_how_much_there_is_to_read_is_known_from_the_first_time_on(self):
        def totals(*command):
            said = [json.loads(line)["progress"] for line in self.savepoint(*command, env={"SAVEPOINT_PROGRESS": "json"}).err.splitlines() if line.startswith("{")]
            return {one["stage"]: one["total"] for one in said}
        size = int(server.sql("SELECT pg_database_size('shop')", "shop"))
        self.assertAlmostEqual(totals("snapshot")["reading database 'shop'"], size, delta=size / 4)
        self.destroy()
        self.assertAlmostEqual(totals("restore", "latest", "--yes")["saving database 'shop'"], size, delta=size / 4)

    def test_another_database_of_the_same_name_is_not_taken_for_it(self):
        self.snapshot()
        server.create("second")
        server.sql("CREATE TABLE orders (id int)", "second")
        (self.root / "savepoint.json").write_text(
            '{"databases": [{"name": "shop", "url": {"env": "OTHER_URL"}}]}')
        second = {"OTHER_URL": server.url("second")}

        shown = self.savepoint("snapshot", "--json", env=second).json["id"]

        components = self.savepoint("show", shown, "--json").json["components"]
        rows = {c["name"]: sum(table["rows"] for table in c["tables"]) for c in components if c["kind"] == "database"}
        self.assertEqual(rows, {"shop": 0, "shop@127.0.0.1": 1010})

    def test_undo_goes_to_the_database_that_was_replaced_or_nowhere(self):
        other = Postgres()
        self.addCleanup(other.close)
        other.create("shop")
        other.sql("CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1), (2)", "shop")
        first = self.snapshot()
        self.use(other.url("shop"))
        self.savepoint("restore", first, "--with-config", "--yes")
        self.assertEqual(other.sql("SELECT count(*) FROM orders", "shop").strip(), "1000")
        refused = self.savepoint("undo", "--yes", expect=REFUSED)
        for place in (server, other):
            self.assertIn(f"127.0.0.1:{place.port}/shop", refused.err)
        self.assertEqual(self.rows(), 1000)
        self.use(other.url("shop"))
        self.savepoint("undo", "--yes")
        self.assertEqual(other.sql("SELECT count(*) FROM orders", "shop").strip(), "2")
        self.assertEqual(self.rows(), 1000)

    def test_what_a_command_did_is_put_back_although_it_removed_the_settings(self):
        command = (f"{server.bin}/psql -q -h {server.socket} -p {server.port} -U app -d shop -c 'DELETE FROM orders'; "
                   "rm .env; exit 3")
        self.savepoint("run", "--restore-on-failure", "--", "sh", "-c", command, expect=3)
        self.assertEqual(self.rows(), 1000)
        self.assertTrue((self.root / ".env").exists())

    def test_a_database_that_is_a_template_leaves_no_copy_behind(self):
        server.sql("ALTER DATABASE shop IS_TEMPLATE true", "postgres", user="postgres")
        self.addCleanup(server.sql, "ALTER DATABASE shop IS_TEMPLATE false", "postgres", user="postgres")
        snapshot = self.snapshot()
        self.destroy()
        self.savepoint("restore", snapshot, "--yes")
        self.assertEqual(self.rows(), 1000)
        self.assertEqual(server.sql("SELECT datname FROM pg_database WHERE datname LIKE 'savepoint%'", "postgres"), "")

    def test_undo_leaves_a_database_alone_that_the_restore_did_not_touch(self):
        first = self.snapshot()
        server.create("second")
        self.use(server.url("second"))
        self.snapshot()
        self.savepoint("restore", first, "--only", "config", "--with-config", "--yes")
        self.savepoint("undo", "--yes")
        self.assertIn("/second", (self.root / ".env").read_text())

    def test_only_one_database_is_captured_where_one_is_named(self):
        taken = self.savepoint("snapshot", "--json", "--only", "database:shop").json
        self.assertEqual([c["name"] for c in taken["components"]], ["shop"])
        self.savepoint("snapshot", "--only", "database:shopp", expect=NOT_FOUND)

    def test_doctor_and_init_say_what_was_found_and_never_a_password(self):
        (self.root / ".env").write_text(f"DATABASE_URL={server.url('shop')}\nTEST_DATABASE_URL={server.url('shop_test')}\n")
        doctor = self.savepoint("doctor", "--json")
        found = {d["name"]: d for d in doctor.json["databases"]}
        self.assertTrue(found["shop"]["taken"])
        self.assertTrue(found["shop"]["version"].startswith("PostgreSQL"))
        self.assertIn(".env:1", found["shop"]["source"])
        self.assertFalse(found["shop_test"]["taken"])
        self.assertIn(".env:2", found["shop_test"]["source"])
        init = self.savepoint("init")
        settings = (self.root / "savepoint.json").read_text()
        self.assertIn("//   shop: ", settings)
        self.assertNotIn(PASSWORD, settings)
        self.assert_no_password(doctor, init, self.savepoint("doctor"))

    def test_an_export_has_the_dump(self):
        snapshot = self.snapshot()
        self.savepoint("export", snapshot, "--to", self.top / "plain")
        self.assertEqual((self.top / "plain" / "databases" / "shop.dump").read_bytes()[:5], b"PGDMP")


class Elsewhere(ServerCase):
    def test_a_snapshot_goes_into_a_new_database_and_the_original_stays(self):
        snapshot = self.snapshot()
        self.destroy()
        where = f"shop={server.url('copy')}"

        self.savepoint("restore", snapshot, "--yes", "--database", where, expect=NOT_FOUND)
        done = self.savepoint("restore", snapshot, "--yes", "--json", "--database", where, "--create-database")

        self.assertEqual(self.rows("copy"), 1000)
        self.assertEqual(self.rows(), 10)
        self.assertIsNone(done.json["safety_snapshot"])

    def test_a_filled_destination_needs_its_name(self):
        snapshot = self.snapshot()
        server.create("other")
        server.sql("CREATE TABLE precious (id int)", "other")
        command = ["restore", snapshot, "--yes", "--database", "shop=env:OTHER_URL"]
        other = {"OTHER_URL": server.url("other")}

        refused = self.savepoint(*command, expect=REFUSED, env=other)
        self.assertIn("--confirm other", refused.err)
        self.assert_no_password(refused)
        self.savepoint(*command, "--confirm", "shop", expect=REFUSED, env=other)
        self.assertEqual(server.sql("SELECT count(*) FROM precious", "other"), "0")
        self.savepoint(*command, "--confirm", "other", env=other)
        self.assertEqual(self.rows("other"), 1000)

    def test_what_was_in_a_filled_destination_is_saved_and_undo_says_that_it_does_not_go_there(self):
        snapshot = self.snapshot()
        self.destroy()
        self.savepoint("restore", snapshot, "--yes")  # what undo must not undo by mistake
        server.create("other")
        server.sql("CREATE TABLE precious (id int); INSERT INTO precious VALUES (7)", "other")
        other = {"OTHER_URL": server.url("other")}

        restored = self.savepoint("restore", snapshot, "--yes", "--json", "--database", "shop=env:OTHER_URL",
                                  "--confirm", "other", env=other)
        saved = restored.json["safety_snapshot"]
        shown = self.savepoint("show", saved, "--json")
        component, = shown.json["components"]
        self.assertEqual(component["name"], "elsewhere/shop")
        self.assert_no_password(restored, shown)

        refused = self.savepoint("undo", "--yes", expect=REFUSED)
        self.assertIn(saved, refused.err)
        self.assertEqual(self.rows(), 1000)
        self.assertIn("elsewhere/shop=URL", self.savepoint("restore", saved, "--yes", expect=NOT_FOUND).err)
        self.assertFalse(self.savepoint("snapshot", "--if-changed", "--json", "--only", "database").json["id"] == saved)
        self.savepoint("restore", saved, "--yes", "--database", "elsewhere/shop=env:OTHER_URL", "--confirm", "other", env=other)
        self.assertEqual(server.sql("SELECT id FROM precious", "other"), "7")
        self.assertEqual(self.rows(), 1000)

    def test_a_database_whose_place_is_not_known_any_more_needs_one(self):
        snapshot = self.snapshot()
        (self.root / ".env").unlink()

        refused = self.savepoint("restore", snapshot, "--yes", expect=NOT_FOUND)

        self.assertIn("--database shop=URL", refused.err)
        self.savepoint("restore", snapshot, "--yes", "--only", "code,config", "--with-config")

    def test_settings_that_went_with_the_project_come_back_first_as_the_hint_says(self):
        snapshot = self.snapshot()
        (self.root / ".env").unlink()
        self.destroy()

        hint = self.savepoint("restore", snapshot, "--with-config", "--yes", expect=NOT_FOUND).err
        self.savepoint(*re.search("'savepoint (restore [^']*)', then try again", hint)[1].split(), "--yes")
        self.savepoint("restore", snapshot, "--with-config", "--yes")

        self.assertEqual(self.rows(), 1000)

    def test_a_url_with_a_password_is_not_repeated(self):
        snapshot = self.snapshot()
        server.create("other")
        server.sql("CREATE TABLE precious (id int)", "other")

        refused = self.savepoint("restore", snapshot, "--yes", "--database", f"shop={server.url('other')}", expect=REFUSED)

        self.assert_no_password(refused)
        self.assertIn("--database shop=env:VARIABLE", refused.err)

    def test_a_single_table_comes_back_and_the_others_stay(self):
        snapshot = self.snapshot()
        self.destroy()
        server.sql("DELETE FROM users", "shop")

        self.savepoint("restore", snapshot, "--yes", "--table", "orders")

        self.assertEqual(self.rows(), 1000)
        self.assertEqual(server.sql("SELECT count(*) FROM users", "shop"), "0")
        self.savepoint("undo", "--yes")
        self.assertEqual(self.rows(), 10)

    def test_wrong_words_are_usage(self):
        snapshot = self.snapshot()
        for words in (["--database", "shop"], ["--database", "shop=env:NOT_SET"], ["--database", "shop=nonsense"],
                      ["--database", f"shop={server.url('x')}", "--", "code.txt"],
                      ["--database", f"shop={server.url('x')}", "--to", "x"], ["--database", "shop=mysql://h/x"]):
            self.assert_no_password(self.savepoint("restore", snapshot, "--yes", *words, expect=USAGE))

    def test_a_rehearsal_leaves_nothing_behind(self):
        snapshot = self.snapshot()

        report = self.savepoint("verify", snapshot, "--rehearse", "--json").json
        self.assertEqual((report["ok"], report["databases_rehearsed"]), (True, 1))

        (self.root / ".env").unlink()
        self.assertFalse(self.savepoint("verify", snapshot, "--rehearse", "--json", expect=None).json["ok"])
        self.savepoint("verify", snapshot, "--rehearse", "--database", f"shop={server.url('postgres')}")
        self.assertEqual(server.databases(), {"postgres", "shop"})


class Commands(Case):
    """Anything with a dump command, once its config is trusted."""

    def test_a_database_behind_commands_comes_back_and_goes_again(self):
        data = self.top / "data"
        data.write_text("one")
        (self.root / "savepoint.json").write_text(
            f'{{"databases": [{{"name": "cache", "dump": "cat {data}", "restore": "cat > {data}"}}]}}')
        untrusted = self.savepoint("snapshot", "--json", expect=GAPS).json
        self.assertIn("savepoint trust", untrusted["skipped"][0]["reason"])
        self.savepoint("trust", "--yes")
        snapshot = self.snapshot()
        data.write_text("two")

        self.savepoint("restore", snapshot, "--yes")
        self.assertEqual(data.read_text(), "one")
        self.savepoint("undo", "--yes")
        self.assertEqual(data.read_text(), "two")


class Copies(ServerCase):
    """The strategy 'template': the server keeps a copy of what was captured last."""

    def setUp(self):
        super().setUp()
        self.configure('"strategy": "template"')

    def configure(self, setting):
        (self.root / "savepoint.json").write_text('{"databases": [{"name": "shop", %s}]}' % setting)

    def copies(self):
        return {name for name in server.databases() if name.startswith("savepoint_template_")}

    def test_a_restore_comes_from_the_copy_and_an_unchanged_database_stays_unchanged(self):
        taken = self.savepoint("snapshot", "--json")
        self.assertNotIn("notes", taken.json)
        copies = self.copies()
        self.assertEqual(len(copies), 1)
        self.assertEqual(self.savepoint("status", "--json").json["may_have_changed"], [])
        again = self.savepoint("snapshot", "--json").json
        self.assertEqual(again["bytes_added"], 0)
        self.assertEqual(self.copies(), copies)

        self.destroy()
        oids = "SELECT string_agg(oid::text, ',' ORDER BY oid) FROM pg_class WHERE relname IN ('orders', 'users')"
        before = server.sql(oids, "shop")
        self.savepoint("restore", taken.json["id"], "--yes")
        self.assertEqual(self.rows(), 1000)
        server.sql("CREATE TABLE dumped (id int)", "shop")
        self.assertEqual(server.sql(oids, "shop"), before)  # files were copied: a load would give new numbers
        self.savepoint("undo", "--yes")
        self.assertEqual(self.rows(), 10)

    def test_who_is_connected_stays_and_there_is_a_note(self):
        visitor = server.session("shop")
        try:
            taken = self.savepoint("snapshot", "--json")
            self.assertIn("others are connected", taken.json["notes"][0]["text"])
            self.assertIn("note: the server keeps no copy of database 'shop'", taken.err)
            self.assertEqual(self.copies(), set())
            self.assertIsNone(visitor.poll())
        finally:
            visitor.kill()
            visitor.communicate()
        while server.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop'", "postgres") != "0":
            pass
        self.savepoint("snapshot", "--if-changed")
        self.assertEqual(len(self.copies()), 1)

    def test_without_the_strategy_the_copy_goes(self):
        self.snapshot()
        self.configure('"strategy": "dump"')
        self.snapshot()
        self.assertEqual(self.copies(), set())


class NotTaken(Case):
    """A database that the project works with and that is not captured unasked."""

    def setUp(self):
        super().setUp()
        self.write(".env", f"DATABASE_URL=postgres://app:{PASSWORD}@127.0.0.1:1/shop_production\n")
        self.write("code.txt", "one")

    def test_every_way_to_a_snapshot_says_that_it_is_missing(self):
        note = "/shop_production' is not in the snapshot: its name looks like production"
        taken = self.savepoint("snapshot")
        self.assertIn(note, taken.err)
        self.assertIn(note, self.savepoint("run", "--", "true").err)
        document = self.savepoint("snapshot", "--only", "database", "--json").json
        self.assertIn(note, document["notes"][0]["text"])
        self.assert_no_password(taken)

    def test_who_requires_databases_gets_no_snapshot_without_it(self):
        refused = self.savepoint("snapshot", "--require-database", expect=FAILED)
        self.assert_error(refused, FAILED, "name")
        self.assertIn("/shop_production': its name looks like production", refused.err)
        self.savepoint("snapshot", "--only", "database:shop_production", expect=NOT_FOUND)
        self.assertEqual(self.savepoint("list", "--json").json["snapshots"], [])

    def test_it_hides_no_change_below_a_directory_of_its_name(self):
        self.write("shop_production/models.py", "a\n")
        self.savepoint("snapshot")
        (self.root / "shop_production/models.py").unlink()
        self.assertIn("shop_production/models.py", self.savepoint("status").out)

    def test_the_config_decides(self):
        self.write("savepoint.json", '{"databases": [{"name": "shop_production", "capture": false}]}')
        self.assertNotIn("shop_production", self.savepoint("snapshot", "--require-database").err)
        self.write("savepoint.json", '{"databases": [{"name": "shop_production"}]}')
        self.assertIn("left out 'shop_production': ", self.savepoint("snapshot", expect=GAPS).err)

    def test_what_is_for_others_is_not_missed(self):
        self.write(".env", "PROD_DATABASE_URL=postgres://db.example.com/shop\nREDIS_URL=redis://localhost/1\n")
        self.assertEqual(self.savepoint("snapshot", "--require-database").err.count("note:"), 0)

    def test_a_snapshot_of_no_database_says_that_it_is_empty(self):
        self.write(".env", "A=1\n")
        self.assertIn("the snapshot has nothing in it", self.savepoint("snapshot", "--only", "database").err)

    assert_no_password = ServerCase.assert_no_password


class Guards(ServerCase):
    """A database that is protected, restored in every way that must not do, and in the one that does."""

    def check(self, snapshot, confirmable=DONE):
        self.destroy()
        command = ["restore", snapshot, "--only", "database"]
        refused = self.savepoint(*command, "--yes", expect=REFUSED)
        first = refused.err.splitlines()[0]
        self.assertIn("/shop", first)
        self.assertIn("--confirm shop", refused.err)
        self.assert_no_password(refused)
        self.savepoint(*command, "--yes", "--confirm", "shoq", expect=REFUSED)
        self.savepoint(*command, expect=REFUSED)
        self.savepoint(*command, "--yes", "--confirm", "shop", expect=REFUSED, env={"CLAUDECODE": "1"})
        self.savepoint(*command, "--yes", "--confirm", "shop", expect=REFUSED, env={"SAVEPOINT_HOOK": "post-checkout"})
        self.assertEqual(self.rows(), 10)
        self.savepoint(*command, "--yes", "--confirm", "shop", expect=confirmable)
        self.assertEqual(self.rows(), 1000)

    def test_an_agent_overwrites_no_file_that_looks_like_production_wherever_it_is(self):
        self.database("app.db", "CREATE TABLE t (v); INSERT INTO t VALUES (1)")
        snapshot = self.snapshot()
        for name, env in (("production.sqlite3", {}), ("other.db", {"NODE_ENV": "production"})):
            with self.subTest(name):
                there = self.top / name
                command = ["restore", snapshot, "--yes", "--database", f"app.db=sqlite:///{there}"]
                self.savepoint(*command, env=env)  # where nothing is, nothing is lost
                self.savepoint(*command, "--confirm", str(there), env=env)
                before = there.read_bytes()
                refused = self.savepoint(*command, "--confirm", str(there), env={"CLAUDECODE": "1"} | env, expect=REFUSED)
                self.assertIn("by Claude Code it is never overwritten", refused.err)
                self.assertEqual(there.read_bytes(), before)

    def test_a_file_that_looks_like_production_needs_its_path(self):
        (self.root / ".env").unlink()
        (self.root / "storage").mkdir()
        for name, env in (("production.sqlite3", {}), ("development.sqlite3", {"NODE_ENV": "production"})):
            path = f"storage/{name}"
            self.database(path, "CREATE TABLE t (i); INSERT INTO t VALUES (1)", mode="delete")
            snapshot = self.snapshot()
            self.database(path, "DELETE FROM t", mode="delete")
            refused = self.savepoint("restore", snapshot, "--yes", expect=REFUSED, env=env)
            self.assertIn(f"--confirm {path}", refused.err)
            self.savepoint("restore", snapshot, "--yes", "--confirm", path, env=env)
            self.savepoint("restore", snapshot, "--yes", env=env)  # nothing is overwritten any more
            (self.root / path).unlink()

    def test_this_machine_needs_no_confirmation(self):
        snapshot = self.snapshot()
        self.destroy()
        self.savepoint("restore", snapshot, "--yes", env={"CLAUDECODE": "1"})
        self.assertEqual(self.rows(), 1000)

    def test_a_remote_host_is_protected(self):
        self.use(server.url("shop", host="db.example.org"))
        self.environment["PGHOSTADDR"] = "127.0.0.1"  # no name server has it
        (self.root / "savepoint.json").write_text('{"databases": [{"name": "shop", "url": {"env": "DATABASE_URL"}}]}')
        self.check(self.snapshot())

    def test_a_database_that_says_it_is_production_is_protected(self):
        server.sql("CREATE TABLE ar_internal_metadata (key text PRIMARY KEY, value text);"
                   "INSERT INTO ar_internal_metadata VALUES ('environment', 'production')", "shop")
        self.check(self.snapshot())

    def test_the_config_protects(self):
        (self.root / "savepoint.json").write_text('{"databases": [{"name": "shop", "protected": true}]}')
        self.check(self.snapshot())

    def test_the_config_prohibits_and_nothing_lifts_it(self):
        (self.root / "savepoint.json").write_text('{"databases": [{"name": "shop", "prohibit_restore": true}]}')
        snapshot = self.snapshot()
        self.destroy()
        refused = self.savepoint("restore", snapshot, "--yes", "--confirm", "shop", expect=REFUSED)
        self.assertIn("prohibits", refused.err)
        self.assertEqual(self.rows(), 10)

    def test_the_name_can_be_typed_on_a_terminal(self):
        (self.root / "savepoint.json").write_text('{"databases": [{"name": "shop", "protected": true}]}')
        snapshot = self.snapshot()
        self.destroy()
        for typed, code, rows in (("shoq", REFUSED, 10), ("y", REFUSED, 10), ("shop", DONE, 1000)):
            self.assertEqual(self.on_terminal(typed, "restore", snapshot, "--only", "database"), code)
            self.assertEqual(self.rows(), rows)

    def on_terminal(self, typed, *arguments):
        try:
            child, terminal = pty.fork()
        except OSError as error: # as in a chroot without /dev/pts
            self.skipTest(f"no terminal can be made here: {error}")
        if child == 0:
            os.chdir(self.root)
            os.execvpe("savepoint", ["savepoint", *arguments], dict(self.environment, TERM="dumb"))
        os.write(terminal, typed.encode() + b"\n")
        try:
            while os.read(terminal, 4096):
                pass
        except OSError:
            pass  # the terminal is gone with its last user
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.close(terminal)
        return code


class Faults(ServerCase):
    def test_a_server_that_is_down_is_named_and_the_rest_is_saved(self):
        self.snapshot()
        server.stop()

        taken = self.savepoint("snapshot", "--json", expect=GAPS)

        self.assertEqual([(s["path"], s["error"]) for s in taken.json["skipped"]], [("shop", True)])
        self.assertEqual([c["kind"] for c in taken.json["components"]], ["code", "config"])
        self.assertIn("does not hold 'shop'", self.savepoint("restore", taken.json["id"], "--dry-run").err)
        before = self.savepoint("list", "--json").json["snapshots"]
        required = self.savepoint("snapshot", "--require-database", expect=None)
        self.assertIn(required.code, (FAILED, BUSY))
        self.assertEqual(self.savepoint("list", "--json").json["snapshots"], before)
        self.assertEqual(self.savepoint("doctor", expect=FAILED).code, FAILED)
        self.assert_no_password(taken, required)

    def test_a_restore_without_the_server_changes_nothing(self):
        snapshot = self.snapshot()
        (self.root / "code.txt").write_text("two")
        server.stop()

        failed = self.savepoint("restore", snapshot, "--yes", expect=FAILED)

        self.assertIn("nothing was changed", failed.err)
        self.assertEqual((self.root / "code.txt").read_text(), "two")
        self.savepoint("restore", snapshot, "--yes", "--only", "code")
        self.assertEqual((self.root / "code.txt").read_text(), "one")

    def test_a_wrong_password_or_a_database_that_is_not_there_is_named(self):
        self.use(server.url("gone"))
        taken = self.savepoint("snapshot", "--json", expect=GAPS)
        self.assertIn("gone", taken.json["skipped"][0]["reason"])
        (self.root / "savepoint.json").write_text('{"databases": [{"name": "shop", "url": {"env": "NOT_SET"}}]}')
        taken = self.savepoint("snapshot", "--json", expect=GAPS)
        self.assertIn("NOT_SET", str(taken.json["skipped"]))

    def test_a_session_of_somebody_else_is_ended_only_when_that_is_asked_for(self):
        import subprocess
        snapshot = self.snapshot()
        self.destroy()
        other = subprocess.Popen(["psql", "-X", "-q", "-h", server.socket, "-p", str(server.port), "-U", "app", "-d", "shop"],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            other.stdin.write("SELECT 1;\n")
            other.stdin.flush()
            other.stdout.readline()
            self.savepoint("restore", snapshot, "--yes", expect=BUSY)
            self.assertEqual(self.rows(), 10)
            self.savepoint("restore", snapshot, "--yes", "--disconnect")
            self.assertEqual(self.rows(), 1000)
        finally:
            other.kill()
            other.communicate()


if __name__ == "__main__":
    unittest.main()
