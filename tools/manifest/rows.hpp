#pragma once

#include "cli/place.hpp"
#include "compare/compare.hpp"
#include "compare/rows.hpp"
#include "git/text_diff.hpp"
#include "manifest/manifest.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace savepoint::tools {

/// Rows of one table that differ.
struct TableRows {
  std::string database;
  std::string table;
  compare::RowDifference rows;
};

/// A SQLite database that differs, with both of its sides in files that last as long as this.
class DatabaseImages {
public:
  /// Writes both sides to the store's directory for scratch files; without `after` that side is
  /// the project as it is now. `place` must outlive it.
  DatabaseImages(cli::Session& session, cli::Place& place, std::string name,
                 const manifest::Manifest& before, const manifest::Manifest* after);
  ~DatabaseImages();
  DatabaseImages(const DatabaseImages&) = delete;
  DatabaseImages& operator=(const DatabaseImages&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] compare::RowDifference rows(const std::string& table, std::size_t limit) const;
  /// How the statements differ that made the tables.
  [[nodiscard]] git::TextDiff schema() const;

private:
  cli::Session* session_;
  std::string name_;
  std::filesystem::path before_;
  std::filesystem::path after_;
};

/// Which table of which database that differs a value of --rows means: TABLE or DATABASE:TABLE.
///
/// Throws NotFoundError that names the nearest one, UsageError for one that is not of SQLite.
struct TableName {
  std::string database;
  std::string table;
};
[[nodiscard]] std::vector<TableName> find_tables(const compare::Difference& difference,
                                                 const std::vector<std::string>& wanted);

/// The rows for people: what is gone, what changed and what is new, with the signs of a patch.
[[nodiscard]] std::string rows_text(const cli::Terminal& terminal, const TableRows& rows);
/// An item of `rows` in --json.
[[nodiscard]] json::Value to_json(const TableRows& rows);

} // namespace savepoint::tools
