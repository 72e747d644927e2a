#pragma once

#include "base/cancellation.hpp"
#include "database/address.hpp"
#include "drivers/mariadb/internal/encryption.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::drivers::mariadb {

using Cell = std::optional<std::string>;
using Rows = std::vector<std::vector<Cell>>;

/// What a session is for: the rights that a refusal asks for.
enum class Purpose { look, capture, restore };

// Errors of the server that callers treat on their own.
inline constexpr unsigned k_no_such_schema = 1049;
inline constexpr unsigned k_no_such_table = 1146;
inline constexpr unsigned k_lock_wait_timeout = 1205;
inline constexpr unsigned k_interrupted = 1317;

/// One column of a result.
struct Column {
  std::string name;
  enum class Kind { number, text, binary } kind = Kind::text;
};

/// A result that is read row by row, while nothing else is asked of its session.
class Stream {
public:
  virtual ~Stream() = default;
  [[nodiscard]] virtual const std::vector<Column>& columns() const = 0;
  /// Goes to the next row; false at the end.
  [[nodiscard]] virtual bool next() = 0;
  /// A value of the row; null for NULL. Valid until `next`.
  [[nodiscard]] virtual std::optional<std::string_view> value(std::size_t column) const = 0;
};

/// A connection to a server. Every error of the server becomes one of ours, with what to do about
/// it; passwords never get into them.
///
/// Times are UTC, names and texts UTF-8, and no mode of the server changes what statements mean.
class Session {
public:
  /// Throws DatabaseError if the server cannot be reached or does not let us in, RefusedError if it
  /// has not the encryption that `address` asks for, NotFoundError if the client library is not
  /// installed. No database is chosen.
  Session(const database::Address& address, Purpose purpose);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void execute(std::string_view sql);
  [[nodiscard]] Rows query(std::string_view sql);
  /// The first column of each row, NULL as an empty string.
  [[nodiscard]] std::vector<std::string> list(std::string_view sql);
  /// The first value; nothing if there is no row or it is NULL.
  [[nodiscard]] std::optional<std::string> value(std::string_view sql);
  [[nodiscard]] std::unique_ptr<Stream> stream(std::string_view sql);
  /// As `execute`, but gives the number of the server's error, 0 for none.
  [[nodiscard]] unsigned attempt(std::string_view sql);
  /// What `attempt` was told last.
  [[nodiscard]] const std::string& complaint() const { return complaint_; }
  /// Throws what `attempt` has just been told, as an error of ours. `action` says what we were at.
  [[noreturn]] void fail(const std::string& action = {});

  /// Sends a statement without waiting for its end. Nothing else may be asked until `is_done` has
  /// given true and `finish` was called.
  void start(std::string_view sql);
  /// Whether the statement has ended, waiting for that up to `wait`.
  [[nodiscard]] bool is_done(std::chrono::milliseconds wait);
  /// The number of the server's error, 0 for none.
  [[nodiscard]] unsigned finish();
  /// Whether a statement was started and not finished.
  [[nodiscard]] bool is_busy() const { return is_busy_; }

  /// The server's number for this session.
  [[nodiscard]] std::uint64_t id() const;
  [[nodiscard]] bool is_mariadb() const { return is_mariadb_; }
  /// Such as 101119 for 10.11.19.
  [[nodiscard]] unsigned version() const { return version_; }
  [[nodiscard]] const std::string& version_text() const { return version_text_; }
  /// Who we are to the server, as GRANT wants it: 'app'@'localhost'.
  [[nodiscard]] std::string grantee();
  /// The statements that give us what `purpose` needs.
  [[nodiscard]] std::string grants();

private:
  struct Handle;
  /// Where the server listens.
  struct Place {
    std::string host;
    std::string socket; ///< Empty: the usual one.
    bool over_socket = false;
  };
  void connect();
  [[nodiscard]] bool try_at(const Place& place);
  /// This machine without a port is the usual socket to some programs and the usual port to others.
  [[nodiscard]] bool try_here();
  [[nodiscard]] bool log_in(const Place& place, const std::string& user,
                            const std::string& password);
  void prepare();
  void run(std::string_view sql);
  [[nodiscard]] unsigned complain();
  [[nodiscard]] std::string cleaned(std::string message) const;

  database::Address address_;
  Purpose purpose_;
  Encryption encryption_;
  std::unique_ptr<Handle> handle_;
  std::string grantee_;
  std::string version_text_;
  unsigned version_ = 0;
  bool is_mariadb_ = false;
  bool is_busy_ = false;
  unsigned complaint_number_ = 0;
  std::string complaint_;
};

} // namespace savepoint::drivers::mariadb
