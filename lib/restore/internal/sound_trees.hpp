#pragma once

#include "manifest/manifest.hpp"
#include "restore/internal/paths.hpp"
#include "restore/internal/tree_output.hpp"
#include "store/chunks.hpp"

#include <cstdint>

namespace savepoint::restore {

/// Counts what a snapshot is about to be restored to, and stops at more than its manifest says and
/// some: a few trees that hold each other many times over can stand for more than any disk takes.
class PathLimit {
public:
  explicit PathLimit(const manifest::Manifest& target);
  /// Throws CorruptionError once there are too many.
  void count(std::uint64_t paths = 1);

private:
  std::uint64_t left_;
};

/// Throws CorruptionError if the trees of `target` hold too many paths that `filter` includes, or
/// one that no project can have. Reads no tree that the filter does not lead to, and each of the
/// others once, however often it is used; what cannot be read is passed over where that is
/// tolerated.
void require_sound_trees(const store::ChunkSource& source, const manifest::Manifest& target,
                         const PathFilter& filter, OnDamage on_damage);

} // namespace savepoint::restore
