#include "restore/internal/sound_trees.hpp"

#include "base/error.hpp"
#include "store/tree.hpp"
#include "store/tree_diff.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>

namespace savepoint::restore {
namespace {

// What a manifest counts is exact; nobody shall lose a snapshot because it once was not.
constexpr std::uint64_t k_allowance = 100'000;
// No file system has more.
constexpr std::uint64_t k_most_paths = std::uint64_t{1} << 32U;

[[noreturn]] void refuse_many() {
  throw CorruptionError("the snapshot holds more files than its manifest says",
                        "somebody changed the store: do not restore from it");
}

/// Counts the paths below trees, each of which is read once.
class TreeCensus {
public:
  TreeCensus(const store::ChunkSource& source, OnDamage on_damage)
      : source_(&source), on_damage_(on_damage) {}

  /// Of the paths below `path`, which is the tree `id`, those that `filter` includes or leads
  /// through.
  std::uint64_t paths_in(const hash::Digest& id, const std::string& path, const PathFilter& filter,
                         std::size_t depth) {
    if (filter.everything()) {
      return paths_below(id, depth);
    }
    std::uint64_t paths = 0;
    if (const std::optional<store::Tree> tree = read(id)) {
      for (const store::TreeEntry& entry : tree->entries) {
        require_writable_path(entry.name);
        const std::string below = join(path, entry.name);
        const bool is_directory = entry.kind == store::EntryKind::directory;
        if (filter.includes(below)) {
          paths += 1 + (is_directory ? paths_below(entry.tree, depth + 1) : 0);
        } else if (is_directory && filter.leads_to(below)) {
          paths += 1 + paths_in(entry.tree, below, filter, depth + 1);
        }
      }
    }
    return paths;
  }

  std::uint64_t paths_below(const hash::Digest& id, std::size_t depth) {
    if (const auto known = known_.find(id); known != known_.end()) {
      return known->second;
    }
    if (depth > store::k_deepest_path) {
      throw CorruptionError("directories nest too deep");
    }
    std::uint64_t paths = 0;
    if (const std::optional<store::Tree> tree = read(id)) {
      for (const store::TreeEntry& entry : tree->entries) {
        require_writable_path(entry.name);
        ++paths;
        if (entry.kind == store::EntryKind::directory) {
          paths += paths_below(entry.tree, depth + 1);
        }
        if (paths > k_most_paths) {
          refuse_many();
        }
      }
    }
    known_.emplace(id, paths);
    return paths;
  }

private:
  std::optional<store::Tree> read(const hash::Digest& id) const {
    try {
      return store::get_tree(*source_, id);
    } catch (const CorruptionError&) {
      if (on_damage_ == OnDamage::stop) {
        throw;
      }
      return std::nullopt;
    }
  }

  const store::ChunkSource* source_;
  OnDamage on_damage_;
  std::unordered_map<hash::Digest, std::uint64_t, hash::DigestHash> known_;
};

} // namespace

PathLimit::PathLimit(const manifest::Manifest& target) : left_(k_allowance) {
  if (target.code) {
    left_ += std::min(target.code->files, k_most_paths);
    left_ += std::min(target.code->directories, k_most_paths);
  }
  if (target.config) {
    left_ += target.config->files.size();
  }
}

void PathLimit::count(std::uint64_t paths) {
  if (paths > left_) {
    refuse_many();
  }
  left_ -= paths;
}

void require_sound_trees(const store::ChunkSource& source, const manifest::Manifest& target,
                         const PathFilter& filter, OnDamage on_damage) {
  TreeCensus census(source, on_damage);
  PathLimit limit(target);
  if (target.code) {
    limit.count(census.paths_in(target.code->tree, "", filter, 0));
  }
  if (target.config && target.config->tree) {
    limit.count(census.paths_in(*target.config->tree, "", filter, 0));
  }
}

} // namespace savepoint::restore
