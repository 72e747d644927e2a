#pragma once

#include "fs/descriptor.hpp"
#include "fs/status.hpp"

#include <sys/types.h>

#include <cerrno>
#include <string>

namespace savepoint::fs::internal {

/// Calls `function` again as long as a signal interrupts it.
template <typename Function> auto retry(Function function) {
  auto result = function();
  while (result == -1 && errno == EINTR) {
    result = function();
  }
  return result;
}

/// openat(2) with O_CLOEXEC, retried when interrupted. The descriptor is never 0, 1 or 2: a program
/// started without those would print into our files.
[[nodiscard]] Attempt<Descriptor> open_at(int directory, const char* name, int flags,
                                          mode_t mode = 0);

/// Takes charge of a descriptor just opened, -1 meaning failure with errno set.
[[nodiscard]] Attempt<Descriptor> take(int number);

/// fsync(2), as far down as the system offers. Returns 0 or an errno.
[[nodiscard]] int sync(const Descriptor& file);

/// A name for an open file in messages. Leaves errno as it is.
[[nodiscard]] std::string name_of(const Descriptor& file);

} // namespace savepoint::fs::internal
