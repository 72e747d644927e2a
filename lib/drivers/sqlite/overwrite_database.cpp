#include "drivers/sqlite/internal/change.hpp"

#include "base/printable.hpp"
#include "drivers/sqlite/internal/contents.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"

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

/// As the file says: asking SQLite would fail where the schema is damaged.
Header::Journal journal_of(Connection& live) {
  const auto header = Header::parse(live.file_header());
  return header ? header->journal : Header::Journal::rollback;
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
  } catch (const SqliteError&) {
    left = false; // a damaged schema
  }
  live.set_busy_timeout(wait);
  return left;
}

std::int64_t page_size(Connection& connection) {
  return connection.query_integer("PRAGMA page_size");
}

/// The content of `image` in pages of another size.
void copy_resized(const ImageFile& image, std::int64_t size, const ImageFile& resized) {
  // Not as immutable: SQLite takes those for memory, whose page size VACUUM leaves alone.
  Connection source(image.path(), OpenMode::read_write);
  source.distrust(Connection::LastClose::folds_wal);
  source.execute("PRAGMA page_size=" + std::to_string(size));
  source.prepare("VACUUM INTO ?").bind(1, resized.path().native()).run();
}

/// The content of `image` as one committed change of the live database.
void write_into(Connection& live, const ImageFile& image, Header::Journal journal,
                const std::filesystem::path& directory, milliseconds wait) {
  Connection source = open_image(image.path());
  const std::int64_t live_size = page_size(live);
  // The page size of a database that is open in WAL mode cannot change: the content changes its.
  if (journal_of(live) == Header::Journal::wal && live_size != page_size(source) &&
      !leave_wal(live)) {
    const ImageFile resized(directory, k_restore_prefix);
    copy_resized(image, live_size, resized);
    Connection fitting = open_image(resized.path());
    backup(fitting, live, wait);
  } else {
    backup(source, live, wait);
  }
  if (journal == Header::Journal::rollback) {
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
      journal_ = journal_of(live);
      copy_state(live, place_->file().native() + "-wal", old_, wait_, Cancellation());
    }
    set_mode(details.mode); // first, since it may not be allowed and nothing is changed yet
    try {
      write_into(live, staged, details.journal, place_->directory_path(), wait_);
    } catch (const Error&) {
      set_mode(mode_);
      throw;
    }
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
