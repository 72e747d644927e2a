#include "workbench.hpp"

#include "support/catch.hpp"

#include <csignal>
#include <random>
#include <set>

using namespace savepoint::drivers::postgres;
using savepoint::test::PostgresServer;
using savepoint::test::PsqlSession;

namespace {

constexpr const char* k_shop = R"(
CREATE TABLE items(id serial PRIMARY KEY, name text);
INSERT INTO items(name) SELECT 'item ' || i FROM generate_series(1, 50) i;
CREATE TABLE other(i int);
SELECT lo_create(4711);
)";

/// The fingerprint once the server has everything on disk, which may take it a moment.
std::string settled_fingerprint(const Workbench& bench) {
  std::string fingerprint = bench.fingerprint();
  while (fingerprint == "none") {
    fingerprint = bench.fingerprint();
  }
  return fingerprint;
}

} // namespace

TEST_CASE("looking at a database does not change its fingerprint") {
  const Workbench bench(k_shop);
  const std::string before = settled_fingerprint(bench);

  (void)bench.capture();
  bench.sql("SELECT count(*) FROM items; BEGIN; ROLLBACK");
  (void)bench.driver().presence(bench.server().target("shop"));

  CHECK(bench.fingerprint() == before);
}

TEST_CASE("what a reader tidied up does not keep the fingerprint away") {
  const Workbench bench("CREATE TABLE wide(i int, t text) WITH (autovacuum_enabled = off); INSERT "
                        "INTO wide SELECT i, repeat('x', 500) FROM generate_series(1, 60) i");
  bench.sql("DELETE FROM wide WHERE i % 2 = 0; INSERT INTO wide SELECT i FROM generate_series(1, "
            "40) i; UPDATE wide SET t = 'y' WHERE i < 20");
  bench.sql("BEGIN; SELECT count(*) FROM wide; ROLLBACK"); // prunes pages, and commits nothing

  CHECK(bench.fingerprint() != "none");
}

TEST_CASE("every kind of change changes the fingerprint") {
  const Workbench bench(k_shop);
  (void)bench.sql("SELECT nextval('items_id_seq')"); // so that the next ones are logged ahead
  std::string last = bench.fingerprint();
  for (const char* change :
       {"INSERT INTO items(name) VALUES('x')", "UPDATE items SET name = 'y' WHERE id = 1",
        "DELETE FROM items WHERE id = 2", "SELECT nextval('items_id_seq')",
        "SELECT nextval('items_id_seq')", "SELECT setval('items_id_seq', 5, false)",
        "TRUNCATE other", "CREATE TABLE more(i int)", "ALTER TABLE more ADD j int",
        "DROP TABLE more", "SELECT lo_put(4711, 0, '\\x00')", "SELECT lo_unlink(4711)",
        "GRANT SELECT ON items TO PUBLIC", "COMMENT ON TABLE items IS 'x'",
        "CREATE EXTENSION citext", "ALTER DATABASE shop SET work_mem = '5MB'",
        "COPY other FROM PROGRAM 'echo 7'"}) {
    CAPTURE(change);
    const bool needs_superuser = std::string(change).starts_with("COPY");
    bench.server().sql("shop", change, needs_superuser ? "postgres" : "app");
    const std::string now = settled_fingerprint(bench);
    CHECK(now != last);
    last = now;
  }
}

TEST_CASE("a transaction changes the fingerprint when it commits, whenever it began") {
  const Workbench bench(k_shop);
  PsqlSession slow(bench.server(), "shop");
  PsqlSession quick(bench.server(), "shop");
  slow.run("BEGIN; INSERT INTO items(name) VALUES('slow')");
  quick.run("INSERT INTO items(name) VALUES('quick')");
  const std::string before = settled_fingerprint(bench);

  slow.run("COMMIT");

  CHECK(bench.fingerprint() != before);
}

TEST_CASE("a prepared transaction changes the fingerprint when it is committed") {
  const Workbench bench(k_shop);
  bench.sql("BEGIN; INSERT INTO items(name) VALUES('x'); PREPARE TRANSACTION 'later'");
  const std::string before = settled_fingerprint(bench);

  bench.sql("COMMIT PREPARED 'later'");

  CHECK(bench.fingerprint() != before);
}

TEST_CASE("what is not on disk yet has no fingerprint that a crash could bring back") {
  const Workbench bench(k_shop);
  std::set<std::string> seen;
  for (int i = 0; i < 20; ++i) {
    bench.sql("SET synchronous_commit = off; INSERT INTO items(name) VALUES('x')");
    const std::string now = bench.fingerprint();
    CHECK((now == "none" || seen.insert(now).second));
  }
}

TEST_CASE("a crash that empties unlogged tables changes the fingerprint") {
  PostgresServer& server = PostgresServer::shared();
  const Workbench bench("CREATE UNLOGGED TABLE fleeting(i int); INSERT INTO fleeting VALUES(1)");
  const std::string before = settled_fingerprint(bench);

  SECTION("of one session") {
    const int backend = std::stoi(server.sql("shop", "SELECT pg_backend_pid()"));
    CHECK(backend > 0);
    {
      PsqlSession victim(server, "shop");
      const int id = std::stoi(victim.run("SELECT pg_backend_pid()"));
      REQUIRE(kill(id, SIGKILL) == 0);
    }
    std::string rows = "none";
    while (rows == "none") { // until the server has recovered
      try {
        rows = bench.sql("SELECT count(*) FROM fleeting");
      } catch (const std::exception&) {
        continue;
      }
    }
    REQUIRE(rows == "0\n");
  }
  SECTION("of the server") {
    server.stop(PostgresServer::Stop::immediate);
    server.start();
    REQUIRE(bench.sql("SELECT count(*) FROM fleeting") == "0\n");
  }

  CHECK(bench.fingerprint() != before);
}

TEST_CASE("a restart is never taken for an unchanged database that changed before it") {
  PostgresServer& server = PostgresServer::shared();
  const Workbench bench(k_shop);
  std::set<std::string> seen{bench.fingerprint()};
  for (const auto how : {PostgresServer::Stop::clean, PostgresServer::Stop::immediate}) {
    bench.sql("INSERT INTO items(name) VALUES('x')");
    server.stop(how);
    server.start();
    CHECK(seen.insert(bench.fingerprint()).second);
  }
}

TEST_CASE("an unlogged sequence gives no fingerprint, since it can go to and fro unseen") {
  const Workbench bench("CREATE TABLE t(i int)");
  (void)settled_fingerprint(bench);

  bench.sql("CREATE UNLOGGED SEQUENCE s");

  CHECK(bench.fingerprint() == "none");
}

TEST_CASE("of a thousand random writes none is called unchanged") {
  const Workbench bench(std::string(k_shop) + "SELECT nextval('items_id_seq')");
  PsqlSession writer(bench.server(), "shop");
  std::mt19937 random(20261121); // NOLINT: the same writes every time
  std::set<std::string> seen{bench.fingerprint()};
  for (int i = 0; i < 1000; ++i) {
    const std::string number = std::to_string(random() % 50);
    switch (random() % 6) {
    case 0:
      writer.run("INSERT INTO items(name) VALUES('" + number + "')");
      break;
    case 1:
      writer.run("UPDATE items SET name = name || 'x' WHERE id = (SELECT min(id) FROM items)");
      break;
    case 2:
      writer.run("SELECT nextval('items_id_seq')");
      break;
    case 3:
      writer.run("INSERT INTO other VALUES(" + number + ")");
      break;
    case 4:
      writer.run("SELECT lo_put(4711, " + number + ", '\\x01')");
      break;
    default:
      writer.run("COMMENT ON TABLE other IS '" + std::to_string(i) + "'");
      break;
    }
    CAPTURE(i);
    REQUIRE(seen.insert(bench.fingerprint()).second);
  }
}
