#include "drivers/sqlite/internal/contents.hpp"

#include "base/printable.hpp"
#include "database/migrations.hpp"
#include "database/quoting.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace savepoint::drivers::sqlite {

using savepoint::sqlite::Connection;
using savepoint::sqlite::OpenMode;
using savepoint::sqlite::SqliteError;
using savepoint::sqlite::Statement;

namespace {

// What the virtual tables that come with SQLite (fts3, fts4, fts5, rtree) keep their content in.
constexpr std::array<std::string_view, 11> k_shadow_suffixes{
    "content", "segments", "segdir", "docsize", "stat",  "data",
    "idx",     "config",   "node",   "rowid",   "parent"};

bool is_shadow(std::string_view name, const std::set<std::string>& virtual_tables) {
  const std::size_t underscore = name.rfind('_');
  return underscore != std::string_view::npos &&
         virtual_tables.contains(std::string(name.substr(0, underscore))) &&
         std::ranges::find(k_shadow_suffixes, name.substr(underscore + 1)) !=
             k_shadow_suffixes.end();
}

std::vector<std::string> user_tables(Connection& image) {
  std::set<std::string> virtual_tables;
  std::vector<std::string> names;
  Statement row = image.prepare("SELECT name, coalesce(rootpage, 0) FROM sqlite_master WHERE type "
                                "= 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'");
  while (row.step()) {
    if (row.integer(1) == 0) { // only virtual tables have no page of their own
      virtual_tables.emplace(row.text(0));
    } else {
      names.emplace_back(row.text(0));
    }
  }
  std::erase_if(names, [&](const std::string& name) { return is_shadow(name, virtual_tables); });
  std::ranges::sort(names);
  return names;
}

std::uint64_t count_rows(Connection& image, const std::string& table) {
  const std::string query = "SELECT count(*) FROM " + database::in_quotes(table, '"');
  try {
    return static_cast<std::uint64_t>(image.query_integer(query));
  } catch (const SqliteError& error) {
    if (error.is_damage()) {
      throw;
    }
    // An index may need what only the application has, such as a collation; the table does not.
    return static_cast<std::uint64_t>(image.query_integer(query + " NOT INDEXED"));
  }
}

/// Nothing if the table is not what it is called: that is no reason to fail.
std::optional<std::string> newest_migration(Connection& image, std::string_view query) {
  try {
    Statement row = image.prepare(query);
    if (row.step() && !row.is_null(0)) {
      return std::string(beginning_of(row.text(0), database::k_longest_migration));
    }
  } catch (const SqliteError&) {
    return std::nullopt;
  }
  return std::nullopt;
}

bool is_about_values(std::string_view finding) {
  return finding.find(" value in ") != std::string_view::npos ||
         finding.starts_with("CHECK constraint failed") ||
         finding.starts_with("unable to validate");
}

} // namespace

Connection open_image(const std::filesystem::path& image) {
  Connection connection(image, OpenMode::immutable);
  connection.distrust();
  connection.execute("PRAGMA mmap_size=67108864; PRAGMA ignore_check_constraints=ON");
  return connection;
}

Contents read_contents(Connection& image) {
  Contents contents;
  try {
    for (const std::string& name : user_tables(image)) {
      contents.tables.push_back({name, count_rows(image, name)});
    }
  } catch (const SqliteError& error) {
    contents.tables.clear();
    contents.unavailable =
        "unavailable: " + std::string(error.is_damage() ? "the database is damaged" : error.what());
    return contents;
  }
  for (const auto& known : database::migration_tables(database::Dialect::sqlite)) {
    if (std::ranges::find(contents.tables, known.name, &manifest::Table::name) ==
        contents.tables.end()) {
      continue;
    }
    if (auto newest = newest_migration(image, known.newest)) {
      contents.migration = std::move(newest);
      contents.migration_table = std::string(known.name);
      break;
    }
  }
  return contents;
}

std::string find_damage(Connection& image, Thoroughness thoroughness) {
  try {
    Statement row = image.prepare(thoroughness == Thoroughness::full ? "PRAGMA integrity_check"
                                                                     : "PRAGMA quick_check");
    while (row.step()) {
      const std::string_view finding = row.text(0);
      if (finding != "ok" && !is_about_values(finding)) {
        return printable(finding);
      }
    }
  } catch (const SqliteError& error) {
    // Others than damage: the schema uses functions that only the application has.
    return error.is_damage() ? error.what() : "";
  }
  return "";
}

} // namespace savepoint::drivers::sqlite
