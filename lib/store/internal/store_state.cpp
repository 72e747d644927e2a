#include "store/internal/store_state.hpp"

#include "base/error.hpp"
#include "store/internal/damage_list.hpp"

#include <algorithm>

namespace savepoint::store {

Store::State::State(Layout where, StoreHeader what, Access how, fs::FileLock held)
    : layout(std::move(where)), header(std::move(what)), access(how), lock(std::move(held)),
      catalog(layout, header.id), packs(layout), scratch(layout.scratch()) {
  for (const hash::Digest& pack : read_damage_list(layout)) {
    packs.remember_damage(pack);
  }
}

Bytes Store::State::get(const hash::Digest& id) {
  return get_from(Frames::any, id);
}

Bytes Store::State::get_base(const hash::Digest& id) {
  return get_from(Frames::without_bases, id);
}

Bytes Store::State::read(const PackReader& pack, const PackChunk& chunk) {
  return packs.read(pack, chunk, base_reader());
}

std::optional<Base> Store::State::base_for(const hash::Digest& like) {
  std::optional<Base> base;
  if (!header.has_deltas()) {
    return base;
  }
  for (const hash::Digest& name : catalog.packs_with(like)) {
    try {
      const PackShelf::PackPointer pack = packs.open(name);
      const PackChunk* const chunk = packs.is_damaged(name) ? nullptr : pack->find(like);
      if (chunk == nullptr) {
        continue;
      }
      const hash::Digest* const below = pack->base_of(*chunk);
      if (below == nullptr) {
        return Base{like, chunk->length};
      }
      base = Base{*below, chunk->length};
    } catch (const CorruptionError&) { // NOLINT(bugprone-empty-catch): another pack may have it
    }
  }
  return base;
}

bool Store::State::has_base(const hash::Digest& id) {
  do {
    for (const hash::Digest& name : catalog.packs_with(id)) {
      try {
        const PackShelf::PackPointer pack = packs.open(name);
        const PackChunk* const chunk = pack->find(id);
        if (chunk != nullptr && pack->base_of(*chunk) == nullptr) {
          return true;
        }
      } catch (const CorruptionError&) { // NOLINT(bugprone-empty-catch): another may have it
      }
    }
  } while (catalog.look_again());
  return false;
}

Bytes Store::State::get_from(Frames frames, const hash::Digest& id) {
  std::optional<CorruptionError> damage;
  const auto read_from = [&](const PackShelf::PackPointer& pack) -> std::optional<Bytes> {
    const PackChunk* const chunk = pack->find(id);
    if (chunk == nullptr || (frames == Frames::without_bases && pack->base_of(*chunk) != nullptr)) {
      return std::nullopt;
    }
    return read(*pack, *chunk);
  };
  const auto try_pack = [&](const auto& open_pack) -> std::optional<Bytes> {
    try {
      return read_from(open_pack());
    } catch (const CorruptionError& error) { // another pack may have it as well
      if (!damage) {
        damage = error;
      }
      return std::nullopt;
    }
  };

  if (const PackShelf::PackPointer pack = packs.holding(id)) {
    if (std::optional<Bytes> bytes = try_pack([&] { return pack; })) {
      return std::move(*bytes);
    }
  }
  do {
    for (const hash::Digest& name : catalog.packs_with(id)) {
      if (std::optional<Bytes> bytes = try_pack([&] { return packs.open(name); })) {
        return std::move(*bytes);
      }
    }
  } while (catalog.look_again());
  if (damage) {
    throw CorruptionError(*damage);
  }
  throw CorruptionError("chunk " + id.hex() + " is in no pack of the store",
                        "`savepoint verify --all` lists the snapshots this concerns");
}

// A frame of which nothing is needed any more may outlive its bases, in a pack that others need.
bool Store::State::has_bases_of(const PackReader& pack, const PackChunk& chunk) {
  if (pack.base_of(chunk) == nullptr) {
    return true;
  }
  const FrameCache::Key frame(pack.name(), chunk.frame);
  {
    const std::lock_guard guard(has_bases_mutex_);
    if (const auto known = has_bases_.find(frame); known != has_bases_.end()) {
      return known->second;
    }
  }
  const bool has_all = std::ranges::all_of(
      pack.bases_of(chunk.frame), [this](const hash::Digest& base) { return has_base(base); });
  const std::lock_guard guard(has_bases_mutex_);
  return has_bases_[frame] = has_all;
}

bool Store::State::contains(const hash::Digest& id) {
  if (!catalog.may_hold(id)) {
    return false;
  }
  const auto holds = [&](const PackShelf::PackPointer& pack) {
    const PackChunk* const chunk = pack->find(id);
    return chunk != nullptr && has_bases_of(*pack, *chunk);
  };
  if (const PackShelf::PackPointer pack = packs.holding(id)) {
    if (!packs.is_damaged(pack->name()) && holds(pack)) {
      return true;
    }
  }
  for (const hash::Digest& name : catalog.packs_with(id)) {
    // What was found damaged is stored anew.
    if (packs.is_damaged(name)) {
      continue;
    }
    try {
      if (holds(packs.open(name))) {
        return true;
      }
    } catch (const CorruptionError&) { // NOLINT(bugprone-empty-catch): so it does not hold it
    }
  }
  return false;
}

void Store::State::require_exclusive() const {
  if (access != Access::exclusive) {
    bug("a store must be opened exclusively to be pruned");
  }
  header.require(Operation::prune);
}

} // namespace savepoint::store
