#include "compare/rows.hpp"

#include "base/ascii.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "sqlite/connection.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace savepoint::compare {
namespace {

using sqlite::Connection;
using sqlite::OpenMode;
using sqlite::Statement;
using store::ChangeKind;

constexpr std::array<std::string_view, 3> k_row_numbers{"rowid", "_rowid_", "oid"};

/// A table of one of the two databases.
struct Side {
  std::string name; ///< Of the database, as SQL has it.
  std::vector<std::string> columns;
  std::vector<std::string> key;     ///< Columns of the primary key.
  bool key_tells_rows_apart = true; ///< SQLite allows NULL in most keys, any number of times.
  bool has_row_numbers = true;
  [[nodiscard]] bool exists() const { return !columns.empty(); }
  [[nodiscard]] bool has(const std::string& column) const {
    return std::ranges::find(columns, column) != columns.end();
  }
};

std::string identifier(const std::string& name) {
  std::string text = "\"";
  for (const char letter : name) {
    text += letter == '"' ? "\"\"" : std::string(1, letter);
  }
  return text + "\"";
}

Side side_of(Connection& connection, const std::string& name, const std::string& table) {
  Side side{.name = name, .columns = {}, .key = {}};
  Statement is_table = connection.prepare(
      "SELECT 1 FROM " + name + ".sqlite_master WHERE type = 'table' AND name = ?1 COLLATE NOCASE");
  is_table.bind(1, std::string_view(table));
  if (!is_table.step()) {
    return side;
  }
  Statement info =
      connection.prepare("SELECT name, pk FROM pragma_table_info(?1, ?2) ORDER BY cid");
  info.bind(1, std::string_view(table)).bind(2, std::string_view(name));
  std::vector<std::pair<std::int64_t, std::string>> key;
  while (info.step()) {
    side.columns.emplace_back(info.text(0));
    if (info.integer(1) > 0) {
      key.emplace_back(info.integer(1), info.text(0));
    }
  }
  std::ranges::sort(key);
  for (auto& [position, column] : key) {
    side.key.push_back(std::move(column));
  }
  for (const std::string& column : side.key) {
    Statement null = connection.prepare("SELECT 1 FROM " + name + "." + identifier(table) +
                                        " WHERE " + identifier(column) + " IS NULL LIMIT 1");
    side.key_tells_rows_apart = side.key_tells_rows_apart && !null.step();
  }
  Statement list = connection.prepare("SELECT wr FROM pragma_table_list(?1) WHERE schema = ?2");
  list.bind(1, std::string_view(table)).bind(2, std::string_view(name));
  side.has_row_numbers = !list.step() || list.integer(0) == 0;
  return side;
}

/// The SQL that compares two sides.
class Question {
public:
  Question(Side before, Side after, const std::string& table)
      : before_(std::move(before)), after_(std::move(after)), table_(identifier(table)) {
    columns_ = after_.columns;
    for (const std::string& column : before_.columns) {
      if (!after_.has(column)) {
        columns_.push_back(column);
      }
    }
    const bool tells_apart = before_.key_tells_rows_apart && after_.key_tells_rows_apart;
    const auto has_all = [&](const Side& side, const std::vector<std::string>& key) {
      return tells_apart && !key.empty() &&
             (!side.exists() ||
              std::ranges::all_of(key, [&](const auto& column) { return side.has(column); }));
    };
    if (has_all(before_, after_.key)) {
      key_ = after_.key;
    } else if (has_all(after_, before_.key)) {
      key_ = before_.key;
    } else if (!before_.has_row_numbers || !after_.has_row_numbers) {
      throw UsageError("cannot compare the rows of " + savepoint::quoted(table) +
                           ": its key has other columns now, and its rows have no numbers",
                       "compare snapshots between which its key did not change");
    } else {
      key_ = {std::string(row_number())};
    }
  }

  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  [[nodiscard]] const std::vector<std::string>& key() const { return key_; }
  [[nodiscard]] bool is_one_sided() const { return !before_.exists() || !after_.exists(); }

  /// Rows that only `side` has; 'other' the one that has not.
  [[nodiscard]] std::string only_in(const Side& side, const Side& other) const {
    std::string sql = "SELECT " + values("x", side) + " FROM " + side.name + "." + table_ + " x";
    if (other.exists()) {
      sql += " WHERE NOT EXISTS (SELECT 1 FROM " + other.name + "." + table_ + " y WHERE " +
             same_key("x", "y") + ")";
    }
    return sql + order("x");
  }
  [[nodiscard]] std::string added() const { return only_in(after_, before_); }
  [[nodiscard]] std::string removed() const { return only_in(before_, after_); }
  [[nodiscard]] std::string modified() const {
    std::string differs;
    for (const std::string& column : columns_) {
      if (before_.has(column) && after_.has(column)) {
        const std::string x = name_of("x", column);
        const std::string y = name_of("y", column);
        differs += (differs.empty() ? "" : " OR ") + x + " IS NOT " + y +
                   " COLLATE BINARY OR typeof(" + x + ") <> typeof(" + y + ")";
      }
    }
    return "SELECT " + values("x", before_) + ", " + values("y", after_) + " FROM " + before_.name +
           "." + table_ + " x JOIN " + after_.name + "." + table_ + " y ON " + same_key("x", "y") +
           " WHERE " + (differs.empty() ? "0" : differs) + order("x");
  }
  [[nodiscard]] bool has_before() const { return before_.exists(); }
  [[nodiscard]] bool has_after() const { return after_.exists(); }
  [[nodiscard]] bool before_has(std::size_t column) const { return before_.has(columns_[column]); }
  [[nodiscard]] bool after_has(std::size_t column) const { return after_.has(columns_[column]); }

private:
  /// How the number of a row is called where no column has that name.
  [[nodiscard]] std::string_view row_number() const {
    for (const std::string_view name : k_row_numbers) {
      const auto is_it = [&](const std::string& column) { return lower(column) == name; };
      if (std::ranges::none_of(columns_, is_it)) {
        return name;
      }
    }
    return k_row_numbers.front();
  }
  static std::string name_of(const std::string& row, const std::string& column) {
    const bool is_number = std::ranges::find(k_row_numbers, column) != k_row_numbers.end();
    return row + "." + (is_number ? column : identifier(column));
  }
  /// A value as SQL has it: quote() alone shows a text up to its first zero byte.
  static std::string quoted(const std::string& row, const std::string& column) {
    const std::string value = name_of(row, column);
    return "CASE WHEN typeof(" + value + ") = 'text' AND instr(" + value +
           ", char(0)) THEN 'CAST(X''' || hex(" + value + ") || ''' AS TEXT)' ELSE quote(" + value +
           ") END";
  }
  [[nodiscard]] std::string values(const std::string& row, const Side& side) const {
    std::string text;
    for (const std::string& column : columns_) {
      text += (text.empty() ? "" : ", ") +
              (side.has(column) ? quoted(row, column) : std::string("NULL"));
    }
    return text;
  }
  [[nodiscard]] std::string same_key(const std::string& one, const std::string& other) const {
    std::string text;
    for (const std::string& column : key_) {
      text +=
          (text.empty() ? "" : " AND ") + name_of(one, column) + " IS " + name_of(other, column);
    }
    return text;
  }
  [[nodiscard]] std::string order(const std::string& row) const {
    std::string text;
    for (const std::string& column : key_) {
      text += (text.empty() ? " ORDER BY " : ", ") + name_of(row, column);
    }
    return text;
  }

  Side before_;
  Side after_;
  std::string table_;
  std::vector<std::string> columns_;
  std::vector<std::string> key_;
};

/// The values of one side in a row of an answer, from a column on.
template <typename Has>
RowValues read_values(const Statement& answer, int from, std::size_t count, const Has& has) {
  RowValues values;
  for (std::size_t i = 0; i < count; ++i) {
    const int column = from + static_cast<int>(i);
    values.push_back(has(i) ? std::optional(std::string(answer.text(column))) : std::nullopt);
  }
  return values;
}

} // namespace

RowDifference compare_rows(const std::filesystem::path& before, const std::filesystem::path& after,
                           const std::string& table, std::size_t limit,
                           const Cancellation& cancellation) {
  Connection connection(after, OpenMode::read_only);
  Statement attach = connection.prepare("ATTACH DATABASE ?1 AS before");
  attach.bind(1, std::string_view(before.native()));
  attach.run();
  const Question question(side_of(connection, "before", table), side_of(connection, "main", table),
                          table);
  RowDifference difference;
  difference.columns = question.columns();
  difference.key = question.key();
  const std::size_t count = question.columns().size();
  const auto before_has = [&](std::size_t i) { return question.before_has(i); };
  const auto after_has = [&](std::size_t i) { return question.after_has(i); };
  const auto collect = [&](const std::string& sql, ChangeKind kind, std::uint64_t& counter) {
    Statement answer = connection.prepare(sql);
    while (answer.step()) {
      cancellation.check();
      ++counter;
      if (difference.rows.size() == limit) {
        continue;
      }
      RowChange change{.kind = kind, .before = {}, .after = {}};
      if (kind != ChangeKind::added) {
        change.before = read_values(answer, 0, count, before_has);
      }
      if (kind != ChangeKind::removed) {
        const int from = kind == ChangeKind::modified ? static_cast<int>(count) : 0;
        change.after = read_values(answer, from, count, after_has);
      }
      difference.rows.push_back(std::move(change));
    }
  };
  if (question.has_before()) {
    collect(question.removed(), ChangeKind::removed, difference.removed);
  }
  if (!question.is_one_sided()) {
    collect(question.modified(), ChangeKind::modified, difference.modified);
  }
  if (question.has_after()) {
    collect(question.added(), ChangeKind::added, difference.added);
  }
  return difference;
}

std::string schema_text(const std::filesystem::path& database) {
  Connection connection(database, OpenMode::read_only);
  Statement statement = connection.prepare(
      "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name");
  std::string text;
  while (statement.step()) {
    text += std::string(statement.text(0)) + ";\n";
  }
  return text;
}

} // namespace savepoint::compare
