"""What the fault tests share: a small project, the states it may be in, and faults at chosen calls."""
import errno
import os
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "integration"))
from harness import BIN, DONE, GAPS, Case, describe_tree, dump  # noqa: E402

FAULT_AT = BIN / "fault_at"


class Matrix(Case):
    """Each operation starts from the same prepared project and store, which lie in self.template."""
    step = 1  # every call; more than 1: only every so many
    moment = "before the first call"
    into_a_directory = DONE

    def setUp(self):
        super().setUp()
        self.write(".gitignore", "app.db*\nkept.log\n")
        self.prepare()
        self.write("kept.log", "git ignores it, nobody holds it\n")
        self.write("src/a.txt", "then")
        self.write("src/b.txt", "then, and gone now")
        self.write("was/dir/file", "a directory once")
        os.symlink("a.txt", self.root / "src/link")
        os.link(self.root / "src/a.txt", self.root / "src/hard")
        self.database(script="CREATE TABLE t (v); INSERT INTO t VALUES ('then')")
        self.commit_all()
        self.first = self.snapshot()
        self.then = self.state()
        self.write("src/a.txt", "now, longer than then")
        (self.root / "src/b.txt").unlink()
        shutil.rmtree(self.root / "was")
        self.write("was", "a file now")
        self.write("added/new.txt", "new")
        self.command("sqlite3", self.root / "app.db", "UPDATE t SET v = 'now'; INSERT INTO t VALUES ('more')")
        self.destroy()
        self.savepoint("snapshot", "--tag", "second")
        self.write("src/a.txt", "later")
        self.now = self.state()
        self.keep_template()

    def prepare(self):
        """What more there is to save."""

    def destroy(self):
        """What more is changed since."""

    def keep_template(self):
        self.template = self.top / "template"
        shutil.rmtree(self.template, ignore_errors=True)
        self.template.mkdir()
        for name in ("project", "store"):
            self.command("cp", "-a", self.top / name, self.template / name)

    def reset(self):
        for name in ("project", "store"):
            # The directories themselves stay: a project in another one is another project.
            self.command("find", self.top / name, "-mindepth", "1", "-delete", cwd=self.top)
            self.command("cp", "-a", f"{self.template / name}/.", self.top / name, cwd=self.top)
        for left in self.top.glob("*target*"):
            shutil.rmtree(left)

    def state(self):
        """The project as its user sees it: files exactly, the database by its rows."""
        tree = describe_tree(self.root)
        for name in [name for name in tree if name.startswith((b"app.db", b".savepoint-"))]:
            del tree[name]
        database = self.root / "app.db"
        return tree, dump(database) if database.exists() else None

    def fault(self, effect, at, error, calls, *arguments):
        """Runs savepoint with a fault; returns its result and whether the fault happened."""
        report = self.top / "report"
        result = self.command(FAULT_AT, report, effect, str(at), str(error), calls, BIN / "savepoint", *arguments)
        self.assertNotEqual(result.code, 126, result.err)
        _, struck, *call = report.read_text().split()  # NAME is missing where nothing struck
        return result, struck == "1", *(call or [""])

    def count(self, calls, *arguments):
        self.reset()
        self.fault("none", 0, 0, calls, *arguments)
        return int((self.top / "report").read_text().split()[0])

    def moments(self, calls, arguments):
        """The numbers of the calls at which to strike, with the project reset before each."""
        total = self.count(calls, *arguments)
        for at in self.chosen(total):
            self.reset()
            self.moment = f"{' '.join(arguments)}: call {at} of {total}"
            yield at

    def chosen(self, total):
        return range(1, total + 1, self.step)

    def _formatMessage(self, msg, standard):  # a failure says at which call it was
        return super()._formatMessage(f"{self.moment}\n{msg or ''}", standard)

    def assert_no_leftovers(self):
        left = [str(path) for path in self.root.rglob(".savepoint-*")]
        left += [str(path) for path in (self.store / "scratch").iterdir()]
        left += [str(path) for path in self.top.glob("*partial*")]
        self.assertEqual(left, [])

    def assert_store_is_whole(self):
        self.savepoint("verify", "--all", "--read-data")

    def snapshots(self):
        return {one["id"]: one for one in self.savepoint("list", "--json").json["snapshots"]}

    def is_due(self):
        return self.savepoint("status", "--json").json["recovery"] is not None

    def settle(self, at):
        """Brings an interrupted restore to its end, forwards and backwards in turn."""
        if not self.is_due():
            self.savepoint("recover", "--rollback")
            return None
        direction = ("--continue", "--rollback")[at % 2]
        self.savepoint("recover", direction)
        self.assertFalse(self.is_due())
        return direction

    def assert_one_side(self, before, after, struck, direction):
        """A command that came to its end has done it; one that died is as its recovery says."""
        wanted = [after] if not struck or direction == "--continue" else [before] if direction else [before, after]
        self.assertIn(self.state(), wanted)
        self.assertTrue(struck or direction is None)


class PostgresToo(Matrix):
    """The same with a PostgreSQL database; the class has `server`, with a database 'shop_now' to copy from."""
    into_a_directory = GAPS  # a directory cannot hold it

    def setUp(self):
        self.server.sql('DROP DATABASE IF EXISTS shop WITH (FORCE)', "postgres", user="postgres")
        self.server.sql('DROP DATABASE IF EXISTS shop_now WITH (FORCE)', "postgres", user="postgres")
        self.server.create("shop")
        self.server.sql("CREATE TABLE t (v text); INSERT INTO t SELECT 'then' || n FROM generate_series(1, 20) n", "shop")
        super().setUp()

    def prepare(self):
        self.write(".gitignore", "app.db*\nkept.log\n.env\n")
        self.write(".env", f"DATABASE_URL={self.server.url('shop')}\n")

    def destroy(self):
        self.server.sql("UPDATE t SET v = 'now'", "shop")

    def keep_template(self):
        super().keep_template()
        self.copy("shop", "shop_now")

    def copy(self, source, target):
        self.server.sql(f'DROP DATABASE IF EXISTS {target} WITH (FORCE)', "postgres", user="postgres")
        self.server.sql(f"ALTER DATABASE {source} ALLOW_CONNECTIONS false", "postgres", user="postgres")
        self.server.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{source}'",
                        "postgres", user="postgres")
        self.server.sql(f"CREATE DATABASE {target} TEMPLATE {source} OWNER app", "postgres", user="postgres")
        self.server.sql(f"ALTER DATABASE {source} ALLOW_CONNECTIONS true", "postgres", user="postgres")

    def reset(self):
        super().reset()
        self.copy("shop_now", "shop")

    def state(self):
        return *super().state(), self.server.sql("SELECT v FROM t ORDER BY v", "shop")

    def assert_no_leftovers(self):
        super().assert_no_leftovers()
        self.assertEqual(self.server.databases(), {"postgres", "shop", "shop_now"})


class Kills(Matrix):
    """The process, and with it its children, ends before each call that changes something."""

    def check_in_place(self, before, after, *arguments):
        struck_once = False
        for at in self.moments("all", arguments):
            _, struck, _ = self.fault("kill", at, 0, "all", *arguments)
            struck_once = struck_once or struck
            direction = self.settle(at)
            self.assert_one_side(before, after, struck, direction)
            self.assert_store_is_whole()
            self.savepoint(*arguments)
            self.assertEqual(self.state(), after)
            self.assert_no_leftovers()
        self.assertTrue(struck_once)

    def check_recover(self, direction, end):
        """A restore dies in its middle, and then its recovery at each call."""
        self.kill_in_the_middle("restore", self.first, "--yes")
        self.keep_template()
        struck_once = False
        for at in self.moments("all", ("recover", direction)):
            _, struck, _ = self.fault("kill", at, 0, "all", "recover", direction)
            struck_once = struck_once or struck
            self.assertTrue(struck or not self.is_due())
            self.savepoint("recover", direction)
            self.assertEqual(self.state(), end)
            self.assert_store_is_whole()
            self.snapshot()
            self.assert_no_leftovers()
        self.assertTrue(struck_once)

    def kill_in_the_middle(self, *restore):
        """Kills it where the project is neither old nor new."""
        total = self.count("all", *restore)
        for at in range(total, 0, -1):
            self.reset()
            self.fault("kill", at, 0, "all", *restore)
            if self.is_due() and self.state() not in (self.then, self.now):
                return
        self.fail("the restore was never in its middle")

    def test_snapshot(self):
        struck_once = False
        for at in self.moments("all", ("snapshot", "--json")):
            result, struck, _ = self.fault("kill", at, 0, "all", "snapshot", "--json")
            struck_once = struck_once or struck
            self.assertEqual(self.state(), self.now)
            self.assert_store_is_whole()
            if not struck:
                self.assertIn(result.json["id"], self.snapshots())
            self.snapshot()
            self.savepoint("restore", self.first, "--yes")
            self.assertEqual(self.state(), self.then)
            self.assert_no_leftovers()
        self.assertTrue(struck_once)

    def test_restore_in_place(self):
        self.check_in_place(self.now, self.then, "restore", self.first, "--yes")

    def test_undo(self):
        self.savepoint("restore", self.first, "--yes")
        self.keep_template()
        struck_once = False
        for at in self.moments("all", ("undo", "--yes")):
            _, struck, _ = self.fault("kill", at, 0, "all", "undo", "--yes")
            struck_once = struck_once or struck
            direction = self.settle(at)
            self.assert_one_side(self.then, self.now, struck, direction)
            self.assert_store_is_whole()
            self.snapshot()
            self.assert_no_leftovers()
        self.assertTrue(struck_once)

    def test_recover_forwards(self):
        self.check_recover("--continue", self.then)

    def test_recover_backwards(self):
        self.check_recover("--rollback", self.now)

    def test_restore_into_a_directory(self):
        target = self.top / "target"
        restore = ("restore", self.first, "--to", str(target))
        struck_once = False
        for at in self.moments("all", restore):
            _, struck, _ = self.fault("kill", at, 0, "all", *restore)
            struck_once = struck_once or struck
            if struck and not target.exists():
                self.savepoint(*restore, expect=self.into_a_directory)
            tree = describe_tree(target)
            del tree[b"app.db"]
            tree[b"kept.log"] = self.then[0][b"kept.log"]
            self.assertEqual(tree, self.then[0])
            self.assertEqual(self.state(), self.now)
            self.assert_store_is_whole()
        self.assertTrue(struck_once)

    def test_prune(self):
        prune = ("prune", "--keep-last", "1", "--yes")
        struck_once = False
        for at in self.moments("all", prune):
            _, struck, _ = self.fault("kill", at, 0, "all", *prune)
            struck_once = struck_once or struck
            self.assert_store_is_whole()
            self.assertTrue(struck or len(self.snapshots()) == 1)
            self.savepoint(*prune)
            self.assertEqual(len(self.snapshots()), 1)
            self.assert_store_is_whole()
            self.assertEqual(list((self.store / "trash").iterdir()), [])
        self.assertTrue(struck_once)

    def test_pin(self):
        struck_once = False
        for at in self.moments("all", ("pin", self.first)):
            _, struck, _ = self.fault("kill", at, 0, "all", "pin", self.first)
            struck_once = struck_once or struck
            self.assert_store_is_whole()
            if struck:
                self.savepoint("pin", self.first)
            self.assertEqual([id for id, one in self.snapshots().items() if one["pinned"]], [self.first])
        self.assertTrue(struck_once)


class Errors(Matrix):
    """Calls fail, once or from then on: as on a full disk, or on one that breaks."""
    kinds = [("once", errno.ENOSPC, "write,make,rename,sync"), ("lasting", errno.ENOSPC, "write,make"),
             ("once", errno.EIO, "write,rename,sync"), ("lasting", errno.EIO, "write,rename,sync")]

    def check(self, before, after, *arguments):
        struck_once = False
        for effect, error, calls in self.kinds:
            for at in self.moments(calls, arguments):
                result, struck, call = self.fault(effect, at, error, calls, *arguments)
                struck_once = struck_once or struck
                what = f"{effect} {errno.errorcode[error]} at {call}: exit {result.code}\n{result.err}"
                # A database that could not be copied to scratch is named, and the rest is saved.
                is_gap = result.code == 7 and "left out 'app.db'" in result.err
                # SQLite does not say why it could not open a file, and takes a database that it could not for read-only.
                is_sqlite = result.code == 1 and "cannot use database" in result.err
                # Nor does git say why it could not write the lock of a branch.
                is_git = result.code == 1 and "git update-ref failed" in result.err
                self.assertTrue(is_gap or is_sqlite or is_git or result.code in ((0, 5) if error == errno.ENOSPC else (0, 1, 6)), what)
                direction = self.settle(at)
                self.assertTrue(result.code != 0 or direction is None, what)
                wanted = ([after] if result.code == 0 else [before] if direction == "--rollback"
                          else [after] if direction == "--continue" else [before, after])
                self.assertIn(self.state(), wanted, what)
                self.assert_store_is_whole()
                self.savepoint(*arguments)
                self.assertEqual(self.state(), after)
        self.assertTrue(struck_once)

    def test_snapshot(self):
        self.check(self.now, self.now, "snapshot")

    def test_restore_in_place(self):
        self.check(self.now, self.then, "restore", self.first, "--yes")

    def test_prune(self):
        self.check(self.now, self.now, "prune", "--keep-last", "1", "--yes")
