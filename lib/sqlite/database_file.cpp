#include "sqlite/internal/database_file.hpp"

#include "sqlite/internal/failure.hpp"

#include <sqlite3.h>

#include <algorithm>

namespace savepoint::sqlite {

namespace {

/// A page at most is read or written at once: SQLite's files take only the low 17 bits of a size.
constexpr std::size_t k_most_at_once = std::size_t{64} << 10U;

} // namespace

int write_to(sqlite3_file* file, std::uint64_t offset, ByteView bytes) {
  int code = SQLITE_OK;
  for (std::size_t done = 0; done < bytes.size() && code == SQLITE_OK; done += k_most_at_once) {
    const ByteView piece = bytes.subspan(done, std::min(k_most_at_once, bytes.size() - done));
    code = file->pMethods->xWrite(file, piece.data(), static_cast<int>(piece.size()),
                                  static_cast<sqlite3_int64>(offset + done));
  }
  return code;
}

DatabaseFile::DatabaseFile(Connection& connection) : connection_(&connection) {
  sqlite3* handle = connection.handle();
  if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file_) != SQLITE_OK ||
      sqlite3_file_control(handle, "main", SQLITE_FCNTL_VFS_POINTER, &system_) != SQLITE_OK ||
      file_ == nullptr || file_->pMethods == nullptr) {
    fail(handle, "use");
  }
  journal_name_ = sqlite3_filename_journal(sqlite3_db_filename(handle, "main"));
}

void DatabaseFile::require(int code, const char* action) const {
  if (code != SQLITE_OK) {
    fail(code, sqlite3_system_errno(connection_->handle()), action,
         sqlite3_db_filename(connection_->handle(), "main"), sqlite3_errstr(code));
  }
}

void DatabaseFile::require(int code, const char* action, sqlite3_file* file) const {
  if (code != SQLITE_OK) { // the connection knows nothing of what is done to its files directly
    int system_errno = 0;
    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &system_errno);
    fail(code, system_errno, action, sqlite3_db_filename(connection_->handle(), "main"),
         sqlite3_errstr(code));
  }
}

std::uint64_t DatabaseFile::size() const {
  sqlite3_int64 size = 0;
  require(file_->pMethods->xFileSize(file_, &size), "read", file_);
  return static_cast<std::uint64_t>(size);
}

void DatabaseFile::read(std::uint64_t offset, std::span<std::byte> into) const {
  for (std::size_t done = 0; done < into.size(); done += k_most_at_once) {
    const std::span<std::byte> piece =
        into.subspan(done, std::min(k_most_at_once, into.size() - done));
    require(file_->pMethods->xRead(file_, piece.data(), static_cast<int>(piece.size()),
                                   static_cast<sqlite3_int64>(offset + done)),
            "read", file_);
  }
}

void DatabaseFile::write(std::uint64_t offset, ByteView bytes) {
  require(write_to(file_, offset, bytes), "write into", file_);
}

void DatabaseFile::truncate(std::uint64_t size) {
  require(file_->pMethods->xTruncate(file_, static_cast<sqlite3_int64>(size)), "shorten", file_);
}

void DatabaseFile::sync() {
  require(file_->pMethods->xSync(file_, SQLITE_SYNC_FULL), "make durable", file_);
}

} // namespace savepoint::sqlite
