#include "fs/status.hpp"

#include <cerrno>
#include <unistd.h>

namespace savepoint::fs {

Attempt<std::size_t> try_read_at(const Descriptor& file, std::span<std::byte> into,
                                 std::uint64_t offset) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got = ::pread(file.number(), into.data() + done, into.size() - done,
                                static_cast<off_t>(offset + done));
    if (got < 0) {
      const int error_number = errno;
      if (error_number == EINTR) {
        continue;
      }
      return {std::nullopt, error_number};
    }
    if (got == 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  return {done, 0};
}

} // namespace savepoint::fs
