#include "workbench.hpp"

#include "support/catch.hpp"

using namespace savepoint;
using namespace savepoint::drivers::postgres;

namespace {

/// The database of the bench anew, in another encoding; `statements` are UTF-8 unless they say what
/// they are.
void recode(const Workbench& bench, const std::string& encoding, const std::string& statements) {
  bench.server().drop_database("shop");
  bench.server().sql("postgres", "CREATE DATABASE shop OWNER app TEMPLATE template0 ENCODING '" +
                                     encoding + "' LC_COLLATE 'C' LC_CTYPE 'C'");
  bench.sql("SET client_encoding = 'UTF8'; " + statements);
}

// The last value is one that is valid UTF-8 in LATIN1, too, where it means another.
constexpr const char* k_streets =
    "CREATE TABLE \"Straße\"(id int PRIMARY KEY, \"Länge\" text); "
    "INSERT INTO \"Straße\" VALUES(1, 'Ärger'), (2, 'Ã¤'); CREATE TABLE plain(i int)";

std::unique_ptr<database::Restoration> stage_street(const Workbench& bench, const Image& image) {
  auto options = bench.options();
  options.tables = {"Straße"};
  return bench.stage(image, options);
}

} // namespace

TEST_CASE("a database of another encoding comes back, and its tables are called as people do") {
  Workbench bench;
  recode(bench, "LATIN1", k_streets);
  const std::string before = bench.dump();
  Image image = bench.capture();
  CHECK(image.component.tables.at(0).name == "\"Straße\"");
  bench.sql("DELETE FROM plain");

  bench.restore(image);
  CHECK(bench.dump() == before);

  image.component.tables.at(0).name = "\"Stra\xDF\x65\""; // as older snapshots have it
  bench.restore(image);
  CHECK(bench.dump() == before);
}

TEST_CASE("a table of a database of another encoding comes back by itself") {
  Workbench bench;
  recode(bench, "LATIN1", k_streets);
  const std::string before = bench.dump();
  const Image image = bench.capture();
  bench.sql("SET client_encoding = 'UTF8'; UPDATE \"Straße\" SET \"Länge\" = 'ö' || id");
  const std::string spoilt = bench.dump();

  auto restoration = stage_street(bench, image);
  CHECK(read_all(*restoration->hold()).component.tables.at(0).name == "\"Straße\"");
  restoration->swap();
  CHECK(bench.dump() == before);
  restoration->undo();
  CHECK(bench.dump() == spoilt);

  bench.sql("SET client_encoding = 'UTF8'; DROP TABLE \"Straße\"");
  stage_street(bench, image)->swap();
  CHECK(bench.dump() == before);
}

TEST_CASE("a database without an encoding comes back byte by byte") {
  Workbench bench;
  recode(bench, "SQL_ASCII",
         "CREATE TABLE \"Straße\"(t text); INSERT INTO \"Straße\" VALUES('ä'), (e'\\xff\\xe4')");
  const std::string before = bench.dump();
  const Image image = bench.capture();
  bench.sql("DELETE FROM \"Straße\"");

  bench.restore(image);
  CHECK(bench.dump() == before);

  bench.sql("DELETE FROM \"Straße\"");
  stage_street(bench, image)->swap();
  CHECK(bench.dump() == before);
}
