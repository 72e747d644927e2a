#pragma once

#include "drivers/mariadb/internal/session.hpp"
#include "drivers/mariadb/internal/tables.hpp"

#include <optional>
#include <string>
#include <vector>

namespace savepoint::drivers::mariadb {

/// The newest migration that was applied, and the table that says so.
struct Migration {
  std::optional<std::string> name;
  std::optional<std::string> table;
};
[[nodiscard]] Migration newest_migration(Session& session, const std::string& schema,
                                         const std::vector<TableInfo>& tables);

/// How many bytes tables and indexes take, as the server counts them.
[[nodiscard]] std::uint64_t data_size(Session& session, const std::string& schema);

/// Driver::production_marker.
[[nodiscard]] std::optional<std::string> production_marker(Session& session,
                                                           const std::string& schema);

/// Driver::fingerprint. Why it cannot be wrong: docs/drivers/mariadb.md.
[[nodiscard]] std::optional<std::string> fingerprint(Session& session, const std::string& schema);

} // namespace savepoint::drivers::mariadb
