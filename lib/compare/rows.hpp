#pragma once

#include "base/cancellation.hpp"
#include "store/tree_diff.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::compare {

/// The values of a row as SQL would write them: 1, 'text', X'00', NULL. Missing where that side has
/// no such column.
using RowValues = std::vector<std::optional<std::string>>;

/// A row that differs; `before` or `after` is empty where it is not there.
struct RowChange {
  store::ChangeKind kind = store::ChangeKind::modified;
  RowValues before;
  RowValues after;
};

struct RowDifference {
  std::vector<std::string> columns; ///< Of both sides.
  std::vector<std::string> key; ///< By which rows are told apart; their number where there is none.
  std::uint64_t added = 0;
  std::uint64_t removed = 0;
  std::uint64_t modified = 0;
  std::vector<RowChange>
      rows; ///< Removed ones first, then changed, then added ones; each in the order of the key.
};

/// What differs in the rows of a table of two SQLite databases, which nobody else writes to. A side
/// that has no such table has no rows. At most `limit` rows are listed, all are counted.
[[nodiscard]] RowDifference compare_rows(const std::filesystem::path& before,
                                         const std::filesystem::path& after,
                                         const std::string& table, std::size_t limit,
                                         const Cancellation& cancellation);

/// Everything that a SQLite database is made of besides its rows, as the statements that made it,
/// sorted.
[[nodiscard]] std::string schema_text(const std::filesystem::path& database);

} // namespace savepoint::compare
