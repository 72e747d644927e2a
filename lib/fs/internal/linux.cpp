#include "fs/internal/linux.hpp"

#include "fs/internal/open.hpp"

#ifdef __linux__

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <string_view>

namespace savepoint::fs::internal {
namespace {

constexpr std::size_t k_directory_buffer = std::size_t{64} * 1024;

std::optional<FileKind> kind_of(unsigned char type) {
  switch (type) {
  case DT_REG:
    return FileKind::regular;
  case DT_DIR:
    return FileKind::directory;
  case DT_LNK:
    return FileKind::symlink;
  case DT_FIFO:
    return FileKind::fifo;
  case DT_SOCK:
    return FileKind::socket;
  case DT_CHR:
  case DT_BLK:
    return FileKind::device;
  default:
    return std::nullopt;
  }
}

bool belongs_to_a_snapshot(std::string_view attribute) {
  return attribute.starts_with("user.") || attribute == "system.posix_acl_access" ||
         attribute == "system.posix_acl_default";
}

} // namespace

Attempt<Descriptor> open_directory_beneath(int root, const char* path) {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  Attempt<Descriptor> opened;
  // EAGAIN: something was renamed or mounted while the kernel walked the path.
  constexpr int k_attempts = 16;
  for (int attempt = 0; attempt < k_attempts; ++attempt) {
    opened = take(static_cast<int>(
        retry([&] { return syscall(SYS_openat2, root, path, &how, sizeof how); })));
    if (opened || opened.error_number != EAGAIN) {
      break;
    }
  }
  return opened;
}

int rename_in_one_step(int from_directory, const char* from, int to_directory, const char* to,
                       RenameHow how) {
  const unsigned flags = how == RenameHow::exchange ? RENAME_EXCHANGE : RENAME_NOREPLACE;
  return syscall(SYS_renameat2, from_directory, from, to_directory, to, flags) == 0 ? 0 : errno;
}

int sync_file_system_of(int descriptor) {
  return syncfs(descriptor) == 0 ? 0 : errno;
}

void start_writeback_of(int descriptor) noexcept {
  (void)sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
}

std::uint64_t mount_of(int descriptor) {
#ifdef STATX_MNT_ID
  struct statx status {};
  const int failed = statx(descriptor, "", AT_EMPTY_PATH, STATX_MNT_ID, &status);
  return failed == 0 && (status.stx_mask & STATX_MNT_ID) != 0 ? status.stx_mnt_id : 0;
#else
  (void)descriptor;
  return 0;
#endif
}

bool has_open(std::uint64_t device, std::uint64_t inode) {
  const Attempt<Descriptor> own = open_at(AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY);
  std::vector<DirectoryEntry> entries;
  if (!own || list_entries(own.value->number(), entries) != 0) {
    return true;
  }
  return std::ranges::any_of(entries, [&](const DirectoryEntry& entry) {
    struct stat status {};
    return fstatat(own.value->number(), entry.name.c_str(), &status, 0) == 0 &&
           status.st_dev == device && status.st_ino == inode;
  });
}

bool is_of_this_machine_alone(int descriptor) {
  constexpr std::uint32_t k_openzfs = 0x2fc12fc1; // these two are not in linux/magic.h
  constexpr std::uint32_t k_bcachefs = 0xca451a4e;
  constexpr std::array<std::uint32_t, 8> k_local{
      EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,       BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC,
      TMPFS_MAGIC,      OVERLAYFS_SUPER_MAGIC, k_openzfs,         k_bcachefs};
  struct statfs status {};
  return fstatfs(descriptor, &status) == 0 &&
         std::ranges::find(k_local, static_cast<std::uint32_t>(status.f_type)) != k_local.end();
}

int lock_range(int descriptor, std::uint64_t begin, std::uint64_t size) {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = static_cast<off_t>(begin);
  range.l_len = static_cast<off_t>(size);
  return fcntl(descriptor, F_OFD_SETLK, &range) == 0 ? 0 : errno;
}

int take_lease(int descriptor) {
  // The kernel tells us by a signal that somebody waits: one that is ignored unless it is asked
  // for, since the usual one, SIGIO, ends the process.
  return fcntl(descriptor, F_SETSIG, SIGURG) == 0 && fcntl(descriptor, F_SETLEASE, F_WRLCK) == 0
             ? 0
             : errno;
}

int list_entries(int directory, std::vector<DirectoryEntry>& entries) {
  entries.clear();
  if (lseek(directory, 0, SEEK_SET) < 0) {
    return errno;
  }
  alignas(dirent64) std::array<char, k_directory_buffer> buffer;
  while (true) {
    const auto got = retry([&] { return getdents64(directory, buffer.data(), buffer.size()); });
    if (got <= 0) {
      return got == 0 ? 0 : errno;
    }
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      const auto* const entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      const char* const raw_name = buffer.data() + at + offsetof(dirent64, d_name);
      at += entry->d_reclen;
      const std::string_view name(raw_name);
      if (name != "." && name != "..") {
        entries.push_back({std::string(name), kind_of(entry->d_type)});
      }
    }
  }
}

std::string path_of(int descriptor) {
  std::array<char, 4096> target{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t length = readlink(link.c_str(), target.data(), target.size());
  return length > 0 ? std::string(target.data(), static_cast<std::size_t>(length)) : std::string();
}

int list_attributes(int descriptor, std::vector<std::string>& names) {
  names.clear();
  std::string buffer(1024, '\0');
  ssize_t length = flistxattr(descriptor, buffer.data(), buffer.size());
  while (length < 0 && errno == ERANGE) {
    buffer.resize(buffer.size() * 4);
    length = flistxattr(descriptor, buffer.data(), buffer.size());
  }
  if (length < 0) {
    return errno;
  }
  std::string_view left(buffer.data(), static_cast<std::size_t>(length));
  while (!left.empty()) {
    const std::string_view name = left.substr(0, left.find('\0'));
    left.remove_prefix(std::min(name.size() + 1, left.size()));
    if (belongs_to_a_snapshot(name)) {
      names.emplace_back(name);
    }
  }
  return 0;
}

int get_attribute(int descriptor, const std::string& name, std::string& value) {
  value.resize(256);
  ssize_t length = fgetxattr(descriptor, name.c_str(), value.data(), value.size());
  while (length < 0 && errno == ERANGE) {
    value.resize(value.size() * 4);
    length = fgetxattr(descriptor, name.c_str(), value.data(), value.size());
  }
  if (length < 0) {
    return errno;
  }
  value.resize(static_cast<std::size_t>(length));
  return 0;
}

int set_attribute(int descriptor, const std::string& name, const std::string& value) {
  return fsetxattr(descriptor, name.c_str(), value.data(), value.size(), 0) == 0 ? 0 : errno;
}

int remove_attribute(int descriptor, const std::string& name) {
  return fremovexattr(descriptor, name.c_str()) == 0 ? 0 : errno;
}

} // namespace savepoint::fs::internal

#else

namespace savepoint::fs::internal {

Attempt<Descriptor> open_directory_beneath(int, const char*) {
  return {std::nullopt, ENOSYS};
}
int rename_in_one_step(int, const char*, int, const char*, RenameHow) {
  return ENOSYS;
}
int sync_file_system_of(int) {
  return ENOSYS;
}
void start_writeback_of(int) noexcept {}
std::uint64_t mount_of(int) {
  return 0;
}
bool has_open(std::uint64_t, std::uint64_t) {
  return true;
}
bool is_of_this_machine_alone(int) {
  return false;
}
int lock_range(int, std::uint64_t, std::uint64_t) {
  return ENOSYS;
}
int take_lease(int) {
  return ENOSYS;
}
int list_entries(int, std::vector<DirectoryEntry>&) {
  return ENOSYS;
}
std::string path_of(int) {
  return {};
}
int list_attributes(int, std::vector<std::string>&) {
  return ENOTSUP;
}
int get_attribute(int, const std::string&, std::string&) {
  return ENOTSUP;
}
int set_attribute(int, const std::string&, const std::string&) {
  return ENOTSUP;
}
int remove_attribute(int, const std::string&) {
  return ENOTSUP;
}

} // namespace savepoint::fs::internal

#endif
