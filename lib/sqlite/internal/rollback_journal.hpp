#pragma once

#include "sqlite/internal/database_file.hpp"

#include <cstdint>
#include <memory>

namespace savepoint::sqlite {

/// A rollback journal as SQLite makes them, to be played back by SQLite
/// (https://sqlite.org/fileformat2.html#the_rollback_journal). Whoever makes one must have all
/// rights on the database until it is removed or left.
class RollbackJournal {
public:
  /// Makes it, or empties one that SQLite left. `pages` is how many the database has.
  RollbackJournal(const DatabaseFile& database, std::uint32_t page_size, std::uint32_t pages);
  /// Removes it, unless it was left hot.
  ~RollbackJournal();
  RollbackJournal(const RollbackJournal&) = delete;
  RollbackJournal& operator=(const RollbackJournal&) = delete;

  /// Keeps a page as it is.
  void add(std::uint32_t number, ByteView page);
  /// To be called once, when all pages are kept.
  void make_durable();
  /// From now on it stays, and whoever opens the database plays it back, until `remove`.
  void leave_hot() { is_hot_ = true; }
  /// The commit.
  void remove();

private:
  struct Closing {
    void operator()(std::byte* file) const noexcept;
  };
  void flush();
  void write_header(std::uint32_t records);
  [[nodiscard]] sqlite3_file* file() const;

  const DatabaseFile* database_;
  std::uint32_t page_size_;
  std::uint32_t pages_;
  std::uint32_t nonce_;
  std::uint32_t records_ = 0;
  Bytes pending_;
  std::uint64_t written_ = 0;
  bool is_hot_ = false;
  std::unique_ptr<std::byte[], Closing> file_; // as large as the VFS wants its files
};

/// After a failure, with the lock given back: has SQLite put the old pages back. What it cannot do
/// now, the next one does who opens the database.
void play_back(Connection& connection) noexcept;

} // namespace savepoint::sqlite
