#include "cli/change_list.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/documents.hpp"
#include "cli/text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace savepoint::cli {
namespace {

using compare::ConfigDifference;
using compare::DatabaseDifference;
using compare::Difference;
using compare::FileDifference;
using compare::TableDifference;
using store::ChangeKind;

struct Look {
  std::string_view letter;
  Style style;
};

Look look_of(ChangeKind kind) {
  switch (kind) {
  case ChangeKind::added:
    return {"A", Style::green};
  case ChangeKind::removed:
    return {"D", Style::red};
  case ChangeKind::modified:
    return {"M", Style::yellow};
  case ChangeKind::metadata:
    return {"t", Style::dim};
  }
  bug("a change of no kind");
}

std::string line_of(const Terminal& terminal, ChangeKind kind, const std::string& path) {
  const Look look = look_of(kind);
  const std::string_view what = kind == ChangeKind::metadata ? " (mode or time)" : "";
  return terminal.paint(look.style,
                        std::string(look.letter) + "  " + printable(path) + std::string(what)) +
         "\n";
}

std::string with_slash(const FileDifference& file) {
  return file.entry == store::EntryKind::directory ? file.path + "/" : file.path;
}

std::string rows_of(const std::optional<std::uint64_t>& rows) {
  return rows ? std::to_string(*rows) : "-";
}

std::string table_lines(const DatabaseDifference& database) {
  Table table({Table::Align::left, Table::Align::right, Table::Align::left, Table::Align::right,
               Table::Align::left});
  for (const TableDifference& difference : database.tables) {
    if (difference.before != difference.after) {
      table.row({printable(difference.name), rows_of(difference.before), "->",
                 rows_of(difference.after), "rows"});
    }
  }
  if (table.empty()) {
    return database.schema_changed
               ? ""
               : "      other contents, the same number of rows in every table\n";
  }
  std::string text;
  for (const std::string& line : table.lines(6)) {
    text += line + "\n";
  }
  return text;
}

std::string database_lines(const Terminal& terminal, const DatabaseDifference& database) {
  std::string text = line_of(terminal, database.kind, database.name);
  if (database.migration_before != database.migration_after) {
    text += "      migration " + printable(database.migration_before.value_or("-")) + " -> " +
            printable(database.migration_after.value_or("-")) + "\n";
  }
  text += database.schema_changed ? "      the schema changed\n" : "";
  return text + table_lines(database);
}

std::string config_lines(const Terminal& terminal, const ConfigDifference& file) {
  std::string text = line_of(terminal, file.kind, file.path);
  for (const std::string& key : file.keys_added) {
    text += "      + " + printable(key) + "\n";
  }
  for (const std::string& key : file.keys_removed) {
    text += "      - " + printable(key) + "\n";
  }
  return text;
}

std::string heading(const Terminal& terminal, std::string_view title, bool needed) {
  return needed ? terminal.paint(Style::bold, title) + "\n" : std::string();
}

json::Value to_json(const std::optional<std::string>& text) {
  return text ? json::text_or_bytes(*text) : json::Value();
}

json::Value to_json(const DatabaseDifference& database) {
  json::Value tables = json::Value::array();
  for (const TableDifference& table : database.tables) {
    tables.push(json::Value::object({{"name", json::text_or_bytes(table.name)},
                                     {"before", table.before},
                                     {"after", table.after}}));
  }
  return json::Value::object({{"name", json::text_or_bytes(database.name)},
                              {"change", compare::name_of(database.kind)},
                              {"size_before", database.size_before},
                              {"size_after", database.size_after},
                              {"migration_before", to_json(database.migration_before)},
                              {"migration_after", to_json(database.migration_after)},
                              {"driver", database.driver},
                              {"schema_changed", database.schema_changed},
                              {"tables", std::move(tables)}});
}

} // namespace

std::string changes_text(const Terminal& terminal, const Difference& difference, std::size_t most) {
  std::string text;
  std::size_t shown = 0;
  for (const FileDifference& file : difference.files) {
    if (shown == most) {
      text += "... and " + std::to_string(difference.files.size() - shown) + " more\n";
      break;
    }
    text += line_of(terminal, file.kind, with_slash(file));
    ++shown;
  }
  text += heading(terminal, "databases", !difference.databases.empty());
  for (const DatabaseDifference& database : difference.databases) {
    text += database_lines(terminal, database);
  }
  text += heading(terminal, "configuration", !difference.config.empty());
  for (const ConfigDifference& file : difference.config) {
    text += config_lines(terminal, file);
  }
  return text;
}

std::string changes_in_words(const Difference& difference) {
  std::vector<std::string> parts;
  const auto touched = static_cast<std::size_t>(
      std::ranges::count(difference.files, ChangeKind::metadata, &FileDifference::kind));
  if (touched < difference.files.size()) {
    parts.push_back(counted(difference.files.size() - touched, "file"));
  }
  if (touched > 0) {
    parts.push_back("mode or time of " +
                    counted(touched, touched < difference.files.size() ? "other file" : "file"));
  }
  if (!difference.databases.empty()) {
    parts.push_back(counted(difference.databases.size(), "database"));
  }
  if (!difference.config.empty()) {
    parts.push_back(counted(difference.config.size(), "configuration file"));
  }
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  }
  return text;
}

void add_changes(json::Value& document, const Difference& difference) {
  json::Value files = json::Value::array();
  for (const FileDifference& file : difference.files) {
    files.push(json::Value::object({{"path", json::text_or_bytes(file.path)},
                                    {"change", compare::name_of(file.kind)},
                                    {"kind", compare::name_of(file.entry)},
                                    {"size_before", file.size_before},
                                    {"size_after", file.size_after}}));
  }
  json::Value databases = json::Value::array();
  for (const DatabaseDifference& database : difference.databases) {
    databases.push(to_json(database));
  }
  json::Value config = json::Value::array();
  for (const ConfigDifference& file : difference.config) {
    config.push(json::Value::object({{"path", json::text_or_bytes(file.path)},
                                     {"change", compare::name_of(file.kind)},
                                     {"keys_added", names_document(file.keys_added)},
                                     {"keys_removed", names_document(file.keys_removed)}}));
  }
  document.set("files", std::move(files));
  document.set("databases", std::move(databases));
  document.set("config", std::move(config));
}

} // namespace savepoint::cli
