#pragma once

#include "base/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace savepoint::hash {

/// XXH3 of 64 bits (xxHash 0.8, seed 0): finds accidental damage, quickly. It names nothing and
/// resists nobody.
[[nodiscard]] std::uint64_t checksum64(ByteView bytes);

/// Computes an XXH3 of 128 bits (xxHash 0.8, seed 0) piece by piece: tells contents apart that
/// nobody made to look alike, ten times as fast as a SHA-256. One thread at a time.
class Checksum128 {
public:
  Checksum128();
  ~Checksum128();
  Checksum128(Checksum128&&) noexcept;
  Checksum128& operator=(Checksum128&&) noexcept;

  void update(ByteView bytes);
  /// Returns the checksum of all bytes so far, the highest byte first, and starts afresh.
  [[nodiscard]] std::array<std::byte, 16> finish();

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace savepoint::hash
