#include "cli/paths.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"

#include <algorithm>

namespace savepoint::cli {

std::vector<std::string> below_root(const std::vector<std::string>& typed,
                                    const std::filesystem::path& directory,
                                    const std::filesystem::path& root) {
  std::vector<std::string> paths;
  for (const std::string& path : typed) {
    if (path.empty()) {
      throw UsageError("cannot use an empty path");
    }
    std::string below = (directory / path).lexically_normal().lexically_relative(root).string();
    while (below.ends_with('/')) {
      below.pop_back();
    }
    if (below.empty() || below == ".." || below.starts_with("../")) {
      throw UsageError("cannot use " + quoted(path) + ": it is outside of " +
                       quoted(root.string()));
    }
    if (below == ".") {
      return {};
    }
    paths.push_back(below);
  }
  return paths;
}

bool is_below(const std::vector<std::string>& wanted, std::string_view path) {
  return wanted.empty() || std::ranges::any_of(wanted, [&](const std::string& one) {
           return path == one || (path.starts_with(one) && path[one.size()] == '/');
         });
}

bool leads_to(const std::vector<std::string>& wanted, const std::string& path) {
  return is_below(wanted, path) ||
         std::ranges::any_of(wanted, [&](const std::string& one) { return is_below({path}, one); });
}

} // namespace savepoint::cli
