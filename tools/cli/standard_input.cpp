#include "cli/standard_input.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <unistd.h>

namespace savepoint::cli {

std::string read_standard_input(std::size_t most) {
  std::string input;
  std::array<char, 4096> piece{};
  while (input.size() < most) {
    const ssize_t got =
        read(STDIN_FILENO, piece.data(), std::min(piece.size(), most - input.size()));
    if (got == 0) {
      break;
    }
    if (got < 0 && errno != EINTR) {
      throw_io_error(errno, "read", "the standard input");
    }
    input.append(piece.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  }
  return input;
}

} // namespace savepoint::cli
