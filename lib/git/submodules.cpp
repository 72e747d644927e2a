#include "git/submodules.hpp"

#include <system_error>
#include <utility>

namespace savepoint::git {

std::vector<std::string> submodules_of(const Index& index) {
  std::vector<std::string> paths;
  for (const IndexEntry& entry : index.entries()) {
    if (entry.mode == k_submodule) {
      paths.emplace_back(entry.path);
    }
  }
  return paths;
}

std::optional<Repository> open_submodule(const std::filesystem::path& work_tree,
                                         const std::string& path) {
  const std::filesystem::path place = work_tree / path;
  std::error_code ignored;
  if (!std::filesystem::exists(place / ".git", ignored)) {
    return std::nullopt;
  }
  auto submodule = Repository::discover(place);
  return submodule && submodule->work_tree() == place ? std::move(submodule) : std::nullopt;
}

} // namespace savepoint::git
