#include "drivers/postgres/internal/staged_database.hpp"

#include "base/printable.hpp"
#include "drivers/postgres/internal/copies.hpp"
#include "drivers/postgres/internal/facts.hpp"
#include "drivers/postgres/internal/summary.hpp"

#include <algorithm>
#include <charconv>

namespace savepoint::drivers::postgres {

namespace {

// What a server says to a locale that it does not know.
constexpr std::string_view k_wrong_object_type = "42809";
constexpr std::string_view k_invalid_parameter = "22023";

std::string detail(const manifest::DatabaseComponent& component, std::string_view key) {
  const json::Value* value = component.details.find(key);
  return value != nullptr && value->is_string() ? value->as_string() : std::string();
}

int server_of(const manifest::DatabaseComponent& component) {
  const json::Value* value = component.details.find("server_version");
  return value != nullptr && value->is_integer() ? static_cast<int>(value->as_integer()) : 0;
}

/// 14 of "1.14".
int format_of(const manifest::DatabaseComponent& component) {
  const std::string text = detail(component, "archive_format");
  int minor = k_oldest_format;
  if (text.starts_with("1.")) {
    std::from_chars(text.data() + 2, text.data() + text.size(), minor);
  }
  return minor;
}

/// How the snapshot's database keeps and orders text.
std::string locale_clauses(const manifest::DatabaseComponent& expected, int server_major) {
  std::string sql;
  const auto add = [&](const char* clause, std::string_view key) {
    const std::string value = detail(expected, key);
    if (!value.empty()) {
      sql += std::string(" ") + clause + " " + quote_text(value);
    }
  };
  add("LC_COLLATE", "collation");
  add("LC_CTYPE", "character_type");
  const std::string provider = detail(expected, "locale_provider");
  if (server_major >= 15 && provider == "i") {
    sql += " LOCALE_PROVIDER icu";
    add("ICU_LOCALE", "locale");
    if (server_major >= 16) {
      add("ICU_RULES", "icu_rules");
    }
  } else if (server_major >= 17 && provider == "b") {
    sql += " LOCALE_PROVIDER builtin";
    add("BUILTIN_LOCALE", "locale");
  } else if (server_major >= 15) {
    sql += " LOCALE_PROVIDER libc";
  }
  return sql;
}

/// Whose the present database is, and where it lies: clauses of `CREATE DATABASE`.
std::string place_of(Session& session, const std::string& database) {
  const Rows old = session.query(
      "SELECT pg_get_userbyid(datdba), spcname FROM pg_database d JOIN pg_tablespace t ON t.oid = "
      "d.dattablespace WHERE datname = $1",
      {database});
  if (old.count() == 0) {
    return "";
  }
  std::string sql = " OWNER " + quote_name(old.text(0, 0));
  if (old.text(0, 1) != "pg_default") {
    sql += " TABLESPACE " + quote_name(old.text(0, 1));
  }
  return sql;
}

bool has_public_schema(const manifest::DatabaseComponent& expected) {
  const json::Value* schemas = expected.details.find("schemas");
  return schemas == nullptr || !schemas->is_array() ||
         std::ranges::find(schemas->items(), json::Value("public")) != schemas->items().end();
}

} // namespace

StagedDatabase::StagedDatabase(Maintenance& maintenance, const RestoreRequest& request,
                               const manifest::DatabaseComponent& expected, Kind kind)
    : maintenance_(&maintenance), request_(&request), name_(maintenance.name(kind)) {
  const int server = maintenance.session().major();
  if (server_of(expected) > server) {
    throw NotFoundError("the snapshot is of PostgreSQL " + std::to_string(server_of(expected)) +
                            ", and the server at " + request.access.shown + " is PostgreSQL " +
                            std::to_string(server),
                        "restore into a server of version " + std::to_string(server_of(expected)) +
                            " or later");
  }
  if (kind == Kind::fresh && create_of_copy(request, expected)) {
    return;
  }
  Program program = find_restore(request.target, server, format_of(expected), request.versions);
  maintenance.require_right_to_create();
  sweep(maintenance.session());
  create(request, expected, kind);
  try {
    if (!has_public_schema(expected)) {
      Session(request.access, name_).execute("DROP SCHEMA IF EXISTS public");
    }
    loader_.emplace(request, std::move(program), name_, expected.image.size);
  } catch (...) {
    drop();
    throw;
  }
}

StagedDatabase::~StagedDatabase() {
  loader_.reset();
  if (is_owned_) {
    drop();
  }
}

void StagedDatabase::make_room() const {
  Session session(request_->access, name_);
  for (const TableId& table : user_tables(session)) {
    session.execute("DROP TABLE IF EXISTS " + quote_name(table.first) + "." +
                    quote_name(table.second) + " CASCADE");
  }
}

void StagedDatabase::drop() noexcept {
  try {
    if (is_server_full_) {
      make_room();
    }
    drop_database(maintenance_->session(), name_);
  } catch (const Error&) {
    return; // the next operation on this server sweeps it
  }
}

bool StagedDatabase::create_of_copy(const RestoreRequest& request,
                                    const manifest::DatabaseComponent& expected) {
  Session& session = maintenance_->session();
  const std::optional<std::string> copy = find_copy(session, expected, request.access.database);
  if (!copy) {
    return false;
  }
  maintenance_->require_right_to_create();
  sweep(session);
  const std::uint64_t size = session.query("SELECT pg_database_size($1)", {*copy}).number(0, 0);
  bool is_damaged = false;
  try {
    session.execute("CREATE DATABASE " + quote_name(name_) + " TEMPLATE " + quote_name(*copy) +
                    place_of(session, request.access.database) + copy_strategy(session, size));
    compare(expected);
    return true;
  } catch (const ServerError& error) {
    if (error.state().empty()) {
      throw;
    }
  } catch (const CorruptionError&) {
    is_damaged = true;
  }
  // The snapshot itself has it as well.
  drop();
  if (is_damaged) {
    drop_database(session, *copy);
  }
  return false;
}

void StagedDatabase::create(const RestoreRequest& request,
                            const manifest::DatabaseComponent& expected, Kind kind) {
  Session& session = maintenance_->session();
  std::string sql = "CREATE DATABASE " + quote_name(name_) + " TEMPLATE template0";
  const std::string encoding = encoding_of(expected.details);
  if (!encoding.empty()) {
    sql += " ENCODING " + quote_text(encoding);
  }
  if (kind == Kind::fresh) {
    sql += place_of(session, request.access.database);
  }
  try {
    session.execute(sql + locale_clauses(expected, session.major()));
  } catch (const ServerError& error) {
    if (error.state() == k_disk_full) {
      throw BusyError(error.what(), "make room where the server keeps its data");
    }
    if (error.state() == k_insufficient_privilege) {
      throw RefusedError(error.what(), "as a superuser: GRANT what the message names to " +
                                           quote_name(current_role(session)));
    }
    if (error.state() != k_wrong_object_type && error.state() != k_invalid_parameter) {
      throw;
    }
    session.execute(sql); // another machine's locale: the server's own will have to do
    left_out_.push_back("collation " + quoted(detail(expected, "collation")));
  }
}

void StagedDatabase::write(ByteView bytes) {
  if (loader_) {
    loader_->write(bytes);
  }
}

void StagedDatabase::check(const manifest::DatabaseComponent& expected) {
  if (!loader_) {
    return;
  }
  try {
    loader_->finish();
  } catch (const BusyError&) {
    is_server_full_ = true;
    throw;
  }
  compare(expected);
}

void StagedDatabase::compare(const manifest::DatabaseComponent& expected) const {
  Session session(request_->access, name_);
  const std::vector<TableId> tables = user_tables(session);
  const std::vector<std::uint64_t> counts = count_rows(session, tables);
  std::vector<manifest::Table> found;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    found.push_back({table_name(tables[i].first, tables[i].second), counts[i]});
  }
  std::vector<manifest::Table> wanted = expected.tables;
  for (manifest::Table& table : wanted) {
    if (!is_utf8(table.name)) { // older snapshots have names as the archive has them
      table.name = in_utf8(session, table.name, encoding_of(expected.details));
    }
  }
  for (const manifest::Table& table : wanted) {
    const auto same = std::ranges::find(found, table.name, &manifest::Table::name);
    if (same == found.end()) {
      throw CorruptionError("the table " + quoted(table.name) + " is not in the archive");
    }
    if (same->rows != table.rows) {
      throw CorruptionError("the table " + quoted(table.name) + " has " +
                            std::to_string(same->rows) + " rows instead of " +
                            std::to_string(table.rows));
    }
  }
  for (const manifest::Table& table : found) {
    if (std::ranges::find(wanted, table.name, &manifest::Table::name) == wanted.end()) {
      throw CorruptionError("the table " + quoted(table.name) + " is not one of the snapshot");
    }
  }
}

std::vector<std::string> StagedDatabase::left_out() const {
  std::vector<std::string> all = left_out_;
  if (loader_) {
    all.insert(all.end(), loader_->left_out().begin(), loader_->left_out().end());
  }
  return all;
}

} // namespace savepoint::drivers::postgres
