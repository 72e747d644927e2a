"""The PostgreSQL part of the benchmarks: a capture beside pg_dump of the same database, in the same run."""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault("SAVEPOINT_BIN", str(ROOT / "build/release/bin"))
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
CHANGE = "UPDATE orders SET note = 'changed %d' WHERE id IN (SELECT 1 + n * 23456 %% 1200000 FROM generate_series(%d, %d) n)"
LIMITS = {"first": 1.2, "unchanged": 50, "changed": 1.0}


def take(project, environment):
    done = subprocess.run(["savepoint", "snapshot", "--json"], cwd=project, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def bench(runs, scratch, bin_directory, measure):
    """Lines of the page."""
    server = Postgres()
    try:
        server.create("shop")
        server.sql(ROWS, "shop")
        server.sql("VACUUM ANALYZE; CHECKPOINT", "shop", user="postgres")
        size = int(server.sql("SELECT pg_database_size('shop')", "shop"))
        project = scratch / "project"
        project.mkdir()
        (project / ".env").write_text(f"DATABASE_URL={server.url('shop')}\n")
        environment = dict(os.environ, PATH=f"{bin_directory}:{os.environ['PATH']}", SAVEPOINT_STORE=str(scratch / "shop-store"),
                           PGPASSWORD="open-sesame")
        dump = f"{server.bin}/pg_dump -h 127.0.0.1 -p {server.port} -U app -Fc -Z0 shop >/dev/null"
        measure(dump, project, environment)  # once without counting: hint bits are set, pages are cached
        dumps, firsts, unchanged, changed = [], [], [], []
        for run in range(runs):
            shutil.rmtree(scratch / "shop-store", ignore_errors=True)
            os.sync()
            dumps.append(measure(dump, project, environment))
            firsts.append(measure("savepoint snapshot --quiet", project, environment))
            measure("savepoint snapshot --quiet", project, environment)  # until the log is on disk
            unchanged.append(take(project, environment))
            server.sql(CHANGE % (run, run * 50, run * 50 + 49), "shop")
            changed.append(take(project, environment))
            print(f"PostgreSQL pg_dump {dumps[-1].seconds:.2f} s, snapshot {firsts[-1].seconds:.2f} s, unchanged "
                  f"{unchanged[-1]['duration_ms']} ms, 50 rows {changed[-1]['bytes_added']} bytes", file=sys.stderr)
        return page(size, dumps, firsts, unchanged, changed)
    finally:
        server.close()


def page(size, dumps, firsts, unchanged, changed):
    def middle(values):
        return statistics.median(values)
    ratio = middle([first.seconds for first in firsts]) / middle([dump.seconds for dump in dumps])
    quiet = middle([taken["duration_ms"] for taken in unchanged])
    added = middle([taken["bytes_added"] for taken in changed]) / 1e6
    lines = [f"### A PostgreSQL database of {size / 1e6:.0f} MB", "",
             "| target | limit | measured | |", "|---|---|---|---|"]
    for name, value, limit in (("capture, against `pg_dump -Fc -Z0 >/dev/null`", ratio, LIMITS["first"]),
                               ("nothing changed, in ms", quiet, LIMITS["unchanged"]),
                               ("50 rows changed, MB added", added, LIMITS["changed"])):
        lines.append(f"| {name} | {limit} | {value:.2f} | {'reached' if value <= limit else '**missed**'} |")
    lines += ["", "| case | tool | median | fastest to slowest | CPU | peak memory |", "|---|---|---|---|---|---|"]
    for case, tool, runs in (("capture", "savepoint", firsts), ("dump, thrown away", "pg_dump", dumps)):
        seconds = sorted(run.seconds for run in runs)
        lines.append(f"| {case} | {tool} | {middle(seconds):.3f} s | {seconds[0]:.3f} to {seconds[-1]:.3f} s | "
                     f"{middle([run.cpu for run in runs]):.2f} s | {max(run.memory for run in runs):.0f} MiB |")
    quiet_bytes = max(taken["bytes_added"] for taken in unchanged)
    return lines + ["", f"An unchanged database added {quiet_bytes} bytes. CPU is that of the client and its children; the server's own is not counted.", ""]
