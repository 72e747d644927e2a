#include "fs/tree_writer.hpp"

#include "base/error.hpp"
#include "fs/internal/linux.hpp"
#include "fs/internal/open.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace savepoint::fs {
namespace {

constexpr mode_t k_all_bits = 07777;
constexpr mode_t k_privileges = S_ISUID | S_ISGID;

mode_t allowed(std::uint32_t mode, SpecialBits special) {
  const mode_t bits = static_cast<mode_t>(mode) & k_all_bits;
  return special == SpecialBits::keep ? bits : bits & ~k_privileges;
}

/// Access time left as it is, then modification time.
std::array<timespec, 2> times(std::int64_t mtime_ns) {
  constexpr std::int64_t k_second = 1'000'000'000;
  std::int64_t seconds = mtime_ns / k_second;
  std::int64_t rest = mtime_ns % k_second;
  if (rest < 0) {
    rest += k_second;
    --seconds;
  }
  std::array<timespec, 2> result{};
  result[0].tv_nsec = UTIME_OMIT;
  result[1].tv_sec = static_cast<time_t>(seconds);
  result[1].tv_nsec = static_cast<long>(rest);
  return result;
}

/// Makes the attributes of a file exactly `wanted`. Returns an errno.
int replace_attributes(int file, const std::vector<ExtendedAttribute>& wanted) {
  std::vector<std::string> present;
  if (const int listed = internal::list_attributes(file, present); listed != 0) {
    return listed;
  }
  // A new file has what the default ACL of its directory gave it.
  for (const std::string& name : present) {
    if (std::ranges::find(wanted, name, &ExtendedAttribute::name) != wanted.end()) {
      continue;
    }
    const int removed = internal::remove_attribute(file, name);
    if (removed != 0 && removed != ENODATA) {
      return removed;
    }
  }
  for (const ExtendedAttribute& attribute : wanted) {
    const int set = internal::set_attribute(file, attribute.name, attribute.value);
    if (set != 0 && set != ENOTSUP) {
      return set;
    }
  }
  return 0;
}

/// After a failure: whether the mode of somebody else's file needed no change.
bool is_already(const Descriptor& file, mode_t bits) {
  struct stat status {};
  return errno == EPERM && fstat(file.number(), &status) == 0 &&
         (status.st_mode & k_all_bits) == bits;
}

/// After a failure: whether it is because the directory is not ours.
bool is_directory_of_another(const Descriptor& file) {
  struct stat status {};
  return errno == EPERM && fstat(file.number(), &status) == 0 && S_ISDIR(status.st_mode) &&
         status.st_uid != geteuid();
}

} // namespace

void set_metadata(const Descriptor& file, std::uint32_t mode, SpecialBits special,
                  std::int64_t mtime_ns, const std::vector<ExtendedAttribute>& attributes) {
  const int number = file.number();
  int replaced = replace_attributes(number, attributes);
  if (replaced == EACCES && fchmod(number, S_IRWXU) == 0) {
    // Attributes need a file that may be written, even where the descriptor may.
    replaced = replace_attributes(number, attributes);
  }
  if (replaced != 0 && replaced != ENOTSUP) {
    throw_io_error(replaced, "set the attributes of", internal::name_of(file));
  }
  if (internal::retry([&] { return fchmod(number, allowed(mode, special)); }) != 0 &&
      !is_already(file, allowed(mode, special))) {
    throw_io_error(errno, "set the mode of", internal::name_of(file));
  }
  if (internal::retry([&] { return futimens(number, times(mtime_ns).data()); }) != 0 &&
      !is_directory_of_another(file)) {
    throw_io_error(errno, "set the time of", internal::name_of(file));
  }
}

void set_directory_mtime(const Descriptor& directory, std::int64_t mtime_ns) {
  if (internal::retry([&] { return futimens(directory.number(), times(mtime_ns).data()); }) != 0 &&
      !is_directory_of_another(directory)) {
    throw_io_error(errno, "set the time of", internal::name_of(directory));
  }
}

void set_mtime_at(const Descriptor& directory, const char* name, std::int64_t mtime_ns) {
  if (internal::retry([&] {
        return utimensat(directory.number(), name, times(mtime_ns).data(), AT_SYMLINK_NOFOLLOW);
      }) != 0) {
    throw_io_error(errno, "set the time of", name);
  }
}

void set_mode_at(const Descriptor& directory, const char* name, std::uint32_t mode,
                 SpecialBits special) {
  const mode_t bits = allowed(mode, special);
  if (fchmodat(directory.number(), name, bits, AT_SYMLINK_NOFOLLOW) == 0) {
    return;
  }
  if (errno != ENOTSUP) {
    throw_io_error(errno, "set the mode of", name);
  }
  // A symlink, or a C library that cannot do it without /proc.
  const Attempt<Descriptor> file =
      internal::open_at(directory.number(), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (!file) {
    throw_io_error(file.error_number, "set the mode of", name);
  }
  if (fchmod(file.value->number(), bits) != 0) {
    throw_io_error(errno, "set the mode of", name);
  }
}

} // namespace savepoint::fs
