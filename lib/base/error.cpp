#include "base/error.hpp"

#include "base/printable.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace savepoint {

void throw_io_error(int error_number, std::string_view action, std::string_view subject) {
  const std::string message = "cannot " + std::string(action) + " " + quoted(subject) + ": " +
                              std::generic_category().message(error_number);
  if (error_number == ENOSPC || error_number == EDQUOT) {
    throw BusyError(message, "free some space there; if it is the store that is full, "
                             "SAVEPOINT_STORE or --store puts it elsewhere");
  }
  throw IoError(message, error_number);
}

void bug(std::string_view what) noexcept {
  std::fprintf(stderr, "savepoint: a bug in savepoint itself: %.*s\n",
               static_cast<int>(what.size()), what.data());
  std::abort();
}

} // namespace savepoint
