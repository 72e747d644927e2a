#pragma once

#include "manifest/content.hpp"
#include "store/chunks.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace savepoint::store {

/// How contents are cut; part of store.json, so that a store always cuts alike.
struct CuttingRules {
  std::uint64_t seed = 0; ///< Makes the gear table of FastCDC.
  static constexpr std::size_t k_whole_below = std::size_t{256} << 10U;
  static constexpr std::size_t k_smallest = std::size_t{64} << 10U;
  static constexpr std::size_t k_average = std::size_t{256} << 10U;
  static constexpr std::size_t k_largest = k_largest_chunk;
};

/// How a content wants to be cut, where not as files are.
struct Cut {
  /// 0: content-defined. Otherwise a power of two up to 1 MiB: for page images.
  std::size_t block_size = 0;
  /// Of what is content-defined: a power of two from 1 KiB to 256 KiB; 0: 256 KiB. Dumps, in which
  /// changes are small and far apart, want small chunks.
  std::size_t average_chunk = 0;
};

/// A piece of a content: bytes, or a hole if `chunk` is missing.
struct Extent {
  std::uint64_t offset = 0; ///< In the content.
  std::uint64_t length = 0;
  std::optional<hash::Digest> chunk;
  std::uint32_t chunk_offset = 0; ///< Where in the chunk the piece begins.
};

/// Gives the pieces of a content in their order, reading the content lists as it comes to them but
/// no data.
class ExtentCursor {
public:
  /// `source` must outlive the cursor.
  ExtentCursor(const ChunkSource& source, const manifest::Content& content);
  ~ExtentCursor();
  ExtentCursor(ExtentCursor&&) noexcept;
  ExtentCursor& operator=(ExtentCursor&&) noexcept;

  /// The next piece; nothing at the end.
  ///
  /// Throws CorruptionError if a list is damaged, nests too deep, or the pieces do not add up to
  /// the size of the content.
  [[nodiscard]] std::optional<Extent> next();

private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Cuts one stream of bytes into chunks and remembers them in a content list
/// (docs/formats/content-list.md). Bytes below 256 KiB become one chunk; more are cut by FastCDC
/// (Xia et al., USENIX ATC 2016, normalised, level 2) or, with a block size, at its multiples. With
/// an average chunk, all sizes are in proportion to it instead.
///
///   ContentWriter writer(sink, rules);
///   writer.write(bytes);
///   writer.hole(length);
///   const manifest::Content content = writer.finish();
class ContentWriter {
public:
  /// `sink` must outlive the writer. `earlier` is what the content was like when it was last
  /// written, if that is known: what changed little since then takes little room.
  ContentWriter(ChunkSink& sink, const CuttingRules& rules, const Cut& cut = {},
                std::optional<ExtentCursor> earlier = std::nullopt);
  ~ContentWriter();
  ContentWriter(ContentWriter&&) noexcept;
  ContentWriter& operator=(ContentWriter&&) noexcept;

  void write(ByteView bytes);
  /// `length` bytes that are zero and take no room on disk.
  void hole(std::uint64_t length);
  [[nodiscard]] manifest::Content finish();

private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Visits the pieces of `content` in their order: as ExtentCursor gives them.
void for_each_extent(const ChunkSource& source, const manifest::Content& content,
                     const std::function<void(const Extent&)>& visit);

/// Visits the content lists that `content` is made of (its id first): what prune must keep besides
/// the data chunks.
void for_each_list(const ChunkSource& source, const manifest::Content& content,
                   const std::function<void(const hash::Digest&)>& visit);

/// Visits the bytes of `content` in their order; holes are given as an empty view with a length.
using PieceVisitor = std::function<void(std::uint64_t offset, ByteView bytes, std::uint64_t hole)>;
void read_content(const ChunkSource& source, const manifest::Content& content,
                  const PieceVisitor& visit);

/// The same with zeros for the holes, in pieces of any length but none.
void read_filled(const ChunkSource& source, const manifest::Content& content,
                 const std::function<void(ByteView)>& visit);

/// The whole of a small content in memory. Throws CorruptionError if it is larger than `limit`.
[[nodiscard]] Bytes read_whole(const ChunkSource& source, const manifest::Content& content,
                               std::uint64_t limit);

} // namespace savepoint::store
