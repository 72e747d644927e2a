#pragma once

#include "database/driver.hpp"

#include <memory>

namespace savepoint::drivers::postgres {

/// docs/drivers/postgres.md says what it guarantees.
[[nodiscard]] std::unique_ptr<database::Driver> make_postgres_driver();

} // namespace savepoint::drivers::postgres
