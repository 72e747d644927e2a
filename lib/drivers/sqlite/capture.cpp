#include "drivers/sqlite/internal/capture.hpp"

#include "base/printable.hpp"
#include "drivers/sqlite/internal/contents.hpp"
#include "drivers/sqlite/internal/image.hpp"
#include "drivers/sqlite/internal/place.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "fs/tree_writer.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/header.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <optional>

namespace savepoint::drivers::sqlite {

using savepoint::sqlite::Connection;
using savepoint::sqlite::Header;
using savepoint::sqlite::k_header_size;
using savepoint::sqlite::OpenMode;
using savepoint::sqlite::SqliteBusy;
using savepoint::sqlite::SqliteError;
using savepoint::sqlite::Symlinks;
using savepoint::sqlite::Transaction;

namespace {

// The smallest piece that is worth a name of its own in the store.
constexpr std::size_t k_smallest_block = 16384;
constexpr std::string_view k_prefix = ".savepoint-capture-";

std::string octal(std::uint32_t mode) {
  std::array<char, 8> digits{};
  std::snprintf(digits.data(), digits.size(), "%04o", mode & 07777U);
  return digits.data();
}

class SqliteCapture final : public database::Capture {
public:
  SqliteCapture(std::shared_ptr<ImageFile> image, const fs::FileStatus& source,
                const Header& header)
      : image_(std::move(image)), source_(source), header_(header) {
    set_writer_fields(*image_, {});
    size_ = fs::status_of(image_->file()).size;
  }

  [[nodiscard]] database::StreamShape shape() const override {
    return {.block_size = std::max<std::size_t>(header_.page_size, k_smallest_block),
            .expected_size = size_};
  }

  [[nodiscard]] std::size_t read(std::span<std::byte> into) override {
    return fs::read_some(image_->file(), into, image_->path());
  }

  [[nodiscard]] manifest::DatabaseComponent describe() override {
    Connection image = open_image(image_->path());
    Contents contents = read_contents(image);
    manifest::DatabaseComponent component;
    component.driver = "sqlite";
    component.size = size_;
    component.tables = std::move(contents.tables);
    component.migration = std::move(contents.migration);
    component.migration_table = std::move(contents.migration_table);
    component.details = json::Value::object({
        {"page_size", std::uint64_t{header_.page_size}},
        {"page_count", size_ / header_.page_size},
        {"schema_version", std::uint64_t{header_.writer.schema_cookie}},
        {"change_counter", std::uint64_t{header_.writer.change_counter}},
        {"version_valid_for", std::uint64_t{header_.writer.version_valid_for}},
        {"library_version", std::uint64_t{header_.writer.library_version}},
        {"user_version", std::int64_t{header_.user_version}},
        {"application_id", std::int64_t{header_.application_id}},
        {"journal_mode", header_.journal_name()},
        {"encoding", header_.encoding_name()},
        {"mode", octal(source_.mode)},
        {"mtime_ns", source_.mtime_ns},
    });
    if (contents.unavailable) {
      component.details.set("row_counts", *contents.unavailable);
    }
    return component;
  }

private:
  std::shared_ptr<ImageFile> image_;
  fs::FileStatus source_;
  Header header_;
  std::uint64_t size_ = 0;
};

/// Gives a directory its time back: the empty log and index that a reader of a database in WAL mode
/// needs come and go in it, and looking must not look like a change.
class DirectoryTimeKept {
public:
  explicit DirectoryTimeKept(const std::filesystem::path& directory)
      : directory_(fs::open_directory(directory)), mtime_ns_(fs::status_of(directory_).mtime_ns) {}
  ~DirectoryTimeKept() {
    try {
      if (fs::status_of(directory_).mtime_ns != mtime_ns_) {
        fs::set_directory_mtime(directory_, mtime_ns_);
      }
    } catch (const Error&) {
      return; // not ours to set: then it shows that somebody looked
    }
  }
  DirectoryTimeKept(const DirectoryTimeKept&) = delete;
  DirectoryTimeKept& operator=(const DirectoryTimeKept&) = delete;

private:
  fs::Descriptor directory_;
  std::int64_t mtime_ns_;
};

/// Opens the database for writing where that is possible: a journal that a killed writer left must
/// be rolled back by whoever reads next, and a write-ahead log needs its index.
Connection open_source(const std::filesystem::path& file, const std::filesystem::path& wal,
                       std::chrono::milliseconds wait, const Cancellation* cancellation) {
  Connection source(file, OpenMode::read_write, Symlinks::refuse);
  // A log that was there stays as it is. Where there was none, the empty one that a reader needs
  // goes away again with the last connection.
  source.distrust(fs::status(wal) ? Connection::LastClose::leaves_wal
                                  : Connection::LastClose::folds_wal);
  source.set_busy_timeout(wait, cancellation);
  return source;
}

/// A read transaction; null if SQLite says that the file is no database.
std::unique_ptr<Transaction> begin_view(Connection& source) {
  try {
    return std::make_unique<Transaction>(source, Transaction::Kind::read);
  } catch (SqliteError& error) {
    if (error.is_damage()) {
      return nullptr;
    }
    error.set_hint("reading a database in WAL mode, or one whose last writer was killed, means "
                   "writing beside it: check that its directory can be written to");
    throw;
  }
}

/// A database that is open for reading.
struct View {
  std::filesystem::path file;
  fs::FileStatus status;
  std::optional<DirectoryTimeKept> time_kept; // outlives the connection, whose end removes the log
  std::optional<Connection> source;
  std::unique_ptr<Transaction> transaction;
};

/// Null if there is no database.
std::unique_ptr<View> open_view(const database::Target& target, std::chrono::milliseconds wait,
                                const Cancellation* cancellation = nullptr) {
  std::error_code failure;
  const std::filesystem::path file = resolved(target, failure);
  if (failure) {
    throw_io_error(failure.value(), "open database", target.file.native());
  }
  const std::optional<fs::FileStatus> status = fs::status(file);
  if (!status || status->kind != fs::FileKind::regular) {
    return nullptr;
  }
  auto view = std::make_unique<View>();
  view->file = file;
  view->status = *status;
  const std::filesystem::path wal = file.native() + "-wal";
  if (!fs::status(wal)) {
    view->time_kept.emplace(file.parent_path());
  }
  view->source.emplace(open_source(file, wal, wait, cancellation));
  const std::optional<Header> header = Header::parse(view->source->file_header());
  if (!header || status->size < header->page_size) {
    return nullptr;
  }
  view->transaction = begin_view(*view->source);
  return view->transaction == nullptr ? nullptr : std::move(view);
}

} // namespace

bool is_database(const database::Target& target) {
  return open_view(target, std::chrono::milliseconds(0)) != nullptr;
}

std::unique_ptr<database::Capture> make_capture(std::shared_ptr<ImageFile> image,
                                                const fs::FileStatus& source) {
  const std::uint64_t size = fs::status_of(image->file()).size;
  const std::optional<Header> header = Header::parse(
      fs::read_at(image->file(), 0, std::min<std::size_t>(size, k_header_size), image->path()));
  if (!header) {
    return nullptr;
  }
  return std::make_unique<SqliteCapture>(std::move(image), source, *header);
}

std::unique_ptr<database::Capture> open_capture(const database::Target& target,
                                                const std::filesystem::path& scratch,
                                                std::chrono::milliseconds wait,
                                                const Cancellation& cancellation) {
  cancellation.check();
  std::unique_ptr<View> view;
  try {
    view = open_view(target, wait, &cancellation);
  } catch (const SqliteBusy&) {
    cancellation.check(); // that may be why it did not wait any longer
    throw;
  }
  if (view == nullptr) {
    return nullptr;
  }
  auto image = std::make_shared<ImageFile>(scratch, k_prefix);
  copy_state(*view->source, view->file, *image, wait, cancellation);
  view->status.mtime_ns = last_written(view->file, view->status.mtime_ns);
  return make_capture(std::move(image), view->status);
}

} // namespace savepoint::drivers::sqlite
