#include "drivers/postgres/internal/maintenance.hpp"

#include "base/printable.hpp"
#include "drivers/postgres/internal/copies.hpp"

#include <array>

namespace savepoint::drivers::postgres {

namespace {

constexpr std::size_t k_token_size = 16;
constexpr const char* k_application_prefix = "savepoint ";

// template1 last: a session on it stops others from making databases.
constexpr std::array<const char*, 3> k_usual{"postgres", "defaultdb", "template1"};

std::string_view word(Kind kind) {
  switch (kind) {
  case Kind::fresh:
    return "new";
  case Kind::old:
    return "old";
  case Kind::rehearsal:
    return "rehearsal";
  case Kind::copy:
    return "template";
  }
  bug("an unknown kind of scratch database");
}

/// Any other database that we may connect to, asked of the one we work on.
std::vector<std::string> others(const Access& access) {
  std::vector<std::string> names;
  Session session(access, access.database);
  const Rows rows =
      session.query("SELECT datname FROM pg_database WHERE datallowconn AND datname <> $1 AND "
                    "has_database_privilege(oid, 'CONNECT') AND datname !~ '^savepoint_' ORDER BY "
                    "datistemplate, datname",
                    {access.database});
  for (int row = 0; row < rows.count(); ++row) {
    names.push_back(rows.text(row, 0));
  }
  return names;
}

Session connect(const Access& access, const std::string& application) {
  for (const char* name : k_usual) {
    if (name == access.database) {
      continue;
    }
    try {
      return {access, name, application};
    } catch (const ConnectionError&) {
      continue; // the next one may let us in; if none does, the last words come from our own
    }
  }
  for (const std::string& name : others(access)) {
    try {
      return {access, name, application};
    } catch (const ConnectionError&) {
      continue;
    }
  }
  throw RefusedError("there is no other database on " + access.shown + " from where " +
                         quoted(access.database) + " could be renamed",
                     "let the role in: GRANT CONNECT ON DATABASE postgres TO \"role\"");
}

} // namespace

Maintenance::Maintenance(const Access& access)
    : token_(random_hex(k_token_size)), session_(connect(access, k_application_prefix + token_)) {}

std::string Maintenance::name(Kind kind) const {
  return "savepoint_" + std::string(word(kind)) + "_" + token_;
}

void Maintenance::require_right_to_create() {
  const Rows row = session_.query(
      "SELECT rolcreatedb OR rolsuper, rolname FROM pg_roles WHERE rolname = current_user");
  if (row.count() == 0 || !row.truth(0, 0)) {
    const std::string role = row.count() == 0 ? "" : row.text(0, 1);
    throw RefusedError("the role " + quoted(role) +
                           " may not create databases, and a database "
                           "is restored beside the old one",
                       "as a superuser: ALTER ROLE " + quote_name(role) + " CREATEDB");
  }
}

std::vector<std::string> abandoned_databases(Session& session) {
  const Rows rows = session.query(
      "SELECT datname FROM pg_database d WHERE (datname ~ "
      "'^savepoint_(new|old|rehearsal)_[0-9a-f]{16}$' AND pg_has_role(datdba, 'USAGE') OR " +
      abandoned_copies("d") +
      ") AND datname <> current_database() AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE "
      "a.application_name = 'savepoint ' || right(d.datname, 16))");
  std::vector<std::string> names;
  for (int row = 0; row < rows.count(); ++row) {
    names.push_back(rows.text(row, 0));
  }
  return names;
}

void sweep(Session& session) {
  for (const std::string& name : abandoned_databases(session)) {
    try {
      drop_database(session, name);
    } catch (const ServerError& error) {
      if (error.state().empty()) {
        throw;
      }
    }
  }
}

void drop_database(Session& session, const std::string& database) {
  const Rows row =
      session.query("SELECT datistemplate FROM pg_database WHERE datname = $1", {database});
  if (row.count() > 0 && row.truth(0, 0)) { // no template can be dropped
    session.execute("ALTER DATABASE " + quote_name(database) + " IS_TEMPLATE false");
  }
  session.execute("DROP DATABASE IF EXISTS " + quote_name(database) +
                  (session.major() >= 13 ? " WITH (FORCE)" : ""));
}

std::string current_role(Session& session) {
  return session.query("SELECT current_user::text").text(0, 0);
}

} // namespace savepoint::drivers::postgres
