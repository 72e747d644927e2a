#include "workbench.hpp"

#include "support/catch.hpp"
#include "support/child_process.hpp"

#include <array>

#include <unistd.h>

using namespace savepoint;
using namespace savepoint::drivers::postgres;
using savepoint::test::ChildProcess;
using savepoint::test::PsqlSession;

namespace {

constexpr const char* k_shop = R"(
CREATE TABLE items(id serial PRIMARY KEY, name text);
INSERT INTO items(name) SELECT 'item ' || i FROM generate_series(1, 50) i;
)";

constexpr const char* k_count = "SELECT count(*) FROM items";

} // namespace

TEST_CASE("sessions of others are waited for, then listed, and nothing is changed") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  bench.sql("DELETE FROM items");
  PsqlSession other(bench.server(), "shop");
  other.run("SET application_name = 'rails'");
  const auto restoration = bench.stage(image, bench.options());

  const std::string held = complaint_of([&] { (void)restoration->hold(); });
  const std::string swapped = complaint_of([&] { restoration->swap(); });

  for (const std::string& complaint : {held, swapped}) {
    CHECK_THAT(complaint, Catch::StartsWith("busy:") && Catch::Contains("'rails'") &&
                              Catch::Contains("pid ") && Catch::Contains("--disconnect"));
  }
  CHECK(other.run(k_count) == "0\n");
}

TEST_CASE("sessions of others are ended when that is asked for") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  bench.sql("DELETE FROM items");
  PsqlSession other(bench.server(), "shop");
  auto options = bench.options();
  options.disconnect = true;
  const auto restoration = bench.stage(image, options);

  restoration->swap();
  restoration->close();

  CHECK(bench.sql(k_count) == "50\n");
  CHECK(bench.server().databases() == "shop\n");
}

TEST_CASE("a right that is missing to end sessions is named") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  bench.server().sql("postgres", "DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN");
  PsqlSession other(bench.server(), "shop", "stranger");
  auto options = bench.options();
  options.disconnect = true;
  const auto restoration = bench.stage(image, options);

  const std::string complaint = complaint_of([&] { restoration->swap(); });

  CHECK_THAT(complaint, Catch::StartsWith("refused:") &&
                            Catch::Contains("GRANT pg_signal_backend TO \"app\""));
}

TEST_CASE("what is captured while a database is held is all that a swap replaces") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  bench.sql("UPDATE items SET name = 'changed'");
  const auto restoration = bench.stage(image, bench.options());
  const std::string before = bench.dump();

  const auto capture = restoration->hold();
  const Image safety = read_all(*capture);
  restoration->swap();
  restoration->close();
  CHECK(bench.sql("SELECT DISTINCT name FROM items WHERE id = 1") == "item 1\n");

  bench.restore(safety);
  CHECK(bench.dump() == before);
}

TEST_CASE("a commit after the capture stops the swap") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  const auto restoration = bench.stage(image, bench.options());
  (void)read_all(*restoration->hold());

  SECTION("whatever was written") {
    bench.sql("CREATE TABLE late(i int)");
  }
  SECTION("in another way") {
    bench.sql("SELECT lo_create(1234)");
  }
  SECTION("also a number that a sequence gave out") {
    bench.sql("SELECT nextval('items_id_seq')");
  }
  SECTION("also one that it is to give out next") {
    bench.sql("SELECT setval('items_id_seq', 4711)");
  }

  CHECK_THROWS_AS(restoration->swap(), database::MovedError);
  CHECK(bench.server().databases().find("savepoint_old") == std::string::npos);
  CHECK(bench.sql(k_count) == "50\n");

  (void)read_all(*restoration->hold()); // trying again succeeds
  restoration->swap();
  restoration->close();
  CHECK(bench.sql("SELECT to_regclass('late') IS NULL") == "t\n");
}

TEST_CASE("while a database is held nobody can write to its tables") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  const auto restoration = bench.stage(image, bench.options());
  (void)read_all(*restoration->hold());

  CHECK_THROWS(bench.sql("SET lock_timeout = 100; INSERT INTO items(name) VALUES('late')"));
  CHECK(bench.sql(k_count) == "50\n");
}

TEST_CASE("what happens in other databases of the server does not stop a swap") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  const auto restoration = bench.stage(image, bench.options());
  (void)read_all(*restoration->hold());
  bench.server().sql("postgres", "CREATE TABLE elsewhere(i int); DROP TABLE elsewhere");

  CHECK_NOTHROW(restoration->swap());
}

TEST_CASE("what belongs to the database and not to its content stays") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  bench.server().sql(
      "postgres",
      "ALTER DATABASE shop SET search_path = \"$user\", public, audit; ALTER "
      "DATABASE shop SET application_name = 'it''s'; ALTER DATABASE shop CONNECTION LIMIT "
      "17; COMMENT ON DATABASE shop IS 'the shop'; REVOKE TEMPORARY ON DATABASE "
      "shop FROM PUBLIC; GRANT CREATE ON DATABASE shop TO pg_monitor");
  const char* ask =
      "SELECT datconnlimit, shobj_description(oid, 'pg_database'), (SELECT "
      "array_agg(a::text ORDER BY a::text) FROM unnest(datacl) a), "
      "pg_get_userbyid(datdba), (SELECT array_agg(c ORDER BY c) FROM pg_db_role_setting, "
      "unnest(setconfig) c WHERE setdatabase = d.oid) FROM pg_database d WHERE datname = 'shop'";
  const std::string before = bench.server().sql("postgres", ask);

  bench.restore(image);

  CHECK(bench.server().sql("postgres", ask) == before);
}

TEST_CASE("a setting of the database that only a superuser may make is named") {
  Workbench bench(k_shop);
  bench.server().sql("postgres", "ALTER DATABASE shop SET my.secret = 'canary'");
  const Image image = bench.capture();

  const auto restoration = bench.stage(image, bench.options());

  REQUIRE(restoration->left_out().size() == 1);
  CHECK_THAT(restoration->left_out()[0],
             Catch::Contains("my.secret") && !Catch::Contains("canary"));
}

TEST_CASE("a database that is not there is made when that is asked for") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  const std::string before = bench.dump();
  bench.server().drop_database("shop");
  auto options = bench.options();

  CHECK_THAT(complaint_of([&] { (void)bench.stage(image, options); }),
             Catch::StartsWith("not_found:") && Catch::Contains("--create-database"));

  options.create = true;
  const auto restoration = bench.stage(image, options);
  CHECK(restoration->hold() == nullptr);
  restoration->swap();
  restoration->close();
  CHECK(bench.dump() == before);
  CHECK(bench.sql("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'shop'") ==
        "app\n");
}

TEST_CASE("a large database is loaded on several connections, and is the same") {
  Workbench bench(k_large_shop);
  const std::string before = bench.dump();
  const Image image = bench.capture();
  const std::string asked = bench.directory() / "asked";
  bench.fake("pg_restore", bench.major(),
             "echo \"$@\" >'" + asked + "'; exec " + real_program("pg_restore") + " \"$@\"");
  bench.sql("DROP MATERIALIZED VIEW many; DELETE FROM parts; DELETE FROM items");

  bench.restore(image);

  CHECK(bench.dump() == before);
  CHECK(bench.sql("SELECT length(lo_get(4711)), length(lo_get(4712))") == "200000|1\n");
  CHECK_THAT(test::read_file(asked), Catch::Contains("--jobs="));
  CHECK(std::filesystem::is_empty(bench.scratch()));
  bench.use_versions("/usr/lib/postgresql");
  CHECK(bench.capture().component.details.at("content") == image.component.details.at("content"));
}

TEST_CASE("a role without the rights is told which it needs") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  bench.server().sql("postgres", "DROP ROLE IF EXISTS plain; CREATE ROLE plain LOGIN");
  bench.target() = bench.server().target("shop", "plain");

  CHECK_THAT(complaint_of([&] { (void)bench.stage(image, bench.options()); }),
             Catch::StartsWith("refused:") && Catch::Contains("owned by 'app'"));

  bench.server().sql("postgres", "ALTER DATABASE shop OWNER TO plain");
  CHECK_THAT(complaint_of([&] { (void)bench.stage(image, bench.options()); }),
             Catch::StartsWith("refused:") && Catch::Contains("ALTER ROLE \"plain\" CREATEDB"));
  CHECK(bench.server().databases() == "shop\n");
  bench.server().sql("postgres", "ALTER DATABASE shop OWNER TO app");
}

TEST_CASE("an extension that the role may not make is left out and named") {
  Workbench bench(k_shop);
  bench.server().sql("shop", "CREATE EXTENSION pg_stat_statements; CREATE EXTENSION citext; "
                             "COMMENT ON EXTENSION citext IS 'x'");
  const Image image = bench.capture();

  const auto restoration = bench.stage(image, bench.options());
  CHECK(restoration->left_out() == std::vector<std::string>{"extension 'pg_stat_statements'"});
  restoration->swap();
  restoration->close();

  CHECK(bench.sql("SELECT extname FROM pg_extension ORDER BY 1") == "citext\nplpgsql\n");
}

TEST_CASE("what only superusers may make and nothing depends on is left out and named") {
  Workbench bench(k_shop);
  bench.server().sql(
      "shop", "CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; "
              "CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION watch(); "
              "ALTER EVENT TRIGGER watch DISABLE; COMMENT ON EVENT TRIGGER watch IS 'x'; "
              "CREATE PUBLICATION everything FOR ALL TABLES; "
              "COMMENT ON PUBLICATION everything IS 'x'; GRANT CREATE ON DATABASE shop TO app");
  const Image image = bench.capture();
  const std::string before = bench.dump();

  auto restoration = bench.stage(image, bench.options());
  CHECK(restoration->left_out() ==
        std::vector<std::string>{"publication 'everything'", "event trigger 'watch'"});
  restoration->swap();
  restoration->undo();
  CHECK(bench.dump() == before);

  bench.target().address.user = "postgres";
  restoration = bench.stage(image, bench.options());
  CHECK(restoration->left_out().empty());
  restoration->swap();
  restoration->close();
  CHECK(bench.dump() == before);
}

TEST_CASE("a schema public that was dropped stays away") {
  Workbench bench("DROP SCHEMA public; CREATE SCHEMA mine; CREATE TABLE mine.t(i int)");
  const Image image = bench.capture();

  bench.restore(image);

  CHECK(bench.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'public'") == "0\n");
}

TEST_CASE("a prepared transaction keeps its database in place") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  bench.sql("BEGIN; DELETE FROM items; PREPARE TRANSACTION 'waiting'");
  const auto restoration = bench.stage(image, bench.options());

  CHECK_THAT(complaint_of([&] { restoration->swap(); }),
             Catch::StartsWith("busy:") && Catch::Contains("'waiting'"));

  bench.sql("ROLLBACK PREPARED 'waiting'");
}

TEST_CASE("a slot of logical replication keeps its database in place, and is named") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  const auto make_slot = [&] {
    bench.server().sql("shop",
                       "SELECT pg_create_logical_replication_slot('to_search', 'test_decoding')");
  };
  const auto drop_slot = [&] {
    bench.server().sql("shop", "SELECT pg_drop_replication_slot('to_search')");
  };
  const auto refuses = [&](const auto& work) {
    CHECK_THAT(complaint_of(work),
               Catch::StartsWith("refused:") && Catch::Contains("'to_search'") &&
                   Catch::Contains("SELECT pg_drop_replication_slot('to_search')") &&
                   Catch::Contains("--table"));
  };

  make_slot();
  refuses([&] { bench.restore(image); });
  drop_slot();

  const auto restoration = bench.stage(image, bench.options());
  make_slot();
  refuses([&] { restoration->swap(); });
  CHECK(bench.server().sql("shop", "SELECT database FROM pg_replication_slots") == "shop\n");
  drop_slot();
  restoration->swap();
  restoration->close();
}

TEST_CASE("what a killed restore leaves is removed by the next operation") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  std::array<int, 2> ready{};
  REQUIRE(pipe(ready.data()) == 0);
  const bool is_swapped = GENERATE(false, true);
  {
    ChildProcess killed([&] {
      const auto restoration = bench.stage(image, bench.options());
      if (is_swapped) {
        restoration->swap();
      }
      (void)!write(ready[1], "x", 1);
      for (;;) {
        pause();
      }
    });
    char byte = 0;
    REQUIRE(read(ready[0], &byte, 1) == 1);
    CHECK(bench.server().databases() != "shop\n");
    (void)bench.capture();
    CHECK(bench.server().databases() != "shop\n"); // who is alive keeps what is his
  }
  close(ready[0]);
  close(ready[1]);

  std::string left;
  do { // the server takes a moment to see that the client is gone
    (void)bench.capture();
    left = bench.server().databases();
  } while (
      left != "shop\n" &&
      bench.server().sql(
          "postgres",
          "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name ~ '^savepoint '") ==
          "t\n");
  (void)bench.capture();

  CHECK(bench.server().databases() == "shop\n");
  CHECK(bench.sql(k_count) == "50\n");
}

TEST_CASE("a snapshot of a newer server is refused before anything is touched") {
  Workbench bench(k_shop);
  Image image = bench.capture();
  image.component.details.set("server_version", 99);

  CHECK_THAT(complaint_of([&] { (void)bench.stage(image, bench.options()); }),
             Catch::StartsWith("not_found:") && Catch::Contains("PostgreSQL 99"));
  CHECK(bench.server().databases() == "shop\n");
}

TEST_CASE("Rails says in the database itself that it is production") {
  Workbench bench("CREATE TABLE ar_internal_metadata(key text, value text); INSERT INTO "
                  "ar_internal_metadata VALUES('environment', 'development')");
  CHECK(bench.driver().production_marker(bench.target()) == std::nullopt);

  bench.sql("UPDATE ar_internal_metadata SET value = 'production'");

  CHECK(bench.driver().production_marker(bench.target()) ==
        "ar_internal_metadata says 'production'");
}

TEST_CASE("a database is missing, empty or filled") {
  using Presence = database::Driver::Presence;
  Workbench bench;
  CHECK(bench.driver().presence(bench.target()) == Presence::empty);
  bench.sql("CREATE TABLE t(i int)");
  CHECK(bench.driver().presence(bench.target()) == Presence::filled);
  bench.server().drop_database("shop");
  CHECK(bench.driver().presence(bench.target()) == Presence::missing);
}
