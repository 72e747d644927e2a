#pragma once

#include "base/bytes.hpp"
#include "base/cancellation.hpp"
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

enum class OpenMode {
  read_only,
  read_write, ///< Reads only where the system does not allow to write: see `is_read_only`.
  create,
  immutable, ///< A file that nobody writes to: no locks, and nothing beside it is looked at.
};

/// Whether a symlink anywhere in the path of a database is followed.
enum class Symlinks { follow, refuse };

class Statement;

/// A connection to one SQLite database. One thread at a time.
///
/// Every failure throws: SqliteBusy for a lock, BusyError for a full disk, SqliteError otherwise.
class Connection {
public:
  /// Opens `file`, which is always the name of a file: ":memory:" and "file:x?y" are nothing else.
  Connection(const std::filesystem::path& file, OpenMode mode,
             Symlinks symlinks = Symlinks::follow);
  /// An empty database that nobody else sees and that ends with the connection.
  [[nodiscard]] static Connection in_memory();
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  /// How long to wait for other people's locks; by default not at all. Once `cancellation`, which
  /// must outlive the connection, is requested, the time is up.
  void set_busy_timeout(std::chrono::milliseconds timeout,
                        const Cancellation* cancellation = nullptr);
  [[nodiscard]] std::chrono::milliseconds busy_timeout() const;

  /// Who folds the write-ahead log back into the database when this connection closes as the last.
  enum class LastClose { leaves_wal, folds_wal };
  /// For databases that are not ours: no triggers or views of the schema may call functions with
  /// side effects, no writes to the schema, no extensions, never a checkpoint while it is open.
  void distrust(LastClose last_close = LastClose::leaves_wal);

  /// Runs one or more statements without results.
  void execute(const std::string& sql);
  [[nodiscard]] Statement prepare(std::string_view sql);
  [[nodiscard]] std::int64_t query_integer(std::string_view sql);
  [[nodiscard]] std::string query_text(std::string_view sql);

  [[nodiscard]] bool is_read_only() const;
  [[nodiscard]] bool in_transaction() const;
  /// The first 100 bytes of the database's main file, fewer if it is shorter. They are read through
  /// SQLite's own descriptor: opening and closing the file beside it would end its locks
  /// (POSIX locks go with *any* descriptor that a process closes).
  [[nodiscard]] Bytes file_header();
  /// A number that is another one after anybody has committed, seen when this connection last had a
  /// lock. Takes none itself.
  [[nodiscard]] std::uint32_t seen_version();

  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

private:
  struct Close {
    void operator()(sqlite3* handle) const noexcept;
  };
  struct BusyWait;
  /// Opens what SQLite knows as `name`.
  Connection(const std::string& name, int flags);

  std::unique_ptr<BusyWait> busy_wait_; // outlives the handle, which points to it
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

/// A transaction: begin, work, `commit()`; without it the destructor rolls back. What it is called
/// after (a view of one moment, the right to write, all rights) is held when the constructor ends.
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
  Transaction(Connection& connection, const char* begin);

  Connection* connection_;
  bool open_ = true;
};

/// Copies the whole content of `source` into `target` through SQLite's backup API, as one committed
/// state: the one that `source` has a read transaction open on, else the newest. Readers of
/// `target` see the old content or the new one, never a mix.
///
/// Waits for locks up to `timeout`, then throws SqliteBusy; nobody is kept waiting by that for
/// longer than half a second at a time. After any exception `target` is unchanged.
void backup(Connection& source, Connection& target, std::chrono::milliseconds timeout,
            const Cancellation& cancellation = Cancellation());

/// The same, if nobody has committed to `target` since its `seen_version` was `version`: looked at
/// while nobody can. False if somebody has; then nothing was done.
[[nodiscard]] bool backup_if_unchanged(Connection& source, Connection& target,
                                       std::uint32_t version, std::chrono::milliseconds timeout);

} // namespace savepoint::sqlite
