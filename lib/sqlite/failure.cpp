#include "sqlite/internal/failure.hpp"

#include "base/printable.hpp"
#include "sqlite/connection.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <string>

namespace savepoint::sqlite {

void fail(int code, int system_errno, std::string_view action, std::string_view file,
          std::string_view reason) {
  const std::string message =
      "cannot " + std::string(action) + " database " + quoted(file) + ": " + printable(reason);
  const int primary = code & 0xff;
  if (primary == SQLITE_BUSY || primary == SQLITE_PROTOCOL) {
    throw SqliteBusy(message, "another process keeps it locked: try again when it is done");
  }
  const bool failed_io = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
  if (primary == SQLITE_FULL || (failed_io && (system_errno == ENOSPC || system_errno == EDQUOT))) {
    throw BusyError(message, "free some space and try again");
  }
  throw SqliteError(message, primary);
}

void fail(sqlite3* handle, std::string_view action) {
  const char* file = sqlite3_db_filename(handle, "main");
  fail(sqlite3_extended_errcode(handle), sqlite3_system_errno(handle), action,
       file == nullptr ? "" : file, sqlite3_errmsg(handle));
}

} // namespace savepoint::sqlite
