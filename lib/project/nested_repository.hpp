#pragma once

#include "git/ignore.hpp"
#include "git/index.hpp"
#include "git/repository.hpp"
#include "project/project.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace savepoint::project {

/// A repository inside the project's, such as a submodule. In it git goes by its rules alone, not
/// by those above it, and so do we: gitsubmodules(7).
class NestedRepository {
public:
  /// Null if `path` (below the root) is not the work tree of a repository of its own, or if git
  /// would refuse it.
  [[nodiscard]] static std::shared_ptr<NestedRepository> open(const Project& project,
                                                              std::string path);

  /// The rules that hold before any .gitignore in it is read, for paths from the project's root.
  [[nodiscard]] const std::shared_ptr<const git::IgnoreRules>& ignores() const { return ignores_; }
  /// Changes whenever these do, or the index.
  [[nodiscard]] std::uint64_t identity() const { return identity_; }
  /// Whether it tracks anything at `path` (from the project's root) or below it. Threads may ask at
  /// once.
  [[nodiscard]] bool tracks(std::string_view path);

private:
  NestedRepository(const Project& project, git::Repository repository, std::string path);

  git::Repository repository_;
  std::string path_;
  std::shared_ptr<const git::IgnoreRules> ignores_;
  std::uint64_t identity_ = 0;
  std::once_flag read_;
  std::optional<git::Index> index_;
};

} // namespace savepoint::project
