#include "drivers/postgres/internal/facts.hpp"

#include "base/hex.hpp"
#include "base/printable.hpp"
#include "database/migrations.hpp"
#include "drivers/postgres/internal/summary.hpp"

#include <algorithm>

namespace savepoint::drivers::postgres {

namespace {

constexpr std::size_t k_most_listed = 10;
constexpr std::size_t k_counted_at_once = 100;
constexpr int k_asked_at_once = 90; // a function takes a hundred arguments

// Schemas of the server's own; sessions' temporary ones are never dumped.
constexpr const char* k_user_tables =
    "SELECT n.nspname, c.relname, EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = "
    "'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' "
    "AND n.nspname !~ '^pg_' ORDER BY 1, 2";

/// Nothing if the table is not what it is called: that is no reason to fail.
std::optional<std::string> newest_migration(Session& session, const std::string& schema,
                                            std::string_view query) {
  session.execute("SAVEPOINT migration; SELECT set_config('search_path', " +
                  quote_text(quote_name(schema)) + ", true)");
  std::optional<std::string> newest;
  try {
    const Rows rows = session.query(std::string(query));
    if (rows.count() > 0 && !rows.is_null(0, 0)) {
      newest = beginning_of(rows.text(0, 0), database::k_longest_migration);
    }
  } catch (const ServerError& error) {
    if (error.state().empty()) {
      throw;
    }
  }
  // Not only rolled back: in a subtransaction no view can be exported.
  session.execute("ROLLBACK TO SAVEPOINT migration; RELEASE SAVEPOINT migration");
  return newest;
}

void read_migration(Session& session, const std::vector<TableId>& tables, Facts& facts) {
  for (const auto& known : database::migration_tables(database::Dialect::postgres)) {
    for (const TableId& table : tables) {
      if (table.second != known.name) {
        continue;
      }
      if (auto newest = newest_migration(session, table.first, known.newest)) {
        facts.migration = std::move(newest);
        facts.migration_table = table_name(table.first, table.second);
        return;
      }
    }
  }
}

json::Value texts(const Rows& rows) {
  json::Value list = json::Value::array();
  for (int row = 0; row < rows.count(); ++row) {
    list.push(json::text_or_bytes(rows.text(row, 0)));
  }
  return list;
}

/// How text is kept and ordered: what a new database must be made with.
json::Value read_locale(Session& session) {
  const int major = session.major();
  const char* provider = major >= 15 ? "datlocprovider::text" : "'c'::text";
  const char* locale = major >= 17 ? "datlocale" : major >= 15 ? "daticulocale" : "NULL::text";
  const char* rules = major >= 16 ? "daticurules" : "NULL::text";
  const Rows row = session.query("SELECT pg_encoding_to_char(encoding), datcollate, datctype, " +
                                 std::string(provider) + ", " + locale + ", " + rules +
                                 " FROM pg_database WHERE datname = current_database()");
  json::Value details = json::Value::object();
  details.set("server_version", std::uint64_t{static_cast<unsigned>(major)});
  details.set("encoding", row.text(0, 0));
  details.set("collation", row.text(0, 1));
  details.set("character_type", row.text(0, 2));
  details.set("locale_provider", row.text(0, 3));
  if (!row.is_null(0, 4)) {
    details.set("locale", row.text(0, 4));
  }
  if (!row.is_null(0, 5)) {
    details.set("icu_rules", row.text(0, 5));
  }
  return details;
}

} // namespace

std::vector<TableId> user_tables(Session& session) {
  const Rows rows = session.query(k_user_tables);
  std::vector<TableId> tables;
  for (int row = 0; row < rows.count(); ++row) {
    if (!rows.truth(row, 2)) {
      tables.emplace_back(rows.text(row, 0), rows.text(row, 1));
    }
  }
  return tables;
}

std::string encoding_of(const json::Value& details) {
  const json::Value* value = details.find("encoding");
  return value != nullptr && value->is_string() ? value->as_string() : std::string();
}

std::string in_utf8(Session& session, const std::string& name, const std::string& encoding) {
  const bool is_plain =
      std::ranges::all_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (is_plain || encoding.empty() || encoding == "UTF8" || encoding == "SQL_ASCII") {
    return name;
  }
  return session
      .query("SELECT convert_from(decode($1, 'hex'), $2)", {to_hex(as_bytes(name)), encoding})
      .text(0, 0);
}

Facts read_facts(Session& session) {
  Facts facts;
  facts.size = session.query("SELECT pg_database_size(current_database())").number(0, 0);
  facts.details = read_locale(session);
  json::Value extensions = json::Value::object();
  const Rows found = session.query("SELECT extname, extversion FROM pg_extension ORDER BY extname");
  for (int row = 0; row < found.count(); ++row) {
    extensions.set(printable(found.text(row, 0)), json::text_or_bytes(found.text(row, 1)));
  }
  facts.details.set("extensions", std::move(extensions));
  facts.details.set("schemas",
                    texts(session.query("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' "
                                        "AND nspname <> 'information_schema' ORDER BY 1")));
  const Rows tables = session.query(k_user_tables);
  for (int row = 0; row < tables.count(); ++row) {
    if (tables.truth(row, 2)) {
      facts.extension_tables.emplace(tables.text(row, 0), tables.text(row, 1));
    }
  }
  read_migration(session, user_tables(session), facts);
  return facts;
}

std::vector<std::uint64_t> count_rows(Session& session, const std::vector<TableId>& tables) {
  std::vector<std::uint64_t> counts;
  for (std::size_t first = 0; first < tables.size(); first += k_counted_at_once) {
    const std::size_t end = std::min(tables.size(), first + k_counted_at_once);
    std::string sql;
    for (std::size_t i = first; i < end; ++i) {
      sql += (sql.empty() ? "SELECT " : ", ") +
             ("(SELECT count(*) FROM ONLY " + quote_name(tables[i].first) + "." +
              quote_name(tables[i].second) + ")");
    }
    const Rows row = session.query(sql);
    for (std::size_t i = first; i < end; ++i) {
      counts.push_back(row.number(0, static_cast<int>(i - first)));
    }
  }
  return counts;
}

std::string sequence_values(Session& session) {
  const Rows names = session.query(
      "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'S' AND relpersistence <> 't' AND "
      "has_table_privilege(oid, 'SELECT') AND has_schema_privilege(relnamespace, 'USAGE') ORDER BY "
      "oid");
  std::string values;
  for (int first = 0; first < names.count(); first += k_asked_at_once) {
    std::string sql = "SELECT concat_ws(' '";
    for (int row = first; row < std::min(names.count(), first + k_asked_at_once); ++row) {
      const std::string name = names.text(row, 0);
      sql += ", (SELECT concat_ws(' ', " + quote_text(name) + ", last_value, is_called) FROM " +
             name + ")";
    }
    values += session.query(sql + ")").text(0, 0) + "\n";
  }
  return values;
}

std::vector<OtherSession> other_sessions(Session& session, const std::string& database,
                                         const std::set<int>& ours) {
  const Rows rows = session.query(
      "SELECT pid, coalesce(application_name, ''), coalesce(usename, ''), CASE WHEN client_addr "
      "IS NOT NULL THEN host(client_addr) ELSE 'this machine' END FROM pg_stat_activity WHERE "
      "datname = $1 AND usesysid IS NOT NULL AND backend_type IS "
      "DISTINCT FROM 'parallel worker' ORDER BY backend_start",
      {database});
  std::vector<OtherSession> others;
  for (int row = 0; row < rows.count(); ++row) {
    const int backend = static_cast<int>(rows.number(row, 0));
    if (ours.contains(backend)) {
      continue;
    }
    others.push_back({backend, "pid " + std::to_string(backend) + ", application " +
                                   quoted(rows.text(row, 1)) + ", user " +
                                   quoted(rows.text(row, 2)) + ", from " + rows.text(row, 3)});
  }
  return others;
}

std::string listed(const std::vector<OtherSession>& sessions) {
  std::string list;
  for (std::size_t i = 0; i < sessions.size() && i < k_most_listed; ++i) {
    list += (i == 0 ? "" : "; ") + sessions[i].text;
  }
  if (sessions.size() > k_most_listed) {
    list += "; and " + std::to_string(sessions.size() - k_most_listed) + " more";
  }
  return list;
}

bool database_exists(Session& session, const std::string& database) {
  return session.query("SELECT 1 FROM pg_database WHERE datname = $1", {database}).count() > 0;
}

} // namespace savepoint::drivers::postgres
