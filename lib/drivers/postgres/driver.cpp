#include "drivers/postgres/driver.hpp"

#include "base/printable.hpp"
#include "drivers/postgres/internal/capture.hpp"
#include "drivers/postgres/internal/copies.hpp"
#include "drivers/postgres/internal/facts.hpp"
#include "drivers/postgres/internal/fingerprint.hpp"
#include "drivers/postgres/internal/maintenance.hpp"
#include "drivers/postgres/internal/restoration.hpp"

namespace savepoint::drivers::postgres {

namespace {

/// A session on the database; nothing if the server is there and the database is not.
std::optional<Session> try_connect(const Access& access) {
  try {
    return Session(access, access.database);
  } catch (const ConnectionError&) {
    try {
      Maintenance maintenance(access);
      if (!database_exists(maintenance.session(), access.database)) {
        return std::nullopt;
      }
    } catch (const Error&) {
      // Then nothing more is known: what was wrong first counts.
    }
    throw;
  }
}

class PostgresDriver final : public database::Driver {
public:
  explicit PostgresDriver(std::filesystem::path versions) : versions_(std::move(versions)) {}

  [[nodiscard]] std::string_view name() const override { return "postgres"; }

  [[nodiscard]] database::Capabilities capabilities() const override {
    return {.captures_online = true,
            .restores_in_place = false,
            .recognises_unchanged = true,
            .is_server = true,
            .restores_tables = true,
            .keeps_copies = true};
  }

  [[nodiscard]] std::optional<std::string> fingerprint(const database::Target& target,
                                                       Timestamp) const override {
    return postgres::fingerprint(target);
  }

  [[nodiscard]] std::unique_ptr<database::Capture>
  open_capture(const database::Target& target, const std::filesystem::path& scratch,
               std::chrono::milliseconds wait, const Cancellation& cancellation) const override {
    return postgres::open_capture(target, scratch, wait, cancellation, versions_);
  }

  [[nodiscard]] std::unique_ptr<database::Restoration>
  open_restoration(const database::Target& target, const manifest::DatabaseComponent& expected,
                   const database::RestorationOptions& options) const override {
    return postgres::open_restoration(target, expected, options, versions_);
  }

  [[nodiscard]] std::unique_ptr<database::Restoration>
  open_rehearsal(const database::Target& target, const manifest::DatabaseComponent& expected,
                 const database::RestorationOptions& options) const override {
    return postgres::open_rehearsal(target, expected, options, versions_);
  }

  [[nodiscard]] database::Tended tend_copies(const database::Target& target,
                                             const manifest::DatabaseComponent& component,
                                             std::string fingerprint) const override {
    return postgres::tend_copies(target, component, std::move(fingerprint));
  }

  [[nodiscard]] std::optional<std::string>
  production_marker(const database::Target& target) const override {
    std::optional<Session> session = try_connect(access_to(target));
    if (!session) {
      return std::nullopt;
    }
    for (const TableId& table : user_tables(*session)) {
      if (table.second != "ar_internal_metadata") {
        continue;
      }
      const auto environment = environment_of(*session, table);
      if (environment && database::looks_like_production(*environment)) {
        return "ar_internal_metadata says " + quoted(*environment);
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::string server_version(const database::Target& target) const override {
    const Access access = access_to(target);
    Session session(access, access.database);
    return "PostgreSQL " + session.query("SELECT current_setting('server_version')").text(0, 0);
  }

  [[nodiscard]] Presence presence(const database::Target& target) const override {
    std::optional<Session> session = try_connect(access_to(target));
    if (!session) {
      return Presence::missing;
    }
    const Rows rows = session->query(
        "SELECT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema') OR EXISTS (SELECT 1 "
        "FROM pg_largeobject_metadata)");
    return rows.truth(0, 0) ? Presence::filled : Presence::empty;
  }

private:
  /// What Rails wrote down about itself; nothing if the table only has the name.
  static std::optional<std::string> environment_of(Session& session, const TableId& table) {
    try {
      const Rows rows = session.query("SELECT value FROM " + quote_name(table.first) + "." +
                                      quote_name(table.second) + " WHERE key = 'environment'");
      return rows.count() == 0 ? std::nullopt : rows.optional_text(0, 0);
    } catch (const ServerError& error) {
      if (error.state().empty()) {
        throw;
      }
      return std::nullopt;
    }
  }

  std::filesystem::path versions_;
};

} // namespace

std::unique_ptr<database::Driver> make_postgres_driver(std::filesystem::path versions) {
  return std::make_unique<PostgresDriver>(std::move(versions));
}

} // namespace savepoint::drivers::postgres
