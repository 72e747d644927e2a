#include "restore/internal/paths.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/tree_writer.hpp"
#include "project/scan.hpp"

#include <algorithm>

namespace savepoint::restore {
namespace {

/// A path as people type it, without `./` before and `/` behind.
std::string normalised(std::string_view path) {
  while (path.starts_with("./")) {
    path.remove_prefix(2);
  }
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  return path == "." ? std::string() : std::string(path);
}

bool is_at_or_below(std::string_view path, std::string_view top) {
  return path.starts_with(top) && (path.size() == top.size() || path[top.size()] == '/');
}

} // namespace

bool PathOrder::operator()(std::string_view a, std::string_view b) const {
  const auto [at, bt] = std::ranges::mismatch(a, b);
  if (at == a.end() || bt == b.end()) {
    return at == a.end() && bt != b.end();
  }
  const auto rank = [](char c) { return c == '/' ? 0 : 1 + static_cast<unsigned char>(c); };
  return rank(*at) < rank(*bt);
}

std::string_view parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view last_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string join(std::string_view directory, std::string_view name) {
  return directory.empty() ? std::string(name) : std::string(directory).append("/").append(name);
}

void require_writable_path(std::string_view path) {
  bool good = fs::is_safe_path(path);
  for (std::string_view rest = path; good && !rest.empty();) {
    const std::string_view name = rest.substr(0, rest.find('/'));
    good = name != ".git" && !name.starts_with(project::k_own_prefix);
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
  }
  if (!good) {
    throw CorruptionError("the snapshot holds " + quoted(path) +
                              ", which no snapshot of a project can hold",
                          "somebody changed the store: do not restore from it");
  }
}

PathFilter::PathFilter(const std::vector<std::string>& paths) : everything_(paths.empty()) {
  for (const std::string& path : paths) {
    std::string plain = normalised(path);
    if (plain.empty() && !path.empty() && path.front() != '/') {
      everything_ = true;
      continue;
    }
    if (!fs::is_safe_path(plain)) {
      throw UsageError(quoted(path) + " is not a path below the project",
                       "name paths relative to the project's root, without '..'");
    }
    paths_.push_back(std::move(plain));
  }
  std::ranges::sort(paths_, PathOrder());
}

PathFilter PathFilter::only(std::vector<std::string> paths) {
  PathFilter filter;
  filter.paths_ = std::move(paths);
  std::ranges::sort(filter.paths_, PathOrder());
  return filter;
}

bool PathFilter::includes(std::string_view path) const {
  if (everything_) {
    return true;
  }
  for (std::string_view top = path;; top = parent_of(top)) {
    if (std::ranges::binary_search(paths_, top, PathOrder())) {
      return true;
    }
    if (top.empty()) {
      return false;
    }
  }
}

bool PathFilter::leads_to(std::string_view path) const {
  if (everything_ || path.empty()) {
    return everything_ || !paths_.empty();
  }
  const auto found = std::ranges::upper_bound(paths_, path, PathOrder());
  return found != paths_.end() && is_at_or_below(*found, path);
}

} // namespace savepoint::restore
