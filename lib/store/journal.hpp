#pragma once

#include "base/snapshot_id.hpp"
#include "hash/digest.hpp"
#include "manifest/manifest.hpp"
#include "store/store.hpp"
#include "json/value.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace savepoint::store {

/// Which work tree it is: a copy of a project has the same id, and is another one.
struct WorkTree {
  manifest::ProjectIdentity project;
  std::uint64_t root_inode = 0; ///< Of its directory: it stays when the project is moved.
};

/// What is written down before a restore changes the first thing of a project, and removed when it
/// has come to its end: docs/formats/journal.md. A work tree has one or none.
struct Journal {
  WorkTree tree;
  SnapshotId target;   ///< What the restore puts back.
  SnapshotId safety;   ///< What was there before.
  json::Value request; ///< What else must be known to finish it.
};

/// Makes it durable; one that the work tree has already is replaced.
void write_journal(Store& store, const Journal& journal);
/// Removes the one of this work tree, durably, if there is one.
void remove_journal(Store& store, const WorkTree& tree);

/// What a work tree's journal is called after.
[[nodiscard]] hash::Digest digest_of(const WorkTree& tree);

/// The one of this work tree in the store at `root`, which need not be open, or there at all.
///
/// Throws CorruptionError, or NotFoundError for a newer version.
[[nodiscard]] std::optional<Journal> find_journal(const std::filesystem::path& root,
                                                  const WorkTree& tree);
/// All of the store: the snapshots that they name must stay.
struct Journals {
  std::vector<Journal> whole;
  std::vector<std::filesystem::path> unreadable; ///< Damaged, or of a newer version.
};
[[nodiscard]] Journals list_journals(const Store& store);

} // namespace savepoint::store
