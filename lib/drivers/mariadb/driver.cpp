#include "drivers/mariadb/driver.hpp"

#include "base/printable.hpp"
#include "drivers/mariadb/internal/capture.hpp"
#include "drivers/mariadb/internal/contents.hpp"
#include "drivers/mariadb/internal/restoration.hpp"
#include "drivers/mariadb/internal/sql_text.hpp"
#include "drivers/mariadb/internal/stored_objects.hpp"
#include "drivers/mariadb/internal/tables.hpp"

namespace savepoint::drivers::mariadb {

namespace {

class MariadbDriver final : public database::Driver {
public:
  [[nodiscard]] std::string_view name() const override { return "mariadb"; }

  [[nodiscard]] database::Capabilities capabilities() const override {
    return {.captures_online = true,
            .restores_in_place = true,
            .recognises_unchanged = true,
            .is_server = true,
            .restores_tables = true};
  }

  [[nodiscard]] std::optional<std::string> fingerprint(const database::Target& target,
                                                       Timestamp) const override {
    Session session(target.address, Purpose::look);
    return mariadb::fingerprint(session, target.address.database);
  }

  [[nodiscard]] std::unique_ptr<database::Capture>
  open_capture(const database::Target& target, const std::filesystem::path&,
               std::chrono::milliseconds, const Cancellation& cancellation) const override {
    return mariadb::open_capture(target, &cancellation);
  }

  [[nodiscard]] std::vector<manifest::LeftOut>
  left_out(const manifest::DatabaseComponent& component) const override {
    std::vector<manifest::LeftOut> all;
    for (const std::string& view : invalid_views(component)) {
      all.push_back({"view " + quoted(view), "what it shows is not there any more", true});
    }
    return all;
  }

  [[nodiscard]] std::unique_ptr<database::Restoration>
  open_restoration(const database::Target& target, const manifest::DatabaseComponent& expected,
                   const database::RestorationOptions& options) const override {
    return mariadb::open_restoration(target, expected, options);
  }

  [[nodiscard]] std::unique_ptr<database::Restoration>
  open_rehearsal(const database::Target& target, const manifest::DatabaseComponent& expected,
                 const database::RestorationOptions& options) const override {
    return mariadb::open_rehearsal(target, expected, options);
  }

  [[nodiscard]] std::optional<std::string>
  production_marker(const database::Target& target) const override {
    Session session(target.address, Purpose::look);
    return mariadb::production_marker(session, target.address.database);
  }

  [[nodiscard]] std::string server_version(const database::Target& target) const override {
    const Session session(target.address, Purpose::look);
    return (session.is_mariadb() ? "MariaDB " : "MySQL ") +
           session.version_text().substr(0, session.version_text().find('-'));
  }

  [[nodiscard]] Presence presence(const database::Target& target) const override {
    Session session(target.address, Purpose::look);
    const std::string& schema = target.address.database;
    if (!schema_info(session, schema)) {
      return Presence::missing;
    }
    const auto something = session.value(
        "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = " + literal(schema) +
        " UNION ALL SELECT 1 FROM information_schema.ROUTINES "
        "WHERE ROUTINE_SCHEMA = " +
        literal(schema) + " LIMIT 1");
    return something ? Presence::filled : Presence::empty;
  }
};

} // namespace

std::unique_ptr<database::Driver> make_mariadb_driver() {
  return std::make_unique<MariadbDriver>();
}

} // namespace savepoint::drivers::mariadb
