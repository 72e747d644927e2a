#include "drivers/sqlite/internal/change.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "drivers/sqlite/internal/capture.hpp"
#include "drivers/sqlite/internal/contents.hpp"
#include "fs/files.hpp"
#include "fs/lock.hpp"
#include "fs/status.hpp"
#include "fs/tree_writer.hpp"
#include "sqlite/pages.hpp"

#include <algorithm>
#include <exception>

namespace savepoint::drivers::sqlite {

using savepoint::sqlite::backup;
using savepoint::sqlite::backup_if_unchanged;
using savepoint::sqlite::Connection;
using savepoint::sqlite::Header;
using savepoint::sqlite::k_header_size;
using savepoint::sqlite::k_lock_bytes;
using savepoint::sqlite::k_lock_bytes_at;
using savepoint::sqlite::OpenMode;
using savepoint::sqlite::overwrite_pages;
using savepoint::sqlite::PagesWritten;
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

void enter_wal(Connection& live) noexcept {
  try {
    live.execute("PRAGMA journal_mode=WAL");
  } catch (const Error&) {
    return; // it works without
  }
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

/// What `image` is, for writing its pages.
savepoint::sqlite::DatabaseBytes bytes_of(const ImageFile& image) {
  return {fs::status_of(image.file()).size,
          [&image](std::uint64_t offset, std::span<std::byte> into) {
            const auto got = fs::try_read_at(image.file(), into, offset);
            if (!got || *got.value != into.size()) {
              throw_io_error(got ? EIO : got.error_number, "read", image.path().native());
            }
          }};
}

/// A database out of its log as long as this lives, if nobody else has it open.
class WithoutLog {
public:
  explicit WithoutLog(Connection& live)
      : live_(&live), had_log_(journal_of(live) == Header::Journal::wal && leave_wal(live)) {}
  ~WithoutLog() {
    if (had_log_) {
      enter_wal(*live_);
    }
  }
  WithoutLog(const WithoutLog&) = delete;
  WithoutLog& operator=(const WithoutLog&) = delete;
  /// What was written says whether there is to be a log.
  void stay() { had_log_ = false; }

private:
  Connection* live_;
  bool had_log_;
};

/// What others do to a database changes it; what `live` itself does leaves it.
std::int64_t version_of_others(Connection& live) {
  return live.query_integer("PRAGMA data_version");
}

/// The content of `image` through the backup API, for what has a log or pages of another size;
/// false, with nothing done, if others have committed since `seen`.
bool copy_into(Connection& live, const ImageFile& image, std::optional<std::uint32_t> seen,
               const std::filesystem::path& directory, milliseconds wait) {
  Connection source = open_image(image.path());
  const std::int64_t live_size = page_size(live);
  // The page size of a database that is open in WAL mode cannot change: the content changes its.
  const bool must_fit = journal_of(live) == Header::Journal::wal && live_size != page_size(source);
  std::optional<ImageFile> resized;
  std::optional<Connection> fitting;
  if (must_fit) {
    resized.emplace(directory, k_restore_prefix);
    copy_resized(image, live_size, *resized);
    fitting.emplace(open_image(resized->path()));
  }
  Connection& content = must_fit ? *fitting : source;
  if (seen) {
    return backup_if_unchanged(content, live, *seen, wait);
  }
  backup(content, live, wait);
  return true;
}

/// The content of `image` as one committed change of the live database; false, with nothing done,
/// if others have committed since it was at `version`, as far as one is given.
bool write_into(Connection& live, const ImageFile& image, std::optional<std::int64_t> version,
                Header::Journal journal, const std::filesystem::path& directory,
                milliseconds wait) {
  WithoutLog without_log(live);
  if (version && version_of_others(live) != *version) {
    return false;
  }
  // This very look of the connection, so that nothing can come between it and the one above.
  const std::uint32_t seen = live.seen_version();
  switch (
      overwrite_pages(live, bytes_of(image), version ? std::optional(seen) : std::nullopt, wait)) {
  case PagesWritten::moved:
    return false;
  case PagesWritten::impossible:
    if (!copy_into(live, image, version ? std::optional(seen) : std::nullopt, directory, wait)) {
      return false;
    }
    break;
  case PagesWritten::all:
    break;
  }
  without_log.stay();
  if (journal == Header::Journal::rollback) {
    (void)leave_wal(live);
  }
  return true;
}

bool has_log(const Place& place) {
  return std::ranges::any_of(k_log_suffixes, [&](std::string_view suffix) {
    const std::string name = place.name() + std::string(suffix);
    return fs::status_at(place.directory().number(), name.c_str()).has_value();
  });
}

/// Ends the use of `live`. If nobody else has the database open, who could know by its header or
/// its time what he has read, it gets those that `details` say. It is good without them, so
/// whatever is in the way of that is no error.
void leave(Connection live, const Place& place, const FileDetails& details) noexcept {
  try {
    Bytes header = live.file_header();
    { const Connection closed = std::move(live); }
    const auto file = fs::open_alone_at(place.directory(), place.name().c_str());
    // The lock is for whoever is let in if we are stopped for longer than a lease lasts.
    if (!file || header.size() != k_header_size || has_log(place) ||
        !fs::try_lock_range(*file, k_lock_bytes_at, k_lock_bytes) ||
        fs::read_at(*file, 0, header.size(), place.file()) != header) {
      return; // or somebody has changed it since
    }
    set_writer_fields(header, details.writer);
    fs::write_at(*file, header, 0);
    if (details.mtime_ns) {
      fs::set_mtime_at(place.directory(), place.name().c_str(), *details.mtime_ns);
    }
  } catch (const std::exception&) {
    return;
  }
}

class Overwriting final : public HeldDatabase {
public:
  Overwriting(const Place& place, milliseconds wait, const fs::FileStatus& before, Connection live)
      : place_(&place), wait_(wait), before_(before), old_details_{before.mode, {}, {}, {}},
        old_(std::make_shared<ImageFile>(place.open_again(), place.directory_path(),
                                         k_restore_prefix)),
        hold_(std::make_unique<Hold>(place, wait, std::move(live))) {
    const Transaction view(hold_->live, Transaction::Kind::read);
    version_ = version_of_others(hold_->live);
    const Bytes header = hold_->live.file_header();
    is_empty_ = header.empty();
    if (const auto parsed = Header::parse(header)) {
      old_details_.journal = parsed->journal;
      old_details_.writer = parsed->writer;
    }
    copy_state(hold_->live, place_->file(), *old_, wait_, Cancellation());
    before_.mtime_ns = last_written(place_->file(), before_.mtime_ns);
    old_details_.mtime_ns = before_.mtime_ns;
  }

  [[nodiscard]] std::unique_ptr<database::Capture> capture() const override {
    return is_empty_ ? nullptr : make_capture(old_, before_);
  }

  void overwrite(const ImageFile& staged, const FileDetails& details) override {
    Connection live = std::move(hold_->live);
    const auto now = place_->status();
    if (!now || now->inode != before_.inode) {
      throw_moved(*place_);
    }
    set_mode(details.mode); // first, since it may not be allowed and nothing is changed yet
    try {
      hold_.reset(); // as late as can be: SQLite writes a copy only where no transaction is open
      if (!write_into(live, staged, version_, details.journal, place_->directory_path(), wait_)) {
        throw_moved(*place_);
      }
    } catch (const Error&) {
      set_mode(old_details_.mode);
      throw;
    }
    try {
      fs::sync_directory(place_->directory_path());
    } catch (Error& error) {
      take_back(error);
      throw;
    }
    leave(std::move(live), *place_, details);
  }

  void undo() override {
    Connection live = open_live(*place_, wait_);
    (void)write_into(live, *old_, std::nullopt, old_details_.journal, place_->directory_path(),
                     wait_);
    set_mode(old_details_.mode);
    fs::sync_directory(place_->directory_path());
    leave(std::move(live), *place_, old_details_);
  }

private:
  /// SQLite copies neither from nor into a connection that has the right to write: so one has it,
  /// and another works.
  struct Hold {
    Hold(const Place& place, milliseconds wait, Connection connection)
        : live(std::move(connection)), keeper(open_live(place, wait)),
          right_to_write(keeper, Transaction::Kind::write) {}
    Connection live;
    Connection keeper;
    Transaction right_to_write;
  };

  /// After `error`, which came when the content was in place.
  void take_back(Error& error) {
    try {
      undo();
    } catch (const Error&) {
      error.set_changed(Changed::yes);
    }
  }

  void set_mode(std::uint32_t mode) const {
    const auto status = place_->status();
    if (status && status->mode != mode) {
      fs::set_mode_at(place_->directory(), place_->name().c_str(), mode, fs::SpecialBits::drop);
    }
  }

  const Place* place_;
  milliseconds wait_;
  fs::FileStatus before_;
  FileDetails old_details_;
  std::shared_ptr<ImageFile> old_;
  std::unique_ptr<Hold> hold_;
  std::int64_t version_ = 0;
  bool is_empty_ = false;
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

void throw_moved(const Place& place) {
  throw database::MovedError("the database " + quoted(place.file().native()) +
                                 " changed while it was being replaced",
                             "stop the program that writes to it, or try again");
}

std::unique_ptr<HeldDatabase> hold_database(const Place& place, milliseconds wait) {
  const auto before = place.status();
  if (!before) {
    return nullptr;
  }
  Connection live = open_live(place, wait);
  if (!is_database(live)) {
    return nullptr;
  }
  return std::make_unique<Overwriting>(place, wait, *before, std::move(live));
}

} // namespace savepoint::drivers::sqlite
