#include "store/internal/chunk_ledger.hpp"

#include <cstddef>

namespace savepoint::store {

std::size_t ChunkLedger::shard_of(const hash::Digest& id) {
  // The last byte: the first ones are what the maps hash by.
  return std::to_integer<std::size_t>(id.bytes.back()) % k_shards;
}

std::optional<std::uint32_t> ChunkLedger::frame_of(const hash::Digest& id) const {
  const Shard& shard = shards_[shard_of(id)];
  const std::lock_guard guard(shard.mutex);
  const auto found = shard.frames.find(id);
  return found == shard.frames.end() ? std::nullopt : std::optional(found->second);
}

bool ChunkLedger::insert(const hash::Digest& id, std::uint32_t frame) {
  Shard& shard = shards_[shard_of(id)];
  const std::lock_guard guard(shard.mutex);
  return shard.frames.emplace(id, frame).second;
}

void ChunkLedger::for_each(
    const std::function<void(const hash::Digest&, std::uint32_t)>& visit) const {
  for (const Shard& shard : shards_) {
    const std::lock_guard guard(shard.mutex);
    for (const auto& [id, frame] : shard.frames) {
      visit(id, frame);
    }
  }
}

} // namespace savepoint::store
