#include "fs/lock.hpp"

#include "base/error.hpp"
#include "fs/directories.hpp"
#include "fs/internal/linux.hpp"
#include "fs/internal/open.hpp"
#include "fs/status.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <thread>

namespace savepoint::fs {

std::optional<FileLock> FileLock::acquire(const std::filesystem::path& path, Mode mode,
                                          std::chrono::milliseconds timeout,
                                          const Cancellation* cancellation) {
  constexpr mode_t k_private = 0600;
  Attempt<Descriptor> file =
      internal::open_at(AT_FDCWD, path.c_str(), O_RDWR | O_CREAT | O_NOCTTY, k_private);
  if (!file && (file.error_number == EACCES || file.error_number == EROFS)) {
    // Whoever may only read can still be told from somebody who writes.
    file = internal::open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_NOCTTY);
  }
  if (!file) {
    throw_io_error(file.error_number, "open lock", path.native());
  }
  give_to_owner_of(path.parent_path(), *file.value);
  return acquire(std::move(*file.value), mode, timeout, cancellation);
}

std::optional<FileLock> FileLock::acquire(Descriptor file, Mode mode,
                                          std::chrono::milliseconds timeout,
                                          const Cancellation* cancellation) {
  using std::chrono::steady_clock;
  constexpr std::chrono::nanoseconds k_shortest_wait = std::chrono::microseconds(500);
  constexpr std::chrono::nanoseconds k_longest_wait = std::chrono::milliseconds(20);

  const int operation = (mode == Mode::shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  const steady_clock::time_point deadline = steady_clock::now() + timeout;
  std::chrono::nanoseconds wait = k_shortest_wait;
  while (internal::retry([&] { return flock(file.number(), operation); }) != 0) {
    const int error_number = errno;
    if (error_number != EWOULDBLOCK) {
      throw_io_error(error_number, "lock", internal::name_of(file));
    }
    const std::chrono::nanoseconds left = deadline - steady_clock::now();
    if (left <= std::chrono::nanoseconds::zero()) {
      return std::nullopt;
    }
    if (cancellation != nullptr) {
      cancellation->check();
    }
    std::this_thread::sleep_for(std::min(wait, left));
    wait = std::min(2 * wait, k_longest_wait);
  }
  return FileLock(std::move(file));
}

std::optional<Descriptor> open_alone_at(const Descriptor& directory, const char* name) {
  const auto status = try_status_at(directory.number(), name);
  // Not even to try where we have it open ourselves: closing a descriptor ends the locks that this
  // process has on the file by others (fcntl(2), F_SETLK).
  if (!status || status.value->kind != FileKind::regular ||
      internal::has_open(status.value->device, status.value->inode)) {
    return std::nullopt;
  }
  Attempt<Descriptor> file =
      internal::open_at(directory.number(), name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (!file || !internal::is_of_this_machine_alone(file.value->number()) ||
      internal::take_lease(file.value->number()) != 0) {
    return std::nullopt;
  }
  return std::move(file.value);
}

bool try_lock_range(const Descriptor& file, std::uint64_t begin, std::uint64_t size) {
  return internal::lock_range(file.number(), begin, size) == 0;
}

} // namespace savepoint::fs
