#include "fs/internal/portable.hpp"

#include "fs/files.hpp"
#include "fs/internal/open.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <random>

namespace savepoint::fs::internal {
namespace {

struct DirectoryCloser {
  void operator()(DIR* directory) const { closedir(directory); }
};

} // namespace

Attempt<Descriptor> open_beneath_step_by_step(int root, std::string_view path) {
  Attempt<Descriptor> opened = open_at(root, ".", O_RDONLY | O_DIRECTORY);
  while (opened && !path.empty()) {
    const std::string name(path.substr(0, path.find('/')));
    path.remove_prefix(std::min(name.size() + 1, path.size()));
    opened = try_open_directory_at(opened.value->number(), name.c_str());
  }
  return opened;
}

int rename_new_in_steps(int from_directory, const char* from, int to_directory, const char* to) {
  const Attempt<FileStatus> source = try_status_at(from_directory, from);
  if (!source) {
    return source.error_number;
  }
  if (source.value->kind != FileKind::directory) {
    if (linkat(from_directory, from, to_directory, to, 0) == 0) {
      return unlinkat(from_directory, from, 0) == 0 ? 0 : errno;
    }
    // Only a file system without hard links gets the check that somebody could get in between.
    if (errno != EPERM && errno != ENOTSUP && errno != EMLINK) {
      return errno;
    }
  }
  const Attempt<FileStatus> target = try_status_at(to_directory, to);
  if (target) {
    return EEXIST;
  }
  if (target.error_number != ENOENT) {
    return target.error_number;
  }
  return renameat(from_directory, from, to_directory, to) == 0 ? 0 : errno;
}

int exchange_in_steps(int from_directory, const char* from, int to_directory, const char* to) {
  if (const Attempt<FileStatus> target = try_status_at(to_directory, to); !target) {
    return target.error_number;
  }
  const std::string aside = temporary_name();
  if (renameat(from_directory, from, from_directory, aside.c_str()) != 0) {
    return errno;
  }
  if (renameat(to_directory, to, from_directory, from) != 0) {
    const int error_number = errno;
    (void)renameat(from_directory, aside.c_str(), from_directory, from);
    return error_number;
  }
  if (renameat(from_directory, aside.c_str(), to_directory, to) != 0) {
    const int error_number = errno;
    (void)renameat(from_directory, from, to_directory, to);
    (void)renameat(from_directory, aside.c_str(), from_directory, from);
    return error_number;
  }
  return 0;
}

int list_entries_by_readdir(int directory, std::vector<DirectoryEntry>& entries) {
  entries.clear();
  // A second descriptor, because closedir closes it.
  const int copy = fcntl(directory, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (copy < 0) {
    return errno;
  }
  const std::unique_ptr<DIR, DirectoryCloser> stream(fdopendir(copy));
  if (!stream) {
    const int error_number = errno;
    ::close(copy);
    return error_number;
  }
  rewinddir(stream.get());
  while (true) {
    errno = 0;
    const dirent* const entry = readdir(stream.get());
    if (entry == nullptr) {
      return errno;
    }
    const std::string_view name(entry->d_name);
    if (name != "." && name != "..") {
      entries.push_back({std::string(name), std::nullopt});
    }
  }
}

std::string temporary_name() {
  std::random_device random;
  std::array<char, 17> digits{};
  (void)std::snprintf(digits.data(), digits.size(), "%08x%08x", random(), random());
  return std::string(k_temporary_prefix) + digits.data();
}

} // namespace savepoint::fs::internal
