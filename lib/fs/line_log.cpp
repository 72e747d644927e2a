#include "fs/line_log.hpp"

#include "base/error.hpp"
#include "fs/directories.hpp"
#include "fs/files.hpp"
#include "fs/internal/open.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace savepoint::fs {
namespace {

/// Larger ones were not made by us.
constexpr std::uint64_t k_largest_read = std::uint64_t{64} << 20U;

bool ends_within_a_line(int file) {
  struct stat status {};
  char last = '\n';
  return fstat(file, &status) == 0 && status.st_size > 0 &&
         internal::retry([&] { return pread(file, &last, 1, status.st_size - 1); }) == 1 &&
         last != '\n';
}

} // namespace

void LineLog::append(std::string_view line) const {
  const Attempt<Descriptor> file =
      internal::open_at(AT_FDCWD, path_.c_str(),
                        O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NOCTTY, S_IRUSR | S_IWUSR);
  if (!file) {
    throw_io_error(file.error_number, "open", path_.native());
  }
  give_to_owner_of(path_.parent_path(), *file.value);
  std::string text = ends_within_a_line(file.value->number()) ? "\n" : "";
  text += line;
  write_all(*file.value, as_bytes(text), path_);
  put_aside_if_grown(file.value->number());
}

std::filesystem::path LineLog::put_aside_as(unsigned number) const {
  std::filesystem::path path = path_;
  if (number > 0) {
    path += "." + std::to_string(number);
  }
  return path;
}

void LineLog::put_aside_if_grown(int file) const {
  struct stat ours {};
  struct stat present {};
  if (fstat(file, &ours) != 0 || static_cast<std::uint64_t>(ours.st_size) < limits_.size) {
    return;
  }
  // The lock is on the file itself, not on its name: while it is held, and the name still means
  // this file, nobody else moves any of them. It goes with the descriptor.
  if (flock(file, LOCK_EX | LOCK_NB) != 0 || lstat(path_.c_str(), &present) != 0 ||
      present.st_ino != ours.st_ino || present.st_dev != ours.st_dev) {
    return;
  }
  for (unsigned number = limits_.kept; number > 0; --number) {
    // One may be missing, and one that cannot be moved stays: the next writer tries again.
    static_cast<void>(std::rename(put_aside_as(number - 1).c_str(), put_aside_as(number).c_str()));
  }
}

void LineLog::read(const std::function<Go(ByteView content)>& visit) const {
  std::vector<std::pair<dev_t, ino_t>> seen;
  for (unsigned number = 0; number <= limits_.kept; ++number) {
    // A file that is put aside meanwhile is met again under its next name; none is missed.
    const Attempt<Descriptor> file = internal::open_at(
        AT_FDCWD, put_aside_as(number).c_str(), O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    struct stat status {};
    if (!file || fstat(file.value->number(), &status) != 0 || !S_ISREG(status.st_mode)) {
      continue;
    }
    const std::pair<dev_t, ino_t> identity(status.st_dev, status.st_ino);
    if (std::find(seen.begin(), seen.end(), identity) != seen.end()) {
      continue;
    }
    seen.push_back(identity);
    const auto size = std::min(static_cast<std::uint64_t>(status.st_size), k_largest_read);
    Bytes content(static_cast<std::size_t>(size));
    std::size_t length = 0;
    while (length < content.size()) {
      const std::size_t got =
          read_some(*file.value, std::span(content).subspan(length), put_aside_as(number));
      if (got == 0) {
        break;
      }
      length += got;
    }
    content.resize(length);
    if (visit(content) == Go::no_further) {
      return;
    }
  }
}

} // namespace savepoint::fs
