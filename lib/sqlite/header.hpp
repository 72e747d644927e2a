#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace savepoint::sqlite {

/// What every SQLite database begins with.
inline constexpr std::string_view k_database_magic{"SQLite format 3\0", 16};

/// The size of the header at the beginning of the first page.
inline constexpr std::size_t k_header_size = 100;

// Where in the header the fields are that every writer, and the backup API too, gives values of its
// own. All are four bytes, big-endian.
inline constexpr std::size_t k_change_counter_at = 24;
inline constexpr std::size_t k_schema_cookie_at = 40;
inline constexpr std::size_t k_version_valid_for_at = 92;
inline constexpr std::size_t k_library_version_at = 96;

// The bytes of a database that its connections lock: whoever reads it has a lock on some of them
// (https://sqlite.org/src/file/src/os.h, PENDING_BYTE).
inline constexpr std::uint64_t k_lock_bytes_at = std::uint64_t{1} << 30U;
inline constexpr std::uint64_t k_lock_bytes = 512;

/// The fields that count writers' doings and not contents. Images are stored with zeros in their
/// place, so that a database put back through SQLite, which counts on, is the same image again; a
/// database put back as a file gets them again.
struct WriterFields {
  std::uint32_t change_counter = 0;
  std::uint32_t schema_cookie = 0;
  std::uint32_t version_valid_for = 0;
  std::uint32_t library_version = 0;
};

/// Writes `fields` into `bytes`, the beginning of a database.
void set_writer_fields(std::span<std::byte> bytes, const WriterFields& fields);

/// What we use of the header (https://sqlite.org/fileformat2.html#the_database_header).
struct Header {
  enum class Journal { rollback, wal };

  std::uint32_t page_size = 0;
  std::uint32_t pages = 0;   ///< True only if the two counters of `writer` are equal.
  std::uint8_t reserved = 0; ///< Bytes at the end of each page that extensions use.
  bool is_writable = false;  ///< False if only later versions of SQLite may write to it.
  Journal journal = Journal::rollback;
  std::uint32_t encoding = 0;
  std::int32_t user_version = 0;
  std::int32_t application_id = 0;
  WriterFields writer;

  /// Nothing if `bytes` are not the beginning of a database.
  [[nodiscard]] static std::optional<Header> parse(ByteView bytes);

  [[nodiscard]] std::string_view encoding_name() const;
  /// As `PRAGMA journal_mode` names the mode that lasts: "wal" or "delete".
  [[nodiscard]] std::string_view journal_name() const;
};

/// Four bytes of `value` as the header has them.
[[nodiscard]] Bytes big_endian(std::uint32_t value);

} // namespace savepoint::sqlite
