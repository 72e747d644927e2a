#include "drivers/mariadb/internal/tables.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "drivers/mariadb/internal/sql_text.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace savepoint::drivers::mariadb {

namespace {

constexpr std::array<std::string_view, 7> k_holding_no_rows{
    "MRG_MyISAM", "MRG_MYISAM", "FEDERATED", "BLACKHOLE", "SPIDER", "CONNECT", "S3"};

/// One foreign key in a definition, as servers write it that double the backticks in its names, and
/// as those do that leave them as they are.
struct KeyTexts {
  std::string quoted;
  std::string bare;

  void add(const std::string& between, const std::string& name) {
    quoted += between + name_of(name);
    bare += between + "`" + name + "`";
  }
  void add(const KeyTexts& other) {
    quoted += other.quoted;
    bare += other.bare;
  }
};

/// The rows of one foreign key, from `row` on.
KeyTexts key_texts(const Rows& rows, std::size_t row, const std::string& schema) {
  KeyTexts key;
  KeyTexts referenced;
  const std::vector<Cell>& first = rows[row];
  key.add("\n  CONSTRAINT ", first[0].value_or(""));
  for (std::string between = " FOREIGN KEY (", other_between = " (";
       row < rows.size() && rows[row][0] == first[0]; ++row, between = other_between = ", ") {
    key.add(between, rows[row][1].value_or(""));
    referenced.add(other_between, rows[row][2].value_or(""));
  }
  const bool is_elsewhere = first[3] != schema;
  if (is_elsewhere) {
    key.add(") REFERENCES ", first[3].value_or(""));
  }
  key.add(is_elsewhere ? "." : ") REFERENCES ", first[4].value_or(""));
  key.add(referenced);
  return key;
}

/// MariaDB before 10.11.19 does not double the backticks in the names of foreign keys, of their
/// columns and of what they refer to: nobody could run that.
std::string with_quoted_keys(Session& session, const std::string& schema, const std::string& table,
                             std::string sql) {
  if (sql.find(" FOREIGN KEY (") == std::string::npos) {
    return sql;
  }
  const Rows rows = session.query(
      "SELECT CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_COLUMN_NAME, REFERENCED_TABLE_SCHEMA, "
      "REFERENCED_TABLE_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = " +
      literal(schema) + " AND TABLE_NAME = " + literal(table) +
      " AND REFERENCED_COLUMN_NAME IS NOT NULL ORDER BY CONSTRAINT_NAME, ORDINAL_POSITION");
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (row > 0 && rows[row][0] == rows[row - 1][0]) {
      continue;
    }
    const KeyTexts key = key_texts(rows, row, schema);
    if (const std::size_t at = sql.find(key.bare); at != std::string::npos) {
      sql.replace(at, key.bare.size(), key.quoted);
    }
  }
  return sql;
}

} // namespace

bool TableInfo::is_transactional() const {
  return engine == "InnoDB" || engine == "ROCKSDB";
}

bool TableInfo::holds_rows() const {
  return std::ranges::find(k_holding_no_rows, engine) == k_holding_no_rows.end();
}

std::optional<SchemaInfo> schema_info(Session& session, const std::string& schema) {
  Rows rows = session.query("SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM "
                            "information_schema.SCHEMATA WHERE SCHEMA_NAME = " +
                            literal(schema));
  if (rows.empty()) {
    return std::nullopt;
  }
  return SchemaInfo{rows[0][0].value_or(""), rows[0][1].value_or("")};
}

std::vector<TableInfo> list_tables(Session& session, const std::string& schema) {
  std::vector<TableInfo> tables;
  const Rows rows = session.query(
      "SELECT TABLE_NAME, TABLE_TYPE, COALESCE(ENGINE, '') FROM "
      "information_schema.TABLES WHERE TABLE_SCHEMA = " +
      literal(schema) + " AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE')");
  for (const std::vector<Cell>& row : rows) {
    TableInfo table{row[0].value_or(""), row[2].value_or("")};
    table.kind = row[1] == "SEQUENCE" ? TableInfo::Kind::sequence : TableInfo::Kind::table;
    table.keeps_history = row[1] == "SYSTEM VERSIONED";
    tables.push_back(std::move(table));
  }
  std::ranges::sort(tables, {}, &TableInfo::name);
  return tables;
}

std::string definition(Session& session, const std::string& schema, const TableInfo& table) {
  const bool is_sequence = table.kind == TableInfo::Kind::sequence;
  const Rows rows = session.query((is_sequence ? "SHOW CREATE SEQUENCE " : "SHOW CREATE TABLE ") +
                                  name_of(schema, table.name));
  return with_other_schema(
      with_quoted_keys(session, schema, table.name, rows.at(0).at(1).value_or("")), schema, "");
}

void require_sight(Session& session, const std::string& schema) {
  // What we may not see the server leaves out of its lists without a word.
  std::string who = literal(session.grantee());
  if (const auto role = session.attempt("SELECT CURRENT_ROLE()") == 0 && session.is_mariadb()
                            ? session.value("SELECT CURRENT_ROLE()")
                            : std::nullopt) {
    who += ", " + literal(*role) + ", " + literal("'" + *role + "'") + ", " +
           literal("'" + *role + "'@''") + ", " + literal("'" + *role + "'@'%'");
  }
  const std::vector<std::string> rights = session.list(
      "SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES WHERE GRANTEE IN (" + who +
      ") UNION SELECT PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES WHERE " +
      literal(schema) + " LIKE TABLE_SCHEMA AND GRANTEE IN (" + who + ", \"''@'%'\")");
  for (const std::string_view right : {"SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "EXECUTE"}) {
    if (std::ranges::find(rights, right) == rights.end()) {
      throw RefusedError("the right " + std::string(right) + " is missing for database " +
                             quoted(schema) + ": a part of it would be left out in silence",
                         "let the server's administrator run: " + session.grants());
    }
  }
}

} // namespace savepoint::drivers::mariadb
