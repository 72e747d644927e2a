"""A password in every place where one can stand is seen nowhere else.

Each place has a canary of its own, so that a failure says which password got out."""
import ctypes
import os
import pathlib
import secrets
import signal
import subprocess
import threading
import unittest
import urllib.parse

from harness import BIN, DONE, GAPS, Case
from mariadb import Mariadb
from servers import Postgres

ROWS = 50_000  # so that programs which dump and restore live long enough to be seen


def setUpModule():
    global postgres, mariadb
    postgres, mariadb = Postgres(), Mariadb()
    # Without this, PostgreSQL would let everybody in, and nobody would have to send a password.
    rules = postgres.data / "pg_hba.conf"
    rules.write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
    postgres.process.send_signal(signal.SIGHUP)


def tearDownModule():
    postgres.close()
    mariadb.close()


class Canary:
    def __init__(self, place):
        self.place = place
        self.core = secrets.token_hex(8)  # what is looked for, however the rest of it is written
        self.password = f"a/{self.core}@:'x"
        self.encoded = urllib.parse.quote(self.password, safe="")


class Sampler(threading.Thread):
    """Looks at the command lines of all processes, and at the environments of those that are not ours to choose, until
    it is stopped."""

    # The environment of savepoint is the user's, and `sh` runs the user's own commands in it.
    INHERITS = {"savepoint", "savepoint-snaps", "savepoint-proje", "savepoint-manif", "savepoint-resto", "savepoint-prune",
                "sh", "cat", "python3"}

    def __init__(self, canaries):
        super().__init__()
        self.canaries, self.seen, self.found = canaries, set(), set()
        self.over = threading.Event()

    def run(self):
        while not self.over.is_set():
            for process in pathlib.Path("/proc").iterdir():
                if process.name.isdigit():
                    self.look_at(process)

    def look_at(self, process):
        try:
            name = (process / "comm").read_text().strip()
            self.search(name, "cmdline", (process / "cmdline").read_bytes())
            environment = (process / "environ").read_bytes()
        except OSError:
            return  # it has ended
        self.seen.add(name)
        if name not in self.INHERITS and str(BIN).encode() in environment:
            self.search(name, "environ", environment)

    def search(self, name, where, text):
        for canary in self.canaries:
            if canary.core.encode() in text:
                self.found.add((canary.place, name, where))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *unused):
        self.over.set()
        self.join()


def unpacked(content):
    """A file of a store, and what is in its compressed frames."""
    zstd = ctypes.CDLL("libzstd.so.1")
    for function in (zstd.ZSTD_findFrameCompressedSize, zstd.ZSTD_getFrameContentSize, zstd.ZSTD_decompress):
        function.restype = ctypes.c_size_t
    parts, at = [content], 0
    while (at := content.find(b"\x28\xb5\x2f\xfd", at)) >= 0:
        rest = content[at:]
        size = zstd.ZSTD_getFrameContentSize(rest, ctypes.c_size_t(len(rest)))
        if size <= 1 << 20:
            raw = ctypes.create_string_buffer(max(size, 1))
            stored = zstd.ZSTD_findFrameCompressedSize(rest, ctypes.c_size_t(len(rest)))
            zstd.ZSTD_decompress(raw, ctypes.c_size_t(size), rest, ctypes.c_size_t(stored))
            parts.append(raw.raw)
        at += 4
    return b"\n".join(parts)


class Secrets(Case):
    def setUp(self):
        super().setUp()
        self.dotenv, self.reference, self.literal, self.process = map(
            Canary, ["DATABASE_URL in .env", "LEGACY_URL in .env.staging", "literal URL of Prisma", "process environment"])
        self.canaries = [self.dotenv, self.reference, self.literal, self.process]
        self.results = []
        (self.top / "tmp").mkdir()
        self.environment["TMPDIR"] = str(self.top / "tmp")
        self.make_databases()
        self.write(".gitignore", ".env*\n/data\n")
        self.write(".env", f"DATABASE_URL=\"{self.postgres_url(self.dotenv, 'shop')}\"\n")
        self.write(".env.staging", f"LEGACY_URL=mysql://legacy:{self.reference.encoded}@127.0.0.1:{mariadb.port}/legacy\n")
        self.write("prisma/schema.prisma", "datasource db {\n  provider = \"postgresql\"\n  url = "
                                           f"\"{self.postgres_url(self.literal, 'reports')}\"\n}}\n")
        self.environment["STATS_URL"] = self.postgres_url(self.process, "stats")
        self.environment["CACHE_PASSWORD"] = self.process.password
        self.write("data", "cache")
        self.write("savepoint.json", """{"databases": [
          {"name": "legacy", "url": {"env": "LEGACY_URL", "file": ".env.staging"}},
          {"name": "stats", "url": {"env": "STATS_URL"}},
          {"name": "cache", "dump": "test ! -e broken || { echo \\"refused: $CACHE_PASSWORD\\" >&2; exit 1; }; cat data",
           "restore": "cat > data"}]}""").chmod(0o644)
        self.savepoint("trust", "--yes")

    def postgres_url(self, canary, database):
        return f"postgresql://{database}:{canary.encoded}@127.0.0.1:{postgres.port}/{database}"

    def make_databases(self):
        for name in postgres.databases() - {"postgres"}:
            postgres.sql(f'DROP DATABASE "{name}" WITH (FORCE)', "postgres", user="postgres")
        for name, canary in (("shop", self.dotenv), ("reports", self.literal), ("stats", self.process)):
            postgres.sql(f"DROP ROLE IF EXISTS {name}; CREATE ROLE {name} LOGIN CREATEDB PASSWORD "
                         f"{self.quoted(canary)}; CREATE DATABASE {name} OWNER {name}", "postgres", user="postgres")
            postgres.sql(f"CREATE TABLE t AS SELECT n, 'row ' || n AS what FROM generate_series(1, {ROWS}) n", name, user=name)
        mariadb.sql("DROP DATABASE IF EXISTS legacy; CREATE DATABASE legacy; "
                    f"CREATE OR REPLACE USER legacy@'127.0.0.1' IDENTIFIED BY {self.quoted(self.reference)}; "
                    "GRANT ALL ON *.* TO legacy@'127.0.0.1'")
        mariadb.sql(f"CREATE TABLE t AS SELECT seq AS n, CONCAT('row ', seq) AS what FROM seq_1_to_{ROWS}", "legacy")

    @staticmethod
    def quoted(canary):
        return "'" + canary.password.replace("'", "''") + "'"

    def spoil(self):
        for name in ("shop", "reports", "stats"):
            postgres.sql("DELETE FROM t WHERE n > 10", name, user=name)
        mariadb.sql("DELETE FROM t WHERE n > 10", "legacy")

    def run_tool(self, *words, expect=None):
        """Both ways of saying it: to people and to programs."""
        result = self.savepoint(*words, expect=expect)
        self.results.append((words, result))
        return result

    def look_everywhere(self):
        for words in (["doctor"], ["status"], ["list"], ["diff", "latest"], ["show", "latest"]):
            self.run_tool(*words)
            self.run_tool(*words, "--json")

    def assert_untold(self, canaries=None, leave_out=(".env", ".env.staging", "schema.prisma")):
        """Nothing that was printed, and no file but those with the canaries in them, has one."""
        self.assertTrue((self.store / "log/savepoint.log").exists(), "there is no log, so it was not looked at")
        for canary in canaries or self.canaries:
            for words, result in self.results:
                self.assertNotIn(canary.core, result.out + result.err, f"{canary.place}: savepoint {' '.join(words)}")
            for folder, _, files in os.walk(self.top):
                for file in (pathlib.Path(folder) / name for name in files if name not in leave_out):
                    self.assertNotIn(canary.core.encode(), self.content_of(file), f"{canary.place}: {file}")

    def content_of(self, file):
        return b"" if "packs" in file.parts and not self.packs_too else file.read_bytes()

    packs_too = False  # the content of .env is kept there, as told

    def assert_saved(self, snapshot, expect=DONE):
        self.assertEqual(snapshot.code, expect, snapshot.out + snapshot.err)
        return {c["name"] for c in snapshot.json["components"] if c["kind"] == "database"}

    def test_work_that_succeeds_tells_no_password(self):
        with Sampler(self.canaries) as sampler:
            self.run_tool("init")
            self.run_tool("init", "--json")
            names = self.assert_saved(self.run_tool("snapshot", "--json"))
            self.assertEqual(names, {"shop", "reports", "stats", "legacy", "cache"})
            self.spoil()
            self.look_everywhere()
            self.run_tool("restore", "latest", "--dry-run")
            restored = self.run_tool("restore", "latest", "--yes", "--json")
            self.assertEqual(restored.code, DONE, restored.err)
            self.assertEqual(postgres.sql("SELECT count(*) FROM t", "shop", user="shop"), str(ROWS))
            self.assertEqual(mariadb.sql("SELECT count(*) FROM t", "legacy"), str(ROWS))
            self.run_tool("verify", "latest", "--rehearse", "--debug")
            self.run_tool("undo", "--yes")
            self.run_tool("prune", "--dry-run", "--json")

        self.assertEqual(sampler.found, set())
        for program in ("pg_dump", "pg_restore", "savepoint-snaps"):
            self.assertIn(program, sampler.seen, "it was not seen at work, so nothing was checked")
        self.assert_untold()
        self.assertEqual(list((self.top / "tmp").iterdir()), [])

    def test_wrong_passwords_are_not_repeated(self):
        self.savepoint("snapshot")
        for role in ("shop", "reports", "stats"):
            postgres.sql(f"ALTER ROLE {role} PASSWORD 'another'", "postgres", user="postgres")
        mariadb.sql("CREATE OR REPLACE USER legacy@'127.0.0.1' IDENTIFIED BY 'another'")
        self.write("broken")

        with Sampler(self.canaries) as sampler:
            snapshot = self.run_tool("snapshot", "--json")
            self.assertEqual(self.assert_saved(snapshot, GAPS), set())
            self.run_tool("snapshot", "--debug")
            self.run_tool("snapshot", "--require-database")
            self.look_everywhere()
            self.run_tool("restore", "latest~1", "--yes", "--debug")
            self.run_tool("verify", "--rehearse")

        self.assertEqual(sampler.found, set())
        self.assert_untold()

    def test_servers_that_are_down_do_not_make_it_talk(self):
        self.savepoint("snapshot")
        postgres.stop()
        mariadb.stop()
        try:
            self.assertEqual(self.assert_saved(self.run_tool("snapshot", "--json"), GAPS), {"cache"})
            self.look_everywhere()
            self.run_tool("restore", "latest~1", "--yes", "--debug")
        finally:
            postgres.start()
            mariadb.start()
        self.assert_untold()

    def test_urls_that_are_nonsense_are_not_repeated(self):
        self.write(".env", f"DATABASE_URL=\"postgres//shop:{self.dotenv.password}@[:99999/shop\"\n")
        self.write(".env.staging", f"LEGACY_URL=mysql:/legacy:{self.reference.password}@127.0.0.1:port/legacy\n")
        self.environment["STATS_URL"] = f"postgres://stats:{self.process.password}%zz@:x/y/z"
        self.run_tool("snapshot")
        self.run_tool("snapshot", "--json", "--debug")
        self.look_everywhere()
        self.write("savepoint.json", '{"databases": [{"name": "x", "url": "postgres://x:'
                                     f'{self.literal.encoded}@localhost/x"}}]}}')
        self.run_tool("snapshot", "--debug")
        (self.root / "savepoint.json").unlink()
        self.assert_untold()

    def test_a_savepoint_killed_at_work_leaves_no_password_behind(self):
        for _ in range(5):
            with subprocess.Popen([BIN / "savepoint", "snapshot"], cwd=self.root, env=self.environment,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
                try:
                    running.wait(timeout=0.15)
                except subprocess.TimeoutExpired:
                    running.kill()
        self.run_tool("snapshot")
        self.assert_untold()

    def test_keys_only_keeps_no_password_in_the_store_at_all(self):
        self.packs_too = True
        (self.root / "prisma/schema.prisma").unlink()  # is code, and kept as such
        config = (self.root / "savepoint.json").read_text()
        self.write("savepoint.json", config.replace("{", '{"secrets": "keys-only", ', 1)).chmod(0o644)
        self.savepoint("trust", "--yes")
        self.assertEqual(self.assert_saved(self.run_tool("snapshot", "--json")), {"shop", "stats", "legacy", "cache"})
        self.spoil()
        self.run_tool("restore", "latest", "--yes")
        self.assert_untold()
        content = b"".join(unpacked(file.read_bytes()) for file in (self.store / "packs").rglob("*.pack"))
        self.assertIn(b"row 1000", content, "nothing was unpacked, so nothing was checked")
        for canary in self.canaries:
            self.assertNotIn(canary.core.encode(), content, canary.place)


if __name__ == "__main__":
    unittest.main()
