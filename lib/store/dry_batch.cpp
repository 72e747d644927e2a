#include "base/error.hpp"
#include "hash/sha256.hpp"
#include "store/store.hpp"

#include <mutex>
#include <unordered_map>
#include <unordered_set>

namespace savepoint::store {

struct DryBatch::State final : ChunkSource {
  explicit State(const Store* falls_to) : below(falls_to) {}

  hash::Digest put(ByteView bytes, ChunkKind kind) {
    const hash::Digest id = hash::sha256(bytes);
    const std::lock_guard guard(mutex);
    switch (kind) {
    case ChunkKind::data:
      data.insert(id);
      break;
    case ChunkKind::meta:
      meta.try_emplace(id, bytes.begin(), bytes.end());
      break;
    }
    return id;
  }

  [[nodiscard]] bool contains(const hash::Digest& id) const {
    {
      const std::lock_guard guard(mutex);
      if (data.contains(id) || meta.contains(id)) {
        return true;
      }
    }
    return below != nullptr && below->contains(id);
  }

  [[nodiscard]] Bytes get(const hash::Digest& id) const override {
    {
      const std::lock_guard guard(mutex);
      if (const auto found = meta.find(id); found != meta.end()) {
        return found->second;
      }
    }
    if (below == nullptr) {
      throw CorruptionError("chunk " + id.hex() + " was named and not kept");
    }
    return below->get(id);
  }

  const Store* below;
  mutable std::mutex mutex;
  std::unordered_set<hash::Digest, hash::DigestHash> data;
  std::unordered_map<hash::Digest, Bytes, hash::DigestHash> meta;
};

DryBatch::DryBatch(const Store* below) : state_(std::make_unique<State>(below)) {}

DryBatch::~DryBatch() = default;

std::unique_ptr<ChunkSink> DryBatch::writer() {
  class Writer final : public ChunkSink {
  public:
    explicit Writer(State& batch) : batch_(&batch) {}
    hash::Digest put(ByteView bytes, ChunkKind kind) override { return batch_->put(bytes, kind); }
    [[nodiscard]] bool contains(const hash::Digest& id) override { return batch_->contains(id); }

  private:
    State* batch_;
  };
  return std::make_unique<Writer>(*state_);
}

const ChunkSource& DryBatch::source() const {
  return *state_;
}

} // namespace savepoint::store
