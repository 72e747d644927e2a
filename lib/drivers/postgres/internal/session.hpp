#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "drivers/postgres/internal/access.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::drivers::postgres {

/// What the server said no to, with its SQLSTATE (empty if the connection broke).
class ServerError : public DatabaseError {
public:
  ServerError(const std::string& message, std::string state, std::string hint = {})
      : DatabaseError(message, std::move(hint)), state_(std::move(state)) {}
  [[nodiscard]] const std::string& state() const { return state_; }

private:
  std::string state_;
};

// SQLSTATEs that we treat differently.
inline constexpr std::string_view k_object_in_use = "55006";
inline constexpr std::string_view k_lock_not_available = "55P03";
inline constexpr std::string_view k_disk_full = "53100";
inline constexpr std::string_view k_insufficient_privilege = "42501";
inline constexpr std::string_view k_no_such_database = "3D000";
inline constexpr std::string_view k_duplicate_database = "42P04";

/// There was no way in.
class ConnectionError : public DatabaseError {
public:
  using DatabaseError::DatabaseError;
};

/// The settings, `name=value`, by which a server of a major version ends no session of ours for the
/// time that it takes.
[[nodiscard]] std::vector<std::string> endless_settings(int major);

/// The answer to a query.
class Rows {
public:
  explicit Rows(std::shared_ptr<void> result) : result_(std::move(result)) {}
  [[nodiscard]] int count() const;
  [[nodiscard]] bool is_null(int row, int column) const;
  /// Empty for null.
  [[nodiscard]] std::string text(int row, int column) const;
  [[nodiscard]] std::optional<std::string> optional_text(int row, int column) const;
  [[nodiscard]] std::uint64_t number(int row, int column) const;
  [[nodiscard]] bool truth(int row, int column) const { return text(row, column) == "t"; }

private:
  std::shared_ptr<void> result_;
};

/// One connection to a server. Closed at the end, and with it whatever transaction was open.
class Session {
public:
  /// Throws ConnectionError, whose hint says what to do.
  Session(const Access& access, const std::string& database,
          const std::string& application_name = "savepoint");
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  /// Runs one statement; `$1` … stand for `parameters`. Throws ServerError.
  Rows query(const std::string& sql, const std::vector<std::string>& parameters = {});
  /// Runs statements one after the other, without an answer.
  void execute(const std::string& sql);

  /// `COPY … FROM STDIN`: `feed` calls what it is given with the data.
  using Put = std::function<void(ByteView)>;
  void copy_in(const std::string& sql, const std::function<void(const Put&)>& feed);
  /// `COPY … TO STDOUT`.
  void copy_out(const std::string& sql, const std::function<void(ByteView)>& take);

  /// Ends the connection, and with it what it held. Nothing can be asked afterwards.
  void close() { state_.reset(); }

  [[nodiscard]] int server_version() const; ///< 150004 for 15.4.
  [[nodiscard]] int major() const { return server_version() / 10'000; }
  [[nodiscard]] int backend() const;
  [[nodiscard]] const std::string& database() const { return database_; }

private:
  struct State;
  struct Ending {
    void operator()(State* state) const;
  };
  std::unique_ptr<State, Ending> state_;
  std::string database_;
};

/// A transaction that is rolled back unless it was committed.
class Transaction {
public:
  explicit Transaction(Session& session, const std::string& begin = "BEGIN") : session_(&session) {
    session.execute(begin);
  }
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

private:
  Session* session_;
};

} // namespace savepoint::drivers::postgres
