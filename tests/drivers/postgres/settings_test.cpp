#include "workbench.hpp"

#include "support/catch.hpp"

using namespace savepoint;
using namespace savepoint::drivers::postgres;

namespace {

constexpr const char* k_settings =
    "SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = "
    "s.setdatabase WHERE datname = 'shop' ORDER BY 1";

} // namespace

TEST_CASE("lists of names that are set for a database stay, whatever the names are") {
  Workbench bench("CREATE TABLE items(i int)");
  const Image image = bench.capture();
  for (const char* const list : {"''", "public", "\"$user\", public",
                                 "'a b', 'it''s', 'say \"\"', 'x,y', ''", "'Ü', pg_catalog"}) {
    CAPTURE(list);
    bench.sql("ALTER DATABASE shop SET search_path = " + std::string(list));
    const std::string before = bench.server().sql("shop", k_settings);

    bench.restore(image);

    CHECK(bench.server().sql("shop", k_settings) == before);
  }
}
