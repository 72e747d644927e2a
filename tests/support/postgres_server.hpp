#pragma once

#include "database/driver.hpp"
#include "support/temporary_directory.hpp"

#include <filesystem>
#include <map>
#include <string>

#include <sys/types.h>

namespace savepoint::test {

/// A PostgreSQL server of the test's own, on a socket in a temporary directory. It dies with us.
/// Everybody may come in without a password, but for who asks through `require_password`.
class PostgresServer {
public:
  /// The one server of this process, started when it is first asked for.
  static PostgresServer& shared();

  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// Runs SQL as `user` and requires that it succeeds; returns rows with `|` between columns.
  std::string sql(const std::string& database, const std::string& statements,
                  const std::string& user = "postgres") const;
  /// Makes a database that the role `app` owns, which may make databases and nothing else.
  void create_database(const std::string& name) const;
  void drop_database(const std::string& name) const;
  /// The names of all databases but the server's own, one a line.
  [[nodiscard]] std::string databases() const;
  /// Schema and rows as sorted lines, blind to owners.
  [[nodiscard]] std::string dump(const std::string& database) const;

  /// How the driver gets there.
  [[nodiscard]] database::Target target(const std::string& database,
                                        const std::string& user = "app") const;
  /// Has `user` need a password from now on.
  void require_password(const std::string& user, const std::string& password) const;

  enum class Stop { clean, immediate };
  void stop(Stop how);
  void start();
  [[nodiscard]] bool is_running() const { return id_ > 0; }

  /// A psql that stays, as `user`, and waits for statements on its input.
  [[nodiscard]] std::string psql_command(const std::string& database,
                                         const std::string& user = "app") const;
  [[nodiscard]] std::filesystem::path socket() const { return directory_ / "socket"; }
  [[nodiscard]] std::filesystem::path log() const { return directory_ / "log"; }

private:
  TemporaryDirectory directory_;
  pid_t id_ = -1;
};

/// A session that stays open: a psql that is fed statements.
class PsqlSession {
public:
  PsqlSession(const PostgresServer& server, const std::string& database,
              const std::string& user = "app");
  ~PsqlSession();
  PsqlSession(const PsqlSession&) = delete;
  PsqlSession& operator=(const PsqlSession&) = delete;
  /// Runs statements and waits for them. Returns what they printed, rows and errors alike.
  std::string run(const std::string& statements);

private:
  pid_t id_ = -1;
  int in_ = -1;
  int out_ = -1;
};

} // namespace savepoint::test
