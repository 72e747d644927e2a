#include "drivers/sqlite/internal/restoration.hpp"

#include "base/printable.hpp"
#include "drivers/sqlite/internal/change.hpp"
#include "drivers/sqlite/internal/contents.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "fs/tree_writer.hpp"

#include <algorithm>
#include <charconv>
#include <future>

namespace savepoint::drivers::sqlite {

using savepoint::sqlite::Connection;
using savepoint::sqlite::Header;
using savepoint::sqlite::k_header_size;

namespace {

/// A database that somebody writes to all the time is let go of for so short a moment that they
/// hardly ever find it.
constexpr int k_attempts = 20;

/// The disk begins with that much while more is still being read.
constexpr std::size_t k_worth_writing_back = std::size_t{32} << 20U;

[[noreturn]] void differs(const manifest::DatabaseComponent& expected, const std::string& how) {
  throw CorruptionError("the image of database " + quoted(expected.name) +
                            " is not what the snapshot says: " + how,
                        "try another snapshot; 'savepoint verify --rehearse' finds those that "
                        "restore");
}

/// The first difference between the tables; empty if there is none.
std::string difference(const std::vector<manifest::Table>& expected,
                       const std::vector<manifest::Table>& found) {
  for (const manifest::Table& table : expected) {
    const auto same = std::ranges::find(found, table.name, &manifest::Table::name);
    if (same == found.end()) {
      return "table " + quoted(table.name) + " is missing";
    }
    if (same->rows != table.rows) {
      return "table " + quoted(table.name) + " has " + std::to_string(same->rows) +
             " rows instead of " + std::to_string(table.rows);
    }
  }
  return expected.size() == found.size() ? "" : "it has more tables";
}

/// Without `thoroughness` it need not be sound, only what was captured.
void check_image(const ImageFile& image, const manifest::DatabaseComponent& expected,
                 std::optional<Thoroughness> thoroughness) {
  const std::uint64_t size = fs::status_of(image.file()).size;
  if (size != expected.size) {
    differs(expected, "it has " + std::to_string(size) + " bytes instead of " +
                          std::to_string(expected.size));
  }
  if (!Header::parse(
          fs::read_at(image.file(), 0, std::min<std::size_t>(size, k_header_size), image.path()))) {
    differs(expected, "it is not an SQLite database");
  }
  if (expected.details.find("row_counts") != nullptr) {
    return; // it was damaged when it was captured, and comes back as it was
  }
  Connection connection = open_image(image.path());
  const Contents contents = read_contents(connection);
  if (contents.unavailable) {
    differs(expected, *contents.unavailable);
  }
  if (const std::string difference_found = difference(expected.tables, contents.tables);
      !difference_found.empty()) {
    differs(expected, difference_found);
  }
  if (!thoroughness) {
    return;
  }
  if (const std::string damage = find_damage(connection, *thoroughness); !damage.empty()) {
    differs(expected, damage);
  }
}

std::uint32_t counter(const manifest::DatabaseComponent& expected, std::string_view key) {
  const json::Value* value = expected.details.find(key);
  return value == nullptr ? 0 : static_cast<std::uint32_t>(value->as_unsigned());
}

FileDetails file_details(const manifest::DatabaseComponent& expected) {
  FileDetails details;
  if (const json::Value* mode = expected.details.find("mode")) {
    const std::string& digits = mode->as_string();
    const char* const end = digits.data() + digits.size();
    if (std::from_chars(digits.data(), end, details.mode, 8).ptr != end) {
      throw CorruptionError("the snapshot has a file mode that is none: " + quoted(digits));
    }
  }
  if (const json::Value* mtime = expected.details.find("mtime_ns")) {
    details.mtime_ns = mtime->as_integer();
  }
  if (const json::Value* journal = expected.details.find("journal_mode")) {
    details.journal =
        journal->as_string() == "wal" ? Header::Journal::wal : Header::Journal::rollback;
  }
  details.writer = {counter(expected, "change_counter"), counter(expected, "schema_version"),
                    counter(expected, "version_valid_for"), counter(expected, "library_version")};
  return details;
}

class SqliteRestoration final : public database::Restoration {
public:
  SqliteRestoration(const database::Target& target, const manifest::DatabaseComponent& expected,
                    const database::RestorationOptions& options)
      : place_(target), details_(file_details(expected)), wait_(options.wait),
        takes_damage_(options.takes_damage),
        staged_(std::make_unique<ImageFile>(place_.open_again(), place_.directory_path(),
                                            k_restore_prefix)) {}

  void write(ByteView bytes) override {
    fs::write_all(staged_->file(), bytes, staged_->path());
    unsynced_ += bytes.size();
    if (unsynced_ >= k_worth_writing_back) {
      fs::start_writeback(staged_->file());
      unsynced_ = 0;
    }
  }

  void check(const manifest::DatabaseComponent& expected) override {
    set_writer_fields(*staged_, details_.writer);
    // While the disk is at work: deferred, and so one after the other, where no thread is to be
    // had.
    std::future<void> durable = std::async(std::launch::async | std::launch::deferred, [&] {
      fs::sync_descriptor(staged_->file(), staged_->path().native());
    });
    check_image(*staged_, expected,
                takes_damage_ ? std::nullopt : std::optional(Thoroughness::quick));
    durable.get();
  }

  [[nodiscard]] std::unique_ptr<database::Capture> hold() override {
    let_go();
    seen_ = place_.status();
    held_ = hold_database(place_, wait_);
    is_held_ = true;
    std::unique_ptr<database::Capture> capture = held_ == nullptr ? nullptr : held_->capture();
    if (capture == nullptr) {
      held_.reset(); // an empty one will be saved as a file, beside which is no journal of ours
    }
    return capture;
  }

  void let_go() override {
    is_held_ = false;
    held_.reset();
  }

  void swap() override {
    if (change_ != nullptr || staged_ == nullptr) {
      bug("a database was swapped twice");
    }
    if (is_held_) {
      put_in_place();
      return;
    }
    // Nobody has captured what goes, so it does not matter which state that is.
    for (int attempt = 1; change_ == nullptr; ++attempt) {
      (void)hold();
      try {
        put_in_place();
      } catch (const database::MovedError&) {
        if (attempt == k_attempts) {
          throw;
        }
      }
    }
  }

  void undo() override {
    if (change_ == nullptr) {
      bug("a database was put back that had not been swapped");
    }
    change_->undo();
    change_.reset();
    staged_.reset();
  }

  void close() override {
    if (change_ != nullptr) {
      place_.keep();
    }
    held_.reset();
    change_.reset();
    staged_.reset();
  }

private:
  void put_in_place() {
    is_held_ = false;
    std::unique_ptr<HeldDatabase> held = std::move(held_);
    if (held == nullptr && seen_ && seen_->size == 0) {
      held = hold_database(place_, wait_); // others may have it open
      if (held == nullptr || held->capture() != nullptr) {
        throw_moved(place_);
      }
    }
    if (held == nullptr) {
      change_ = replace_file(place_, *staged_, details_, seen_);
      return;
    }
    held->overwrite(*staged_, details_);
    change_ = std::move(held);
  }

  Place place_;
  FileDetails details_;
  std::chrono::milliseconds wait_;
  bool takes_damage_;
  std::unique_ptr<ImageFile> staged_; // after a replacement: what was there before
  std::size_t unsynced_ = 0;
  bool is_held_ = false;
  std::unique_ptr<HeldDatabase> held_; // missing if there is nothing to capture
  std::optional<fs::FileStatus> seen_; // the file, when it was held
  std::unique_ptr<Change> change_;     // set while there is a way back
};

class SqliteRehearsal final : public database::Restoration {
public:
  explicit SqliteRehearsal(const std::filesystem::path& scratch)
      : staged_(scratch, k_restore_prefix) {}

  void write(ByteView bytes) override { fs::write_all(staged_.file(), bytes, staged_.path()); }
  void check(const manifest::DatabaseComponent& expected) override {
    check_image(staged_, expected, Thoroughness::full);
  }
  void swap() override { bug("a rehearsal has nothing to swap into"); }
  void undo() override { bug("a rehearsal has nothing to undo"); }
  void close() override {}

private:
  ImageFile staged_;
};

} // namespace

std::unique_ptr<database::Restoration>
open_restoration(const database::Target& target, const manifest::DatabaseComponent& expected,
                 const database::RestorationOptions& options) {
  return std::make_unique<SqliteRestoration>(target, expected, options);
}

std::unique_ptr<database::Restoration> open_rehearsal(const std::filesystem::path& scratch,
                                                      const manifest::DatabaseComponent&) {
  return std::make_unique<SqliteRehearsal>(scratch);
}

} // namespace savepoint::drivers::sqlite
