#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace savepoint {

/// Appends the primitives of our binary formats to a byte string. All numbers are little-endian;
/// `varint` is LEB128 (seven bits a byte, low bits first), as in docs/formats/primitives.md.
class BinaryWriter {
public:
  void u8(std::uint8_t value);
  void u16(std::uint16_t value);
  void u32(std::uint32_t value);
  void u64(std::uint64_t value);
  void i64(std::int64_t value);
  void varint(std::uint64_t value);
  /// The bytes alone, without a length.
  void raw(ByteView bytes);
  /// A varint with the length, then the bytes.
  void string(std::string_view text);

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] ByteView view() const { return bytes_; }
  [[nodiscard]] Bytes take() { return std::exchange(bytes_, {}); }

private:
  Bytes bytes_;
};

/// Reads what `BinaryWriter` wrote. Trusts nothing: every read is checked against the end.
///
/// Throws CorruptionError ("<what> is damaged: …") when the bytes do not hold what is asked.
class BinaryReader {
public:
  /// `what` names the thing being read in messages; it and `bytes` must outlive the reader.
  BinaryReader(ByteView bytes, std::string_view what) : bytes_(bytes), what_(what) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  std::int64_t i64();
  std::uint64_t varint();
  ByteView raw(std::size_t length);
  std::string_view string();
  /// A varint that counts items of at least `bytes_per_item` bytes each: more than could be left is
  /// damage, so that nobody reserves memory for a number read from disk.
  std::size_t count(std::size_t bytes_per_item);

  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }
  [[nodiscard]] std::size_t position() const { return at_; }
  /// Requires that everything has been read.
  void expect_end() const;
  [[noreturn]] void damaged(std::string_view why) const;

private:
  ByteView bytes_;
  std::string_view what_;
  std::size_t at_ = 0;
};

} // namespace savepoint
