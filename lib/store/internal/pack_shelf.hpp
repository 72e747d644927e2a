#pragma once

#include "store/internal/layout.hpp"
#include "store/internal/pack.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace savepoint::store {

/// The raw bytes of a frame, shared by the cache and by whoever still copies out of it.
using FramePointer = std::shared_ptr<const Bytes>;

/// The frames used last, decoded, up to a number of bytes. Each is decoded once, even if several
/// threads ask for it at the same moment. Safe to use from several threads.
class FrameCache {
public:
  explicit FrameCache(std::size_t capacity) : capacity_(capacity) {}

  using Key = std::pair<hash::Digest, std::uint32_t>; ///< A pack and a frame in it.
  [[nodiscard]] FramePointer get(const Key& key, const std::function<Bytes()>& decode);
  void clear();

private:
  struct Slot {
    std::mutex mutex;
    FramePointer bytes;
  };
  struct Entry {
    Key key;
    std::shared_ptr<Slot> slot; // shared with threads that are decoding it
    std::size_t size = 0;
  };
  std::size_t capacity_;
  std::mutex mutex_;
  std::list<Entry> entries_; // the one used last first
  std::map<Key, std::list<Entry>::iterator> by_key_;
  std::size_t size_ = 0;
};

/// The packs used last, open. Safe to use from several threads.
class PackShelf {
public:
  using PackPointer = std::shared_ptr<const PackReader>; ///< Shared with readers at work.

  explicit PackShelf(Layout layout);

  /// Opens a pack. Throws CorruptionError as PackReader does.
  [[nodiscard]] PackPointer open(const hash::Digest& name);
  /// One of the packs used last that holds the chunk, null if none does.
  [[nodiscard]] PackPointer holding(const hash::Digest& id);
  /// The bytes of a chunk of `pack`. Throws CorruptionError.
  [[nodiscard]] Bytes read(const PackReader& pack, const PackChunk& chunk,
                           const ReadBase& read_base);
  /// Says whether something in the pack was found damaged, now or by an earlier check.
  [[nodiscard]] bool is_damaged(const hash::Digest& name);
  [[nodiscard]] bool knows_damage();
  /// What it holds does not count as stored from now on; it is still read where nothing else has
  /// it.
  void remember_damage(const hash::Digest& name);
  /// Closes all packs and forgets all frames: after packs have been removed.
  void clear();

private:
  static constexpr std::size_t k_most_open = 16;
  static constexpr std::size_t k_most_searched = 4; // neighbours lie in one pack, so few will do
  static constexpr std::size_t k_cached_bytes = std::size_t{32} << 20U;

  Layout layout_;
  std::mutex mutex_;

  std::vector<PackPointer> open_; // the one used last first
  std::set<hash::Digest> damaged_;
  FrameCache frames_;
};

} // namespace savepoint::store
