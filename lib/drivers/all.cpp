#include "drivers/all.hpp"

#include "base/printable.hpp"
#include "drivers/command/driver.hpp"
#include "drivers/mariadb/driver.hpp"
#include "drivers/postgres/driver.hpp"
#include "drivers/sqlite/driver.hpp"

#include <array>

namespace savepoint::drivers {

std::span<const database::Driver* const> all() {
  static const auto sqlite = sqlite::make_sqlite_driver();
  static const auto mariadb = mariadb::make_mariadb_driver();
  static const auto postgres = postgres::make_postgres_driver();
  static const auto command = command::make_command_driver();
  static const std::array<const database::Driver*, 4> drivers{sqlite.get(), mariadb.get(),
                                                              postgres.get(), command.get()};
  return drivers;
}

const database::Driver& find(std::string_view name) {
  std::string known;
  for (const database::Driver* driver : all()) {
    if (driver->name() == name) {
      return *driver;
    }
    known += (known.empty() ? "" : ", ") + std::string(driver->name());
  }
  throw NotFoundError("this build has no database driver called " + quoted(name),
                      "it has: " + known);
}

std::vector<manifest::LeftOut> left_out_of(const manifest::DatabaseComponent& component) {
  std::vector<manifest::LeftOut> all = find(component.driver).left_out(component);
  for (manifest::LeftOut& one : all) {
    one.path.insert(0, component.name + ": ");
  }
  return all;
}

} // namespace savepoint::drivers
