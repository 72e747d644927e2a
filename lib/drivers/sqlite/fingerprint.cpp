#include "drivers/sqlite/internal/fingerprint.hpp"

#include "base/binary.hpp"
#include "drivers/sqlite/internal/place.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "hash/sha256.hpp"
#include "sqlite/connection.hpp"

#include <fcntl.h>

namespace savepoint::drivers::sqlite {

using savepoint::sqlite::Connection;
using savepoint::sqlite::OpenMode;
using savepoint::sqlite::Symlinks;

namespace {

// Several ticks of the clock that file systems take their times from.
constexpr std::chrono::milliseconds k_too_young{50};
// Where times have no fraction, the file system may keep them to two seconds only.
constexpr std::chrono::seconds k_too_young_in_whole_seconds{3};
constexpr std::int64_t k_second_in_ns = 1'000'000'000;

constexpr std::size_t k_wal_header_size = 32;

bool is_settled(std::int64_t time_ns, Timestamp now) {
  const std::chrono::nanoseconds age = now.time_since_epoch() - std::chrono::nanoseconds(time_ns);
  return time_ns % k_second_in_ns == 0 ? age >= k_too_young_in_whole_seconds : age >= k_too_young;
}

bool is_settled(const fs::FileStatus& status, Timestamp now) {
  return is_settled(status.mtime_ns, now) && is_settled(status.ctime_ns, now);
}

void add(BinaryWriter& out, const std::optional<fs::FileStatus>& status) {
  out.u8(status ? 1 : 0);
  if (status) {
    out.u64(status->inode);
    out.u64(status->size);
    out.i64(status->mtime_ns);
    out.i64(status->ctime_ns);
  }
}

/// The header of a write-ahead log; nothing if it cannot be read now. Nobody holds locks on it.
std::optional<Bytes> wal_header(const std::filesystem::path& wal) {
  const auto file = fs::try_open_file_at(AT_FDCWD, wal.c_str());
  if (!file) {
    return std::nullopt;
  }
  Bytes bytes(k_wal_header_size);
  bytes.resize(fs::read_some(*file.value, bytes, wal));
  return bytes;
}

std::optional<Bytes> database_header(const std::filesystem::path& file) {
  try {
    return Connection(file, OpenMode::read_only, Symlinks::refuse).file_header();
  } catch (const DatabaseError&) {
    return std::nullopt; // the capture will say what is wrong
  }
}

} // namespace

std::optional<std::string> fingerprint(const database::Target& target, Timestamp now) {
  std::error_code failure;
  const std::filesystem::path file = resolved(target, failure);
  if (failure) {
    return std::nullopt;
  }
  const std::filesystem::path wal = file.native() + "-wal";
  const auto file_status = fs::status(file);
  const auto wal_status = fs::status(wal);
  const auto journal_status = fs::status(file.native() + "-journal");
  for (const auto& status : {file_status, wal_status, journal_status}) {
    if (status && (status->kind != fs::FileKind::regular || !is_settled(*status, now))) {
      return std::nullopt;
    }
  }
  const std::optional<Bytes> header = file_status ? database_header(file) : std::nullopt;
  const std::optional<Bytes> log = wal_status ? wal_header(wal) : Bytes();
  if (!header || !log) {
    return std::nullopt;
  }
  BinaryWriter out;
  add(out, file_status);
  out.string(as_text(*header));
  add(out, wal_status);
  out.string(as_text(*log));
  add(out, journal_status);
  return "sqlite-1:" + hash::sha256(out.view()).hex();
}

} // namespace savepoint::drivers::sqlite
