#include "compare/rows.hpp"

#include "sqlite/connection.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <string>

using namespace savepoint;
using savepoint::compare::compare_rows;
using savepoint::compare::RowDifference;
using savepoint::compare::RowValues;
using savepoint::store::ChangeKind;
using savepoint::test::TemporaryDirectory;

namespace {

struct Databases {
  TemporaryDirectory directory;
  Cancellation cancellation;

  void make(const std::string& before, const std::string& after) const {
    sqlite::Connection(directory / "before", sqlite::OpenMode::create).execute(before);
    sqlite::Connection(directory / "after", sqlite::OpenMode::create).execute(after);
  }
  [[nodiscard]] RowDifference compare(const std::string& table, std::size_t limit = 100) const {
    return compare_rows(directory / "before", directory / "after", table, limit, cancellation);
  }
};

} // namespace

TEST_CASE("rows are told apart by their key, and what changed of them is shown") {
  const Databases databases;
  databases.make(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, name COLLATE NOCASE, x);"
      "INSERT INTO t VALUES (1, 'ann', 1), (2, 'bob', NULL), (3, 'cy', X'00'), (4, 'di', 1)",
      "CREATE TABLE t(id INTEGER PRIMARY KEY, name COLLATE NOCASE, x);"
      "INSERT INTO t VALUES (1, 'Ann', 1), (3, 'cy', X'00'), (4, 'di', 1.0), (5, 'it''s', 2)");

  const RowDifference difference = databases.compare("t");

  CHECK(difference.columns == std::vector<std::string>{"id", "name", "x"});
  CHECK(difference.key == std::vector<std::string>{"id"});
  REQUIRE(difference.rows.size() == 4);
  CHECK(difference.rows[0].kind == ChangeKind::removed);
  CHECK(difference.rows[0].before == RowValues{"2", "'bob'", "NULL"});
  CHECK(difference.rows[1].before == RowValues{"1", "'ann'", "1"});
  CHECK(difference.rows[1].after == RowValues{"1", "'Ann'", "1"});
  CHECK(difference.rows[2].after == RowValues{"4", "'di'", "1.0"});
  CHECK(difference.rows[3].kind == ChangeKind::added);
  CHECK(difference.rows[3].after == RowValues{"5", "'it''s'", "2"});

  const RowDifference short_list = databases.compare("t", 1);
  CHECK(short_list.rows.size() == 1);
  CHECK(short_list.added + short_list.removed + short_list.modified == 4);
}

TEST_CASE("a key of several columns, one that may be null, and no key at all") {
  const Databases databases;
  databases.make("CREATE TABLE p(a, b, v, PRIMARY KEY(b, a)) WITHOUT ROWID;"
                 "INSERT INTO p VALUES (1, 2, 'x'), (2, 1, 'y');"
                 "CREATE TABLE n(k TEXT PRIMARY KEY, v); INSERT INTO n VALUES (NULL, 1);"
                 "CREATE TABLE r(v); INSERT INTO r VALUES ('a'), ('b')",
                 "CREATE TABLE p(a, b, v, PRIMARY KEY(b, a)) WITHOUT ROWID;"
                 "INSERT INTO p VALUES (1, 2, 'x'), (2, 1, 'z');"
                 "CREATE TABLE n(k TEXT PRIMARY KEY, v); INSERT INTO n VALUES (NULL, 2);"
                 "CREATE TABLE r(v); INSERT INTO r VALUES ('a'), ('c')");

  CHECK(databases.compare("p").key == std::vector<std::string>{"b", "a"});
  CHECK(databases.compare("p").modified == 1);
  CHECK(databases.compare("n").modified == 1);
  CHECK(databases.compare("r").key == std::vector<std::string>{"rowid"});
  CHECK(databases.compare("r").modified == 1);
}

TEST_CASE("what is behind a zero byte of a text counts, and is shown") {
  const Databases databases;
  databases.make("CREATE TABLE t(id INTEGER PRIMARY KEY, v);"
                 "INSERT INTO t VALUES (1, 'a' || char(0) || 'b'), (2, 'same')",
                 "CREATE TABLE t(id INTEGER PRIMARY KEY, v);"
                 "INSERT INTO t VALUES (1, 'a' || char(0) || 'c'), (2, 'same')");

  const RowDifference difference = databases.compare("t");

  CHECK(difference.modified == 1);
  REQUIRE(difference.rows.size() == 1);
  CHECK(difference.rows[0].after == RowValues{"1", "CAST(X'610063' AS TEXT)"});
}

TEST_CASE("rows whose keys are null are told apart by their numbers") {
  const Databases databases;
  const std::string rows =
      "CREATE TABLE t(k TEXT PRIMARY KEY, v); INSERT INTO t VALUES (NULL, 1), (NULL, 2), (NULL, 3)";
  databases.make(rows, rows + "; UPDATE t SET v = 4 WHERE v = 3");

  CHECK(databases.compare("t").modified == 1);
  CHECK(databases.compare("t").added == 0);
}

TEST_CASE("rows without numbers whose key has another name now are refused") {
  const Databases databases;
  databases.make("CREATE TABLE t(a PRIMARY KEY, v) WITHOUT ROWID",
                 "CREATE TABLE t(b PRIMARY KEY, v) WITHOUT ROWID");

  CHECK_THROWS_AS(databases.compare("t"), UsageError);
}

TEST_CASE("a key that is another one now, and a column that is called as the number of a row") {
  const Databases databases;
  databases.make("CREATE TABLE p(a, b); INSERT INTO p VALUES (1, 'x'), (2, 'y');"
                 "CREATE TABLE r(RowId, v); INSERT INTO r VALUES (7, 'a'), (7, 'b')",
                 "CREATE TABLE p(a PRIMARY KEY, b) WITHOUT ROWID;"
                 "INSERT INTO p VALUES (1, 'x'), (2, 'z');"
                 "CREATE TABLE r(RowId, v); INSERT INTO r VALUES (7, 'a'), (7, 'c')");

  CHECK(databases.compare("p").key == std::vector<std::string>{"a"});
  CHECK(databases.compare("p").modified == 1);
  CHECK(databases.compare("r").key == std::vector<std::string>{"_rowid_"});
  CHECK(databases.compare("r").modified == 1);
}

TEST_CASE("columns that only one side has are no difference by themselves, and are shown") {
  const Databases databases;
  databases.make("CREATE TABLE \"a \"\" b\"(id INTEGER PRIMARY KEY, \"old one\");"
                 "INSERT INTO \"a \"\" b\" VALUES (1, 'x'), (2, 'y')",
                 "CREATE TABLE \"a \"\" b\"(id INTEGER PRIMARY KEY, new);"
                 "INSERT INTO \"a \"\" b\" VALUES (1, 'x'), (3, 'z')");

  const RowDifference difference = databases.compare("a \" b");

  CHECK(difference.columns == std::vector<std::string>{"id", "new", "old one"});
  REQUIRE(difference.rows.size() == 2);
  CHECK(difference.rows[0].before == RowValues{"2", std::nullopt, "'y'"});
  CHECK(difference.rows[1].after == RowValues{"3", "'z'", std::nullopt});
}

TEST_CASE("a table that only one side has, and one that none has") {
  const Databases databases;
  databases.make("CREATE TABLE gone(a); INSERT INTO gone VALUES (1), (2)",
                 "CREATE TABLE made(a); INSERT INTO made VALUES (1); CREATE VIEW v AS SELECT 1");
  CHECK(databases.compare("gone").removed == 2);
  CHECK(databases.compare("made").added == 1);
  CHECK(databases.compare("none").columns.empty());
  CHECK(databases.compare("v").columns.empty());
  CHECK(compare::schema_text(databases.directory / "after") ==
        "CREATE TABLE made(a);\nCREATE VIEW v AS SELECT 1;\n");
}
