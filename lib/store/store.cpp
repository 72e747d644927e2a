#include "store/store.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "fs/tree_writer.hpp"
#include "store/internal/batch_state.hpp"
#include "store/internal/documents.hpp"
#include "store/internal/store_state.hpp"

#include <algorithm>
#include <cerrno>

#include <unistd.h>

namespace savepoint::store {

namespace {

constexpr std::uint32_t k_others_may_write = 0022;

Layout layout_in(const std::filesystem::path& root) {
  return Layout(std::filesystem::absolute(root).lexically_normal());
}

/// Nobody else writes these before there is a header.
bool holds_data(const Layout& layout) {
  return !layout.list_manifests().empty() || !layout.list_packs().empty();
}

[[noreturn]] void no_store(const Layout& layout) {
  if (holds_data(layout)) {
    throw CorruptionError("the store " + quoted(layout.root().native()) +
                              " has lost its store.json, which says how the rest is to be read",
                          "bring it back from a copy of the store: docs/repair.md");
  }
  throw NotFoundError("there is no store in " + quoted(layout.root().native()),
                      "the first `savepoint snapshot` or `savepoint init` makes one");
}

void require_ours(const Layout& layout) {
  const fs::FileStatus status = fs::status_of(fs::open_directory(layout.root()));
  const uid_t us = geteuid();
  if (us != 0 && status.user != us) {
    throw RefusedError("the store " + quoted(layout.root().native()) + " belongs to another user");
  }
  if ((status.mode & k_others_may_write) != 0) {
    throw RefusedError("others may write to the store " + quoted(layout.root().native()),
                       "`chmod 700` it if all in it is yours");
  }
}

StoreHeader read_header(const Layout& layout) {
  const std::optional<Bytes> text = fs::read_file(layout.header());
  if (!text) {
    no_store(layout);
  }
  StoreHeader header = parse_header(as_text(*text), layout.header().native());
  header.require(Operation::read);
  return header;
}

/// Takes the store's lock in turn. Whoever comes passes a gate, a lock on the store's directory,
/// for an instant; who wants the store alone closes it while waiting, so that others who keep
/// coming do not keep them out. Not for longer than half of `wait`: others wait as long for the
/// gate.
std::optional<fs::FileLock> lock_in_turn(const Layout& layout, fs::FileLock::Mode mode,
                                         std::chrono::milliseconds wait,
                                         const Cancellation* cancellation) {
  using std::chrono::steady_clock;
  const steady_clock::time_point deadline = steady_clock::now() + wait;
  const auto left = [&] {
    return std::max(
        std::chrono::milliseconds(0),
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now()));
  };
  {
    const auto gate =
        fs::FileLock::acquire(fs::open_directory(layout.root()), mode, wait, cancellation);
    if (!gate) {
      return std::nullopt;
    }
    const bool is_alone = mode == fs::FileLock::Mode::exclusive;
    auto lock =
        fs::FileLock::acquire(layout.lock(), mode, is_alone ? left() / 2 : left(), cancellation);
    if (lock || !is_alone) {
      return lock;
    }
  }
  return fs::FileLock::acquire(layout.lock(), mode, left(), cancellation);
}

std::optional<fs::FileLock> lock_store(const Layout& layout, Access access,
                                       std::chrono::milliseconds wait,
                                       const Cancellation* cancellation) {
  const fs::FileLock::Mode mode =
      access == Access::shared ? fs::FileLock::Mode::shared : fs::FileLock::Mode::exclusive;
  try {
    return lock_in_turn(layout, mode, wait, cancellation);
  } catch (const IoError& error) {
    if (error.error_number() != ENOENT) {
      throw;
    }
  }
  // Missing where it cannot be made: nobody can write, so any lock will do.
  return fs::FileLock::acquire(fs::open_directory(layout.root()), mode, wait, cancellation);
}

void require_room_for_store(const Layout& layout) {
  const std::vector<std::string> names = fs::list_names(layout.root());
  const auto foreign = std::find_if_not(names.begin(), names.end(), Layout::is_ours);
  if (foreign != names.end()) {
    throw RefusedError("cannot make a store in " + quoted(layout.root().native()) + ": it holds " +
                           quoted(*foreign),
                       "name a directory that is empty or does not exist yet");
  }
}

void make_store(const Layout& layout, const Cancellation* cancellation) {
  fs::make_directories(layout.root());
  require_room_for_store(layout);
  require_ours(layout);
  const std::optional<fs::FileLock> lock = fs::FileLock::acquire(
      layout.lock(), fs::FileLock::Mode::exclusive, Store::k_patience, cancellation);
  if (!lock) {
    throw BusyError("the store " + quoted(layout.root().native()) + " is in use");
  }
  if (fs::status(layout.header())) {
    return; // somebody else was quicker
  }
  for (const std::filesystem::path& directory :
       {layout.packs(), layout.manifests(), layout.marks(), layout.cache(), layout.log(),
        layout.trash(), layout.scratch()}) {
    fs::make_directories(directory);
  }
  fs::AtomicFile header(layout.header());
  header.write(as_bytes(print_header(make_header())));
  header.commit();
}

/// Removes a file again unless told that it may stay.
class Publication {
public:
  explicit Publication(std::filesystem::path path) : path_(std::move(path)) {}
  ~Publication() {
    if (stays_) {
      return;
    }
    try {
      fs::remove_file(path_);
    } catch (const Error&) { // NOLINT(bugprone-empty-catch): it is whole, only unannounced
    }
  }
  Publication(const Publication&) = delete;
  Publication& operator=(const Publication&) = delete;
  void stays() { stays_ = true; }

private:
  std::filesystem::path path_;
  bool stays_ = false;
};

[[noreturn]] void no_snapshot(const SnapshotId& id) {
  throw NotFoundError("there is no snapshot " + quoted(id.text()),
                      "`savepoint list` shows those that are there");
}

std::uint64_t size_of(const std::filesystem::path& file) {
  const std::optional<fs::FileStatus> status = fs::status(file);
  return status ? status->size : 0;
}

} // namespace

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

Store Store::open(const std::filesystem::path& root, Access access, std::chrono::milliseconds wait,
                  const Cancellation* cancellation) {
  const Layout layout = layout_in(root);
  if (!exists(root)) {
    no_store(layout);
  }
  require_ours(layout);
  StoreHeader header = read_header(layout);
  std::optional<fs::FileLock> lock = lock_store(layout, access, wait, cancellation);
  if (!lock) {
    throw BusyError("the store " + quoted(layout.root().native()) + " is in use",
                    "try again when the other savepoint has ended");
  }
  return Store(std::make_unique<State>(layout, std::move(header), access, std::move(*lock)));
}

Store Store::open_or_create(const std::filesystem::path& root, const Cancellation* cancellation) {
  if (!exists(root)) {
    make_store(layout_in(root), cancellation);
  }
  return open(root, Access::shared, k_patience, cancellation);
}

bool Store::exists(const std::filesystem::path& root) {
  try {
    const Layout layout = layout_in(root);
    return fs::status(layout.header()) || holds_data(layout);
  } catch (const IoError& error) {
    if (error.error_number() == ENOTDIR) {
      return false;
    }
    throw;
  }
}

const std::filesystem::path& Store::root() const {
  return state_->layout.root();
}

const std::string& Store::id() const {
  return state_->header.id;
}

const CuttingRules& Store::cutting_rules() const {
  return state_->header.cutting;
}

std::filesystem::path Store::scratch_directory() const {
  return state_->scratch.path();
}

std::filesystem::path Store::cache_file(const std::string& name) const {
  if (!fs::is_component(name)) {
    bug("the name of a cache is not one component");
  }
  return state_->layout.cache() / name;
}

Bytes Store::get(const hash::Digest& id) const {
  return state_->get(id);
}

bool Store::contains(const hash::Digest& id) const {
  return state_->contains(id);
}

std::optional<manifest::Summary>
Store::find_newest(const std::function<bool(const manifest::Summary&)>& fits) const {
  return state_->catalog.find_newest(fits);
}

std::vector<manifest::Summary> Store::snapshots() const {
  return state_->catalog.snapshots();
}

bool Store::has_snapshot(const SnapshotId& id) const {
  return fs::status(state_->layout.manifest(id)).has_value();
}

manifest::Manifest Store::load(const SnapshotId& id) const {
  std::optional<manifest::Manifest> manifest = read_manifest(state_->layout, id);
  if (!manifest) {
    no_snapshot(id);
  }
  return std::move(*manifest);
}

manifest::Manifest Store::seal(Batch& batch, manifest::Manifest manifest) {
  const Layout& layout = state_->layout;
  if (batch.state().store != state_.get()) {
    bug("a batch is sealed by another store than its own");
  }
  batch.state().flush();
  manifest.bytes_added = batch.bytes_added();

  ManifestChange change(state_->catalog);
  const std::optional<manifest::Summary>& newest = change.newest();
  manifest.sequence = newest ? newest->sequence + 1 : 1;
  manifest.previous = newest ? std::optional(newest->id) : std::nullopt;
  const std::string text = manifest::seal(manifest, [&](const SnapshotId& id) {
    return has_snapshot(id) || fs::status(layout.marks(id)).has_value();
  });
  Publication publication(layout.manifest(*manifest.id));
  write_document(*state_, layout.manifest(*manifest.id), text);
  publication.stays();

  change.commit([&](Catalog& catalog) {
    batch.state().record(catalog);
    catalog.add_snapshot(manifest::summarize(manifest));
  });
  return manifest;
}

manifest::Marks Store::marks(const SnapshotId& id) const {
  if (!has_snapshot(id)) {
    no_snapshot(id);
  }
  std::optional<manifest::Marks> marks = read_marks(state_->layout, id);
  return marks ? std::move(*marks) : manifest::summarize(load(id)).marks;
}

manifest::Marks Store::change_marks(const SnapshotId& id,
                                    const std::function<void(manifest::Marks&)>& change) {
  state_->header.require(Operation::write);
  ManifestChange turn(state_->catalog);
  const manifest::Marks before = marks(id);
  manifest::Marks changed = before;
  change(changed);
  std::sort(changed.tags.begin(), changed.tags.end());
  changed.tags.erase(std::unique(changed.tags.begin(), changed.tags.end()), changed.tags.end());
  if (changed == before) {
    return changed; // also where nothing can be written
  }
  write_document(*state_, state_->layout.marks(id), manifest::print_marks(changed));
  turn.commit([&](Catalog& catalog) { catalog.set_marks(id, changed); });
  return changed;
}

std::uint64_t Store::size_in_bytes() const {
  const Layout& layout = state_->layout;
  std::uint64_t size = 0;
  for (const hash::Digest& name : layout.list_packs()) {
    size += size_of(layout.pack(name));
  }
  for (const SnapshotId& id : layout.list_manifests()) {
    size += size_of(layout.manifest(id));
  }
  return size;
}

std::size_t Store::rebuild_catalog() {
  return state_->catalog.rebuild();
}

} // namespace savepoint::store
