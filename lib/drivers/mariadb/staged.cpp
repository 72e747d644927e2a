#include "drivers/mariadb/internal/staged.hpp"

#include "base/printable.hpp"
#include "drivers/mariadb/internal/sql_text.hpp"

#include <algorithm>

namespace savepoint::drivers::mariadb {

namespace {

[[noreturn]] void differs(const manifest::DatabaseComponent& expected, const std::string& how) {
  throw CorruptionError("the image of database " + quoted(expected.name) +
                            " is not what the snapshot says: " + how,
                        "try another snapshot; 'savepoint verify --rehearse' finds those that "
                        "restore");
}

std::string word(const manifest::DatabaseComponent& expected, std::string_view key) {
  const json::Value* const value = expected.details.find(key);
  const std::string text = value == nullptr ? "utf8mb4" : value->as_string();
  if (text.empty() ||
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos) {
    throw CorruptionError("the snapshot has a character set that is none: " + quoted(text));
  }
  return text;
}

/// Makes the schema before anything is loaded into it.
const std::string& made(Session& session, const ScratchNames& names, const std::string& schema,
                        const manifest::DatabaseComponent& expected) {
  make_scratch(session, names, schema, schema_info(expected));
  return schema;
}

} // namespace

SchemaInfo schema_info(const manifest::DatabaseComponent& expected) {
  if (expected.details.find("charset") == nullptr) {
    return {"utf8mb4", "utf8mb4_general_ci"};
  }
  return {word(expected, "charset"), word(expected, "collation")};
}

Staged::Staged(Session& session, ScratchNames names, std::string schema,
               const manifest::DatabaseComponent& expected,
               const database::RestorationOptions& options)
    : session_(&session), names_(std::move(names)), schema_(std::move(schema)),
      only_(options.tables),
      loader_(session, made(session, names_, schema_, expected), only_, options.cancellation) {}

std::vector<TableInfo> Staged::tables() {
  std::vector<TableInfo> tables = list_tables(*session_, schema_);
  std::erase_if(tables, [this](const TableInfo& table) { return names_.is_ours(table.name); });
  return tables;
}

void Staged::check(const manifest::DatabaseComponent& expected) {
  loader_.finish();
  check_tables(expected);
  check_objects(expected);
}

void Staged::check_tables(const manifest::DatabaseComponent& expected) {
  std::vector<manifest::Table> wanted = expected.tables;
  if (!only_.empty()) {
    for (const std::string& name : only_) {
      if (std::ranges::find(wanted, name, &manifest::Table::name) == wanted.end()) {
        throw NotFoundError("the snapshot has no table " + quoted(name) + " in database " +
                            quoted(expected.name));
      }
    }
    std::erase_if(wanted, [this](const manifest::Table& table) {
      return std::ranges::find(only_, table.name) == only_.end();
    });
  }
  std::vector<TableInfo> staged = tables();
  std::erase_if(staged,
                [](const TableInfo& table) { return table.kind == TableInfo::Kind::sequence; });
  for (const manifest::Table& table : wanted) {
    const auto found = std::ranges::find(staged, table.name, &TableInfo::name);
    if (found == staged.end()) {
      differs(expected, "table " + quoted(table.name) + " is missing");
    }
    if (!found->holds_rows()) {
      continue;
    }
    const std::string rows =
        session_->value("SELECT COUNT(*) FROM " + name_of(schema_, table.name)).value_or("0");
    if (rows != std::to_string(table.rows)) {
      differs(expected, "table " + quoted(table.name) + " has " + rows + " rows instead of " +
                            std::to_string(table.rows));
    }
  }
  if (staged.size() != wanted.size()) {
    differs(expected, "it has more tables");
  }
}

void Staged::check_objects(const manifest::DatabaseComponent& expected) {
  const auto count = [this](std::string_view kind) {
    return static_cast<std::uint64_t>(std::ranges::count(objects(), kind, &StoredObject::kind));
  };
  for (const auto& [key, kind] : {std::pair("views", "VIEW"), std::pair("triggers", "TRIGGER"),
                                  std::pair("events", "EVENT")}) {
    const json::Value* const wanted = expected.details.find(key);
    if (only_.empty() && wanted != nullptr && wanted->as_unsigned() != count(kind)) {
      differs(expected, std::string("it has not as many ") + key);
    }
  }
  // Proves that they can be made, here where nobody feels it. Events would begin to run.
  std::vector<StoredObject> provable = objects();
  std::erase_if(provable, [](const StoredObject& object) { return object.kind == "EVENT"; });
  create_objects(*session_, schema_, provable, InvalidViews::refuse);
  for (const StoredObject& object : provable) {
    drop_object(*session_, schema_, object);
  }
}

} // namespace savepoint::drivers::mariadb
