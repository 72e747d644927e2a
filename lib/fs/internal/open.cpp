#include "fs/internal/open.hpp"

#include "fs/internal/linux.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace savepoint::fs::internal {

Attempt<Descriptor> take(int number) {
  if (number < 0) {
    return {std::nullopt, errno};
  }
  Descriptor file(number);
  if (number <= STDERR_FILENO) {
    const int higher = fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (higher < 0) {
      return {std::nullopt, errno};
    }
    file = Descriptor(higher);
  }
  return {std::move(file), 0};
}

Attempt<Descriptor> open_at(int directory, const char* name, int flags, mode_t mode) {
  return take(retry([&] { return openat(directory, name, flags | O_CLOEXEC, mode); }));
}

int sync(const Descriptor& file) {
#ifdef F_FULLFSYNC
  if (fcntl(file.number(), F_FULLFSYNC) == 0) {
    return 0;
  }
#endif
  return retry([&] { return fsync(file.number()); }) == 0 ? 0 : errno;
}

std::string name_of(const Descriptor& file) {
  const int error_number = errno;
  const std::string path = path_of(file.number());
  errno = error_number;
  return path.empty() ? "file " + std::to_string(file.number()) : path;
}

} // namespace savepoint::fs::internal
