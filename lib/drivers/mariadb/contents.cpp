#include "drivers/mariadb/internal/contents.hpp"

#include "base/printable.hpp"
#include "database/migrations.hpp"
#include "drivers/mariadb/internal/sql_text.hpp"
#include "drivers/mariadb/internal/stored_objects.hpp"
#include "hash/sha256.hpp"

#include <algorithm>
#include <charconv>

namespace savepoint::drivers::mariadb {

namespace {

// A server that was started anew within so short a time could not be told from itself.
constexpr std::int64_t k_youngest_server = 3;

void add(hash::Sha256& sum, std::string_view part) {
  sum.update(as_bytes(std::to_string(part.size()) + ":"));
  sum.update(as_bytes(part));
}

/// Nothing if the server has no such thing or keeps it from us.
std::optional<std::string> ask(Session& session, const std::string& sql, std::size_t column) {
  if (session.attempt(sql) != 0) {
    return std::nullopt;
  }
  const Rows rows = session.query(sql);
  return rows.empty() || rows[0].size() <= column ? std::nullopt : rows[0][column];
}

std::int64_t number(const std::optional<std::string>& text) {
  std::int64_t value = -1;
  if (text) {
    std::from_chars(text->data(), text->data() + text->size(), value);
  }
  return value;
}

} // namespace

Migration newest_migration(Session& session, const std::string& schema,
                           const std::vector<TableInfo>& tables) {
  session.execute("USE " + name_of(schema));
  for (const database::MigrationTable& known :
       database::migration_tables(database::Dialect::mariadb)) {
    if (std::ranges::find(tables, known.name, &TableInfo::name) == tables.end()) {
      continue;
    }
    if (const auto newest = ask(session, std::string(known.newest), 0)) {
      return {std::string(beginning_of(*newest, database::k_longest_migration)),
              std::string(known.name)};
    }
  }
  return {};
}

std::uint64_t data_size(Session& session, const std::string& schema) {
  const std::int64_t size = number(
      session.value("SELECT CAST(COALESCE(SUM(DATA_LENGTH + INDEX_LENGTH), 0) AS UNSIGNED) FROM "
                    "information_schema.TABLES WHERE TABLE_SCHEMA = " +
                    literal(schema)));
  return static_cast<std::uint64_t>(std::max<std::int64_t>(size, 0));
}

std::optional<std::string> production_marker(Session& session, const std::string& schema) {
  const auto value = ask(session,
                         "SELECT value FROM " + name_of(schema, "ar_internal_metadata") +
                             " WHERE `key` = 'environment'",
                         0);
  if (value && (*value == "production" || *value == "prod" || *value == "live")) {
    return "ar_internal_metadata says " + quoted(*value);
  }
  return std::nullopt;
}

std::optional<std::string> fingerprint(Session& session, const std::string& schema) {
  const std::optional<SchemaInfo> info = schema_info(session, schema);
  const auto position =
      ask(session,
          session.is_mariadb() ? "SHOW GLOBAL STATUS LIKE 'Innodb_lsn_current'"
                               : "SHOW GLOBAL STATUS LIKE 'Innodb_redo_log_current_lsn'",
          1);
  const std::int64_t uptime = number(ask(session, "SHOW GLOBAL STATUS LIKE 'Uptime'", 1));
  const std::int64_t now = number(session.value("SELECT UNIX_TIMESTAMP()"));
  if (!info || !position || uptime < k_youngest_server) {
    return std::nullopt;
  }
  require_sight(session, schema);
  hash::Sha256 sum;
  add(sum, ask(session, "SELECT @@server_uid", 0)
               .value_or(ask(session, "SELECT @@server_uuid", 0).value_or("")));
  add(sum,
      session.value("SELECT CONCAT_WS('|', @@hostname, @@port, @@socket, @@datadir)").value_or(""));
  add(sum, std::to_string(now - uptime)); // when the server was started
  add(sum, schema + "|" + info->charset + "|" + info->collation);
  for (const TableInfo& table : list_tables(session, schema)) {
    if (!table.is_transactional() || table.engine != "InnoDB") {
      return std::nullopt; // what others write need not be in InnoDB's log
    }
    add(sum, table.name);
    add(sum, definition(session, schema, table));
  }
  for (const StoredObject& object : read_objects(session, schema, Owner::keep)) {
    for (const std::string& part :
         {object.kind, object.name, object.table, object.prologue, object.statement}) {
      add(sum, part);
    }
  }
  add(sum, *position);
  return sum.finish().hex();
}

} // namespace savepoint::drivers::mariadb
