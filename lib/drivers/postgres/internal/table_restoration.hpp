#pragma once

#include "drivers/postgres/internal/loader.hpp"

#include <memory>

namespace savepoint::drivers::postgres {

/// Driver::open_restoration where only tables are asked for: their rows are exchanged in the
/// database itself, in one transaction; tables that are not there any more are made.
[[nodiscard]] std::unique_ptr<database::Restoration>
open_table_restoration(RestoreRequest request, const manifest::DatabaseComponent& expected);

} // namespace savepoint::drivers::postgres
