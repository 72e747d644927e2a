#pragma once

#include <span>
#include <string_view>

namespace savepoint::database {

/// A table in which a migration tool writes what it has applied.
struct MigrationTable {
  std::string_view name;
  std::string_view
      newest; ///< A query for the newest migration that was applied: one text, or none.
};

/// The ways of SQL in which the queries differ.
enum class Dialect { sqlite, postgres, mariadb };

/// The tables that are known. Two tools may use one name: the first whose query can be run and
/// gives something is the right one.
[[nodiscard]] std::span<const MigrationTable> migration_tables(Dialect dialect);

/// How much of the name of a migration a manifest keeps, in bytes.
inline constexpr std::size_t k_longest_migration = 500;

} // namespace savepoint::database
