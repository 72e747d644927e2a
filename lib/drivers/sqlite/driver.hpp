#pragma once

#include "database/driver.hpp"

#include <memory>

namespace savepoint::drivers::sqlite {

/// SQLite databases in files. What it promises and what it locks: docs/drivers/sqlite.md.
[[nodiscard]] std::unique_ptr<database::Driver> make_sqlite_driver();

} // namespace savepoint::drivers::sqlite
