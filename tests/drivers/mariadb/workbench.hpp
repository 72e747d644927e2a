#pragma once

#include "drivers/mariadb/driver.hpp"

#include "support/mariadb_server.hpp"
#include "support/temporary_directory.hpp"

#include <memory>
#include <string>

namespace savepoint::test {

/// An image, read to its end.
struct MariadbImage {
  std::string script;
  manifest::DatabaseComponent component;
};

/// The database `shop` on a server of the test, and the driver.
class MariadbWorkbench {
public:
  explicit MariadbWorkbench(const std::string& content = {});
  ~MariadbWorkbench();
  MariadbWorkbench(const MariadbWorkbench&) = delete;
  MariadbWorkbench& operator=(const MariadbWorkbench&) = delete;

  [[nodiscard]] MariadbServer& server() const { return *server_; }
  [[nodiscard]] const database::Driver& driver() const { return *driver_; }
  /// As root, or as another user.
  [[nodiscard]] database::Target target(const std::string& user = "root",
                                        const std::string& password = {}) const;
  std::string sql(const std::string& statements) const { return server_->sql(statements, "shop"); }
  [[nodiscard]] std::string dump() const { return server_->logical_dump("shop"); }

  [[nodiscard]] MariadbImage capture() const { return capture(target()); }
  [[nodiscard]] MariadbImage capture(const database::Target& target) const;
  /// Opens a restoration, writes and checks.
  [[nodiscard]] std::unique_ptr<database::Restoration>
  stage(const MariadbImage& image, const database::RestorationOptions& options = {}) const {
    return stage(image, options, target());
  }
  [[nodiscard]] std::unique_ptr<database::Restoration>
  stage(const MariadbImage& image, const database::RestorationOptions& options,
        const database::Target& target) const;
  void restore(const MariadbImage& image, const database::RestorationOptions& options = {}) const;

private:
  MariadbServer* server_;
  TemporaryDirectory scratch_;
  std::unique_ptr<database::Driver> driver_;
};

/// Reads a capture to its end.
[[nodiscard]] MariadbImage read_all(database::Capture& capture);

} // namespace savepoint::test
