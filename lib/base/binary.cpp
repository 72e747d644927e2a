#include "base/binary.hpp"

#include "base/error.hpp"

namespace savepoint {
namespace {

template <typename Unsigned> void append(Bytes& out, Unsigned value) {
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    out.push_back(static_cast<std::byte>(value >> (8U * i)));
  }
}

template <typename Unsigned> Unsigned load(ByteView bytes) {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    value = static_cast<Unsigned>(
        value | static_cast<Unsigned>(static_cast<Unsigned>(bytes[i]) << (8U * i)));
  }
  return value;
}

} // namespace

void BinaryWriter::u8(std::uint8_t value) {
  bytes_.push_back(static_cast<std::byte>(value));
}
void BinaryWriter::u16(std::uint16_t value) {
  append(bytes_, value);
}
void BinaryWriter::u32(std::uint32_t value) {
  append(bytes_, value);
}
void BinaryWriter::u64(std::uint64_t value) {
  append(bytes_, value);
}
void BinaryWriter::i64(std::int64_t value) {
  append(bytes_, static_cast<std::uint64_t>(value));
}

void BinaryWriter::varint(std::uint64_t value) {
  while (value >= 0x80) {
    bytes_.push_back(static_cast<std::byte>(value | 0x80U));
    value >>= 7U;
  }
  bytes_.push_back(static_cast<std::byte>(value));
}

void BinaryWriter::raw(ByteView bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void BinaryWriter::string(std::string_view text) {
  varint(text.size());
  raw(as_bytes(text));
}

std::uint8_t BinaryReader::u8() {
  return static_cast<std::uint8_t>(raw(1)[0]);
}
std::uint16_t BinaryReader::u16() {
  return load<std::uint16_t>(raw(2));
}
std::uint32_t BinaryReader::u32() {
  return load<std::uint32_t>(raw(4));
}
std::uint64_t BinaryReader::u64() {
  return load<std::uint64_t>(raw(8));
}
std::int64_t BinaryReader::i64() {
  return static_cast<std::int64_t>(u64());
}

std::uint64_t BinaryReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint64_t byte = u8();
    const std::uint64_t bits = byte & 0x7FU;
    if (shift == 63 && bits > 1) {
      damaged("a number is too large");
    }
    value |= bits << shift;
    if ((byte & 0x80U) == 0) {
      if (bits == 0 && shift > 0) {
        damaged("a number is not in its shortest form");
      }
      return value;
    }
  }
  damaged("a number is too long");
}

ByteView BinaryReader::raw(std::size_t length) {
  if (length > left()) {
    damaged("it ends too early");
  }
  const ByteView result = bytes_.subspan(at_, length);
  at_ += length;
  return result;
}

std::string_view BinaryReader::string() {
  const std::uint64_t length = varint();
  if (length > left()) {
    damaged("it ends too early");
  }
  return as_text(raw(static_cast<std::size_t>(length)));
}

std::size_t BinaryReader::count(std::size_t bytes_per_item) {
  const std::uint64_t number = varint();
  if (number > left() / bytes_per_item) {
    damaged("it counts more than it holds");
  }
  return static_cast<std::size_t>(number);
}

void BinaryReader::expect_end() const {
  if (left() != 0) {
    damaged("something follows its end");
  }
}

void BinaryReader::damaged(std::string_view why) const {
  throw CorruptionError(std::string(what_) + " is damaged: " + std::string(why));
}

} // namespace savepoint
