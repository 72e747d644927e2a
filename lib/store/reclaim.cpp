#include "store/reclaim.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "store/check.hpp"
#include "store/internal/documents.hpp"
#include "store/internal/live_chunks.hpp"
#include "store/internal/pack_rewriter.hpp"
#include "store/internal/pack_survey.hpp"
#include "store/internal/store_state.hpp"
#include "store/internal/trash.hpp"

#include <algorithm>
#include <set>

namespace savepoint::store {
namespace {

/// Packs are rewritten in rounds of so many raw bytes, so that old packs go while new ones come.
constexpr std::uint64_t k_bytes_per_round = 4 * k_pack_target;

// Asks the directory, not the catalog: a snapshot that the catalog does not know needs its data.
DigestSet live_without(const Store& store, const std::vector<SnapshotId>& gone,
                       const Cancellation& cancellation) {
  LiveChunks live(store, cancellation);
  const Layout& layout = store.state().layout;
  for (const SnapshotId& id : layout.list_manifests()) {
    if (std::find(gone.begin(), gone.end(), id) != gone.end()) {
      continue;
    }
    if (const std::optional<manifest::Manifest> manifest = read_manifest(layout, id)) {
      live.add(*manifest);
    }
  }
  return live.take();
}

class Reclaimer {
public:
  Reclaimer(Store::State& state, PackSurvey& survey, const Cancellation& cancellation,
            Progress& progress)
      : state_(&state), survey_(&survey), cancellation_(&cancellation), progress_(&progress) {}

  Reclaimed run() {
    remove_dead();
    rewrite();
    result_.bytes_freed = removed_ - std::min(removed_, result_.bytes_rewritten);
    return result_;
  }

private:
  void remove_dead() {
    const std::vector<std::size_t> dead = with_fate(PackFate::remove);
    discard(dead);
    result_.packs_removed = dead.size();
  }

  void rewrite() {
    const std::vector<std::size_t> packs = with_fate(PackFate::rewrite);
    std::uint64_t total = 0;
    for (const std::size_t index : packs) {
      total += survey_->packs()[index].needed;
    }
    progress_->stage("rewriting packs", total);
    for (std::size_t at = 0; at < packs.size();) {
      const std::size_t begin = at;
      for (std::uint64_t bytes = 0; at < packs.size() && bytes < k_bytes_per_round; ++at) {
        bytes += survey_->packs()[packs[at]].needed;
      }
      const std::vector<std::size_t> round(packs.begin() + static_cast<std::ptrdiff_t>(begin),
                                           packs.begin() + static_cast<std::ptrdiff_t>(at));
      if (!rewrite_round(round)) {
        return;
      }
    }
  }

  /// Returns false if there was no space for it; then all is as it was before.
  bool rewrite_round(const std::vector<std::size_t>& round) {
    std::vector<std::size_t> copied;
    std::vector<PackRewriter::NewPack> packs;
    try {
      PackRewriter rewriter(*state_, *survey_);
      for (const std::size_t index : round) {
        cancellation_->check();
        if (rewriter.copy(index)) {
          copied.push_back(index);
        }
        progress_->advance(0, survey_->packs()[index].needed);
      }
      packs = rewriter.commit();
    } catch (const BusyError&) {
      return false;
    }

    std::set<hash::Digest> names;
    for (const PackRewriter::NewPack& pack : packs) {
      names.insert(pack.name);
      result_.bytes_rewritten += pack.is_new ? pack.size : 0;
    }
    std::erase_if(copied,
                  [&](std::size_t index) { return names.contains(survey_->packs()[index].name); });
    discard(copied);
    result_.packs_rewritten += copied.size();
    return true;
  }

  /// Takes packs out of the store that nobody needs any more.
  void discard(const std::vector<std::size_t>& packs) {
    if (packs.empty()) {
      return;
    }
    state_->packs.clear(); // open files keep their room
    const Trash trash(state_->layout);
    std::set<std::filesystem::path> shards;
    for (const std::size_t index : packs) {
      const PackUse& pack = survey_->packs()[index];
      const std::filesystem::path path = state_->layout.pack(pack.name);
      trash.take(path, path.filename().native());
      shards.insert(path.parent_path());
      removed_ += pack.size;
    }
    for (const std::filesystem::path& shard : shards) {
      fs::sync_directory(shard);
    }
    trash.empty();
    state_->catalog.reconcile_packs();
  }

  [[nodiscard]] std::vector<std::size_t> with_fate(PackFate fate) const {
    std::vector<std::size_t> indices;
    for (std::size_t index = 0; index < survey_->packs().size(); ++index) {
      if (survey_->fate(index) == fate) {
        indices.push_back(index);
      }
    }
    return indices;
  }

  Store::State* state_;
  PackSurvey* survey_;
  const Cancellation* cancellation_;
  Progress* progress_;
  Reclaimed result_;
  std::uint64_t removed_ = 0;
};

/// Without journals: whoever prunes keeps all that could be a side of a damaged one. Nor does a
/// list of restores say what may go.
std::vector<DamagedFile> damaged_manifests(const Store& store) {
  const Layout& layout = store.state().layout;
  std::vector<DamagedFile> damaged = check_documents(store);
  std::erase_if(damaged, [&](const DamagedFile& file) {
    const std::filesystem::path directory = (layout.root() / file.file).parent_path();
    return directory == layout.journals() || directory == layout.restores();
  });
  return damaged;
}

} // namespace

std::unordered_set<hash::Digest, hash::DigestHash> live_chunks(const Store& store,
                                                               const Cancellation& cancellation) {
  return live_without(store, {}, cancellation);
}

void require_complete(const Store& store) {
  const std::vector<DamagedFile> damaged = damaged_manifests(store);
  if (!damaged.empty()) {
    throw CorruptionError("cannot tell what snapshots need: " + quoted(damaged.front().file) + " " +
                              damaged.front().what,
                          "nothing is removed from a store that is not whole; 'savepoint verify' "
                          "says more, and 'savepoint prune --snapshot ID' gives a snapshot up");
  }
}

Reclaimed reclaim(Store& store, const Cancellation& cancellation, Progress& progress) {
  Store::State& state = store.state();
  state.require_exclusive();
  require_complete(store);
  sweep_leftovers(state);
  progress.stage("finding what snapshots need", 0);
  PackSurvey survey(state, live_without(store, {}, cancellation), cancellation);
  return Reclaimer(state, survey, cancellation, progress).run();
}

std::uint64_t reclaimable(const Store& store, const std::vector<SnapshotId>& ids,
                          const Cancellation& cancellation) {
  const PackSurvey survey(store.state(), live_without(store, ids, cancellation), cancellation);
  return survey.reclaimable();
}

} // namespace savepoint::store
