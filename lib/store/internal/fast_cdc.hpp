#pragma once

#include "base/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace savepoint::store {

/// How large the chunks of one content are. Contents below the average stay one chunk.
struct ChunkSizes {
  std::size_t smallest = 0;
  std::size_t average = 0;
  std::size_t largest = 0;

  static constexpr std::size_t k_smallest_average = 1024;
  /// A quarter of the average to four times as much. Requires a power of two from 1 KiB to 256 KiB.
  [[nodiscard]] static ChunkSizes around(std::size_t average);
};

/// Finds where to cut a stream of bytes so that equal stretches are cut alike wherever they stand:
/// FastCDC (W. Xia, Y. Zhou, H. Jiang, D. Feng, Y. Hua, Y. Hu, Q. Liu, Y. Zhang: "FastCDC: a Fast
/// and Efficient Content-Defined Chunking Approach for Data Deduplication", USENIX ATC 2016), with
/// the gear hash, skipping of the smallest size, and normalised chunking of level 2.
///
/// The gear table holds the first 256 outputs of splitmix64 (S.
/// Vigna, 2015) started with the seed. The fingerprint of a byte is
/// `(fingerprint << 1) + gear[byte]` modulo 2^64, from zero at the smallest size; a chunk ends
/// after the first byte whose fingerprint has its highest n + 2 bits zero, past the average size of
/// 2^n bytes its highest n - 2, and at the largest size in any case. docs/formats/content-list.md
/// has an example.
class FastCdc {
public:
  FastCdc(std::uint64_t seed, const ChunkSizes& sizes);

  /// The length of the first chunk of `bytes`. Requires the largest chunk's worth of bytes, or all
  /// that are left of the stream.
  [[nodiscard]] std::size_t cut(ByteView bytes) const;

private:
  ChunkSizes sizes_;
  std::uint64_t strict_mask_;
  std::uint64_t loose_mask_;
  std::array<std::uint64_t, 256> gear_;
};

} // namespace savepoint::store
