#include "database/quoting.hpp"

#include "support/catch.hpp"

using savepoint::database::in_quotes;

TEST_CASE("a name in SQL cannot end before its last quote") {
  CHECK(in_quotes("orders", '"') == R"("orders")");
  CHECK(in_quotes(R"(a"; DROP TABLE "b)", '"') == R"("a""; DROP TABLE ""b")");
  CHECK(in_quotes("it's `quoted`", '`') == "`it's ``quoted```");
  CHECK(in_quotes("", '\'') == "''");
}
