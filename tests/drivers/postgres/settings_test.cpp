#include "workbench.hpp"

#include "support/catch.hpp"

#include <poll.h>

using namespace savepoint;
using namespace savepoint::drivers::postgres;

namespace {

constexpr const char* k_settings =
    "SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = "
    "s.setdatabase WHERE datname = 'shop' ORDER BY 1";

} // namespace

TEST_CASE("sessions of a restore are not ended for having nothing to do") {
  constexpr int k_knows_idle_sessions = 14;
  Workbench bench("CREATE TABLE items(t text); INSERT INTO items SELECT repeat(md5(i::text), 10) "
                  "FROM generate_series(1, 1000) i");
  if (std::stoi(bench.major()) < k_knows_idle_sessions) {
    return;
  }
  const Image image = bench.capture();
  const std::string before = bench.dump();
  bench.sql("DELETE FROM items");
  bench.server().sql("postgres", "ALTER ROLE app SET idle_session_timeout = 200");
  const auto pause = [] { poll(nullptr, 0, 500); };
  {
    const auto restoration =
        bench.driver().open_restoration(bench.target(), image.component, bench.options());
    pause();
    const std::size_t half = image.bytes.size() / 2;
    restoration->write(ByteView(image.bytes).first(half));
    pause();
    restoration->write(ByteView(image.bytes).subspan(half));
    restoration->check(image.component);
    pause();
    const Image safety = read_all(*restoration->hold());
    pause();
    restoration->swap();
    restoration->close();
  }
  bench.server().sql("postgres", "ALTER ROLE app RESET idle_session_timeout");

  CHECK(bench.dump() == before);
  CHECK(bench.server().databases() == "shop\n");
}

TEST_CASE("what belongs to a database and not to its content is named where it is made anew") {
  Workbench bench("CREATE TABLE items(i int)");
  auto options = bench.options();
  options.create = true;
  const Image plain = bench.capture();
  bench.server().sql("shop",
                     "ALTER DATABASE shop SET work_mem = '5MB'; COMMENT ON DATABASE shop IS "
                     "'x'; REVOKE CONNECT ON DATABASE shop FROM PUBLIC");
  const Image image = bench.capture();
  CHECK(bench.stage(image, options)->left_out().empty()); // they stay with the name
  bench.server().drop_database("shop");

  CHECK(bench.stage(plain, options)->left_out().empty());
  CHECK(bench.stage(image, options)->left_out() ==
        std::vector<std::string>{"comment of the database", "privileges on the database",
                                 "settings of the database"});
}

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
