#pragma once

#include "git/index.hpp"
#include "hash/digest.hpp"
#include "manifest/manifest.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace savepoint::project {

/// What was captured of one repository's index.
struct KnownIndex {
  std::optional<git::IndexStamp> stamp;
  std::optional<std::string> head; ///< The commit it was compared with.
  std::optional<manifest::Content> image;
  std::optional<hash::Digest> blobs; ///< The tree of what only the index has.
  std::vector<std::string> submodules;
  std::vector<std::pair<std::string, std::string>> lost; ///< Paths whose content git has not.
};

/// What was captured of a project's repository and its submodules.
struct KnownGit {
  std::map<std::string, KnownIndex> indexes; ///< By the path of the submodule; "": the project.
  hash::Digest tree;
  std::vector<manifest::GitNeed> needs;
  /// Paths of repositories that need more commits than are listed, and how many more.
  std::vector<std::pair<std::string, std::uint64_t>> unkept;
};

[[nodiscard]] std::string encode(const KnownGit& known);
/// Nothing for what cannot be read: then nothing is known.
[[nodiscard]] KnownGit decode_known_git(std::string_view bytes);

} // namespace savepoint::project
