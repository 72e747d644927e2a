#include "store/internal/fast_cdc.hpp"

#include "base/error.hpp"
#include "store/content.hpp"

#include <algorithm>
#include <bit>

namespace savepoint::store {
namespace {

constexpr unsigned k_level = 2;

/// So many of the highest bits.
std::uint64_t highest(unsigned bits) {
  if (bits == 0 || bits > 64) {
    bug("a mask of no bits, or of more than there are");
  }
  return ~std::uint64_t{0} << (64U - bits);
}

std::uint64_t splitmix64(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15U;
  std::uint64_t value = state;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31U);
}

/// Rolls over [at, end) and returns the position after the byte where `mask` matched, or null.
const std::byte* roll(const std::uint64_t* gear, const std::byte* at, const std::byte* end,
                      std::uint64_t mask, std::uint64_t& fingerprint) {
  std::uint64_t value = fingerprint;
  while (at != end) {
    value = (value << 1U) + gear[static_cast<std::uint8_t>(*at++)];
    if ((value & mask) == 0) {
      return at;
    }
  }
  fingerprint = value;
  return nullptr;
}

} // namespace

ChunkSizes ChunkSizes::around(std::size_t average) {
  if (!std::has_single_bit(average) || average < k_smallest_average ||
      average > CuttingRules::k_average) {
    bug("an average chunk that is not a power of two from 1 KiB to 256 KiB");
  }
  return {.smallest = average / 4, .average = average, .largest = average * 4};
}

FastCdc::FastCdc(std::uint64_t seed, const ChunkSizes& sizes)
    : sizes_(sizes),
      strict_mask_(highest(static_cast<unsigned>(std::countr_zero(sizes.average)) + k_level)),
      loose_mask_(highest(static_cast<unsigned>(std::countr_zero(sizes.average)) - k_level)) {
  for (std::uint64_t& value : gear_) {
    value = splitmix64(seed);
  }
}

std::size_t FastCdc::cut(ByteView bytes) const {
  if (bytes.size() <= sizes_.smallest) {
    return bytes.size();
  }
  const std::byte* const begin = bytes.data();
  const std::byte* const end = begin + std::min(bytes.size(), sizes_.largest);
  const std::byte* const average = begin + std::min(bytes.size(), sizes_.average);

  std::uint64_t fingerprint = 0;
  const std::byte* cut =
      roll(gear_.data(), begin + sizes_.smallest, average, strict_mask_, fingerprint);
  if (cut == nullptr) {
    cut = roll(gear_.data(), average, end, loose_mask_, fingerprint);
  }
  return static_cast<std::size_t>((cut == nullptr ? end : cut) - begin);
}

} // namespace savepoint::store
