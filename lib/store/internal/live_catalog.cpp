#include "store/internal/live_catalog.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "fs/tree_writer.hpp"
#include "store/internal/reconcile.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <type_traits>

namespace savepoint::store {

namespace {

constexpr std::chrono::seconds k_patience{30};
constexpr std::int64_t k_second_ns = 1'000'000'000;
// Reading a row in passing takes so much less than looking one up. 16 MiB of prefixes are the most.
constexpr std::uint64_t k_rows_read_per_lookup = 25;
constexpr std::uint64_t k_weigh_every = 256;
constexpr std::uint64_t k_most_prefixes = std::uint64_t{2} << 20U;
constexpr std::string_view k_manifests_note = "manifests";
constexpr std::string_view k_marks_note = "marks";

// What a directory was like: any name made, renamed or removed in it changes this.
std::string stamp_of(const std::filesystem::path& directory) {
  const std::optional<fs::FileStatus> status = fs::status(directory);
  if (!status) {
    return "missing";
  }
  return std::to_string(status->inode) + ":" + std::to_string(status->mtime_ns) + ":" +
         std::to_string(status->ctime_ns);
}

// The kernel's clock for files may tick as slowly as every 4 ms, so a second change right after
// ours could leave the directory with the times we noted. A time of our own choice, random below
// the second, cannot be met by accident.
void make_stamp_unique(const Layout& layout, const std::filesystem::path& directory) {
  const std::optional<fs::FileStatus> status = fs::status(directory);
  if (!status) {
    return;
  }
  std::random_device device;
  const std::int64_t second = status->mtime_ns / k_second_ns;
  std::uniform_int_distribution<std::int64_t> below_the_second(0, k_second_ns - 1);
  try {
    fs::set_mtime_at(fs::open_directory(layout.root()), directory.filename().c_str(),
                     second * k_second_ns + below_the_second(device));
  } catch (const IoError&) { // NOLINT(bugprone-empty-catch): the kernel's own time will do
  }
}

// SQLITE_PERM, SQLITE_READONLY and SQLITE_CANTOPEN.
bool says_read_only(const sqlite::SqliteError& error) {
  return error.result_code() == 3 || error.result_code() == 8 || error.result_code() == 14;
}

} // namespace

struct LiveCatalog::Open {
  explicit Open(Catalog opened) : catalog(std::move(opened)) {}
  Catalog catalog;
  std::optional<std::uint64_t> inode; // of catalog.db; missing for one in memory
};

LiveCatalog::LiveCatalog(Layout layout, std::string store_id)
    : layout_(std::move(layout)), store_id_(std::move(store_id)) {}

LiveCatalog::~LiveCatalog() = default;

fs::FileLock LiveCatalog::lock_manifests() const {
  if (!fs::status(layout_.manifests())) {
    fs::make_directories(layout_.manifests());
  }
  std::optional<fs::FileLock> lock = fs::FileLock::acquire(
      fs::open_directory(layout_.manifests()), fs::FileLock::Mode::exclusive, k_patience);
  if (!lock) {
    throw BusyError("the snapshots of the store " + quoted(layout_.root().native()) +
                        " are being changed by somebody else",
                    "try again when the other savepoint has ended");
  }
  return std::move(*lock);
}

bool LiveCatalog::is_stale() {
  Catalog& catalog = open_->catalog;
  return catalog.note(k_manifests_note) != stamp_of(layout_.manifests()) ||
         catalog.note(k_marks_note) != stamp_of(layout_.marks());
}

void LiveCatalog::catch_up() {
  if (!is_stale()) {
    return;
  }
  Catalog& catalog = open_->catalog;
  if (open_->inode) {
    make_stamp_unique(layout_, layout_.manifests());
    make_stamp_unique(layout_, layout_.marks());
  }
  // Noted before looking: what changes meanwhile is a change to notice.
  catalog.set_note(k_manifests_note, stamp_of(layout_.manifests()));
  catalog.set_note(k_marks_note, stamp_of(layout_.marks()));
  reconcile_manifests(catalog, layout_);
  reconcile_marks(catalog, layout_);
  store::reconcile_packs(catalog, layout_);
  prefixes_.reset();
}

void LiveCatalog::refresh() {
  if (!is_stale()) {
    return;
  }
  const fs::FileLock lock = lock_manifests();
  sqlite::Transaction transaction(open_->catalog.connection(), sqlite::Transaction::Kind::write);
  catch_up();
  transaction.commit();
}

void LiveCatalog::look_at_file() {
  const std::optional<fs::FileStatus> status = fs::status(layout_.catalog());
  inode_ = status ? std::optional(status->inode) : std::nullopt;
  if (open_ && open_->inode && open_->inode != inode_) {
    open_.reset();
  }
}

void LiveCatalog::open_file() {
  const std::optional<fs::FileStatus> status = fs::status(layout_.catalog());
  if (!status || status->kind != fs::FileKind::regular || status->size == 0) {
    throw CorruptionError("the catalog is not there");
  }
  open_ = std::make_unique<Open>(Catalog::open(layout_.catalog(), store_id_));
  open_->inode = status->inode;
}

// A connection looks for its journal by name. So the database goes first, then its journal, and
// only then does a new one come: it must never be taken for the owner of the old journal.
void LiveCatalog::make_anew() {
  open_.reset();
  fs::remove_file(layout_.catalog());
  fs::remove_file(layout_.catalog_journal());
  fs::AtomicFile(layout_.catalog()).commit_unsynced(); // empty, and for nobody else to read
  open_ = std::make_unique<Open>(Catalog::create(layout_.catalog(), store_id_));
  look_at_file();
  open_->inode = inode_;
  sqlite::Transaction transaction(open_->catalog.connection(), sqlite::Transaction::Kind::write);
  catch_up();
  transaction.commit();
}

void LiveCatalog::make_in_memory() {
  open_ = std::make_unique<Open>(Catalog::create_in_memory(store_id_));
  sqlite::Transaction transaction(open_->catalog.connection(), sqlite::Transaction::Kind::write);
  catch_up();
  transaction.commit();
}

template <typename Work> std::optional<LiveCatalog::Trouble> LiveCatalog::attempt(Work work) {
  try {
    work();
    return std::nullopt;
  } catch (const sqlite::SqliteBusy&) {
    throw;
  } catch (const BusyError&) { // no space for it
    return Trouble::read_only;
  } catch (const sqlite::SqliteError& error) {
    return says_read_only(error) ? Trouble::read_only : Trouble::damaged;
  } catch (const IoError&) { // its file cannot be had; whatever else it was happens again
    return Trouble::read_only;
  } catch (const CorruptionError&) {
    return Trouble::damaged;
  }
}

void LiveCatalog::mend_locked(Trouble trouble) {
  if (trouble == Trouble::damaged) {
    const std::optional<std::uint64_t> found_wanting = inode_;
    look_at_file();
    const bool replaced = inode_ && inode_ != found_wanting;
    open_.reset();
    // Somebody else may have found it wanting as well, and been quicker.
    if (replaced && !attempt([this] { open_file(); })) {
      return;
    }
    if (!attempt([this] { make_anew(); })) {
      return;
    }
  }
  make_in_memory();
}

void LiveCatalog::mend(Trouble trouble) {
  const fs::FileLock lock = lock_manifests();
  mend_locked(trouble);
}

template <typename Work> auto LiveCatalog::run(Work work) {
  look_at_file();
  std::optional<std::invoke_result_t<Work, Catalog&>> result;
  const std::optional<Trouble> trouble = attempt([&] {
    if (!open_) {
      open_file();
      refresh();
    }
    result = work(open_->catalog);
  });
  if (trouble) {
    mend(*trouble);
    if (attempt([&] { result = work(open_->catalog); })) {
      // Somebody takes it away again and again: one in memory nobody can take away.
      mend(Trouble::read_only);
      result = work(open_->catalog);
    }
  }
  return std::move(*result);
}

bool LiveCatalog::has_chunks() {
  const std::lock_guard guard(mutex_);
  return run([](Catalog& catalog) { return catalog.has_chunks(); });
}

bool LiveCatalog::may_hold(const hash::Digest& id) {
  const std::lock_guard guard(mutex_);
  if (!prefixes_) {
    ++questions_;
    if (questions_ % k_weigh_every != 0) {
      return true;
    }
    const bool pays = run([this](Catalog& catalog) {
      const std::uint64_t chunks = catalog.most_chunks();
      return chunks <= k_most_prefixes && questions_ * k_rows_read_per_lookup >= chunks;
    });
    if (!pays) {
      return true;
    }
    prefixes_ = run([](Catalog& catalog) { return catalog.chunk_prefixes(); });
  }
  return std::binary_search(prefixes_->begin(), prefixes_->end(), prefix_of(id));
}

std::vector<hash::Digest> LiveCatalog::packs_with(const hash::Digest& id) {
  const std::lock_guard guard(mutex_);
  return run([&](Catalog& catalog) { return catalog.packs_with(id); });
}

std::vector<manifest::Summary> LiveCatalog::snapshots() {
  const std::lock_guard guard(mutex_);
  return run([&](Catalog& catalog) {
    refresh();
    return catalog.snapshots();
  });
}

std::optional<manifest::Summary>
LiveCatalog::find_newest(const std::function<bool(const manifest::Summary&)>& fits) {
  const std::lock_guard guard(mutex_);
  return run([&](Catalog& catalog) {
    refresh();
    return catalog.find_newest(fits);
  });
}

std::vector<SnapshotId> LiveCatalog::vanished() {
  const std::lock_guard guard(mutex_);
  return run([&](Catalog& catalog) {
    refresh();
    return catalog.vanished();
  });
}

bool LiveCatalog::look_again() {
  const std::lock_guard guard(mutex_);
  if (stamp_of(layout_.manifests()) != looked_at_) {
    looked_ = Looked::not_yet;
  }
  switch (looked_) {
  case Looked::not_yet:
    reconcile_pack_tables();
    looked_ = Looked::for_packs;
    break;
  case Looked::for_packs:
    rebuild_tables();
    looked_ = Looked::everywhere;
    break;
  case Looked::everywhere:
    return false;
  }
  looked_at_ = stamp_of(layout_.manifests()); // looking may have changed it
  return true;
}

void LiveCatalog::reconcile_packs() {
  const std::lock_guard guard(mutex_);
  reconcile_pack_tables();
}

void LiveCatalog::reconcile_pack_tables() {
  run([this](Catalog& catalog) {
    const fs::FileLock lock = lock_manifests();
    sqlite::Transaction transaction(catalog.connection(), sqlite::Transaction::Kind::write);
    store::reconcile_packs(catalog, layout_);
    transaction.commit();
    prefixes_.reset();
    return true;
  });
}

std::size_t LiveCatalog::rebuild() {
  const std::lock_guard guard(mutex_);
  const std::size_t count = rebuild_tables();
  if (!open_->inode) { // it was made in memory
    throw IoError("cannot write the catalog " + quoted(layout_.catalog().native()), 0,
                  "make the store writable, with space left on its disk; until then the catalog is "
                  "made anew in memory whenever it is needed");
  }
  return count;
}

std::size_t LiveCatalog::rebuild_tables() {
  return run([this](Catalog& catalog) {
    const fs::FileLock lock = lock_manifests();
    sqlite::Transaction transaction(catalog.connection(), sqlite::Transaction::Kind::write);
    note_vanished(catalog, layout_);
    catalog.clear(store_id_);
    catch_up();
    const std::size_t count = catalog.snapshot_ids().size();
    transaction.commit();
    return count;
  });
}

ManifestChange::ManifestChange(LiveCatalog& catalog)
    : live_(&catalog), guard_(catalog.mutex_), lock_(catalog.lock_manifests()) {
  const auto begin = [this] {
    if (!live_->open_) {
      live_->open_file();
    }
    transaction_.emplace(live_->open_->catalog.connection(), sqlite::Transaction::Kind::write);
    live_->catch_up();
    newest_ = live_->open_->catalog.newest();
  };
  live_->look_at_file();
  if (const std::optional<LiveCatalog::Trouble> trouble = live_->attempt(begin)) {
    transaction_.reset();
    live_->mend_locked(*trouble);
    if (live_->attempt(begin)) {
      transaction_.reset();
      live_->mend_locked(LiveCatalog::Trouble::read_only);
      begin();
    }
  }
}

ManifestChange::~ManifestChange() = default;

void ManifestChange::commit(const std::function<void(Catalog&)>& record) noexcept {
  try {
    const Layout& layout = live_->layout_;
    live_->prefixes_.reset();
    Catalog& catalog = live_->open_->catalog;
    record(catalog);
    make_stamp_unique(layout, layout.manifests());
    make_stamp_unique(layout, layout.marks());
    catalog.set_note(k_manifests_note, stamp_of(layout.manifests()));
    catalog.set_note(k_marks_note, stamp_of(layout.marks()));
    transaction_->commit();
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): it is stale now, as promised
  }
  transaction_.reset();
}

} // namespace savepoint::store
