#include "store/internal/fast_cdc.hpp"

#include "store/content.hpp"

#include <algorithm>

namespace savepoint::store {
namespace {

// The average is 2^18 bytes; level 2 asks for two bits more before it and for two less after it.
constexpr std::uint64_t k_strict_mask = ~std::uint64_t{0} << (64U - 20U);
constexpr std::uint64_t k_loose_mask = ~std::uint64_t{0} << (64U - 16U);
static_assert(CuttingRules::k_average == std::size_t{1} << 18U);

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

FastCdc::FastCdc(std::uint64_t seed) {
  for (std::uint64_t& value : gear_) {
    value = splitmix64(seed);
  }
}

std::size_t FastCdc::cut(ByteView bytes) const {
  if (bytes.size() <= CuttingRules::k_smallest) {
    return bytes.size();
  }
  const std::byte* const begin = bytes.data();
  const std::byte* const end = begin + std::min(bytes.size(), CuttingRules::k_largest);
  const std::byte* const average = begin + std::min(bytes.size(), CuttingRules::k_average);

  std::uint64_t fingerprint = 0;
  const std::byte* cut =
      roll(gear_.data(), begin + CuttingRules::k_smallest, average, k_strict_mask, fingerprint);
  if (cut == nullptr) {
    cut = roll(gear_.data(), average, end, k_loose_mask, fingerprint);
  }
  return static_cast<std::size_t>((cut == nullptr ? end : cut) - begin);
}

} // namespace savepoint::store
