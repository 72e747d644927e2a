#include "fs/descriptor.hpp"

#include <unistd.h>

#include <cerrno>

namespace savepoint::fs {

void Descriptor::close() noexcept {
  (void)close_checked();
}

int Descriptor::close_checked() noexcept {
  if (number_ < 0) {
    return 0;
  }
  // Not repeated when interrupted: the number is free by then, and may be somebody else's.
  const int result = ::close(std::exchange(number_, -1));
  return result == 0 || errno == EINTR ? 0 : errno;
}

} // namespace savepoint::fs
