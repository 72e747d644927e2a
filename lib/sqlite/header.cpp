#include "sqlite/header.hpp"

#include <algorithm>
#include <bit>

namespace savepoint::sqlite {

namespace {

constexpr std::size_t k_page_size_at = 16;
constexpr std::size_t k_write_version_at = 18;
constexpr std::size_t k_read_version_at = 19;
constexpr std::size_t k_reserved_at = 20;
constexpr std::size_t k_pages_at = 28;
constexpr std::size_t k_encoding_at = 56;
constexpr std::size_t k_user_version_at = 60;
constexpr std::size_t k_application_id_at = 68;

std::uint32_t number(ByteView bytes, std::size_t offset, std::size_t size) {
  std::uint32_t value = 0;
  for (const std::byte byte : bytes.subspan(offset, size)) {
    value = value << 8U | std::to_integer<std::uint32_t>(byte);
  }
  return value;
}

} // namespace

std::optional<Header> Header::parse(ByteView bytes) {
  if (bytes.size() < k_header_size || !as_text(bytes).starts_with(k_database_magic)) {
    return std::nullopt;
  }
  Header header;
  const std::uint32_t page_size = number(bytes, k_page_size_at, 2);
  header.page_size = page_size == 1 ? 65536 : page_size;
  if (header.page_size < 512 || !std::has_single_bit(header.page_size)) {
    return std::nullopt;
  }
  header.pages = number(bytes, k_pages_at, 4);
  header.reserved = std::to_integer<std::uint8_t>(bytes[k_reserved_at]);
  header.is_writable = bytes[k_write_version_at] <= std::byte{2};
  const bool is_wal = bytes[k_read_version_at] == std::byte{2};
  header.journal = is_wal ? Journal::wal : Journal::rollback;
  header.writer = {number(bytes, k_change_counter_at, 4), number(bytes, k_schema_cookie_at, 4),
                   number(bytes, k_version_valid_for_at, 4),
                   number(bytes, k_library_version_at, 4)};
  header.encoding = number(bytes, k_encoding_at, 4);
  header.user_version = static_cast<std::int32_t>(number(bytes, k_user_version_at, 4));
  header.application_id = static_cast<std::int32_t>(number(bytes, k_application_id_at, 4));
  return header;
}

std::string_view Header::encoding_name() const {
  return encoding == 2 ? "UTF-16le" : encoding == 3 ? "UTF-16be" : "UTF-8";
}

std::string_view Header::journal_name() const {
  return journal == Journal::wal ? "wal" : "delete";
}

void set_writer_fields(std::span<std::byte> bytes, const WriterFields& fields) {
  const auto set = [&](std::size_t at, std::uint32_t value) {
    std::ranges::copy(big_endian(value), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  };
  set(k_change_counter_at, fields.change_counter);
  set(k_schema_cookie_at, fields.schema_cookie);
  set(k_version_valid_for_at, fields.version_valid_for);
  set(k_library_version_at, fields.library_version);
}

Bytes big_endian(std::uint32_t value) {
  Bytes bytes;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    bytes.push_back(static_cast<std::byte>(value >> shift & 0xffU));
  }
  return bytes;
}

} // namespace savepoint::sqlite
