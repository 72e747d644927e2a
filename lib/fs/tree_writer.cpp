#include "fs/tree_writer.hpp"

#include "base/error.hpp"
#include "fs/internal/linux.hpp"
#include "fs/internal/open.hpp"
#include "fs/internal/portable.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace savepoint::fs {
namespace {

constexpr mode_t k_permissions = 0777;
constexpr std::size_t k_largest_transfer = std::size_t{1} << 30U;

/// Says that the one-step call is not there, or not on this file system.
bool is_unsupported(int error_number) {
  return error_number == ENOSYS || error_number == EINVAL || error_number == ENOTSUP;
}

} // namespace

Descriptor create_file_at(const Descriptor& directory, const char* name, std::uint32_t mode) {
  Attempt<Descriptor> file =
      internal::open_at(directory.number(), name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW,
                        static_cast<mode_t>(mode) & k_permissions);
  if (!file) {
    throw_io_error(file.error_number, "create", name);
  }
  return std::move(*file.value);
}

void write_at(const Descriptor& file, ByteView bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = internal::retry([&] {
      return pwrite(file.number(), bytes.data(), std::min(bytes.size(), k_largest_transfer),
                    static_cast<off_t>(offset));
    });
    if (written < 0) {
      throw_io_error(errno, "write", internal::name_of(file));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

void set_size(const Descriptor& file, std::uint64_t size) {
  if (internal::retry([&] { return ftruncate(file.number(), static_cast<off_t>(size)); }) != 0) {
    throw_io_error(errno, "set the size of", internal::name_of(file));
  }
}

void make_symlink_at(const Descriptor& directory, const char* name, const std::string& target) {
  if (symlinkat(target.c_str(), directory.number(), name) != 0) {
    throw_io_error(errno, "make symlink", name);
  }
}

void make_fifo_at(const Descriptor& directory, const char* name, std::uint32_t mode) {
  if (mkfifoat(directory.number(), name, static_cast<mode_t>(mode) & k_permissions) != 0) {
    throw_io_error(errno, "make fifo", name);
  }
  // Again, because the umask took bits away; it cannot be opened to do so later.
  set_mode_at(directory, name, mode, SpecialBits::drop);
}

void make_hard_link_at(const Descriptor& from_directory, const char* from,
                       const Descriptor& to_directory, const char* to) {
  if (linkat(from_directory.number(), from, to_directory.number(), to, 0) != 0) {
    throw_io_error(errno, "make hard link", to);
  }
}

void rename_new_at(const Descriptor& from_directory, const char* from,
                   const Descriptor& to_directory, const char* to) {
  int error_number = internal::rename_in_one_step(
      from_directory.number(), from, to_directory.number(), to, internal::RenameHow::no_replace);
  if (is_unsupported(error_number)) {
    error_number =
        internal::rename_new_in_steps(from_directory.number(), from, to_directory.number(), to);
  }
  if (error_number != 0) {
    throw_io_error(error_number, "rename to", to);
  }
}

void exchange_at(const Descriptor& from_directory, const char* from, const Descriptor& to_directory,
                 const char* to) {
  int error_number = internal::rename_in_one_step(
      from_directory.number(), from, to_directory.number(), to, internal::RenameHow::exchange);
  if (is_unsupported(error_number)) {
    error_number =
        internal::exchange_in_steps(from_directory.number(), from, to_directory.number(), to);
  }
  if (error_number != 0) {
    throw_io_error(error_number, "exchange", to);
  }
}

void start_writeback(const Descriptor& file) noexcept {
  internal::start_writeback_of(file.number());
}

void sync_descriptor(const Descriptor& file, std::string_view name) {
  if (const int error_number = internal::sync(file); error_number != 0) {
    throw_io_error(error_number, "make durable", name);
  }
}

void sync_file_system(const Descriptor& directory) {
  const int error_number = internal::sync_file_system_of(directory.number());
  if (error_number == ENOSYS) {
    ::sync();
    return;
  }
  if (error_number != 0) {
    throw_io_error(error_number, "make durable", internal::name_of(directory));
  }
}

} // namespace savepoint::fs
