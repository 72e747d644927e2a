#include "store/check.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "store/internal/damage_list.hpp"
#include "store/internal/documents.hpp"
#include "store/internal/journal_document.hpp"
#include "store/internal/prune_mark.hpp"
#include "store/internal/restores_document.hpp"
#include "store/internal/store_state.hpp"
#include "store/internal/trash.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <set>
#include <thread>

namespace savepoint::store {
namespace {

/// Looks at all packs on several threads. The first thing that stops one of them stops all.
class PackCheck {
public:
  PackCheck(Store::State& state, ReadData read_data, const Cancellation& cancellation,
            Progress& progress)
      : state_(&state), read_base_(state.base_reader()), read_data_(read_data),
        cancellation_(&cancellation), progress_(&progress), packs_(state.layout.list_packs()) {}

  std::vector<DamagedFile> run() {
    progress_->stage("checking packs", 0);
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 1; i < std::min(cores, packs_.size()); ++i) {
        threads.emplace_back([this] { work(); });
      }
      work();
    }
    if (failure_) {
      std::rethrow_exception(failure_);
    }
    std::sort(damaged_.begin(), damaged_.end(),
              [](const DamagedFile& a, const DamagedFile& b) { return a.file < b.file; });
    return std::move(damaged_);
  }

private:
  void work() noexcept {
    try {
      for (std::size_t at = next_++; at < packs_.size() && !failed_; at = next_++) {
        look_at(packs_[at]);
      }
    } catch (...) { // carried to the thread that asked
      const std::lock_guard guard(mutex_);
      failure_ = failure_ ? failure_ : std::current_exception();
      failed_ = true;
    }
  }

  void look_at(const hash::Digest& name) {
    cancellation_->check();
    const std::filesystem::path path = state_->layout.pack(name);
    DamagedFile damage{.file = state_->layout.below_root(path), .what = {}, .chunks = {}};
    try {
      const PackReader pack(path, name);
      if (read_data_ == ReadData::yes) {
        read(pack, damage);
      } else {
        look_for_bases(pack, damage);
        progress_->advance(0, pack.size());
      }
    } catch (const CorruptionError& error) {
      damage.what = error.what();
    }
    if (!damage.what.empty()) {
      const std::lock_guard guard(mutex_);
      damaged_.push_back(std::move(damage));
    }
  }

  /// All of a frame hangs on each of its bases.
  void look_for_bases(const PackReader& pack, DamagedFile& damage) const {
    std::set<std::uint32_t> unreadable;
    for (const PackChunk& chunk : pack.chunks()) {
      const hash::Digest* const base = pack.base_of(chunk);
      if (base != nullptr && !unreadable.contains(chunk.frame) && !state_->has_base(*base)) {
        unreadable.insert(chunk.frame);
        damage.what = "chunk " + base->hex() + ", on which some of it hangs, is in no pack";
      }
    }
    for (const PackChunk& chunk : pack.chunks()) {
      if (unreadable.contains(chunk.frame)) {
        damage.chunks.push_back(chunk.id);
      }
    }
  }

  void read(const PackReader& pack, DamagedFile& damage) const {
    std::size_t next = 0; // chunks lie in the order of their frames
    for (std::size_t index = 0; index < pack.frames().size(); ++index) {
      cancellation_->check();
      std::optional<Bytes> frame;
      try {
        frame = pack.read_frame(index, read_base_);
      } catch (const CorruptionError& error) {
        damage.what = error.what();
      }
      for (; next < pack.chunks().size() && pack.chunks()[next].frame == index; ++next) {
        const PackChunk& chunk = pack.chunks()[next];
        if (frame && checked_chunk(*frame, chunk)) {
          continue;
        }
        damage.chunks.push_back(chunk.id);
        if (damage.what.empty()) {
          damage.what = "chunk " + savepoint::quoted(chunk.id.hex()) + " is not what its name says";
        }
      }
      progress_->advance(0, pack.frames()[index].stored_length);
    }
  }

  Store::State* state_;
  ReadBase read_base_;
  ReadData read_data_;
  const Cancellation* cancellation_;
  Progress* progress_;
  std::vector<hash::Digest> packs_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::vector<DamagedFile> damaged_;
  std::exception_ptr failure_;
};

/// Follows the chain of snapshots, in which each names the one before it.
class ManifestCheck {
public:
  explicit ManifestCheck(const Store& store)
      : layout_(&store.state().layout), vanished_(store.state().catalog.vanished()) {}

  std::vector<DamagedFile> run() {
    // Manifests first: a snapshot that is pruned meanwhile has its mark before it goes.
    for (const SnapshotId& id : layout_->list_manifests()) {
      present_.insert(id);
      reading(layout_->manifest(id), [&] {
        if (const std::optional<manifest::Manifest> manifest = read_manifest(*layout_, id)) {
          expect(manifest->previous, id);
        }
      });
      reading(layout_->marks(id), [&] { static_cast<void>(read_marks(*layout_, id)); });
    }
    for (const std::filesystem::path& mark : layout_->list_pruned_marks()) {
      reading(mark, [&] {
        for (const PrunedSnapshot& snapshot : read_prune_mark(*layout_, mark)) {
          present_.insert(snapshot.id);
          expect(snapshot.previous, snapshot.id);
        }
      });
    }
    for (const std::filesystem::path& journal : layout_->list_journals()) {
      reading(journal, [&] { static_cast<void>(read_journal(*layout_, journal)); });
    }
    for (const std::filesystem::path& restores : layout_->list_restores()) {
      reading(restores, [&] { static_cast<void>(read_restores(*layout_, restores)); });
    }
    name_missing();
    if (present_.empty() && has_held_snapshots()) {
      damaged_.push_back({.file = layout_->below_root(layout_->manifests()),
                          .what = "is empty, but there were snapshots, and none was ever pruned",
                          .chunks = {}});
    }
    return std::move(damaged_);
  }

  /// After `run`: the snapshots that are neither there nor pruned.
  [[nodiscard]] const std::vector<SnapshotId>& missing() const { return missing_; }

private:
  struct Expectation {
    SnapshotId id;
    SnapshotId named_by;
    friend auto operator<=>(const Expectation&, const Expectation&) = default;
  };

  template <typename Work> void reading(const std::filesystem::path& file, const Work& work) {
    try {
      work();
    } catch (const CorruptionError& error) {
      damaged_.push_back({.file = layout_->below_root(file), .what = error.what(), .chunks = {}});
    } catch (const NotFoundError& error) { // of a newer version
      damaged_.push_back({.file = layout_->below_root(file), .what = error.what(), .chunks = {}});
    }
  }

  void expect(const std::optional<SnapshotId>& previous, const SnapshotId& named_by) {
    if (previous) {
      expected_.insert({*previous, named_by});
    }
  }

  /// Caches of a project are written when its first snapshot is there; a hook's lock is made
  /// before.
  [[nodiscard]] bool has_held_snapshots() const {
    const std::vector<std::string> caches = fs::list_names(layout_->cache());
    return std::ranges::any_of(caches,
                               [](const std::string& name) { return !name.ends_with(".hook"); }) &&
           !layout_->list_packs().empty();
  }

  void name_missing() {
    for (const Expectation& expectation : expected_) {
      if (present_.insert(expectation.id).second) {
        add_missing(expectation.id, "snapshot " + savepoint::quoted(expectation.named_by.text()) +
                                        " came after it, and it was never pruned");
      }
    }
    for (const SnapshotId& id : vanished_) {
      if (present_.insert(id).second) {
        add_missing(id, "it was there once, and it was never pruned");
      }
    }
  }

  void add_missing(const SnapshotId& id, const std::string& why) {
    const std::string file = layout_->below_root(layout_->manifest(id));
    missing_.push_back(id);
    damaged_.push_back(
        {.file = file, .what = savepoint::quoted(file) + " is missing: " + why, .chunks = {}});
  }

  const Layout* layout_;
  std::vector<SnapshotId> vanished_;
  std::vector<SnapshotId> missing_;
  std::set<SnapshotId> present_; // or known to be pruned
  std::set<Expectation> expected_;
  std::vector<DamagedFile> damaged_;
};

} // namespace

std::vector<DamagedFile> check_packs(const Store& store, ReadData read_data,
                                     const Cancellation& cancellation, Progress& progress) {
  return PackCheck(store.state(), read_data, cancellation, progress).run();
}

void plan_healing(const Store& store, const std::vector<DamagedFile>& packs, ReadData complete) {
  const Layout& layout = store.state().layout;
  std::vector<hash::Digest> damaged;
  if (complete == ReadData::no) {
    damaged = read_damage_list(layout);
  }
  for (const DamagedFile& pack : packs) {
    if (const auto name = parse_pack_name(std::filesystem::path(pack.file).filename().native())) {
      damaged.push_back(*name);
    }
  }
  try {
    empty_cache(layout);
    write_damage_list(layout, damaged);
  } catch (const IoError&) { // a store that can only be read is not healed
    return;
  } catch (const BusyError&) {
    return;
  }
}

void forget_damage(const Store& store) {
  try {
    write_damage_list(store.state().layout, {});
  } catch (const IoError&) { // it costs a copy of what is whole, at most
    return;
  }
}

std::vector<DamagedFile> check_documents(const Store& store) {
  std::vector<DamagedFile> damaged = ManifestCheck(store).run();
  if (!store.state().header.is_as_written) {
    damaged.push_back({"store.json", "it does not match its checksum", {}});
  }
  return damaged;
}

std::vector<SnapshotId> missing_snapshots(const Store& store) {
  ManifestCheck check(store);
  static_cast<void>(check.run());
  return check.missing();
}

} // namespace savepoint::store
