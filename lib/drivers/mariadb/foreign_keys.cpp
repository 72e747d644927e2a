#include "drivers/mariadb/internal/foreign_keys.hpp"

#include "drivers/mariadb/internal/sql_text.hpp"

namespace savepoint::drivers::mariadb {

namespace {

constexpr unsigned k_mysql_8 = 80000; // where NO ACTION is what is left out

/// One element after the other, with commas.
class List {
public:
  void add(const std::string& element) { text_ += (text_.empty() ? "" : ", ") + element; }
  [[nodiscard]] const std::string& text() const { return text_; }

private:
  std::string text_;
};

struct ForeignKey {
  std::string name;
  std::string table;
  std::string referenced_table;
  List columns;
  List referenced_columns;
  std::string rules;
};

/// ON UPDATE or ON DELETE; nothing where that means the same: MariaDB makes NO ACTION of RESTRICT
/// when it changes a table in place.
std::string clause(const Session& session, const std::string& event, const Cell& rule) {
  const bool is_default =
      rule == "RESTRICT" && (session.is_mariadb() || session.version() < k_mysql_8);
  return is_default ? "" : " ON " + event + " " + rule.value_or("NO ACTION");
}

ForeignKey read_key(Session& session, const std::string& schema, const std::vector<Cell>& row) {
  ForeignKey key{row[0].value_or(""),
                 row[1].value_or(""),
                 row[2].value_or(""),
                 {},
                 {},
                 clause(session, "UPDATE", row[3]) + clause(session, "DELETE", row[4])};
  for (const std::vector<Cell>& column :
       session.query("SELECT COLUMN_NAME, REFERENCED_COLUMN_NAME FROM "
                     "information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = " +
                     literal(schema) + " AND TABLE_NAME = " + literal(key.table) +
                     " AND CONSTRAINT_NAME = " + literal(key.name) +
                     " AND REFERENCED_COLUMN_NAME IS NOT NULL ORDER BY ORDINAL_POSITION")) {
    key.columns.add(name_of(column[0].value_or("")));
    key.referenced_columns.add(name_of(column[1].value_or("")));
  }
  return key;
}

std::string new_name_statement(const ForeignKey& key, const std::string& schema,
                               const std::string& from, const std::string& to) {
  return "ALTER TABLE " + name_of(schema, key.table) + " DROP FOREIGN KEY " + name_of(from) +
         ", ADD CONSTRAINT " + name_of(to) + " FOREIGN KEY (" + key.columns.text() +
         ") REFERENCES " + name_of(schema, key.referenced_table) + " (" +
         key.referenced_columns.text() + ")" + key.rules;
}

} // namespace

std::vector<StoredObject> lend_key_names(Session& session, const ScratchNames& names,
                                         const std::string& target,
                                         const std::vector<std::string>& tables,
                                         std::size_t taken) {
  if (tables.empty()) {
    return {};
  }
  List listed;
  for (const std::string& table : tables) {
    listed.add(literal(table));
  }
  std::vector<StoredObject> loans;
  for (const std::vector<Cell>& row :
       session.query("SELECT CONSTRAINT_NAME, TABLE_NAME, REFERENCED_TABLE_NAME, UPDATE_RULE, "
                     "DELETE_RULE FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE "
                     "CONSTRAINT_SCHEMA = " +
                     literal(names.fresh()) +
                     " AND CONSTRAINT_NAME IN (SELECT CONSTRAINT_NAME FROM "
                     "information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = " +
                     literal(target) + " AND TABLE_NAME IN (" + listed.text() + "))")) {
    const ForeignKey key = read_key(session, names.fresh(), row);
    const std::string scratch = names.key(taken + loans.size());
    session.execute(new_name_statement(key, names.fresh(), key.name, scratch));
    loans.push_back(
        {"KEY", scratch, key.table, {}, new_name_statement(key, target, scratch, key.name)});
  }
  return loans;
}

void give_key_name_back(Session& session, const std::string& target, const StoredObject& key) {
  if (session.value("SELECT 1 FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE "
                    "CONSTRAINT_SCHEMA = " +
                    literal(target) + " AND CONSTRAINT_NAME = " + literal(key.name))) {
    session.execute(key.statement);
  }
}

} // namespace savepoint::drivers::mariadb
