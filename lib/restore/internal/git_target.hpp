#pragma once

#include "hash/digest.hpp"
#include "manifest/content.hpp"
#include "store/chunks.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace savepoint::restore {

/// The state of git in one repository as a snapshot has it: docs/formats/git-state.md. What it says
/// of contents is not read yet.
struct GitTarget {
  std::string path; ///< Of the submodule, below the project's root; empty: the project itself.
  std::string head; ///< What the file HEAD says; empty: there was none.
  std::optional<std::string> commit;
  std::optional<manifest::Content> index;
  std::vector<std::pair<std::string, manifest::Content>> blobs; ///< By id in hex.
  std::vector<std::pair<std::string, manifest::Content>> files; ///< Of an operation in progress.
  /// Other branches and where they were; without a commit: nowhere.
  std::vector<std::pair<std::string, std::optional<std::string>>> branches;
};

/// The project's repository and every submodule that was checked out, in this order.
///
/// Throws CorruptionError for what no snapshot holds.
[[nodiscard]] std::vector<GitTarget> read_git_targets(const store::ChunkSource& source,
                                                      const hash::Digest& tree);

/// Whether HEAD, its commit, the index and the operation in progress are the same in both.
[[nodiscard]] bool is_same_state(const GitTarget& a, const GitTarget& b);

/// A branch of the repository at `path` that a restore moves, though it was not the one of HEAD.
struct MovedBranch {
  std::string path;
  std::string name;                  ///< refs/heads/…
  std::optional<std::string> commit; ///< Where it was.
};

/// The state `tree` with a list of branches in it, so that restoring it puts those back as well.
[[nodiscard]] hash::Digest add_branches(const store::ChunkSource& source, store::ChunkSink& sink,
                                        const hash::Digest& tree,
                                        const std::vector<MovedBranch>& branches);

} // namespace savepoint::restore
