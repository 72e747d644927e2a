#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace savepoint::sqlite {

/// What SQLite said no to; keeps its result code.
class SqliteError : public DatabaseError {
public:
  SqliteError(const std::string& message, int result_code)
      : DatabaseError(message), result_code_(result_code) {}
  /// The primary result code (SQLITE_BUSY is 5, SQLITE_CORRUPT 11, SQLITE_NOTADB 26 …).
  [[nodiscard]] int result_code() const noexcept { return result_code_; }
  [[nodiscard]] bool is_damage() const noexcept { return result_code_ == 11 || result_code_ == 26; }

private:
  int result_code_;
};

/// Somebody else held a lock for longer than the busy timeout.
class SqliteBusy : public BusyError {
public:
  using BusyError::BusyError;
};

enum class OpenMode { read_only, read_write, create };

class Statement;

/// A connection to one SQLite database. One thread at a time.
///
/// Every failure throws: SqliteBusy for a lock, BusyError for a full disk, SqliteError otherwise.
class Connection {
public:
  /// Opens `file`. Symlinks are followed by SQLite; callers who mind resolve them first.
  Connection(const std::filesystem::path& file, OpenMode mode);
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  /// How long to wait for other people's locks; by default not at all.
  void set_busy_timeout(std::chrono::milliseconds timeout);
  /// For databases that are not ours: no triggers or views of the schema may call functions with
  /// side effects, no writes to the schema, never a checkpoint of ours on close.
  void distrust();

  /// Runs one or more statements without results.
  void execute(const std::string& sql);
  [[nodiscard]] Statement prepare(std::string_view sql);
  [[nodiscard]] std::int64_t query_integer(std::string_view sql);
  [[nodiscard]] std::string query_text(std::string_view sql);

  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

private:
  struct Close {
    void operator()(sqlite3* handle) const noexcept;
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

/// A prepared statement. Bind from 1, read columns from 0, as SQLite counts.
class Statement {
public:
  Statement(Connection& connection, std::string_view sql);
  ~Statement();
  Statement(Statement&&) noexcept;
  Statement& operator=(Statement&&) noexcept;

  Statement& bind(int index, std::int64_t value);
  /// The text or bytes are copied.
  Statement& bind(int index, std::string_view text);
  Statement& bind(int index, ByteView blob);
  Statement& bind_null(int index);

  /// Goes to the next row; false after the last.
  [[nodiscard]] bool step();
  /// Steps a statement that returns no rows, then resets it for the next use.
  void run();
  void reset();

  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  /// Valid until the next step.
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] ByteView blob(int column) const;

private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  sqlite3* connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// A transaction: begin, work, `commit()`; without it the destructor rolls back.
class Transaction {
public:
  enum class Kind { read, write, exclusive };
  /// `connection` must outlive the transaction.
  Transaction(Connection& connection, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

private:
  Connection* connection_;
  bool open_ = true;
};

/// Copies the whole content of `source` into `target` through SQLite's backup API, in one step, as
/// one committed state. Readers of `target` see the old content or the new one, never a mix.
///
/// Waits for locks up to `timeout`; then throws SqliteBusy, and `target` is unchanged.
void backup(Connection& source, Connection& target, std::chrono::milliseconds timeout);

} // namespace savepoint::sqlite
