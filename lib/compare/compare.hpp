#pragma once

#include "manifest/manifest.hpp"
#include "store/chunks.hpp"
#include "store/tree_diff.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::compare {

/// "added", "removed", "modified", "metadata".
[[nodiscard]] std::string_view name_of(store::ChangeKind kind);
/// "file", "directory", "symlink", "fifo".
[[nodiscard]] std::string_view name_of(store::EntryKind kind);

/// A path of the code component that differs. Directories appear only where they are empty or where
/// their own mode or attributes changed: what is in them speaks for the others.
struct FileDifference {
  std::string path;
  store::ChangeKind kind = store::ChangeKind::modified;
  store::EntryKind entry = store::EntryKind::file; ///< Of the newer side, if it is there.
  std::uint64_t size_before = 0;
  std::uint64_t size_after = 0;
};

/// A table and its rows on either side; missing where there is no such table.
struct TableDifference {
  std::string name;
  std::optional<std::uint64_t> before;
  std::optional<std::uint64_t> after;
};

/// A database whose image differs, with all of its tables.
struct DatabaseDifference {
  std::string name;
  store::ChangeKind kind = store::ChangeKind::modified;
  std::uint64_t size_before = 0;
  std::uint64_t size_after = 0;
  std::optional<std::string> migration_before;
  std::optional<std::string> migration_after;
  std::vector<TableDifference> tables; ///< Sorted by name.
  std::string driver;                  ///< Of the newer side, if it is there.
  bool driver_changed = false;         ///< The older side was one of another driver.
  /// What the tables are made of changed, as far as the driver says anything about that.
  bool schema_changed = false;
};

/// A configuration file that differs and is not part of the code.
struct ConfigDifference {
  std::string path;
  store::ChangeKind kind = store::ChangeKind::modified;
  std::vector<std::string> keys_added;
  std::vector<std::string> keys_removed;
};

struct Difference {
  std::vector<FileDifference> files; ///< In path order.
  std::vector<DatabaseDifference> databases;
  std::vector<ConfigDifference> config;
  [[nodiscard]] bool empty() const { return files.empty() && databases.empty() && config.empty(); }
};

/// What differs from `before` to `after`. Components that one of them was taken without are not
/// compared. `source` reads the trees of both.
[[nodiscard]] Difference compare(const store::ChunkSource& source, const manifest::Manifest& before,
                                 const manifest::Manifest& after);

} // namespace savepoint::compare
