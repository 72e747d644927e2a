#pragma once

#include "base/error.hpp"
#include "hash/sha256.hpp"
#include "store/chunks.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace savepoint::test {

/// Chunks in memory, both ends of a store. Remembers what was put and what was read, and forgets or
/// replaces chunks when told to. `get` is safe from several threads.
class MemoryChunks final : public store::ChunkSink, public store::ChunkSource {
public:
  struct Kept {
    Bytes bytes;
    store::ChunkKind kind;
  };

  hash::Digest put(ByteView bytes, store::ChunkKind kind) override {
    if (bytes.empty() || bytes.size() > store::k_largest_chunk) {
      throw UsageError("a chunk of a size that no store takes");
    }
    const hash::Digest id = hash::sha256(bytes);
    const bool is_new = chunks_.try_emplace(id, Kept{{bytes.begin(), bytes.end()}, kind}).second;
    order.emplace_back(id, bytes.size());
    added += is_new ? 1U : 0U;
    return id;
  }

  [[nodiscard]] bool contains(const hash::Digest& id) override { return chunks_.contains(id); }

  [[nodiscard]] Bytes get(const hash::Digest& id) const override {
    {
      const std::lock_guard guard(mutex_);
      reads.push_back(id);
    }
    const auto found = chunks_.find(id);
    if (found == chunks_.end()) {
      throw CorruptionError("chunk '" + id.hex() + "' is missing");
    }
    return found->second.bytes;
  }

  void forget(const hash::Digest& id) { chunks_.erase(id); }
  /// Keeps `bytes` under a name that is not theirs: what an attacker with access could do.
  void plant(const hash::Digest& id, Bytes bytes) {
    chunks_.insert_or_assign(id, Kept{std::move(bytes), store::ChunkKind::meta});
  }
  [[nodiscard]] const std::map<hash::Digest, Kept>& all() const { return chunks_; }

  /// Every put, also of what was there already: its name and size.
  std::vector<std::pair<hash::Digest, std::size_t>> order;
  std::size_t added = 0; ///< Puts of chunks that were not there.
  mutable std::vector<hash::Digest> reads;

private:
  std::map<hash::Digest, Kept> chunks_;
  mutable std::mutex mutex_;
};

/// Bytes that look random and are the same every time.
[[nodiscard]] inline Bytes pseudo_random(std::size_t size, std::uint64_t seed) {
  Bytes bytes(size);
  std::uint64_t state = seed * 2 + 1;
  for (std::byte& byte : bytes) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<std::byte>(state >> 56U);
  }
  return bytes;
}

} // namespace savepoint::test
