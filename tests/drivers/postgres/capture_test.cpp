#include "workbench.hpp"

#include "drivers/postgres/internal/summary.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <sstream>

using namespace savepoint;
using namespace savepoint::drivers::postgres;
using savepoint::test::PsqlSession;

namespace {

constexpr const char* k_shop = R"(
CREATE TABLE items(id serial PRIMARY KEY, name text);
INSERT INTO items(name) SELECT 'item ' || i FROM generate_series(1, 500) i;
CREATE SCHEMA audit; CREATE TABLE audit.log(what text); INSERT INTO audit.log VALUES('x');
SELECT lo_from_bytea(4711, '\x00ff');
)";

std::string content(const Image& image) {
  return image.component.details.at("content").as_string();
}

struct Nobody final : ArchiveReader {
  void data(const ArchiveEntry&, std::uint64_t, ByteView) override {}
  void end_of_data(const ArchiveEntry&, std::uint64_t) override {}
};

/// Whether the bytes are an archive to its end.
bool is_whole(ByteView bytes) {
  const auto head = parse_head(bytes);
  if (!head) {
    return false;
  }
  Nobody nobody;
  ArchiveData data(*head, nobody);
  try {
    data.pass(bytes.subspan(head->size));
    data.expect_complete();
  } catch (const CorruptionError&) {
    return false;
  }
  return true;
}

} // namespace

TEST_CASE("two captures of the same state are the same bytes") {
  const Workbench bench(k_shop);

  const Image first = bench.capture();
  const Image second = bench.capture();

  CHECK(first.bytes == second.bytes);
  CHECK(json::print(first.component.details) == json::print(second.component.details));
}

TEST_CASE("a capture does not show when it was taken") {
  const Workbench bench(k_shop);
  const Image image = bench.capture();
  const auto head = parse_head(image.bytes);
  REQUIRE(head);

  Bytes at_another_time = image.bytes;
  for (std::size_t i = head->created_at; i < head->created_end; ++i) {
    at_another_time[i] ^= std::byte{1};
  }
  forget_time(at_another_time, *head);

  CHECK(image.bytes == at_another_time);
}

TEST_CASE("a capture tells tables, rows, migration and how the database is made") {
  const Workbench bench(k_shop);
  bench.sql("CREATE TABLE schema_migrations(version text); INSERT INTO schema_migrations "
            "VALUES('20250101'), ('20260101'); CREATE EXTENSION citext");

  const manifest::DatabaseComponent component = bench.capture().component;

  CHECK(component.driver == "postgres");
  CHECK(component.size > 1'000'000);
  REQUIRE(component.tables.size() == 3);
  CHECK(component.tables[0].name == "audit.log");
  CHECK(component.tables[0].rows == 1);
  CHECK(component.tables[1].name == "items");
  CHECK(component.tables[1].rows == 500);
  CHECK(component.migration == "20260101");
  CHECK(component.migration_table == "schema_migrations");
  CHECK(component.details.at("encoding").as_string() == "UTF8");
  CHECK(component.details.at("collation").as_string() == "C.UTF-8");
  CHECK(component.details.at("large_objects").as_unsigned() == 1);
  CHECK(component.details.at("extensions").find("citext") != nullptr);
}

TEST_CASE("a capture sees one committed state, and nobody waits for it") {
  const Workbench bench(
      "CREATE TABLE accounts(id int PRIMARY KEY, money int); INSERT INTO accounts "
      "SELECT i, 100 FROM generate_series(1, 100) i");
  const Cancellation cancellation;
  const auto capture = bench.driver().open_capture(bench.server().target("shop"), bench.scratch(),
                                                   std::chrono::seconds(1), cancellation);
  bench.sql("DELETE FROM accounts WHERE id > 50; INSERT INTO accounts VALUES(1000, 1)");

  const Image image = read_all(*capture);

  CHECK(image.component.tables.at(0).rows == 100);
  CHECK(bench.sql("SELECT count(*) FROM accounts") == "51\n");
}

TEST_CASE("the digest of the content is that of a database restored from it") {
  const Workbench bench(k_shop);
  const Image before = bench.capture();
  bench.sql("CREATE TABLE another(i int); DROP TABLE another; UPDATE items SET name = 'x'");
  CHECK(content(bench.capture()) != content(before));

  bench.restore(before);

  CHECK(content(bench.capture()) == content(before));
}

TEST_CASE("the digest of the content shows every change of content") {
  const Workbench bench(k_shop);
  std::string last = content(bench.capture());
  for (const char* change :
       {"UPDATE items SET name = 'x' WHERE id = 1", "SELECT nextval('items_id_seq')",
        "SELECT lo_put(4711, 0, '\\x01')", "SELECT lo_unlink(4711)", "CREATE INDEX ON items(name)",
        "COMMENT ON TABLE items IS 'all'", "ALTER TABLE items ALTER name SET DEFAULT 'none'",
        "CREATE SCHEMA empty", "TRUNCATE audit.log"}) {
    CAPTURE(change);
    bench.sql(change);
    const std::string now = content(bench.capture());
    CHECK(now != last);
    last = now;
  }
}

TEST_CASE("the digest of the schema changes with definitions, and not with rows") {
  const Workbench bench(k_shop);
  const auto schema = [&] { return bench.capture().component.details.find("schema")->as_string(); };
  const std::string before = schema();
  bench.sql("UPDATE items SET name = 'x' WHERE id = 1; SELECT nextval('items_id_seq'); "
            "SELECT lo_put(4711, 0, '\\x01'); TRUNCATE audit.log; VACUUM ANALYZE");
  CHECK(schema() == before);

  std::string last = before;
  for (const char* change : {"ALTER TABLE items ADD note text", "CREATE INDEX ON items(name)",
                             "ALTER TABLE items ALTER name SET DEFAULT 'none'",
                             "CREATE VIEW all_items AS TABLE items"}) {
    CAPTURE(change);
    bench.sql(change);
    const std::string now = schema();
    CHECK(now != last);
    last = now;
  }
}

TEST_CASE("an archive that is cut short anywhere is noticed") {
  const Workbench bench("CREATE TABLE t(i int); INSERT INTO t VALUES(1); SELECT "
                        "lo_from_bytea(4711, '\\x00ff')");
  const Bytes whole = bench.capture().bytes;
  REQUIRE(is_whole(whole));

  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    REQUIRE_FALSE(is_whole(ByteView(whole).first(size)));
  }
}

TEST_CASE("bytes of an archive that are changed never crash its reader") {
  const Workbench bench("CREATE TABLE t(i int); INSERT INTO t VALUES(1)");
  const Bytes whole = bench.capture().bytes;

  for (std::size_t at = 0; at < whole.size(); ++at) {
    Bytes changed = whole;
    changed[at] ^= std::byte{0xff};
    try {
      (void)is_whole(changed);
    } catch (const Error&) {
      continue;
    }
  }
  SUCCEED();
}

TEST_CASE("a table that somebody locks for himself is waited for, then named") {
  const Workbench bench(k_shop);
  PsqlSession other(bench.server(), "shop");
  other.run("SET application_name = 'migration'; BEGIN; LOCK TABLE items");

  const std::string complaint = complaint_of([&] { (void)bench.capture(); });

  CHECK_THAT(complaint, Catch::StartsWith("busy:"));
  CHECK_THAT(complaint, Catch::Contains("items") && Catch::Contains("'migration'"));
}

TEST_CASE("a role that may not read a table is told so") {
  Workbench bench(k_shop);
  bench.server().sql("shop", "DROP TABLE IF EXISTS secret; CREATE TABLE secret(i int)");

  const std::string complaint = complaint_of([&] { (void)bench.capture(); });

  CHECK_THAT(complaint, Catch::StartsWith("database:"));
  CHECK_THAT(complaint, Catch::Contains("secret") && Catch::Contains("GRANT pg_read_all_data"));
}
