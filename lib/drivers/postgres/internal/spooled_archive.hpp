#pragma once

#include "base/bytes.hpp"
#include "drivers/postgres/internal/archive.hpp"
#include "fs/descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <map>

namespace savepoint::drivers::postgres {

/// An archive in a file (0600) that is gone with this object: pg_restore works on several
/// connections only where it can go to and fro, and is told where the data of each table begin.
class SpooledArchive {
public:
  /// `head` is what the archive begins with. Throws IoError, or BusyError if there is no room.
  SpooledArchive(const std::filesystem::path& scratch, Bytes head);
  ~SpooledArchive();
  SpooledArchive(const SpooledArchive&) = delete;
  SpooledArchive& operator=(const SpooledArchive&) = delete;

  /// Throws as the constructor.
  void write(ByteView bytes);
  /// The data of an entry begin, so many bytes after the head.
  void begin_of_data(const ArchiveEntry& entry, std::uint64_t after_head);
  /// The file, once everything was written. Throws as the constructor.
  [[nodiscard]] const std::filesystem::path& complete();

private:
  std::filesystem::path path_;
  fs::Descriptor file_;
  Bytes head_;
  std::map<std::int64_t, std::uint64_t> data_at_;
};

} // namespace savepoint::drivers::postgres
