"""PostgreSQL: savepoint beside pg_dump and pg_restore of the same database."""
import json
import os
import shutil
import sys

from measuring import BIN, ROOT, Section, Target, environment, measure, median, output, table_of_runs, table_of_sizes, told, warm_memory

os.environ.setdefault("SAVEPOINT_BIN", str(BIN))
sys.path.insert(0, str(ROOT / "tests/integration"))
from servers import Postgres  # noqa: E402

ROWS = r"""
CREATE TABLE customers (id bigserial PRIMARY KEY, name text NOT NULL, email text UNIQUE, street text, city text,
  born date, created timestamptz, balance numeric(12,2));
CREATE TABLE orders (id bigserial PRIMARY KEY, customer bigint REFERENCES customers, placed timestamptz, status text,
  total numeric(10,2), note text);
CREATE TABLE lines (id bigserial PRIMARY KEY, order_id bigint, sku text, quantity int, price numeric(10,2));
CREATE TABLE events (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), at timestamptz, kind text, payload jsonb);
SELECT setseed(0.5);
INSERT INTO customers (name, email, street, city, born, created, balance)
  SELECT 'Customer ' || md5(i::text), 'user' || i || '@example.org', i % 1000 * 7919 % 300 || ' ' ||
    (ARRAY['Main Street', 'Oak Avenue', 'Station Road', 'Rue de Rivoli', 'Lange Gasse'])[1 + i % 5],
    (ARRAY['Paris', 'Berlin', 'Roma', 'Oslo', 'Lyon', 'Graz'])[1 + i % 6], date '1950-01-01' + i % 20000,
    timestamptz '2020-01-01' + i * interval '7 seconds', round((random() * 1000)::numeric, 2)
  FROM generate_series(1, 300000) i;
INSERT INTO orders (customer, placed, status, total, note)
  SELECT 1 + (random() * 299999)::int, timestamptz '2021-01-01' + i * interval '31 seconds',
    (ARRAY['new', 'paid', 'sent', 'returned'])[1 + i % 4], round((random() * 500)::numeric, 2),
    CASE WHEN i % 3 = 0 THEN 'leave at the door, ring ' || i % 9 || ' times' END FROM generate_series(1, 1200000) i;
INSERT INTO lines (order_id, sku, quantity, price)
  SELECT 1 + i / 3, 'SKU-' || lpad((i * 31 % 50000)::text, 6, '0'), 1 + i % 5, round((random() * 100)::numeric, 2)
  FROM generate_series(1, 3600000) i;
INSERT INTO events (at, kind, payload)
  SELECT timestamptz '2022-01-01' + i * interval '3 seconds', (ARRAY['view', 'click', 'cart', 'login'])[1 + i % 4],
    jsonb_build_object('session', md5(random()::text), 'path', '/products/' || i * 13 % 5000,
      'ms', (random() * 900)::int, 'agent', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36')
  FROM generate_series(1, 900000) i;
CREATE INDEX ON orders (customer);
CREATE INDEX ON lines (order_id);
"""
CHANGES = {"50 rows changed": "UPDATE orders SET note = 'changed {0}' WHERE id IN (SELECT 1 + n * 23456 % 1200000 FROM generate_series({0} * 50, {0} * 50 + 49) n)",
           "1 % of the rows changed": "UPDATE {1} SET {2} WHERE id % 100 = {0} % 100"}
ONE_PERCENT = (("customers", "balance = balance + 1"), ("orders", "total = total + 1"), ("lines", "price = price + 1"))


class Shop:
    """A database of four tables on a server of its own, and a project that uses it."""
    def __init__(self, server, scratch):
        self.server, self.scratch = server, scratch
        server.create("shop")
        server.sql(ROWS, "shop")
        server.sql("VACUUM ANALYZE; CHECKPOINT", "shop", user="postgres")
        self.size = int(server.sql("SELECT pg_database_size('shop')", "shop"))
        self.project, self.store = scratch / "shop", scratch / "shop-store"
        self.project.mkdir()
        (self.project / ".env").write_text(f"DATABASE_URL={server.url('shop')}\n")
        self.env = environment(SAVEPOINT_STORE=self.store, PGPASSWORD="open-sesame")
        self.client = f"-h 127.0.0.1 -p {server.port} -U app"

    def run(self, command):
        return measure(command, self.project, self.env)

    def run_warm(self, command):
        warm_memory(2 << 30)
        return self.run(command)

    def take(self):
        return json.loads(output(["savepoint", "snapshot", "--json"], self.project, self.env))

    def change(self, title, number):
        for table, what in ONE_PERCENT if "%" in title else [("", "")]:
            self.server.sql(CHANGES[title].format(number, table, what), "shop")


def captures(shop, runs):
    dump = f"{shop.server.bin}/pg_dump {shop.client} -Fc -Z0 shop >/dev/null"
    shop.run(dump)  # once without counting: hint bits are set, pages are cached
    results, quiet, added = {"savepoint": [], "pg_dump -Fc -Z0 >/dev/null": []}, [], {title: [] for title in CHANGES}
    for number in range(runs):
        shutil.rmtree(shop.store, ignore_errors=True)
        os.sync()
        for name, command in (("pg_dump -Fc -Z0 >/dev/null", dump), ("savepoint", "savepoint snapshot --quiet")):
            results[name].append(shop.run_warm(command))
            told(f"PostgreSQL: capture: {name}", results[name][-1])
        shop.take()  # until the log is on disk
        quiet.append(shop.take())
        for title, taken in added.items():
            if "%" not in title or number < 3:
                shop.change(title, number)
                taken.append(shop.take()["bytes_added"])
    return results, quiet, added


def restores(shop, runs):
    """The database put back where it was dropped, beside pg_restore of a dump."""
    kept = output(["savepoint", "snapshot", "--quiet"], shop.project, shop.env).strip()
    archive = shop.scratch / "shop.dump"
    shop.run(f"{shop.server.bin}/pg_dump {shop.client} -Fc -Z0 -f {archive} shop")
    results = {"savepoint": [], "pg_restore -j2": []}
    for number in range(runs):
        target = f"peer{number}"
        shop.server.create(target)
        shop.server.sql("UPDATE orders SET total = 0 WHERE id = 7", "shop")
        results["pg_restore -j2"].append(shop.run_warm(f"{shop.server.bin}/pg_restore {shop.client} -j2 -d {target} {archive}"))
        shop.server.sql(f"DROP DATABASE {target}", "postgres", user="postgres")
        shop.server.create(target)
        url = shop.server.url(target)
        results["savepoint"].append(shop.run_warm(f"savepoint restore {kept} --database 'shop={url}' --yes --quiet"))
        shop.server.sql(f"DROP DATABASE {target}", "postgres", user="postgres")
        for name, done in results.items():
            told(f"PostgreSQL: restore: {name}", done[-1])
    return results


def restores_from_copy(shop, runs):
    """The same, where the server keeps a copy of what was captured last."""
    (shop.project / "savepoint.json").write_text('{"databases": [{"name": "shop", "strategy": "template"}]}\n')
    kept = output(["savepoint", "snapshot", "--quiet"], shop.project, shop.env).strip()
    results = []
    for number in range(runs):
        target = f"copy{number}"
        shop.server.create(target)
        results.append(shop.run_warm(f"savepoint restore {kept} --database 'shop={shop.server.url(target)}' --yes --quiet"))
        told("PostgreSQL: restore from a copy: savepoint", results[-1])
        shop.server.sql(f"DROP DATABASE {target}", "postgres", user="postgres")
    return results


def bench(runs, scratch):
    server = Postgres()
    try:
        shop = Shop(server, scratch)
        first, quiet, added = captures(shop, runs)
        back = restores(shop, runs)
        back["savepoint, from a copy that the server keeps"] = restores_from_copy(shop, runs)
    finally:
        server.close()
    middle = {title: sorted(taken)[len(taken) // 2] for title, taken in added.items()}
    quiet_ms = sorted(taken["duration_ms"] for taken in quiet)[len(quiet) // 2]

    def target(name, *numbers, **more):
        return Target(f"PostgreSQL: {name}", *numbers, **more)
    targets = [target("capture, against pg_dump -Fc -Z0 >/dev/null", median(first["savepoint"]) / median(first["pg_dump -Fc -Z0 >/dev/null"]), 1.1),
               target("nothing changed", quiet_ms, 50, unit="ms"),
               target("nothing changed, added", max(taken["bytes_added"] for taken in quiet), 0, unit="bytes"),
               target("50 rows changed, added", middle["50 rows changed"] / 1e6, 0.6, unit="MB"),
               target("1 % of the rows changed, added", middle["1 % of the rows changed"] / 1e6, 30, 5, unit="MB"),
               target("restore, against pg_restore -j2", median(back["savepoint"]) / median(back["pg_restore -j2"]), 1.05),
               target("restore where the server keeps a copy, against pg_restore -j2",
                      median(back["savepoint, from a copy that the server keeps"]) / median(back["pg_restore -j2"]), 1.05, 0.2)]
    return Section(f"A PostgreSQL database of {shop.size / 1e6:.0f} MB", targets,
                   table_of_runs({"capture": first, "restore into an empty database": back}) + table_of_sizes("added", {"savepoint": 0} | middle)
                   + ["CPU is that of the client and its children; the server's own is not counted.", ""])
