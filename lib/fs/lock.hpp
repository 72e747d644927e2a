#pragma once

#include "base/cancellation.hpp"
#include "fs/descriptor.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

namespace savepoint::fs {

/// A lock on a file by flock(2), released when the object or the process ends, however it ends.
class FileLock {
public:
  enum class Mode { shared, exclusive };

  /// Locks `path`, creating the file (0600) if it is missing, and waits up to `timeout`; nothing if
  /// somebody else held it all the time. Throws Cancelled when that is requested while it waits.
  [[nodiscard]] static std::optional<FileLock> acquire(const std::filesystem::path& path, Mode mode,
                                                       std::chrono::milliseconds timeout,
                                                       const Cancellation* cancellation = nullptr);
  /// The same on an open file or directory.
  [[nodiscard]] static std::optional<FileLock> acquire(Descriptor file, Mode mode,
                                                       std::chrono::milliseconds timeout,
                                                       const Cancellation* cancellation = nullptr);

private:
  explicit FileLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

/// Opens a regular file for reading and writing if no descriptor of any process, this one included,
/// is open to it; from then on whoever opens it waits until ours is closed, which must be soon: the
/// kernel lets them in after `/proc/sys/fs/lease-break-time` seconds. Nothing where somebody has it
/// open, or that cannot be said for sure: the file belongs to another user, or lies on a file
/// system that others than this kernel may use, or that knows no leases (fcntl(2), F_SETLEASE).
[[nodiscard]] std::optional<Descriptor> open_alone_at(const Descriptor& directory,
                                                      const char* name);

/// Locks some bytes of `file` against all locks of others by fcntl(2), those of this process
/// included, until it is closed. Does not wait; false if others have locked some of them.
[[nodiscard]] bool try_lock_range(const Descriptor& file, std::uint64_t begin, std::uint64_t size);

} // namespace savepoint::fs
