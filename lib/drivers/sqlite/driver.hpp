#pragma once

#include "database/driver.hpp"

#include <chrono>
#include <memory>

namespace savepoint::drivers::sqlite {

/// SQLite databases in files. What it promises and what it locks: docs/drivers/sqlite.md.
///
/// `restore_wait` is how long a restore waits for other people's locks.
[[nodiscard]] std::unique_ptr<database::Driver>
make_sqlite_driver(std::chrono::milliseconds restore_wait = std::chrono::seconds(30));

} // namespace savepoint::drivers::sqlite
