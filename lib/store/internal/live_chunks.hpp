#pragma once

#include "base/cancellation.hpp"
#include "manifest/manifest.hpp"
#include "store/chunks.hpp"

#include <unordered_set>

namespace savepoint::store {

using DigestSet = std::unordered_set<hash::Digest, hash::DigestHash>;

/// Finds every chunk that snapshots need. Walks each distinct tree and content list once, however
/// many snapshots have it.
class LiveChunks {
public:
  /// `source` and `cancellation` must outlive the object.
  LiveChunks(const ChunkSource& source, const Cancellation& cancellation)
      : source_(&source), cancellation_(&cancellation) {}

  /// Throws CorruptionError if what the snapshot needs cannot be told, because a tree or a list of
  /// it is damaged or missing.
  void add(const manifest::Manifest& manifest);
  [[nodiscard]] DigestSet take() { return std::move(live_); }

private:
  void add_all(const manifest::Manifest& manifest);
  void add_tree(const hash::Digest& root);
  void add_content(const manifest::Content& content);
  void add_lists(const hash::Digest& root);
  Bytes add_object(const hash::Digest& id);

  const ChunkSource* source_;
  const Cancellation* cancellation_;
  DigestSet live_;
  // Apart from `live_`: a file may hold the very bytes of a tree, and is not walked for that.
  DigestSet trees_;
  DigestSet lists_;
};

} // namespace savepoint::store
