#include "drivers/all.hpp"

#include "support/catch.hpp"

#include <set>

TEST_CASE("every driver is found by its own name, and no two share one") {
  std::set<std::string_view> names;
  for (const auto* driver : savepoint::drivers::all()) {
    CHECK(&savepoint::drivers::find(driver->name()) == driver);
    CHECK(names.insert(driver->name()).second);
  }
  CHECK(names.contains("sqlite"));
}

TEST_CASE("a driver that this build does not have is not found") {
  CHECK_THROWS_AS(savepoint::drivers::find("oracle"), savepoint::NotFoundError);
}
