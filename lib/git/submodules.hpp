#pragma once

#include "git/index.hpp"
#include "git/repository.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::git {

/// The paths of the submodules in `index`, in its order, checked out or not.
[[nodiscard]] std::vector<std::string> submodules_of(const Index& index);

/// The repository of the submodule `path` of the one with this work tree; nothing if there is none,
/// or it is not checked out.
///
/// Throws RefusedError if git itself would refuse it because of its owner.
[[nodiscard]] std::optional<Repository> open_submodule(const std::filesystem::path& work_tree,
                                                       const std::string& path);

} // namespace savepoint::git
