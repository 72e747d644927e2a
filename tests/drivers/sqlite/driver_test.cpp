#include "drivers/sqlite/driver.hpp"

#include "support/catch.hpp"

using savepoint::as_bytes;

TEST_CASE("databases are recognised by how they begin, and looked for by how they are called") {
  const auto driver = savepoint::drivers::sqlite::make_sqlite_driver();

  CHECK(driver->recognises(as_bytes(std::string("SQLite format 3\0and more", 24))));
  CHECK_FALSE(driver->recognises(as_bytes("SQLite format 3")));
  CHECK_FALSE(driver->recognises(as_bytes("")));
  for (const auto* name : {"a.db", "a.sqlite", "a.sqlite3", "a.db3", "a.s3db", "a.sl3", "A.DB"}) {
    CAPTURE(name);
    CHECK(driver->is_likely_name(name));
  }
  for (const auto* name : {"db", "a.db-wal", "a.dbx", "a.sql", ""}) {
    CAPTURE(name);
    CHECK_FALSE(driver->is_likely_name(name));
  }
  CHECK(driver->companions("a.db") ==
        std::vector<std::string>{"a.db-wal", "a.db-shm", "a.db-journal"});
  CHECK(driver->logs("a.db") == std::vector<std::string>{"a.db-wal", "a.db-journal"});
}
