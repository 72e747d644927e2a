#include "fs/tree_writer.hpp"

#include "base/error.hpp"
#include "fs/internal/linux.hpp"
#include "fs/internal/open.hpp"
#include "fs/internal/portable.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

namespace savepoint::fs {
namespace {

constexpr std::size_t k_longest_name = 255;

void require_safe(std::string_view path, std::string_view action) {
  if (!path.empty() && !is_safe_path(path)) {
    throw_io_error(EINVAL, action, path);
  }
}

/// Those that mean that there is no such directory: it is missing, a file, or a symlink.
bool is_absence(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR || error_number == ELOOP;
}

Attempt<Descriptor> try_open_beneath(const Descriptor& root, std::string_view path) {
  const std::string text = path.empty() ? "." : std::string(path);
  Attempt<Descriptor> opened = internal::open_directory_beneath(root.number(), text.c_str());
  if (opened || is_absence(opened.error_number)) {
    return opened;
  }
  // There is no openat2, a sandbox forbids it (EPERM), or the path is too long for one call.
  return internal::open_beneath_step_by_step(root.number(), path);
}

} // namespace

bool is_component(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.size() <= k_longest_name &&
         name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

bool is_safe_path(std::string_view path) {
  while (true) {
    const std::size_t slash = path.find('/');
    if (!is_component(path.substr(0, slash))) {
      return false;
    }
    if (slash == std::string_view::npos) {
      return true;
    }
    path.remove_prefix(slash + 1);
  }
}

std::optional<Descriptor> open_beneath(const Descriptor& root, std::string_view path) {
  require_safe(path, "open");
  Attempt<Descriptor> opened = try_open_beneath(root, path);
  if (!opened && !is_absence(opened.error_number)) {
    throw_io_error(opened.error_number, "open", path);
  }
  return std::move(opened.value);
}

Descriptor make_beneath(const Descriptor& root, std::string_view path) {
  constexpr mode_t k_mode = 0755;
  require_safe(path, "make directory");
  if (Attempt<Descriptor> there = try_open_beneath(root, path)) {
    return std::move(*there.value);
  }
  Attempt<Descriptor> current = internal::open_beneath_step_by_step(root.number(), {});
  for (std::string_view left = path; current && !left.empty();) {
    const std::string name(left.substr(0, left.find('/')));
    left.remove_prefix(std::min(name.size() + 1, left.size()));
    const int directory = current.value->number();
    if (mkdirat(directory, name.c_str(), k_mode) != 0 && errno != EEXIST) {
      throw_io_error(errno, "make directory", path);
    }
    current = try_open_directory_at(directory, name.c_str());
  }
  if (!current) {
    throw_io_error(current.error_number, "make directory", path);
  }
  return std::move(*current.value);
}

} // namespace savepoint::fs
