#pragma once

#include "manifest/manifest.hpp"
#include "store/store.hpp"
#include "store/tree.hpp"
#include "verify/internal/chunk_checks.hpp"
#include "verify/verify.hpp"

#include <optional>
#include <set>
#include <string>
#include <unordered_set>

namespace savepoint::verify {

/// Walks snapshots and finds which of their paths need something that cannot be had. A tree that is
/// whole is walked once, however many snapshots have it.
class SnapshotWalk {
public:
  /// All must outlive the walk.
  SnapshotWalk(const store::Store& store, ChunkChecks& chunks, const Cancellation& cancellation,
               Report& report);

  void check(const manifest::Manifest& snapshot);
  /// Databases whose image cannot be read: there is no use in rehearsing them.
  [[nodiscard]] bool is_damaged(const manifest::Content& image) const {
    return damaged_contents_.contains(image);
  }

private:
  bool check_tree(const std::string& path, const hash::Digest& id);
  bool check_content(const std::string& path, const manifest::Content& content);
  bool check_chunk(const std::string& path, const hash::Digest& id);
  void add(const std::string& path, std::string what, std::string file);

  const store::Store* store_;
  ChunkChecks* chunks_;
  const Cancellation* cancellation_;
  Report* report_;
  std::string snapshot_;
  std::unordered_set<std::string> named_; // paths of this snapshot that are problems already
  std::unordered_set<hash::Digest, hash::DigestHash> good_trees_;
  std::unordered_set<hash::Digest, hash::DigestHash> good_lists_;
  std::set<manifest::Content> damaged_contents_;
};

} // namespace savepoint::verify
