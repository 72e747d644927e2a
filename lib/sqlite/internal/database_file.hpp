#pragma once

#include "base/bytes.hpp"
#include "sqlite/connection.hpp"

#include <cstdint>
#include <span>
#include <string>

struct sqlite3_file;
struct sqlite3_vfs;

namespace savepoint::sqlite {

/// Writes bytes of any length into a file of SQLite's; gives its result code.
[[nodiscard]] int write_to(sqlite3_file* file, std::uint64_t offset, ByteView bytes);

/// The main file of a connection, through SQLite's own descriptor: opening and closing the file
/// beside it would end SQLite's locks. Everything throws as Connection does.
class DatabaseFile {
public:
  /// `connection` must outlive it.
  explicit DatabaseFile(Connection& connection);

  [[nodiscard]] std::uint64_t size() const;
  /// Fills `into`; what is behind the end of the file is an error.
  void read(std::uint64_t offset, std::span<std::byte> into) const;
  void write(std::uint64_t offset, ByteView bytes);
  void truncate(std::uint64_t size);
  void sync();

  [[nodiscard]] sqlite3_vfs* system() const { return system_; }
  /// As SQLite calls the rollback journal of this file.
  [[nodiscard]] const char* journal_name() const { return journal_name_; }
  /// Throws what `code`, which an operation on this file or its journal gave, means; nothing if it
  /// is no failure.
  void require(int code, const char* action) const;
  /// The same of an operation on `file`, which is open.
  void require(int code, const char* action, sqlite3_file* file) const;

private:
  Connection* connection_;
  sqlite3_file* file_ = nullptr;
  sqlite3_vfs* system_ = nullptr;
  const char* journal_name_ = nullptr;
};

} // namespace savepoint::sqlite
