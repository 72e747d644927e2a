#pragma once

#include "git/internal/ask_git.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace savepoint::git {

/// A git directory of our own beside that of a work tree: it shares references and objects with it
/// and has a HEAD that is whole. So git commands that change the repository work even where its
/// HEAD is broken, and touch neither its HEAD nor its index.
class PrivateGit {
public:
  /// The one at `directory`, which need not exist yet.
  explicit PrivateGit(std::filesystem::path directory) : directory_(std::move(directory)) {}

  void make(const std::filesystem::path& common_directory) const;

  /// Runs git there; what it writes is on disk when it returns. Requires `make`.
  ///
  /// Throws IoError with git's complaint if it fails.
  Answer run(std::vector<std::string> arguments, Bytes input,
             std::map<std::string, std::string> environment) const;

private:
  std::filesystem::path directory_;
};

} // namespace savepoint::git
