#include "fs/directories.hpp"

#include "base/error.hpp"
#include "fs/internal/open.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace savepoint::fs {

void make_directory_at(const Descriptor& directory, const char* name, std::uint32_t mode) {
  if (mkdirat(directory.number(), name, mode & 0777U) != 0) {
    const int error_number = errno;
    throw_io_error(error_number, "make the directory", internal::name_of(directory) + "/" + name);
  }
  if (fchmodat(directory.number(), name, mode & 0777U, 0) != 0) { // the umask took some away
    const int error_number = errno;
    unlinkat(directory.number(), name, AT_REMOVEDIR);
    throw_io_error(error_number, "set the mode of", name);
  }
}

bool remove_directory_at(const Descriptor& directory, const char* name) {
  if (unlinkat(directory.number(), name, AT_REMOVEDIR) == 0) {
    return true;
  }
  const int error_number = errno;
  if (error_number == ENOTEMPTY || error_number == EEXIST || error_number == EBUSY) {
    return false;
  }
  throw_io_error(error_number, "remove the directory", name);
}

void remove_file_at(const Descriptor& directory, const char* name) {
  if (unlinkat(directory.number(), name, 0) == 0) {
    return;
  }
  const int error_number = errno;
  if (error_number != ENOENT) {
    throw_io_error(error_number, "remove", name);
  }
}

void give_to_owner_of(const std::filesystem::path& directory, const Descriptor& made) {
  struct stat above {};
  struct stat own {};
  if (geteuid() != 0 || stat(directory.empty() ? "." : directory.c_str(), &above) != 0 ||
      fstat(made.number(), &own) != 0) {
    return;
  }
  if (above.st_uid != 0 && own.st_uid == 0 && (S_ISDIR(own.st_mode) || own.st_nlink == 1)) {
    static_cast<void>(fchown(made.number(), above.st_uid, above.st_gid) == 0);
  }
}

} // namespace savepoint::fs
