#pragma once

#include "base/snapshot_id.hpp"
#include "hash/digest.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::store {

/// Where everything of a store lies: every name on its disk is made and read here
/// (docs/formats/store.md).
class Layout {
public:
  explicit Layout(std::filesystem::path root) : root_(std::move(root)) {}

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] std::filesystem::path header() const { return root_ / "store.json"; }
  [[nodiscard]] std::filesystem::path lock() const { return root_ / "lock"; }
  [[nodiscard]] std::filesystem::path catalog() const { return root_ / "catalog.db"; }
  /// As SQLite calls it.
  [[nodiscard]] std::filesystem::path catalog_journal() const {
    return root_ / "catalog.db-journal";
  }
  [[nodiscard]] std::filesystem::path packs() const { return root_ / "packs"; }
  [[nodiscard]] std::filesystem::path manifests() const { return root_ / "manifests"; }
  [[nodiscard]] std::filesystem::path marks() const { return root_ / "marks"; }
  [[nodiscard]] std::filesystem::path journals() const { return root_ / "journals"; }
  [[nodiscard]] std::filesystem::path restores() const { return root_ / "restores"; }
  [[nodiscard]] std::filesystem::path cache() const { return root_ / "cache"; }
  /// The names of packs that were found damaged.
  [[nodiscard]] std::filesystem::path damage_list() const { return cache() / "damaged-packs"; }
  [[nodiscard]] std::filesystem::path log() const { return root_ / "log"; }
  [[nodiscard]] std::filesystem::path operations() const { return log() / "savepoint.log"; }
  [[nodiscard]] std::filesystem::path trash() const { return root_ / "trash"; }
  [[nodiscard]] std::filesystem::path scratch() const { return root_ / "scratch"; }

  /// The directory of a pack: packs/<2 hex>.
  [[nodiscard]] std::filesystem::path shard(const hash::Digest& pack) const;
  [[nodiscard]] std::filesystem::path pack(const hash::Digest& name) const;
  [[nodiscard]] std::filesystem::path manifest(const SnapshotId& id) const;
  [[nodiscard]] std::filesystem::path marks(const SnapshotId& id) const;
  /// The mark that prune leaves: marks/pruned-<label>.json.
  [[nodiscard]] std::filesystem::path pruned_mark(std::string_view label) const;

  /// The journal of the restore whose work tree has this digest.
  [[nodiscard]] std::filesystem::path journal(const hash::Digest& worktree) const;

  /// The list of the restores of that work tree.
  [[nodiscard]] std::filesystem::path restores(const hash::Digest& worktree) const;

  /// `path` as messages name it: without the root, if it lies below it.
  [[nodiscard]] std::string below_root(const std::filesystem::path& path) const;

  // What is there, sorted. Names that are none of ours are passed over.
  [[nodiscard]] std::vector<hash::Digest> list_packs() const;
  [[nodiscard]] std::vector<SnapshotId> list_manifests() const;
  [[nodiscard]] std::vector<SnapshotId> list_marks() const;
  [[nodiscard]] std::vector<std::filesystem::path> list_pruned_marks() const;

  [[nodiscard]] std::vector<std::filesystem::path> list_journals() const;
  [[nodiscard]] std::vector<std::filesystem::path> list_restores() const;

  /// The names that may be found directly below the root.
  [[nodiscard]] static bool is_ours(std::string_view name);

private:
  std::filesystem::path root_;
};

/// Reads `<64 hex>.pack`; nothing if `name` is anything else.
[[nodiscard]] std::optional<hash::Digest> parse_pack_name(std::string_view name);
/// Reads `<id>.json`; nothing if `name` is anything else.
[[nodiscard]] std::optional<SnapshotId> parse_snapshot_file_name(std::string_view name);

} // namespace savepoint::store
