#pragma once

#include "hash/digest.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace savepoint::store {

/// Which chunks a batch holds, and in which of its frames. Safe to use from several threads.
class ChunkLedger {
public:
  [[nodiscard]] std::optional<std::uint32_t> frame_of(const hash::Digest& id) const;
  /// Returns false, and changes nothing, if the chunk is there already.
  bool insert(const hash::Digest& id, std::uint32_t frame);
  /// Visits all, in no order.
  void for_each(const std::function<void(const hash::Digest&, std::uint32_t)>& visit) const;

private:
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<hash::Digest, std::uint32_t, hash::DigestHash> frames;
  };
  static constexpr std::size_t k_shards = 16;
  [[nodiscard]] static std::size_t shard_of(const hash::Digest& id);

  std::array<Shard, k_shards> shards_;
};

} // namespace savepoint::store
