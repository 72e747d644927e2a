#include "store/internal/layout.hpp"

#include "fs/files.hpp"

#include <algorithm>
#include <array>

namespace savepoint::store {

namespace {

constexpr std::string_view k_pack_suffix = ".pack";
constexpr std::string_view k_json_suffix = ".json";
constexpr std::string_view k_pruned_prefix = "pruned-";

std::optional<std::string_view> without_suffix(std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) {
    return std::nullopt;
  }
  return name.substr(0, name.size() - suffix.size());
}

std::vector<SnapshotId> list_snapshot_files(const std::filesystem::path& directory) {
  std::vector<SnapshotId> ids;
  for (const std::string& name : fs::list_names(directory)) {
    if (const std::optional<SnapshotId> id = parse_snapshot_file_name(name)) {
      ids.push_back(*id);
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

/// The files that are called after the digest of a work tree.
std::vector<std::filesystem::path> list_by_work_tree(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> found;
  for (const std::string& name : fs::list_names(directory)) {
    const auto stem = without_suffix(name, k_json_suffix);
    if (stem && hash::Digest::from_hex(*stem)) {
      found.push_back(directory / name);
    }
  }
  return found;
}

} // namespace

std::optional<hash::Digest> parse_pack_name(std::string_view name) {
  const std::optional<std::string_view> stem = without_suffix(name, k_pack_suffix);
  if (!stem) {
    return std::nullopt;
  }
  const std::optional<hash::Digest> digest = hash::Digest::from_hex(*stem);
  return digest && digest->hex() == *stem ? digest : std::nullopt;
}

std::optional<SnapshotId> parse_snapshot_file_name(std::string_view name) {
  const std::optional<std::string_view> stem = without_suffix(name, k_json_suffix);
  return stem ? SnapshotId::parse(*stem) : std::nullopt;
}

std::filesystem::path Layout::shard(const hash::Digest& pack) const {
  return packs() / pack.hex().substr(0, 2);
}

std::filesystem::path Layout::pack(const hash::Digest& name) const {
  return shard(name) / (name.hex() + std::string(k_pack_suffix));
}

std::filesystem::path Layout::manifest(const SnapshotId& id) const {
  return manifests() / (id.text() + std::string(k_json_suffix));
}

std::filesystem::path Layout::marks(const SnapshotId& id) const {
  return marks() / (id.text() + std::string(k_json_suffix));
}

std::filesystem::path Layout::pruned_mark(std::string_view label) const {
  std::string name(k_pruned_prefix);
  name.append(label).append(k_json_suffix);
  return marks() / name;
}

std::filesystem::path Layout::journal(const hash::Digest& worktree) const {
  return journals() / (worktree.hex() + std::string(k_json_suffix));
}

std::filesystem::path Layout::restores(const hash::Digest& worktree) const {
  return restores() / (worktree.hex() + std::string(k_json_suffix));
}

std::string Layout::below_root(const std::filesystem::path& path) const {
  const std::string& root = root_.native();
  const std::string& whole = path.native();
  if (whole.size() > root.size() + 1 && whole.starts_with(root) && whole[root.size()] == '/') {
    return whole.substr(root.size() + 1);
  }
  return whole;
}

std::vector<hash::Digest> Layout::list_packs() const {
  std::vector<hash::Digest> names;
  for (const std::string& shard_name : fs::list_names(packs())) {
    if (shard_name.size() != 2) {
      continue;
    }
    for (const std::string& name : fs::list_names(packs() / shard_name)) {
      const std::optional<hash::Digest> digest = parse_pack_name(name);
      if (digest && name.starts_with(shard_name)) {
        names.push_back(*digest);
      }
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<SnapshotId> Layout::list_manifests() const {
  return list_snapshot_files(manifests());
}

std::vector<SnapshotId> Layout::list_marks() const {
  return list_snapshot_files(marks());
}

std::vector<std::filesystem::path> Layout::list_pruned_marks() const {
  std::vector<std::filesystem::path> found;
  for (const std::string& name : fs::list_names(marks())) {
    if (name.starts_with(k_pruned_prefix) && name.ends_with(k_json_suffix)) {
      found.push_back(marks() / name);
    }
  }
  return found;
}

std::vector<std::filesystem::path> Layout::list_journals() const {
  return list_by_work_tree(journals());
}

std::vector<std::filesystem::path> Layout::list_restores() const {
  return list_by_work_tree(restores());
}

bool Layout::is_ours(std::string_view name) {
  static constexpr std::array<std::string_view, 14> k_names = {
      "store.json", "packs",         "manifests",  "marks",
      "journals",   "restores",      "catalog.db", "catalog.db-journal",
      "cache",      "log",           "lock",       "trash",
      "scratch",    "catalog.db-wal"};
  return std::find(k_names.begin(), k_names.end(), name) != k_names.end() ||
         name.starts_with(fs::k_temporary_prefix);
}

} // namespace savepoint::store
