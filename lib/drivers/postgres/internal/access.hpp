#pragma once

#include "database/driver.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace savepoint::drivers::postgres {

/// How to get into a server: what its address and the environment say, in the words of libpq.
struct Access {
  std::map<std::string, std::string> keywords; ///< Without `dbname` and `password`.
  std::string database;
  database::Secret password;
  bool is_password_withheld = false; ///< PGPASSWORD is set, and not for this server.
  std::string shown;                 ///< The address for people, without the database.
  std::string source;                ///< Where the address was found; may be empty.

  /// `message` without the password, whoever wrote it.
  [[nodiscard]] std::string scrubbed(std::string message) const;
};

[[nodiscard]] Access access_to(const database::Target& target);

/// How to get to a database, as `--dbname` of a client program takes it, so that nothing that is
/// set elsewhere counts more.
[[nodiscard]] std::string connection_text(const std::map<std::string, std::string>& keywords);

/// The whole environment of a client program that is to work on `database`, how it gets there, and,
/// as long as this lives, the file that holds its password (0600, in a directory of its own, 0700).
class ClientEnvironment {
public:
  ClientEnvironment(const Access& access, const database::Target& target,
                    const std::string& database, const std::filesystem::path& scratch);
  ~ClientEnvironment();
  ClientEnvironment(const ClientEnvironment&) = delete;
  ClientEnvironment& operator=(const ClientEnvironment&) = delete;

  [[nodiscard]] const std::map<std::string, std::string>& variables() const { return variables_; }
  /// What `--dbname` is to be.
  [[nodiscard]] std::string connection() const { return connection_text(keywords_); }
  /// Has the sessions of the program begin with a setting: `name=value`.
  void set_option(const std::string& setting);

private:
  std::map<std::string, std::string> variables_;
  std::map<std::string, std::string> keywords_;
  std::filesystem::path directory_;
};

/// An identifier and a literal as SQL wants them.
[[nodiscard]] std::string quote_name(std::string_view name);
[[nodiscard]] std::string quote_text(std::string_view text);

/// `count` random hex digits from the system.
[[nodiscard]] std::string random_hex(std::size_t count);

} // namespace savepoint::drivers::postgres
