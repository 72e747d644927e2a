#pragma once

#include "hash/digest.hpp"

#include <memory>

namespace savepoint::hash {

/// Computes a SHA-256 piece by piece (FIPS 180-4). One thread at a time.
class Sha256 {
public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(ByteView bytes);
  /// Returns the digest of all bytes so far and starts afresh.
  [[nodiscard]] Digest finish();

private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The SHA-256 of `bytes`. Cheap for small inputs: each thread keeps its context.
[[nodiscard]] Digest sha256(ByteView bytes);

} // namespace savepoint::hash
