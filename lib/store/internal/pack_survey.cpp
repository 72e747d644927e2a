#include "store/internal/pack_survey.hpp"

#include "base/error.hpp"
#include "fs/status.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace savepoint::store {
namespace {

constexpr std::uint32_t k_copied = std::numeric_limits<std::uint32_t>::max();
/// Packs below this size are merged once they fill a pack together: a snapshot of a few files makes
/// a small one each time.
constexpr std::uint64_t k_small_pack = k_pack_target / 4;

double waste_of(const PackUse& pack) {
  const std::uint64_t total = pack.needed + pack.unneeded;
  return total == 0 ? 1.0 : static_cast<double>(pack.unneeded) / static_cast<double>(total);
}

} // namespace

PackSurvey::PackSurvey(Store::State& state, const DigestSet& live, const Cancellation& cancellation)
    : state_(&state), live_(&live) {
  const bool has_deltas = state.header.has_deltas();
  if (has_deltas) {
    find_bases_of_live(cancellation);
  }
  do { // each time more is needed, until it is all
    survey(cancellation);
  } while (has_deltas && find_bases_of_kept(cancellation));
  live_ = nullptr; // not needed any more
}

void PackSurvey::survey(const Cancellation& cancellation) {
  packs_.clear();
  owners_.clear();
  for (const hash::Digest& name : state_->layout.list_packs()) {
    cancellation.check();
    const std::optional<fs::FileStatus> status = fs::status(state_->layout.pack(name));
    packs_.push_back({.name = name,
                      .size = status ? status->size : 0,
                      .is_damaged = state_->packs.is_damaged(name)});
    weigh(packs_.back());
  }
  // Of two packs with the same chunk the one with less waste keeps it. So what a reclaim that died
  // had copied already stays copied, and the packs it came from go. Damaged ones keep least.
  std::stable_sort(packs_.begin(), packs_.end(), [](const PackUse& a, const PackUse& b) {
    return std::tuple(a.is_damaged, waste_of(a), b.size) <
           std::tuple(b.is_damaged, waste_of(b), a.size);
  });

  owners_.reserve(live_->size() + bases_.size());
  for (std::size_t index = 0; index < packs_.size(); ++index) {
    cancellation.check();
    if (packs_[index].is_known) {
      assign(index);
    }
  }
  const auto is_owned = [this](const hash::Digest& id) { return owners_.contains(id); };
  needs_no_unknown_ =
      std::ranges::all_of(*live_, is_owned) && std::ranges::all_of(bases_, is_owned);
  std::uint64_t small = 0;
  for (const PackUse& pack : packs_) {
    small += pack.needed > 0 && pack.size < k_small_pack ? pack.size : 0;
  }
  merges_small_ = small >= k_pack_target;
}

// To read any chunk of a frame takes the bases of all.
void PackSurvey::find_bases_of_live(const Cancellation& cancellation) {
  for (const hash::Digest& name : state_->layout.list_packs()) {
    cancellation.check();
    try {
      const PackShelf::PackPointer pack = state_->packs.open(name);
      for (std::size_t frame = 0; frame < pack->frames().size(); ++frame) {
        const std::vector<hash::Digest> bases = pack->bases_of(frame);
        const auto is_live = [this](const PackChunk& chunk) { return live_->contains(chunk.id); };
        if (!bases.empty() && std::ranges::any_of(pack->chunks_of(frame), is_live)) {
          bases_.insert(bases.begin(), bases.end());
        }
      }
    } catch (const CorruptionError&) { // NOLINT(bugprone-empty-catch): verify names it
    }
  }
}

bool PackSurvey::find_bases_of_kept(const Cancellation& cancellation) {
  const std::size_t before = bases_.size();
  for (std::size_t index = 0; index < packs_.size(); ++index) {
    cancellation.check();
    if (!packs_[index].is_known || fate(index) != PackFate::keep) {
      continue;
    }
    const PackShelf::PackPointer pack = state_->packs.open(packs_[index].name);
    for (std::size_t frame = 0; frame < pack->frames().size(); ++frame) {
      for (const hash::Digest& base : pack->bases_of(frame)) {
        if (!bases_.contains(base) && state_->has_base(base)) {
          bases_.insert(base);
        }
      }
    }
  }
  return bases_.size() > before;
}

bool PackSurvey::is_needed(const PackReader& pack, const PackChunk& chunk) const {
  return live_->contains(chunk.id) || (bases_.contains(chunk.id) && pack.base_of(chunk) == nullptr);
}

void PackSurvey::weigh(PackUse& use) const {
  try {
    const PackShelf::PackPointer pack = state_->packs.open(use.name);
    for (const PackChunk& chunk : pack->chunks()) {
      const bool needed = is_needed(*pack, chunk);
      (needed ? use.needed : use.unneeded) += chunk.length;
      use.may_be_hung_on |= !needed && pack->frames()[chunk.frame].kind == ChunkKind::data &&
                            pack->base_of(chunk) == nullptr;
    }
    use.is_known = true;
  } catch (const CorruptionError&) { // NOLINT(bugprone-empty-catch): verify names it
  }
}

// All of a pack that is live counts as needed already: takes back what another pack has as well.
void PackSurvey::assign(std::size_t index) {
  const PackShelf::PackPointer pack = state_->packs.open(packs_[index].name);
  for (const PackChunk& chunk : pack->chunks()) {
    if (!is_needed(*pack, chunk)) {
      continue;
    }
    const auto [owner, is_first] = owners_.try_emplace(chunk.id, static_cast<std::uint32_t>(index));
    if (is_first) {
      continue;
    }
    const bool hangs_on_it = bases_.contains(chunk.id) && !is_good_base(owner->second, chunk.id) &&
                             is_good_base(index, chunk.id);
    const bool stays = owner->second == index || (!hangs_on_it && is_good(owner->second, chunk.id));
    PackUse& loser = packs_[stays ? index : owner->second];
    loser.needed -= chunk.length;
    loser.unneeded += chunk.length;
    if (!stays) {
      owner->second = static_cast<std::uint32_t>(index);
    }
  }
}

bool PackSurvey::is_good_base(std::size_t pack, const hash::Digest& id) const {
  try {
    const PackShelf::PackPointer opened = state_->packs.open(packs_[pack].name);
    const PackChunk* const chunk = opened->find(id);
    return chunk != nullptr && opened->base_of(*chunk) == nullptr && is_good(pack, id);
  } catch (const CorruptionError&) {
    return false;
  }
}

bool PackSurvey::is_good(std::size_t index, const hash::Digest& id) const {
  try {
    const PackShelf::PackPointer pack = state_->packs.open(packs_[index].name);
    const PackChunk* const chunk = pack->find(id);
    return chunk != nullptr && !state_->read(*pack, *chunk).empty();
  } catch (const CorruptionError&) {
    return false;
  }
}

PackFate PackSurvey::fate(std::size_t index) const {
  const PackUse& pack = packs_[index];
  if (!pack.is_known) {
    return pack.is_damaged && needs_no_unknown_ ? PackFate::remove : PackFate::keep;
  }
  if (pack.may_be_hung_on && !needs_no_unknown_ && state_->header.has_deltas()) {
    return PackFate::keep; // by what is missing, and may come back
  }
  if (pack.needed == 0) {
    return PackFate::remove;
  }
  const bool merge = merges_small_ && pack.size < k_small_pack;
  return pack.unneeded > pack.needed || merge || pack.is_damaged ? PackFate::rewrite
                                                                 : PackFate::keep;
}

bool PackSurvey::needs(std::size_t index, const hash::Digest& id) const {
  const auto owner = owners_.find(id);
  return owner != owners_.end() && owner->second == index;
}

void PackSurvey::set_copied(const hash::Digest& id) {
  owners_[id] = k_copied;
}

std::uint64_t PackSurvey::reclaimable() const {
  std::uint64_t bytes = 0;
  for (std::size_t index = 0; index < packs_.size(); ++index) {
    const PackUse& pack = packs_[index];
    switch (fate(index)) {
    case PackFate::keep:
      break;
    case PackFate::remove:
      bytes += pack.size;
      break;
    case PackFate::rewrite:
      bytes += static_cast<std::uint64_t>(waste_of(pack) * static_cast<double>(pack.size));
      break;
    }
  }
  return bytes;
}

} // namespace savepoint::store
