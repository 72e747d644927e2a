#include "database/migrations.hpp"

#include <array>
#include <vector>

namespace savepoint::database {

namespace {

// What every dialect understands.
constexpr std::array k_common{
    MigrationTable{"_prisma_migrations",
                   "SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL "
                   "AND rolled_back_at IS NULL ORDER BY finished_at DESC, started_at DESC, "
                   "migration_name DESC LIMIT 1"},
    MigrationTable{"schema_migrations", "SELECT max(version) FROM schema_migrations"},
    MigrationTable{"knex_migrations", "SELECT name FROM knex_migrations ORDER BY id DESC LIMIT 1"},
    MigrationTable{"flyway_schema_history",
                   "SELECT version FROM flyway_schema_history WHERE success AND version IS NOT "
                   "NULL ORDER BY installed_rank DESC LIMIT 1"},
    MigrationTable{"migrations", "SELECT migration FROM migrations ORDER BY id DESC LIMIT 1"},
    MigrationTable{"migrations", "SELECT name FROM migrations ORDER BY id DESC LIMIT 1"},
    MigrationTable{"typeorm_migrations",
                   "SELECT name FROM typeorm_migrations ORDER BY id DESC LIMIT 1"},
    MigrationTable{"goose_db_version",
                   "SELECT version_id FROM goose_db_version WHERE is_applied ORDER BY id DESC "
                   "LIMIT 1"},
    MigrationTable{"__drizzle_migrations",
                   "SELECT hash FROM __drizzle_migrations ORDER BY id DESC LIMIT 1"},
    MigrationTable{"atlas_schema_revisions", "SELECT max(version) FROM atlas_schema_revisions"},
};

constexpr MigrationTable k_django{
    "django_migrations",
    "SELECT app || '.' || name FROM django_migrations ORDER BY id DESC LIMIT 1"};
constexpr MigrationTable k_django_mariadb{
    "django_migrations",
    "SELECT concat(app, '.', name) FROM django_migrations ORDER BY id DESC LIMIT 1"};
constexpr MigrationTable k_alembic_sqlite{
    "alembic_version", "SELECT group_concat(version_num, ', ') FROM (SELECT version_num FROM "
                       "alembic_version ORDER BY version_num)"};
constexpr MigrationTable k_alembic_postgres{
    "alembic_version",
    "SELECT string_agg(version_num, ', ' ORDER BY version_num) FROM alembic_version"};
constexpr MigrationTable k_alembic_mariadb{
    "alembic_version",
    "SELECT group_concat(version_num ORDER BY version_num SEPARATOR ', ') FROM alembic_version"};
constexpr MigrationTable k_sequelize{"SequelizeMeta", "SELECT max(name) FROM \"SequelizeMeta\""};
constexpr MigrationTable k_sequelize_mariadb{"SequelizeMeta",
                                             "SELECT max(name) FROM SequelizeMeta"};

std::vector<MigrationTable> tables_of(Dialect dialect) {
  std::vector<MigrationTable> tables(k_common.begin(), k_common.end());
  switch (dialect) {
  case Dialect::sqlite:
    tables.insert(tables.end(), {k_django, k_alembic_sqlite, k_sequelize});
    break;
  case Dialect::postgres:
    tables.insert(tables.end(), {k_django, k_alembic_postgres, k_sequelize});
    break;
  case Dialect::mariadb:
    tables.insert(tables.end(), {k_django_mariadb, k_alembic_mariadb, k_sequelize_mariadb});
    break;
  }
  return tables;
}

} // namespace

std::span<const MigrationTable> migration_tables(Dialect dialect) {
  static const std::array all{tables_of(Dialect::sqlite), tables_of(Dialect::postgres),
                              tables_of(Dialect::mariadb)};
  return all.at(static_cast<std::size_t>(dialect));
}

} // namespace savepoint::database
