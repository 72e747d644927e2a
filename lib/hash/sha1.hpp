#pragma once

#include "base/bytes.hpp"

#include <array>
#include <cstddef>
#include <memory>

namespace savepoint::hash {

/// Computes a SHA-1 piece by piece (FIPS 180-4): git's name for an object. Nothing of ours is named
/// by it, since it can be forged. One thread at a time.
class Sha1 {
public:
  Sha1();
  ~Sha1();
  Sha1(Sha1&&) noexcept;
  Sha1& operator=(Sha1&&) noexcept;

  void update(ByteView bytes);
  /// Returns the digest of all bytes so far and starts afresh.
  [[nodiscard]] std::array<std::byte, 20> finish();

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace savepoint::hash
