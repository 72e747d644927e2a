#include "drivers/sqlite/internal/change.hpp"

#include "base/printable.hpp"
#include "drivers/sqlite/internal/contents.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"

#include <thread>

namespace savepoint::drivers::sqlite {

using savepoint::sqlite::backup;
using savepoint::sqlite::Connection;
using savepoint::sqlite::OpenMode;
using savepoint::sqlite::SqliteBusy;
using savepoint::sqlite::SqliteError;
using savepoint::sqlite::Symlinks;
using savepoint::sqlite::Transaction;

namespace {

using std::chrono::milliseconds;

Connection open_live(const Place& place, milliseconds wait) {
  Connection live(place.file(), OpenMode::read_write, Symlinks::refuse);
  // A log is folded in only by whoever is alone with the database.
  live.distrust(Connection::LastClose::folds_wal);
  live.set_busy_timeout(wait);
  return live;
}

bool uses_wal(Connection& live) {
  return live.query_text("PRAGMA journal_mode") == "wal";
}

/// Ends the use of a write-ahead log if nobody else has the database open; says whether it did.
bool leave_wal(Connection& live) {
  const milliseconds wait = live.busy_timeout();
  live.set_busy_timeout(milliseconds(0));
  bool left = false;
  try {
    left = live.query_text("PRAGMA journal_mode=DELETE") == "delete";
  } catch (const SqliteBusy&) {
    left = false;
  }
  live.set_busy_timeout(wait);
  return left;
}

std::int64_t page_size(Connection& connection) {
  return connection.query_integer("PRAGMA page_size");
}

/// The content of `image` as one committed change of the live database.
void write_into(Connection& live, const ImageFile& image, Header::Journal journal,
                const std::filesystem::path& directory, milliseconds wait) {
  // EXTRA: a rollback journal that is gone stays gone when the power fails.
  live.execute("PRAGMA synchronous=EXTRA");
  Connection source = open_image(image.path());
  if (uses_wal(live) && page_size(live) != page_size(source) && !leave_wal(live)) {
    // The page size of a database that is open in WAL mode cannot change: the content changes its.
    const ImageFile resized(directory, k_restore_prefix);
    source.execute("PRAGMA page_size=" + std::to_string(page_size(live)));
    source.prepare("VACUUM INTO ?").bind(1, resized.path().native()).run();
    Connection fitting = open_image(resized.path());
    backup(fitting, live, wait);
  } else {
    backup(source, live, wait);
  }
  if (journal == Header::Journal::rollback && uses_wal(live)) {
    (void)leave_wal(live);
  }
}

class Overwriting final : public Change {
public:
  Overwriting(const Place& place, milliseconds wait, const fs::FileStatus& before)
      : place_(&place), wait_(wait), mode_(before.mode),
        old_(place.directory_path(), k_restore_prefix) {}

  void apply(Connection& live, const ImageFile& staged, const FileDetails& details) {
    {
      const Transaction view(live, Transaction::Kind::read);
      const auto header = Header::parse(live.file_header());
      journal_ = header ? header->journal : Header::Journal::rollback;
      copy_state(live, place_->file().native() + "-wal", old_, wait_, Cancellation());
    }
    write_into(live, staged, details.journal, place_->directory_path(), wait_);
    set_mode(details.mode);
    fs::sync_directory(place_->directory_path());
  }

  void undo() override {
    Connection live = open_live(*place_, wait_);
    write_into(live, old_, journal_, place_->directory_path(), wait_);
    set_mode(mode_);
    fs::sync_directory(place_->directory_path());
  }

private:
  void set_mode(std::uint32_t mode) const {
    const auto status = place_->status();
    if (status && status->mode != mode) {
      fs::set_mode_at(place_->directory(), place_->name().c_str(), mode, fs::SpecialBits::drop);
    }
  }

  const Place* place_;
  milliseconds wait_;
  std::uint32_t mode_;
  ImageFile old_;
  Header::Journal journal_ = Header::Journal::rollback;
};

/// Whether SQLite takes what is there for a database: it does so with an empty file as well.
bool is_database(Connection& live) {
  const Bytes header = live.file_header();
  if (!header.empty() && !Header::parse(header)) {
    return false;
  }
  try {
    const Transaction view(live, Transaction::Kind::read);
    return true;
  } catch (const SqliteError& error) {
    if (error.is_damage()) {
      return false;
    }
    throw;
  }
}

} // namespace

std::unique_ptr<Change> overwrite_database(const Place& place, const ImageFile& staged,
                                           const FileDetails& details, milliseconds wait) {
  const auto before = place.status();
  if (!before) {
    return nullptr;
  }
  Connection live = open_live(place, wait);
  if (!is_database(live)) {
    return nullptr;
  }
  auto change = std::make_unique<Overwriting>(place, wait, *before);
  change->apply(live, staged, details);
  return change;
}

} // namespace savepoint::drivers::sqlite
