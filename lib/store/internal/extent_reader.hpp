#pragma once

#include "store/content.hpp"

#include <optional>

namespace savepoint::store {

/// Reads extents of one content. One thread at a time.
class ExtentReader {
public:
  /// Both must outlive the reader.
  ExtentReader(const ChunkSource& source, const manifest::Content& content)
      : source_(&source), content_(&content) {}

  /// The bytes of an extent that is no hole; valid until the next one is read.
  ///
  /// Throws CorruptionError if its chunk is damaged, or not as long as the list says.
  [[nodiscard]] ByteView read(const Extent& extent);

private:
  const ChunkSource* source_;
  const manifest::Content* content_;
  Bytes chunk_;
  std::optional<hash::Digest> held_; ///< Equal blocks often follow each other.
};

} // namespace savepoint::store
