#pragma once

#include "base/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace savepoint::store {

/// Finds where to cut a stream of bytes so that equal stretches are cut alike wherever they stand:
/// FastCDC (W. Xia, Y. Zhou, H. Jiang, D. Feng, Y. Hua, Y. Hu, Q. Liu, Y. Zhang: "FastCDC: a Fast
/// and Efficient Content-Defined Chunking Approach for Data Deduplication", USENIX ATC 2016), with
/// the gear hash, skipping of the smallest size, and normalised chunking of level 2.
///
/// Sizes are those of CuttingRules. The gear table holds the first 256 outputs of splitmix64 (S.
/// Vigna, 2015) started with the seed. The fingerprint of a byte is
/// `(fingerprint << 1) + gear[byte]` modulo 2^64, from zero at the smallest size; a chunk ends
/// after the first byte whose fingerprint has its highest 20 bits zero, past the average size its
/// highest 16, and at the largest size in any case. docs/formats/content-list.md has an example.
class FastCdc {
public:
  explicit FastCdc(std::uint64_t seed);

  /// The length of the first chunk of `bytes`. Requires the largest chunk's worth of bytes, or all
  /// that are left of the stream.
  [[nodiscard]] std::size_t cut(ByteView bytes) const;

private:
  std::array<std::uint64_t, 256> gear_;
};

} // namespace savepoint::store
