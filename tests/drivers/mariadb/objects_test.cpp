#include "drivers/mariadb/workbench.hpp"

#include "support/catch.hpp"

#include <string>

using savepoint::Error;
using savepoint::RefusedError;
using savepoint::test::MariadbImage;
using savepoint::test::MariadbWorkbench;

namespace {

constexpr const char* k_half_migrated =
    "RENAME TABLE base TO base_tmp; CREATE VIEW v2 AS SELECT id FROM base_tmp;"
    "CREATE VIEW `so``so` AS SELECT * FROM base_tmp; DROP TABLE base_tmp";

std::string views_of(const MariadbWorkbench& bench) {
  return bench.sql("SELECT TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS WHERE "
                   "TABLE_SCHEMA = 'shop' ORDER BY 1");
}

} // namespace

TEST_CASE("views that show nothing at the moment outlive a restore and its undoing") {
  const MariadbWorkbench bench(
      "CREATE TABLE base(id INT PRIMARY KEY, t TEXT);"
      "CREATE VIEW v AS SELECT t FROM base; INSERT INTO base VALUES (1, 'a')");
  const MariadbImage first = bench.capture();
  bench.sql(k_half_migrated);
  const std::string half_migrated = views_of(bench);
  const MariadbImage safety = bench.capture();
  CHECK(bench.driver().left_out(first.component).empty());
  REQUIRE(bench.driver().left_out(safety.component).size() == 3);
  CHECK(bench.driver().left_out(safety.component)[1].path == "view 'v'");
  CHECK(bench.driver().left_out(safety.component)[1].is_error);

  const auto restoration = bench.stage(first);
  restoration->swap();
  restoration->close();
  CHECK(views_of(bench) == half_migrated);
  CHECK(bench.sql("SELECT t FROM v") == "a\n");
  REQUIRE(restoration->left_out().size() == 2);
  CHECK_THAT(restoration->left_out()[0], Catch::StartsWith("view 'so`so' stays"));

  bench.restore(safety);
  CHECK(views_of(bench) == half_migrated);
  CHECK(bench.sql("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'") == "");
}

TEST_CASE("a view whose table was dropped comes back with it, whatever the server says of it") {
  const MariadbWorkbench bench("CREATE TABLE base(id INT);"
                               "CREATE VIEW v AS SELECT q.id FROM (SELECT id FROM base) q");
  const std::string before = views_of(bench);
  const MariadbImage image = bench.capture();
  bench.sql("DROP TABLE base");

  bench.restore(image);

  CHECK(views_of(bench) == before);
  CHECK(bench.sql("SELECT count(*) FROM v") == "0\n");
}

TEST_CASE("who may run a routine may still run it after a restore and its undoing") {
  const MariadbWorkbench bench("CREATE PROCEDURE p() SELECT 'old';"
                               "CREATE FUNCTION f() RETURNS CHAR(9) RETURN 'old';"
                               "CREATE FUNCTION same() RETURNS INT RETURN 1");
  const MariadbImage image = bench.capture();
  bench.sql("CREATE OR REPLACE PROCEDURE p() SELECT 'new';"
            "CREATE OR REPLACE FUNCTION f() RETURNS CHAR(9) RETURN 'new';"
            "CREATE OR REPLACE USER runner@localhost;"
            "GRANT EXECUTE ON PROCEDURE p TO runner@localhost;"
            "GRANT EXECUTE ON FUNCTION f TO runner@localhost");
  const std::string grants = bench.sql("SHOW GRANTS FOR runner@localhost");

  const auto restoration = bench.stage(image);
  restoration->swap();
  CHECK(bench.sql("CALL p; SELECT f()") == "old\nold\n");
  CHECK(bench.sql("SHOW GRANTS FOR runner@localhost") == grants);

  restoration->undo();
  CHECK(bench.sql("CALL p; SELECT f()") == "new\nnew\n");
  CHECK(bench.sql("SHOW GRANTS FOR runner@localhost") == grants);
  bench.sql("DROP USER runner@localhost");
}

TEST_CASE("an event whose time has passed since is named, and nobody's hindrance") {
  const MariadbWorkbench bench(
      "CREATE TABLE t(i INT);"
      "CREATE EVENT daily ON SCHEDULE EVERY 1 DAY DO DELETE FROM t;"
      "CREATE EVENT once ON SCHEDULE AT NOW() + INTERVAL 2 SECOND DO DELETE "
      "FROM t");
  const MariadbImage image = bench.capture();
  bench.sql("DROP EVENT once; DROP EVENT daily; DO SLEEP(3)");

  const auto restoration = bench.stage(image);
  restoration->swap();
  restoration->close();

  REQUIRE(restoration->left_out().size() == 1);
  CHECK(restoration->left_out()[0] == "event 'once', whose time has passed");
  CHECK(bench.sql("SELECT EVENT_NAME FROM information_schema.EVENTS") == "daily\n");
}
