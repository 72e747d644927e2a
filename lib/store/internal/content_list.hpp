#pragma once

#include "base/bytes.hpp"
#include "hash/digest.hpp"
#include "manifest/content.hpp"
#include "store/chunks.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace savepoint::store {

/// One entry of a content list. At level 0 a piece of a chunk, or a hole if `id` is missing; above,
/// a list of the level below.
struct ListEntry {
  std::uint64_t length = 0; ///< At least 1.
  std::optional<hash::Digest> id;
  std::uint32_t chunk_offset = 0; ///< Level 0 only.

  friend bool operator==(const ListEntry&, const ListEntry&) = default;
};

/// A stretch of a content: docs/formats/content-list.md.
struct ContentList {
  std::uint8_t level = 0;
  std::vector<ListEntry> entries;

  friend bool operator==(const ContentList&, const ContentList&) = default;
};

/// No list has more entries.
inline constexpr std::size_t k_entries_per_list = 256;

/// Where lists end.
enum class ListEnds {
  /// When they are full: a change that moves nothing changes one list of each level.
  by_number,
  /// With 16 entries, from the sixth level on with 256: the same for what changes here and there
  /// again and again, since the lists that change are most of what is stored then.
  by_small_number,
  /// Also behind the first entry, from the 32nd on, whose digest has the lowest 6 bits of its first
  /// byte zero: then it may move what follows as well.
  by_content,
};
/// No content needs more levels.
inline constexpr std::uint8_t k_highest_level = 8;
/// No content is larger, in bytes.
inline constexpr std::uint64_t k_largest_content = ~std::uint64_t{0} >> 1U;

[[nodiscard]] Bytes encode(const ContentList& list);
/// Throws CorruptionError unless `bytes` are exactly what `encode` would make of entries that are
/// valid and together no longer than k_largest_content.
[[nodiscard]] ContentList decode_content_list(ByteView bytes);
/// The bytes of the content that `list` stands for.
[[nodiscard]] std::uint64_t length_of(const ContentList& list);

/// Collects the pieces of a content in their order and keeps them in lists.
class ListBuilder {
public:
  /// `sink` must outlive the builder.
  ListBuilder(ChunkSink& sink, ListEnds ends) : sink_(&sink), ends_(ends) {}

  /// A whole chunk of `length` bytes.
  void chunk(const hash::Digest& id, std::uint64_t length);
  void hole(std::uint64_t length);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] manifest::Content finish();

private:
  void grow(std::uint64_t length);
  void append(std::size_t level, const ListEntry& entry);
  [[nodiscard]] bool is_full(std::size_t level) const;
  [[nodiscard]] ListEntry close(std::size_t level);

  ChunkSink* sink_;
  ListEnds ends_;
  std::vector<std::vector<ListEntry>> open_; // by level
  std::uint64_t size_ = 0;
};

} // namespace savepoint::store
