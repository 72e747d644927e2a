#pragma once

#include "database/driver.hpp"

#include <memory>

namespace savepoint::drivers::mariadb {

/// docs/drivers/mariadb.md says what it guarantees.
[[nodiscard]] std::unique_ptr<database::Driver> make_mariadb_driver();

} // namespace savepoint::drivers::mariadb
