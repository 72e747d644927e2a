#pragma once

#include "git/repository.hpp"
#include "hash/digest.hpp"
#include "manifest/manifest.hpp"
#include "project/internal/walk.hpp"
#include "project/project.hpp"
#include "store/chunks.hpp"
#include "store/content.hpp"

#include <optional>
#include <string>
#include <vector>

namespace savepoint::project {

/// The exact state of git, as it was put into a sink: docs/formats/git-state.md.
struct CapturedGit {
  hash::Digest tree;
  std::vector<manifest::GitNeed> needs;
  std::vector<manifest::LeftOut> left_out;
  /// What the next capture wants to be given, if all of this is kept.
  std::string facts;
};

/// What is known of the project's repository already.
struct GitSight {
  const git::Repository& repository;
  LazyIndex& index;
  std::optional<git::IndexStamp> stamp; ///< From before the index was read: never newer than it.
  const git::Head& head;
  const std::vector<git::FileChange>& staged;
};

/// Captures HEAD, the index, the content that only the index has, and the operation in progress; of
/// submodules as well. `facts` are those of an earlier capture whose chunks the store still has, or
/// empty: with them an index that did not change is not read, and no object either.
[[nodiscard]] CapturedGit capture_git(const GitSight& sight, store::ChunkSink& sink,
                                      const store::CuttingRules& rules, const std::string& facts);

} // namespace savepoint::project
