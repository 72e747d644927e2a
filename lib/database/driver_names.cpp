#include "database/driver_names.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>

namespace savepoint::database {
namespace {

/// Where a name has this meaning. What a URL calls `libsql` is no file, and we have no driver for
/// it; a setting that says so has a file beside it.
enum class Use { anywhere, in_urls, in_settings };

struct Name {
  std::string_view name;
  std::string_view driver;
  Use use = Use::anywhere;
};

constexpr std::array<Name, 32> k_names = {{
    {"postgres", "postgres"},
    {"postgresql", "postgres"},
    {"pgsql", "postgres"},
    {"postgis", "postgres"},
    {"psql", "postgres", Use::in_urls},
    {"pgx", "postgres", Use::in_urls},
    {"pgx4", "postgres", Use::in_urls},
    {"pgx5", "postgres", Use::in_urls},
    {"pg", "postgres", Use::in_settings},
    {"pgnative", "postgres", Use::in_settings},
    {"psycopg2", "postgres", Use::in_settings},
    {"postgresqlpsycopg2", "postgres", Use::in_settings},
    {"mysql", "mariadb"},
    {"mysql2", "mariadb"},
    {"mariadb", "mariadb"},
    {"trilogy", "mariadb"},
    {"sqlite", "sqlite"},
    {"sqlite3", "sqlite"},
    {"file", "sqlite", Use::in_urls},
    {"bettersqlite3", "sqlite", Use::in_settings},
    {"spatialite", "sqlite", Use::in_settings},
    {"libsql", "sqlite", Use::in_settings},
    {"turso", "sqlite", Use::in_settings},
    {"mongodb", "mongodb"},
    {"mongo", "mongodb", Use::in_settings},
    {"sqlserver", "sqlserver"},
    {"mssql", "sqlserver", Use::in_settings},
    {"oracle", "oracle"},
    {"oracledb", "oracle", Use::in_settings},
    {"cockroachdb", "cockroachdb"},
    {"cockroach", "cockroachdb", Use::in_settings},
    {"redis", "redis"},
}};

std::string_view find(std::string_view name, Use use) {
  const auto* const known = std::ranges::find_if(k_names, [&](const Name& one) {
    return one.name == name && (one.use == Use::anywhere || one.use == use);
  });
  return known == k_names.end() ? std::string_view() : known->driver;
}

} // namespace

std::string driver_of_scheme(std::string_view scheme) {
  std::string name = lower(scheme.substr(0, scheme.find('+')));
  const std::string_view known = find(name, Use::in_urls);
  return known.empty() ? name : std::string(known);
}

std::string_view driver_of_setting(std::string_view word) {
  return find(word, Use::in_settings);
}

} // namespace savepoint::database
