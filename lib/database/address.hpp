#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace savepoint::database {

/// A value that nobody must see: it cannot be printed by accident.
class Secret {
public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  [[nodiscard]] bool empty() const { return value_.empty(); }
  /// The value itself, for the one place that needs it.
  [[nodiscard]] const std::string& reveal() const { return value_; }
  friend bool operator==(const Secret&, const Secret&) = default;

private:
  std::string value_;
};

/// Where a database is and how to get in: what a connection URL says.
struct Address {
  std::string driver; ///< "postgres", "mariadb", "sqlite"; the scheme itself if we have no driver.
  /// A name, an address (IPv6 without brackets), or the absolute path of a socket (of its directory
  /// for PostgreSQL). Empty: the local socket where it usually is.
  std::string host;
  std::uint16_t port = 0; ///< 0: the usual one.
  std::string user;       ///< Empty: the name of the system's user.
  Secret password;
  std::string database; ///< Of sqlite: the path of the file, as the URL has it.
  std::map<std::string, std::string> parameters; ///< What follows `?`: sslmode, schema …
  /// Whether the user named the server: on the command line, in the environment, in settings of
  /// their own or that they trust. What only a repository says is nobody's word.
  bool is_own = false;
};

/// Reads every usual form of a connection URL: `postgres[ql][+driver]://`, `mysql[2][+driver]://`,
/// `mariadb://`, `jdbc:…`, `sqlite:…`, `file:…`, libpq's `host=… dbname=…`, Go's
/// `user:pw@tcp(host:3306)/db`. Parts are percent-decoded; a password that should have been encoded
/// and was not is still understood where only one reading is possible.
///
/// Throws UsageError whose message never contains a part of the text but the scheme.
[[nodiscard]] Address parse_url(std::string_view text);

/// As a URL for people: `postgres://app@localhost:5432/shop`, `postgres://app@/shop?host=/run/x`
/// for a socket. Never with a password or other parameters; `parse_url` gives the rest of `address`
/// back.
[[nodiscard]] std::string display(const Address& address);

} // namespace savepoint::database
