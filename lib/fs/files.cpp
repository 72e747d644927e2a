#include "fs/files.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/directories.hpp"
#include "fs/internal/open.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>

namespace savepoint::fs {
namespace {

/// The most that one read or write is asked for; some systems refuse 2 GiB.
constexpr std::size_t k_largest_transfer = std::size_t{1} << 30U;

Descriptor opened(const std::filesystem::path& path, int flags) {
  Attempt<Descriptor> attempt = internal::open_at(AT_FDCWD, path.c_str(), flags);
  if (!attempt) {
    throw_io_error(attempt.error_number, "open", path.native());
  }
  return std::move(*attempt.value);
}

bool is_absence(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR;
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
  // "a/b/" has an empty last part.
  const std::filesystem::path parent =
      path.has_filename() ? path.parent_path() : path.parent_path().parent_path();
  return parent.empty() ? "." : parent;
}

} // namespace

Descriptor open_directory(const std::filesystem::path& path) {
  return opened(path, O_RDONLY | O_DIRECTORY);
}

Descriptor open_for_reading(const std::filesystem::path& path) {
  return opened(path, O_RDONLY | O_NOCTTY);
}

std::optional<Bytes> read_file(const std::filesystem::path& path, std::uint64_t limit) {
  const Attempt<Descriptor> file = internal::open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_NOCTTY);
  if (!file) {
    if (is_absence(file.error_number)) {
      return std::nullopt;
    }
    throw_io_error(file.error_number, "open", path.native());
  }
  const std::uint64_t expected = status_of(*file.value).size;
  Bytes content;
  std::size_t length = 0;
  do {
    if (std::max<std::uint64_t>(expected, length) > limit) {
      throw IoError("cannot read " + quoted(path.native()) + ": it is larger than " +
                        std::to_string(limit) + " bytes",
                    EFBIG);
    }
    // One byte more than expected, so that the end is seen without growing.
    constexpr std::size_t k_step = 4096;
    const std::size_t wanted =
        length <= expected ? static_cast<std::size_t>(expected) + 1 : length + k_step;
    content.resize(std::max(wanted, length + 1));
    const std::size_t got = read_some(*file.value, std::span(content).subspan(length), path);
    if (got == 0) {
      content.resize(length);
      return content;
    }
    length += got;
  } while (true);
}

Bytes read_at(const Descriptor& file, std::uint64_t offset, std::size_t size,
              const std::filesystem::path& name) {
  Bytes bytes(size);
  for (std::size_t at = 0; at < size;) {
    const ssize_t got = internal::retry([&] {
      return pread(file.number(), bytes.data() + at, std::min(size - at, k_largest_transfer),
                   static_cast<off_t>(offset + at));
    });
    if (got < 0) {
      throw_io_error(errno, "read", name.native());
    }
    if (got == 0) {
      throw CorruptionError(quoted(name.native()) + " is damaged: it ends too early");
    }
    at += static_cast<std::size_t>(got);
  }
  return bytes;
}

std::size_t read_some(const Descriptor& file, std::span<std::byte> into,
                      const std::filesystem::path& name) {
  const ssize_t got = internal::retry(
      [&] { return read(file.number(), into.data(), std::min(into.size(), k_largest_transfer)); });
  if (got < 0) {
    throw_io_error(errno, "read", name.native());
  }
  return static_cast<std::size_t>(got);
}

void write_all(const Descriptor& file, ByteView bytes, const std::filesystem::path& name) {
  while (!bytes.empty()) {
    const ssize_t written = internal::retry([&] {
      return write(file.number(), bytes.data(), std::min(bytes.size(), k_largest_transfer));
    });
    if (written < 0) {
      throw_io_error(errno, "write", name.native());
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void make_directories(const std::filesystem::path& path) {
  int error_number = mkdir(path.c_str(), 0700) == 0 ? 0 : errno;
  if (error_number == ENOENT && directory_of(path) != path) {
    make_directories(directory_of(path));
    error_number = mkdir(path.c_str(), 0700) == 0 ? 0 : errno;
  }
  std::error_code ignored;
  if (error_number != 0 && !std::filesystem::is_directory(path, ignored)) {
    throw_io_error(error_number, "make directory", path.native());
  }
  if (error_number == 0) {
    const Attempt<Descriptor> made =
        internal::open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (made) {
      give_to_owner_of(directory_of(path), *made.value);
    }
  }
  // Also where it was there already: whoever made it may not have got as far as this.
  const Attempt<Descriptor> parent =
      internal::open_at(AT_FDCWD, directory_of(path).c_str(), O_RDONLY | O_DIRECTORY);
  if (!parent && error_number == 0) {
    throw_io_error(parent.error_number, "open", directory_of(path).native());
  }
  if (parent) {
    const int synced = internal::sync(*parent.value);
    if (synced != 0 && synced != EINVAL) {
      throw_io_error(synced, "make durable", directory_of(path).native());
    }
  }
}

void sync_directory(const std::filesystem::path& path) {
  const Descriptor directory = open_directory(path.empty() ? "." : path);
  const int error_number = internal::sync(directory);
  // EINVAL: the file system knows no fsync of directories; it has nothing to be waited for.
  if (error_number != 0 && error_number != EINVAL) {
    throw_io_error(error_number, "make durable", path.native());
  }
}

bool remove_file(const std::filesystem::path& path) {
  if (unlink(path.c_str()) == 0) {
    return true;
  }
  const int error_number = errno;
  if (!is_absence(error_number)) {
    throw_io_error(error_number, "remove", path.native());
  }
  return false;
}

std::vector<std::string> list_names(const std::filesystem::path& path) {
  const Attempt<Descriptor> directory =
      internal::open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY);
  if (!directory) {
    if (directory.error_number == ENOENT) {
      return {};
    }
    throw_io_error(directory.error_number, "open", path.native());
  }
  Attempt<std::vector<DirectoryEntry>> entries = try_list(*directory.value);
  if (!entries) {
    throw_io_error(entries.error_number, "list", path.native());
  }
  std::vector<std::string> names;
  names.reserve(entries.value->size());
  for (DirectoryEntry& entry : *entries.value) {
    names.push_back(std::move(entry.name));
  }
  std::ranges::sort(names);
  return names;
}

std::uint64_t free_space(const std::filesystem::path& path) {
  struct statvfs numbers {};
  if (internal::retry([&] { return statvfs(path.c_str(), &numbers); }) != 0) {
    throw_io_error(errno, "ask for the free space of", path.native());
  }
  return static_cast<std::uint64_t>(numbers.f_bavail) * numbers.f_frsize;
}

} // namespace savepoint::fs
