#include "workbench.hpp"

#include "support/catch.hpp"

using namespace savepoint;
using namespace savepoint::drivers::postgres;

namespace {

constexpr const char* k_shop = R"(
CREATE TABLE people(id serial PRIMARY KEY, name text UNIQUE, twice int GENERATED ALWAYS AS (length(name) * 2) STORED);
CREATE TABLE orders(id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, who int NOT NULL REFERENCES people,
  what text CHECK(what <> ''));
CREATE INDEX by_what ON orders(what);
CREATE TABLE log(what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
  $$BEGIN INSERT INTO public.log VALUES('order'); RETURN new; END$$;
CREATE TRIGGER note AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION note();
INSERT INTO people(name) SELECT 'p' || i FROM generate_series(1, 10) i;
INSERT INTO orders(who, what) SELECT i, 'thing' || i FROM generate_series(1, 10) i;
CREATE TABLE "Odd Name"(i int); INSERT INTO "Odd Name" VALUES(1);
)";

std::unique_ptr<database::Restoration> stage(Workbench& bench, const Image& image,
                                             const std::vector<std::string>& tables) {
  auto options = bench.options();
  options.tables = tables;
  return bench.stage(image, options);
}

} // namespace

TEST_CASE("the rows of one table come back, and nothing else changes") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  const std::string before = bench.dump();
  bench.sql("DELETE FROM orders WHERE id > 3; UPDATE orders SET what = 'other'");
  const std::string spoilt = bench.dump();

  const auto restoration = stage(bench, image, {"orders"});
  restoration->swap();
  CHECK(bench.dump() == before);

  restoration->undo();
  CHECK(bench.dump() == spoilt);
}

TEST_CASE("a table that others refer to comes back with its references checked") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  bench.sql("UPDATE people SET name = 'x' || id");
  const std::string before = bench.sql("SELECT * FROM orders");

  stage(bench, image, {"public.people"})->swap();
  CHECK(bench.sql("SELECT min(name) FROM people") == "p1\n");
  CHECK(bench.sql("SELECT * FROM orders") == before);

  bench.sql(
      "INSERT INTO people(name) VALUES('new'); INSERT INTO orders(who, what) VALUES(11, 'x')");
  const std::string present = bench.dump();
  const auto restoration = stage(bench, image, {"people"});
  CHECK_THAT(complaint_of([&] { restoration->swap(); }),
             Catch::StartsWith("database:") && Catch::Contains("the tables that belong together"));
  CHECK(bench.dump() == present);
}

TEST_CASE("no trigger acts on rows that come back, and each is as it was afterwards") {
  const std::string states = "SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal "
                             "ORDER BY 1";
  Workbench bench(R"(
CREATE TABLE gen(a int); INSERT INTO gen VALUES(1001), (1002);
CREATE FUNCTION add() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN new.a = new.a + 1000; RETURN new; END$$;
CREATE TRIGGER usual BEFORE INSERT ON gen FOR EACH ROW EXECUTE FUNCTION add();
CREATE TRIGGER always BEFORE INSERT ON gen FOR EACH ROW EXECUTE FUNCTION add();
CREATE TRIGGER replica BEFORE INSERT ON gen FOR EACH ROW EXECUTE FUNCTION add();
CREATE TRIGGER never BEFORE INSERT ON gen FOR EACH ROW EXECUTE FUNCTION add();
ALTER TABLE gen ENABLE ALWAYS TRIGGER always, ENABLE REPLICA TRIGGER replica, DISABLE TRIGGER never;
)");
  const Image image = bench.capture();
  const std::string before = bench.sql(states);
  bench.sql("DELETE FROM gen");

  stage(bench, image, {"gen"})->swap();
  CHECK(bench.sql("SELECT a FROM gen ORDER BY 1") == "1001\n1002\n");
  CHECK(bench.sql(states) == before);

  bench.server().sql("postgres", "ALTER ROLE app SET session_replication_role = replica");
  stage(bench, image, {"gen"})->swap();
  bench.server().sql("postgres", "ALTER ROLE app RESET session_replication_role");
  CHECK(bench.sql("SELECT a FROM gen ORDER BY 1") == "1001\n1002\n");
  CHECK(bench.sql(states) == before);
}

TEST_CASE("undo gives back the columns that a table has got meanwhile, each its own values") {
  Workbench bench("CREATE TABLE t(a text, b text, twice text GENERATED ALWAYS AS (a || a) STORED); "
                  "INSERT INTO t VALUES('a', 'b')");
  const Image image = bench.capture();
  bench.sql("DROP TABLE t; CREATE TABLE t(b text, a text, more text); "
            "INSERT INTO t VALUES('other b', 'other a', 'c')");
  const std::string before = bench.dump();
  const auto restoration = stage(bench, image, {"t"});

  restoration->swap();
  CHECK(bench.sql("SELECT a, b, more FROM t") == "a|b|\n");

  restoration->undo();
  CHECK(bench.dump() == before);
}

TEST_CASE("a table that is gone is made again with all that belongs to it") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  const std::string before = bench.dump();
  bench.sql("DROP TABLE orders; DROP TABLE people; DROP TABLE \"Odd Name\"");
  const std::string spoilt = bench.dump();

  const auto restoration = stage(bench, image, {"orders", "people", "Odd Name"});
  restoration->swap();
  CHECK(bench.dump() == before);

  restoration->undo();
  CHECK(bench.dump() == spoilt);
}

TEST_CASE("sequences go on after the rows that came back") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  bench.sql("TRUNCATE orders RESTART IDENTITY");

  stage(bench, image, {"orders"})->swap();

  CHECK(bench.sql("INSERT INTO orders(who, what) VALUES(1, 'next') RETURNING id") == "11\n");
}

TEST_CASE("while a table is held nobody can write to it, and what was captured is what goes") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  bench.sql("DELETE FROM orders WHERE id > 3");
  const auto restoration = stage(bench, image, {"orders"});

  const Image safety = read_all(*restoration->hold());
  CHECK_THROWS(bench.sql("SET lock_timeout = 100; DELETE FROM orders"));
  restoration->swap();
  restoration->close();

  CHECK(bench.sql("SELECT count(*) FROM orders") == "10\n");
  bench.restore(safety);
  CHECK(bench.sql("SELECT count(*) FROM orders") == "3\n");
}

TEST_CASE("a table that the snapshot does not have is refused with those that it has") {
  Workbench bench(k_shop);
  const Image image = bench.capture();

  CHECK_THAT(complaint_of([&] { (void)stage(bench, image, {"nothing"}); }),
             Catch::StartsWith("not_found:") && Catch::Contains("orders, people"));
}
