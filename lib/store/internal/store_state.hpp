#pragma once

#include "fs/lock.hpp"
#include "store/internal/header.hpp"
#include "store/internal/layout.hpp"
#include "store/internal/live_catalog.hpp"
#include "store/internal/pack_shelf.hpp"
#include "store/internal/scratch.hpp"
#include "store/store.hpp"

#include <map>
#include <mutex>

namespace savepoint::store {

/// An open store, for the files of this room. Its parts are safe to use from several threads.
struct Store::State {
  State(Layout where, StoreHeader what, Access how, fs::FileLock held);

  Layout layout;
  StoreHeader header;
  Access access;
  fs::FileLock lock;
  LiveCatalog catalog;
  PackShelf packs;
  ScratchDirectory scratch;

  [[nodiscard]] Bytes get(const hash::Digest& id);
  /// The same for one that a frame without bases holds: so no base ever hangs on another.
  [[nodiscard]] Bytes get_base(const hash::Digest& id);
  /// The bytes of a chunk of `pack`.
  [[nodiscard]] Bytes read(const PackReader& pack, const PackChunk& chunk);
  [[nodiscard]] ReadBase base_reader() {
    return [this](const hash::Digest& id) { return get_base(id); };
  }
  /// Says whether `get_base` would find it, without reading it.
  [[nodiscard]] bool has_base(const hash::Digest& id);
  /// The chunk against which one that is much like `like` can be stored: that one, or its own base.
  [[nodiscard]] std::optional<Base> base_for(const hash::Digest& like);
  /// Says whether the chunk is in a pack that is there and whose footer is whole, and so is what it
  /// hangs on.
  [[nodiscard]] bool contains(const hash::Digest& id);

  /// Ends the program unless the store was opened exclusively; throws NotFoundError if it wants
  /// something for pruning that is unknown here.
  void require_exclusive() const;

private:
  enum class Frames { any, without_bases };
  [[nodiscard]] Bytes get_from(Frames frames, const hash::Digest& id);
  [[nodiscard]] bool has_bases_of(const PackReader& pack, const PackChunk& chunk);

  std::mutex has_bases_mutex_;
  std::map<FrameCache::Key, bool> has_bases_; // of frames that were asked for
};

} // namespace savepoint::store
