#include "drivers/sqlite/internal/image.hpp"

#include "fs/files.hpp"
#include "fs/status.hpp"
#include "fs/tree_writer.hpp"
#include "sqlite/header.hpp"
#include "sqlite/pages.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>

namespace savepoint::drivers::sqlite {

using savepoint::sqlite::backup;
using savepoint::sqlite::big_endian;
using savepoint::sqlite::Connection;
using savepoint::sqlite::Header;
using savepoint::sqlite::k_change_counter_at;
using savepoint::sqlite::k_library_version_at;
using savepoint::sqlite::k_schema_cookie_at;
using savepoint::sqlite::k_version_valid_for_at;
using savepoint::sqlite::OpenMode;
using savepoint::sqlite::read_pages;
using savepoint::sqlite::Symlinks;
using savepoint::sqlite::WriterFields;

namespace {

// A write-ahead log without frames has its header at most.
constexpr std::uint64_t k_wal_header_size = 32;

std::string random_name(std::string_view prefix) {
  std::random_device random;
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x%08x", random(), random());
  return std::string(prefix) + digits.data();
}

std::filesystem::path log_of(const std::filesystem::path& file) {
  return file.native() + "-wal";
}

bool has_frames(const std::filesystem::path& wal) {
  const auto status = fs::status(wal);
  return status && status->size > k_wal_header_size;
}

void write_field(const ImageFile& image, std::size_t offset, ByteView value) {
  fs::write_at(image.file(), value, offset);
}

} // namespace

void set_writer_fields(const ImageFile& image, const WriterFields& fields) {
  write_field(image, k_change_counter_at, big_endian(fields.change_counter));
  write_field(image, k_schema_cookie_at, big_endian(fields.schema_cookie));
  write_field(image, k_version_valid_for_at, big_endian(fields.version_valid_for));
  write_field(image, k_library_version_at, big_endian(fields.library_version));
}

ImageFile::ImageFile(const std::filesystem::path& directory, std::string_view prefix)
    : ImageFile(fs::open_directory(directory), directory, prefix) {}

ImageFile::ImageFile(fs::Descriptor directory, const std::filesystem::path& path,
                     std::string_view prefix)
    : name_(random_name(prefix)), directory_(std::move(directory)),
      file_(fs::create_file_at(directory_, name_.c_str(), 0600)) {
  path_ = path / name_;
}

ImageFile::~ImageFile() {
  if (!is_released_) {
    unlinkat(directory_.number(), name_.c_str(), 0);
  }
}

void copy_state(Connection& source, const std::filesystem::path& file, const ImageFile& image,
                std::chrono::milliseconds wait, const Cancellation& cancellation) {
  std::uint64_t size = 0;
  const bool is_copied = read_pages(source, [&](ByteView bytes) {
    cancellation.check();
    fs::write_at(image.file(), bytes, size);
    size += bytes.size();
  });
  if (!is_copied) {
    Connection target(image.path(), OpenMode::read_write, Symlinks::follow);
    target.execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF");
    backup(source, target, wait, cancellation);
  }
  const auto cookie = static_cast<std::uint32_t>(source.query_integer("PRAGMA schema_version"));
  write_field(image, k_schema_cookie_at, big_endian(cookie));
  // Our view is older than this look. If it needed a frame of the log, the log could not have been
  // emptied since: so without frames the file alone is the view, and stays so while it lasts.
  if (has_frames(log_of(file))) {
    return;
  }
  const Bytes header = source.file_header();
  if (!Header::parse(header)) {
    return;
  }
  for (const std::size_t offset :
       {k_change_counter_at, k_version_valid_for_at, k_library_version_at}) {
    write_field(image, offset, ByteView(header).subspan(offset, 4));
  }
}

std::int64_t last_written(const std::filesystem::path& file, std::int64_t otherwise) {
  const auto status = fs::status(file);
  const std::int64_t latest = status ? status->mtime_ns : otherwise;
  const auto log = fs::status(log_of(file));
  return log && log->size > k_wal_header_size ? std::max(latest, log->mtime_ns) : latest;
}

} // namespace savepoint::drivers::sqlite
