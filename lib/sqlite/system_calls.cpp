#include "sqlite/internal/system_calls.hpp"

#include <sqlite3.h>

#ifdef __linux__

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <string>
#include <string_view>

namespace savepoint::sqlite {
namespace {

constexpr std::string_view k_temporary = "/etilqs_"; // temporary files may be behind any symlink

int open_without_symlinks(const char* path, int flags, unsigned mode) noexcept {
  open_how how{};
  how.flags = static_cast<unsigned>(flags) | O_CLOEXEC;
  how.mode = (flags & O_CREAT) != 0 ? mode & 07777U : 0;
  how.resolve = RESOLVE_NO_SYMLINKS;
  int opened = -1;
  do {
    opened = static_cast<int>(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how));
  } while (opened < 0 && (errno == EINTR || errno == EAGAIN));
  return opened;
}

bool is_resolved(std::string_view path) {
  return path.starts_with('/') && path.find(k_temporary) == std::string_view::npos;
}

extern "C" int savepoint_sqlite_open(const char* path, int flags, int mode) noexcept {
  if (!is_resolved(path)) {
    return open(path, flags | O_CLOEXEC, mode);
  }
  return open_without_symlinks(path, flags, static_cast<unsigned>(mode));
}

extern "C" int savepoint_sqlite_unlink(const char* path) noexcept {
  const std::string_view whole = path;
  const std::size_t slash = whole.rfind('/');
  if (!is_resolved(whole) || slash == 0) {
    return unlink(path);
  }
  try {
    const std::string parent(whole.substr(0, slash));
    const int directory = open_without_symlinks(parent.c_str(), O_PATH | O_DIRECTORY, 0);
    if (directory < 0) {
      return -1;
    }
    const int result = unlinkat(directory, path + slash + 1, 0);
    const int error_number = errno;
    close(directory);
    errno = error_number;
    return result;
  } catch (const std::bad_alloc&) {
    errno = ENOMEM;
    return -1;
  }
}

template <typename Call> void replace(sqlite3_vfs& vfs, const char* name, Call call) {
  vfs.xSetSystemCall(&vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(call));
}

} // namespace

void refuse_new_symlinks() {
  static std::once_flag once;
  std::call_once(once, [] {
    const int probe = open_without_symlinks("/", O_PATH | O_DIRECTORY, 0);
    sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
    if (probe < 0 || vfs == nullptr || vfs->iVersion < 3) {
      return;
    }
    close(probe);
    replace(*vfs, "open", &savepoint_sqlite_open);
    replace(*vfs, "unlink", &savepoint_sqlite_unlink);
  });
}

} // namespace savepoint::sqlite

#else

namespace savepoint::sqlite {

void refuse_new_symlinks() {}

} // namespace savepoint::sqlite

#endif
