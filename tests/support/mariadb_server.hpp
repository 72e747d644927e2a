#pragma once

#include "support/temporary_directory.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace savepoint::test {

/// A MariaDB server of the test's own: on a socket in a temporary directory, gone at the end, and
/// also if the test dies. It needs no password: its only user is root@localhost.
class MariadbServer {
public:
  /// Starts it with more options, such as `--event-scheduler=ON`.
  explicit MariadbServer(const std::vector<std::string>& options = {});
  ~MariadbServer();
  MariadbServer(const MariadbServer&) = delete;
  MariadbServer& operator=(const MariadbServer&) = delete;

  /// One for all tests of an executable, started when it is first asked for.
  static MariadbServer& shared();

  [[nodiscard]] std::filesystem::path socket() const { return directory_ / "s"; }
  /// Runs statements, as root, with `database` chosen if it is given, and returns what they print:
  /// a row a line, values between tabs. Throws for the first that fails.
  std::string sql(const std::string& statements, const std::string& database = {}) const;
  /// What `mariadb-dump` says of a database, its lines sorted; of tables, routines, triggers and
  /// events.
  [[nodiscard]] std::string logical_dump(const std::string& database) const;
  /// The databases that are not the server's own.
  [[nodiscard]] std::string databases() const;

  /// SIGKILL, as a crash.
  void kill_hard();
  void start();

private:
  TemporaryDirectory directory_;
  std::vector<std::string> options_;
  pid_t process_ = -1;
};

} // namespace savepoint::test
