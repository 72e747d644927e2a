#pragma once

#include "manifest/manifest.hpp"
#include "sqlite/connection.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::drivers::sqlite {

/// What a manifest tells of a database.
struct Contents {
  std::vector<manifest::Table> tables; ///< Sorted by name.
  std::optional<std::string> migration;
  std::optional<std::string> migration_table;
  /// Why tables could not be counted; then there are none.
  std::optional<std::string> unavailable;
};

/// Opens an image that nobody else writes to, trusting nothing in it.
[[nodiscard]] savepoint::sqlite::Connection open_image(const std::filesystem::path& image);

/// Counts the rows of every table of the user's own, and finds the newest migration. Tables that
/// belong to SQLite or to a virtual table are not the user's own.
[[nodiscard]] Contents read_contents(savepoint::sqlite::Connection& image);

enum class Thoroughness { quick, full };
/// Damage that SQLite finds in an image, in its words; empty if there is none. Values that a
/// constraint would not let in today are not damage.
[[nodiscard]] std::string find_damage(savepoint::sqlite::Connection& image,
                                      Thoroughness thoroughness);

} // namespace savepoint::drivers::sqlite
