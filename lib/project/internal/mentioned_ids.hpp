#pragma once

#include "git/repository.hpp"

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace savepoint::project {

/// Ids that the state of a repository names, which may be those of objects. Each once.
class MentionedIds {
public:
  /// `repository`, at `path` below the project's root, must outlive it.
  MentionedIds(std::string path, const git::Repository& repository)
      : path_(std::move(path)), repository_(&repository) {}

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Adds what a file of the git directory names.
  void add(std::string_view file, const std::vector<std::string>& ids);
  /// The commits among them that must not be collected. Of many, not those that others of them,
  /// where an operation began, stands or goes, have in their history.
  [[nodiscard]] std::vector<std::string> needed_commits() const;

private:
  std::string path_;
  const git::Repository* repository_;
  std::vector<std::string> landmarks_; ///< HEAD first.
  std::vector<std::string> others_;
};

} // namespace savepoint::project
