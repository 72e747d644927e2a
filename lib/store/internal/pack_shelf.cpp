#include "store/internal/pack_shelf.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"

#include <algorithm>

namespace savepoint::store {

FramePointer FrameCache::get(const Key& key, const std::function<Bytes()>& decode) {
  std::shared_ptr<Slot> slot;
  {
    const std::lock_guard guard(mutex_);
    const auto found = by_key_.find(key);
    if (found != by_key_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      slot = found->second->slot;
    } else {
      slot = std::make_shared<Slot>();
      entries_.push_front({key, slot, 0});
      by_key_.emplace(key, entries_.begin());
    }
  }

  const std::lock_guard decoding(slot->mutex);
  if (slot->bytes) {
    return slot->bytes;
  }
  slot->bytes = std::make_shared<const Bytes>(decode());

  const std::lock_guard guard(mutex_);
  const auto found = by_key_.find(key);
  if (found != by_key_.end() && found->second->slot == slot) {
    found->second->size = slot->bytes->size();
    size_ += slot->bytes->size();
    while (size_ > capacity_ && entries_.size() > 1) {
      size_ -= entries_.back().size;
      by_key_.erase(entries_.back().key);
      entries_.pop_back();
    }
  }
  return slot->bytes;
}

void FrameCache::clear() {
  const std::lock_guard guard(mutex_);
  by_key_.clear();
  entries_.clear();
  size_ = 0;
}

PackShelf::PackShelf(Layout layout) : layout_(std::move(layout)), frames_(k_cached_bytes) {}

PackShelf::PackPointer PackShelf::open(const hash::Digest& name) {
  {
    const std::lock_guard guard(mutex_);
    const auto found = std::find_if(open_.begin(), open_.end(),
                                    [&](const PackPointer& pack) { return pack->name() == name; });
    if (found != open_.end()) {
      std::rotate(open_.begin(), found, found + 1);
      return open_.front();
    }
  }
  try {
    auto pack = std::make_shared<const PackReader>(layout_.pack(name), name);
    const std::lock_guard guard(mutex_);
    if (open_.size() == k_most_open) {
      open_.pop_back();
    }
    open_.insert(open_.begin(), std::move(pack));
    return open_.front();
  } catch (const CorruptionError&) {
    remember_damage(name);
    throw;
  }
}

PackShelf::PackPointer PackShelf::holding(const hash::Digest& id) {
  const std::lock_guard guard(mutex_);
  const std::size_t searched = std::min(open_.size(), k_most_searched);
  for (std::size_t index = 0; index < searched; ++index) {
    if (open_[index]->find(id) != nullptr) {
      const auto found = open_.begin() + static_cast<std::ptrdiff_t>(index);
      std::rotate(open_.begin(), found, found + 1);
      return open_.front();
    }
  }
  return nullptr;
}

Bytes PackShelf::read(const PackReader& pack, const PackChunk& chunk, const ReadBase& read_base) {
  try {
    const FramePointer frame = frames_.get({pack.name(), chunk.frame},
                                           [&] { return pack.read_frame(chunk.frame, read_base); });
    const std::optional<ByteView> bytes = checked_chunk(*frame, chunk);
    if (!bytes) {
      throw CorruptionError("pack " + quoted(layout_.below_root(pack.path())) +
                            " is damaged: chunk " + chunk.id.hex() + " is not what its name says");
    }
    return {bytes->begin(), bytes->end()};
  } catch (const CorruptionError&) {
    remember_damage(pack.name());
    throw;
  }
}

bool PackShelf::is_damaged(const hash::Digest& name) {
  const std::lock_guard guard(mutex_);
  return damaged_.contains(name);
}

bool PackShelf::knows_damage() {
  const std::lock_guard guard(mutex_);
  return !damaged_.empty();
}

void PackShelf::remember_damage(const hash::Digest& name) {
  const std::lock_guard guard(mutex_);
  damaged_.insert(name);
}

void PackShelf::clear() {
  const std::lock_guard guard(mutex_);
  open_.clear();
  damaged_.clear();
  frames_.clear();
}

} // namespace savepoint::store
