#include "drivers/mariadb/internal/capture.hpp"

#include "base/printable.hpp"
#include "drivers/mariadb/internal/consistent_view.hpp"
#include "drivers/mariadb/internal/contents.hpp"
#include "drivers/mariadb/internal/scratch.hpp"
#include "drivers/mariadb/internal/script.hpp"
#include "drivers/mariadb/internal/sql_text.hpp"
#include "drivers/mariadb/internal/stored_objects.hpp"
#include "drivers/mariadb/internal/tables.hpp"
#include "hash/sha256.hpp"

#include <algorithm>
#include <cstring>

namespace savepoint::drivers::mariadb {

namespace {

constexpr std::size_t k_average_chunk = std::size_t{16} << 10U;
constexpr std::size_t k_buffered = std::size_t{256} << 10U;

/// The columns of a table that are written down, and how they are asked for.
struct ColumnList {
  std::string asked;    ///< After SELECT.
  std::string inserted; ///< Names in parentheses and a space; empty if they are all, in order.
};

/// What to select of a column so that its values are exact.
std::string exactly(const std::string& name, const std::string& type, const std::string& charset) {
  // The server prints a FLOAT with six digits, which are not all that it has.
  if (type == "float") {
    return "(" + name + " + 0e0)";
  }
  const bool survives_utf8 = charset.empty() || charset.starts_with("utf8") || charset == "latin1";
  if (survives_utf8) {
    return name;
  }
  // A member by its number: its bytes are not always in the definition, which comes in UTF-8.
  const bool is_member = type == "enum" || type == "set";
  return "CAST(" + name + (is_member ? " AS UNSIGNED)" : " AS BINARY)");
}

ColumnList columns_of(Session& session, const std::string& schema, const std::string& table) {
  const Rows rows = session.query(
      "SELECT COLUMN_NAME, DATA_TYPE, EXTRA, GENERATION_EXPRESSION, CHARACTER_SET_NAME FROM "
      "information_schema.COLUMNS WHERE TABLE_SCHEMA = " +
      literal(schema) + " AND TABLE_NAME = " + literal(table) + " ORDER BY ORDINAL_POSITION");
  ColumnList columns;
  bool is_all = true;
  for (const std::vector<Cell>& row : rows) {
    const std::string name = name_of(row[0].value_or(""));
    const std::string extra = row[2].value_or("");
    const bool is_generated = !row[3].value_or("").empty() ||
                              extra.find("STORED GENERATED") != std::string::npos ||
                              extra.find("VIRTUAL GENERATED") != std::string::npos;
    is_all = is_all && !is_generated && extra.find("INVISIBLE") == std::string::npos;
    if (is_generated) {
      continue;
    }
    columns.asked += columns.asked.empty() ? "" : ", ";
    columns.asked += exactly(name, row[1].value_or(""), row[4].value_or(""));
    columns.inserted += (columns.inserted.empty() ? "(" : ", ") + name;
  }
  columns.inserted = is_all || columns.inserted.empty() ? "" : columns.inserted + ") ";
  return columns;
}

/// What a table counts its rows by goes on with each: it is no part of how the table is made.
std::string without_counter(std::string definition) {
  constexpr std::string_view k_counter = " AUTO_INCREMENT=";
  const std::size_t options = definition.rfind("\n)");
  const std::size_t begin =
      options == std::string::npos ? options : definition.find(k_counter, options);
  if (begin != std::string::npos) {
    const std::size_t end = definition.find_first_not_of("0123456789", begin + k_counter.size());
    definition.erase(begin, end == std::string::npos ? end : end - begin);
  }
  return definition;
}

class MariadbCapture final : public database::Capture {
public:
  MariadbCapture(const database::Target& target, const Cancellation* cancellation)
      : session_(target.address, Purpose::capture), schema_(target.address.database),
        owner_(target.settings.keep_owner ? Owner::keep : Owner::strip),
        cancellation_(cancellation) {
    sweep(session_);
    const std::optional<SchemaInfo> info = schema_info(session_, schema_);
    if (!info) {
      throw NotFoundError("the server has no database " + quoted(schema_),
                          "check the name in the connection, or make the database");
    }
    info_ = *info;
    require_sight(session_, schema_);
    open_consistent_view(session_);
    tables_ = list_tables(session_, schema_);
    size_ = data_size(session_, schema_);
    buffer_ = k_script_head;
    buffer_ += "SET NAMES utf8mb4;\n"
               "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00', "
               "foreign_key_checks = 0, unique_checks = 0;\n"
               "/*M!100200 SET check_constraint_checks = 0 */;\n";
    write_sequences();
  }

  [[nodiscard]] database::StreamShape shape() const override {
    return {.average_chunk = k_average_chunk, .expected_size = size_};
  }

  [[nodiscard]] std::size_t read(std::span<std::byte> into) override {
    while (buffer_.size() == taken_ && !is_done_) {
      buffer_.clear();
      taken_ = 0;
      if (cancellation_ != nullptr) {
        cancellation_->check();
      }
      produce();
    }
    const std::size_t count = std::min(into.size(), buffer_.size() - taken_);
    std::memcpy(into.data(), buffer_.data() + taken_, count);
    taken_ += count;
    return count;
  }

  [[nodiscard]] manifest::DatabaseComponent describe() override {
    manifest::DatabaseComponent component;
    component.driver = "mariadb";
    component.size = size_;
    component.tables = counted_;
    component.migration = migration_.name;
    component.migration_table = migration_.table;
    component.details = json::Value::object({
        {"flavour", session_.is_mariadb() ? "MariaDB" : "MySQL"},
        {"server_version", session_.version_text()},
        {"charset", info_.charset},
        {"collation", info_.collation},
        {"sequences", count_of(TableInfo::Kind::sequence)},
        {"views", count_of("VIEW")},
        {"routines", std::uint64_t{count_of("FUNCTION") + count_of("PROCEDURE") +
                                   count_of("PACKAGE") + count_of("PACKAGE BODY")}},
        {"triggers", count_of("TRIGGER")},
        {"events", count_of("EVENT")},
    });
    name_tables(
        "not_transactional",
        [](const TableInfo& table) { return table.holds_rows() && !table.is_transactional(); },
        component.details);
    name_tables(
        "rows_elsewhere", [](const TableInfo& table) { return !table.holds_rows(); },
        component.details);
    name_tables(
        "without_history", [](const TableInfo& table) { return table.keeps_history; },
        component.details);
    component.details.set("schema", definitions_.finish().hex());
    if (!invalid_views_.empty()) {
      component.details.set("invalid_views", json::Value::array(invalid_views_));
    }
    return component;
  }

private:
  template <typename Predicate>
  void name_tables(const char* key, Predicate predicate, json::Value& details) const {
    json::Items names;
    for (const TableInfo& table : tables_) {
      if (predicate(table)) {
        names.push_back(json::text_or_bytes(table.name));
      }
    }
    if (!names.empty()) {
      details.set(key, json::Value::array(std::move(names)));
    }
  }

  [[nodiscard]] std::uint64_t count_of(TableInfo::Kind kind) const {
    return static_cast<std::uint64_t>(std::ranges::count(tables_, kind, &TableInfo::kind));
  }
  [[nodiscard]] std::uint64_t count_of(std::string_view kind) const {
    return static_cast<std::uint64_t>(std::ranges::count(objects_, kind, &StoredObject::kind));
  }

  /// Sequences come first: tables take default values from them.
  void write_sequences() {
    for (const TableInfo& table : tables_) {
      if (table.kind == TableInfo::Kind::sequence) {
        append_section(buffer_, {"SEQUENCE", table.name, {}});
        append_definition(definition(session_, schema_, table));
      }
    }
  }

  void append_definition(const std::string& statement) {
    append_statement(buffer_, statement);
    definitions_.update(as_bytes(without_counter(statement) + '\0'));
  }

  void produce() {
    if (rows_ != nullptr) {
      write_rows();
    } else if (next_ < tables_.size()) {
      const TableInfo& table = tables_[next_++];
      if (table.kind == TableInfo::Kind::table) {
        begin_table(table);
      }
    } else {
      write_rest();
      is_done_ = true;
    }
  }

  void begin_table(const TableInfo& table) {
    // The lock on a table's definition is let go of once it is read: ROLLBACK TO.
    session_.execute("SAVEPOINT table_begins");
    append_section(buffer_, {"TABLE", table.name, {}});
    append_definition(definition(session_, schema_, table));
    counted_.push_back({table.name, 0});
    if (!table.holds_rows()) {
      return;
    }
    const ColumnList columns = columns_of(session_, schema_, table.name);
    insert_ = "INSERT INTO " + name_of(table.name) + " " + columns.inserted + "VALUES (";
    insert_has_break_ = insert_.find_first_of("\n\r") != std::string::npos;
    rows_ = session_.stream("SELECT /*!40001 SQL_NO_CACHE */ " +
                            (columns.asked.empty() ? "NULL" : columns.asked) + " FROM " +
                            name_of(schema_, table.name) + in_order(table));
    is_without_columns_ = columns.asked.empty();
  }

  /// By primary key where rows lie in that order anyway; so nothing is sorted.
  [[nodiscard]] std::string in_order(const TableInfo& table) {
    if (table.engine != "InnoDB") {
      return "";
    }
    std::string key;
    for (const std::string& column :
         session_.list("SELECT COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA "
                       "= " +
                       literal(schema_) + " AND TABLE_NAME = " + literal(table.name) +
                       " AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX")) {
      key += (key.empty() ? " FORCE INDEX (PRIMARY) ORDER BY " : ", ") + name_of(column);
    }
    return key;
  }

  void write_rows() {
    while (buffer_.size() < k_buffered) {
      if (!rows_->next()) {
        rows_.reset();
        session_.execute("ROLLBACK TO SAVEPOINT table_begins");
        return;
      }
      write_row();
      ++counted_.back().rows;
    }
  }

  void write_row() {
    std::string row = insert_;
    const std::vector<Column>& columns = rows_->columns();
    for (std::size_t i = 0; i < columns.size() && !is_without_columns_; ++i) {
      row += i == 0 ? "" : ",";
      const std::optional<std::string_view> value = rows_->value(i);
      if (!value) {
        row += "NULL";
      } else if (columns[i].kind == Column::Kind::number) {
        row += *value;
      } else {
        row += columns[i].kind == Column::Kind::binary ? "_binary" : "";
        append_literal(row, *value);
      }
    }
    row += ')';
    if (insert_has_break_) {
      append_statement(buffer_, row);
    } else {
      buffer_ += row;
      buffer_ += ";\n";
    }
  }

  void write_rest() {
    // Later than the rows: what they took from a sequence must not come again.
    for (const TableInfo& table : tables_) {
      if (table.kind == TableInfo::Kind::sequence) {
        append_section(buffer_, {"VALUES", table.name, {}});
        const Rows state = session_.query("SELECT next_not_cached_value, cycle_count FROM " +
                                          name_of(schema_, table.name));
        append_statement(buffer_, "SELECT SETVAL(" + name_of(table.name) + ", " +
                                      state.at(0).at(0).value_or("1") + ", 0, " +
                                      state.at(0).at(1).value_or("0") + ")");
      }
    }
    objects_ = read_objects(session_, schema_, owner_);
    std::erase_if(objects_, [this](const StoredObject& object) {
      const bool is_invalid = object.kind == "VIEW" && !is_valid_view(session_, schema_, object);
      if (is_invalid) {
        invalid_views_.push_back(json::text_or_bytes(object.name));
      }
      return is_invalid;
    });
    for (const StoredObject& object : objects_) {
      append_section(buffer_, {object.kind, object.name, object.table});
      append_statement(buffer_, object.prologue);
      append_definition(object.statement);
    }
    migration_ = newest_migration(session_, schema_, tables_);
    session_.execute("ROLLBACK");
    append_section(buffer_, {"END", {}, {}});
    buffer_ += k_script_end;
  }

  Session session_;
  hash::Sha256 definitions_;
  const std::string schema_;
  Owner owner_;
  const Cancellation* cancellation_;
  SchemaInfo info_;
  std::vector<TableInfo> tables_;
  std::vector<StoredObject> objects_;
  json::Items invalid_views_;
  std::uint64_t size_ = 0;
  Migration migration_;

  std::string buffer_;
  std::size_t taken_ = 0;
  std::size_t next_ = 0;
  std::unique_ptr<Stream> rows_; // of the table before `next_`
  std::string insert_;
  bool insert_has_break_ = false;
  bool is_without_columns_ = false;
  bool is_done_ = false;
  std::vector<manifest::Table> counted_;
};

} // namespace

std::unique_ptr<database::Capture> open_capture(const database::Target& target,
                                                const Cancellation* cancellation) {
  return std::make_unique<MariadbCapture>(target, cancellation);
}

} // namespace savepoint::drivers::mariadb
