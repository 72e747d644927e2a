#pragma once

#include "database/driver.hpp"

#include <filesystem>
#include <memory>

namespace savepoint::drivers::postgres {

/// Databases on PostgreSQL servers. What it promises and what it locks: docs/drivers/postgres.md.
///
/// Client programs are looked for in `versions`/*/bin, then on the PATH of the target.
[[nodiscard]] std::unique_ptr<database::Driver>
make_postgres_driver(std::filesystem::path versions = "/usr/lib/postgresql");

} // namespace savepoint::drivers::postgres
