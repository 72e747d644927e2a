#include "fs/status.hpp"

#include "base/error.hpp"
#include "fs/internal/linux.hpp"
#include "fs/internal/open.hpp"
#include "fs/internal/portable.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

namespace savepoint::fs {
namespace {

#ifdef AT_NO_AUTOMOUNT
constexpr int k_status_flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
#else
constexpr int k_status_flags = AT_SYMLINK_NOFOLLOW;
#endif

FileKind kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
  case S_IFREG:
    return FileKind::regular;
  case S_IFDIR:
    return FileKind::directory;
  case S_IFLNK:
    return FileKind::symlink;
  case S_IFIFO:
    return FileKind::fifo;
  case S_IFSOCK:
    return FileKind::socket;
  default:
    return FileKind::device;
  }
}

/// Times outside the years 1677 to 2262 do not fit and become the nearest that does.
std::int64_t nanoseconds(const timespec& time) {
  constexpr std::int64_t k_second = 1'000'000'000;
  constexpr std::int64_t k_latest = std::numeric_limits<std::int64_t>::max() / k_second - 1;
  const std::int64_t seconds = std::clamp<std::int64_t>(time.tv_sec, -k_latest, k_latest);
  return seconds * k_second + time.tv_nsec;
}

FileStatus converted(const struct stat& raw) {
  FileStatus status;
  status.kind = kind_of(raw.st_mode);
  status.mode = static_cast<std::uint32_t>(raw.st_mode & 07777U);
  status.links = static_cast<std::uint32_t>(raw.st_nlink);
  status.user = raw.st_uid;
  status.group = raw.st_gid;
  status.size = static_cast<std::uint64_t>(raw.st_size);
  status.allocated = static_cast<std::uint64_t>(raw.st_blocks) * 512U;
  status.inode = raw.st_ino;
  status.device = static_cast<std::uint64_t>(raw.st_dev);
#ifdef __APPLE__
  status.mtime_ns = nanoseconds(raw.st_mtimespec);
  status.ctime_ns = nanoseconds(raw.st_ctimespec);
#else
  status.mtime_ns = nanoseconds(raw.st_mtim);
  status.ctime_ns = nanoseconds(raw.st_ctim);
#endif
  return status;
}

} // namespace

Attempt<FileStatus> try_status_at(int directory, const char* name) {
  struct stat raw {};
  if (internal::retry([&] { return fstatat(directory, name, &raw, k_status_flags); }) != 0) {
    return {std::nullopt, errno};
  }
  return {converted(raw), 0};
}

std::optional<FileStatus> status_at(int directory, const char* name) {
  const Attempt<FileStatus> attempt = try_status_at(directory, name);
  if (!attempt && attempt.error_number != ENOENT && attempt.error_number != ENOTDIR) {
    throw_io_error(attempt.error_number, "look at", name);
  }
  return attempt.value;
}

std::optional<FileStatus> status(const std::filesystem::path& path) {
  return status_at(AT_FDCWD, path.c_str());
}

FileStatus status_of(const Descriptor& file) {
  struct stat raw {};
  if (internal::retry([&] { return fstat(file.number(), &raw); }) != 0) {
    throw_io_error(errno, "look at", internal::name_of(file));
  }
  return converted(raw);
}

RenameRange rename_range_of(const Descriptor& directory) {
  return {.device = status_of(directory).device, .mount = internal::mount_of(directory.number())};
}

bool may_change(const Descriptor& directory) {
  return faccessat(directory.number(), ".", W_OK | X_OK, AT_EACCESS) == 0;
}

Attempt<Descriptor> try_open_directory_at(int directory, const char* name) {
  return internal::open_at(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

Attempt<Descriptor> try_open_file_at(int directory, const char* name) {
  Attempt<Descriptor> opened =
      internal::open_at(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (!opened) {
    return opened;
  }
  struct stat raw {};
  if (internal::retry([&] { return fstat(opened.value->number(), &raw); }) != 0) {
    return {std::nullopt, errno};
  }
  if (!S_ISREG(raw.st_mode)) {
    return {std::nullopt, S_ISDIR(raw.st_mode) ? EISDIR : EINVAL};
  }
  return opened;
}

Attempt<std::string> try_read_link_at(int directory, const char* name) {
  std::string target(256, '\0');
  while (true) {
    const ssize_t length = readlinkat(directory, name, target.data(), target.size());
    if (length < 0) {
      return {std::nullopt, errno};
    }
    if (static_cast<std::size_t>(length) < target.size()) {
      target.resize(static_cast<std::size_t>(length));
      return {std::move(target), 0};
    }
    target.resize(target.size() * 4);
  }
}

Attempt<std::vector<DirectoryEntry>> try_list(const Descriptor& directory) {
  std::vector<DirectoryEntry> entries;
  int error_number = internal::list_entries(directory.number(), entries);
  if (error_number == ENOSYS) {
    error_number = internal::list_entries_by_readdir(directory.number(), entries);
  }
  if (error_number != 0) {
    return {std::nullopt, error_number};
  }
  return {std::move(entries), 0};
}

Attempt<std::vector<ExtendedAttribute>> try_read_attributes(const Descriptor& file) {
  std::vector<std::string> names;
  const int listed = internal::list_attributes(file.number(), names);
  if (listed != 0 && listed != ENOTSUP) {
    return {std::nullopt, listed};
  }
  std::vector<ExtendedAttribute> attributes;
  for (std::string& name : names) {
    std::string value;
    const int got = internal::get_attribute(file.number(), name, value);
    if (got == ENODATA || got == ENOTSUP) {
      continue; // removed since the names were read
    }
    if (got != 0) {
      return {std::nullopt, got};
    }
    attributes.push_back({std::move(name), std::move(value)});
  }
  std::ranges::sort(attributes);
  return {std::move(attributes), 0};
}

std::optional<DataRun> next_data_run(const Descriptor& file, std::uint64_t offset,
                                     std::uint64_t size) {
  if (offset >= size) {
    return std::nullopt;
  }
#if defined(SEEK_DATA) && defined(SEEK_HOLE)
  const int number = file.number();
  const off_t before = lseek(number, 0, SEEK_CUR);
  const off_t begin = lseek(number, static_cast<off_t>(offset), SEEK_DATA);
  const int error_number = begin < 0 ? errno : 0;
  const off_t end = begin < 0 ? -1 : lseek(number, begin, SEEK_HOLE);
  (void)lseek(number, before, SEEK_SET);
  if (error_number == ENXIO) {
    return std::nullopt;
  }
  if (begin >= 0 && end > begin) {
    const DataRun run{static_cast<std::uint64_t>(begin),
                      std::min(static_cast<std::uint64_t>(end), size)};
    return run.begin < size ? std::optional(run) : std::nullopt;
  }
#endif
  return DataRun{offset, size};
}

} // namespace savepoint::fs
