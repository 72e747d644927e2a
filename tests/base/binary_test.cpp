#include "base/binary.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

using namespace savepoint;

namespace {

constexpr std::uint64_t k_largest = std::numeric_limits<std::uint64_t>::max();

/// One of everything.
struct Sample {
  std::uint8_t u8 = 0xAB;
  std::uint16_t u16 = 0x1234;
  std::uint32_t u32 = 0xDEADBEEF;
  std::uint64_t u64 = 0x0123456789ABCDEF;
  std::int64_t i64 = -2;
  std::uint64_t varint = 300;
  std::string string{"na\0me", 5};
  std::string raw = "raw";
  std::uint64_t last = k_largest;
  friend bool operator==(const Sample&, const Sample&) = default;
};

Bytes written(const Sample& sample) {
  BinaryWriter writer;
  writer.u8(sample.u8);
  writer.u16(sample.u16);
  writer.u32(sample.u32);
  writer.u64(sample.u64);
  writer.i64(sample.i64);
  writer.varint(sample.varint);
  writer.string(sample.string);
  writer.raw(as_bytes(sample.raw));
  writer.varint(sample.last);
  return writer.take();
}

Sample read(ByteView bytes) {
  BinaryReader reader(bytes, "a sample");
  Sample sample;
  sample.u8 = reader.u8();
  sample.u16 = reader.u16();
  sample.u32 = reader.u32();
  sample.u64 = reader.u64();
  sample.i64 = reader.i64();
  sample.varint = reader.varint();
  sample.string = reader.string();
  sample.raw = as_text(reader.raw(3));
  sample.last = reader.varint();
  reader.expect_end();
  return sample;
}

std::uint64_t varint_of(std::string_view bytes) {
  BinaryReader reader(as_bytes(bytes), "a number");
  const std::uint64_t value = reader.varint();
  reader.expect_end();
  return value;
}

Bytes varint(std::uint64_t value) {
  BinaryWriter writer;
  writer.varint(value);
  return writer.take();
}

} // namespace

TEST_CASE("what was written is read back, and nothing is left") {
  CHECK(read(written(Sample())) == Sample());
}

TEST_CASE("numbers lie on disk with their low bytes first") {
  BinaryWriter writer;
  writer.u16(0x0102);
  writer.u32(0x03040506);
  writer.i64(-2);
  writer.string("ab");

  CHECK(writer.size() == 17);
  CHECK(writer.take() == to_bytes(std::string_view("\x02\x01\x06\x05\x04\x03"
                                                   "\xfe\xff\xff\xff\xff\xff\xff\xff"
                                                   "\x02"
                                                   "ab",
                                                   17)));
}

TEST_CASE("bytes cut short anywhere are damage, and named") {
  const Bytes whole = written(Sample());

  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK_THROWS_AS(read(ByteView(whole).first(length)), CorruptionError);
  }
  CHECK_THROWS_WITH(read({}), "a sample is damaged: it ends too early");
}

TEST_CASE("bytes that follow the end are damage") {
  Bytes longer = written(Sample());
  longer.push_back(std::byte{0});

  CHECK_THROWS_AS(read(longer), CorruptionError);
}

TEST_CASE("every number survives as a varint, in as few bytes as it needs") {
  CHECK(varint(0).size() == 1);
  CHECK(varint(127).size() == 1);
  CHECK(varint(128).size() == 2);
  CHECK(varint(k_largest).size() == 10);
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    for (const std::uint64_t value : {power - 1, power, power + 1}) {
      CAPTURE(value);
      CHECK(varint_of(as_text(varint(value))) == value);
    }
  }
}

TEST_CASE("a varint that is too large, too long or padded is damage") {
  const std::string nine(9, '\xff');

  CHECK(varint_of(nine + '\x01') == k_largest);
  CHECK_THROWS_AS(varint_of(nine + '\x02'), CorruptionError);
  CHECK_THROWS_AS(varint_of(nine + '\xff' + '\x01'), CorruptionError);
  CHECK_THROWS_AS(varint_of(std::string_view("\x80\x00", 2)), CorruptionError);
  CHECK_THROWS_AS(varint_of(std::string_view("\xff\x80\x00", 3)), CorruptionError);
}

TEST_CASE("lengths and counts beyond the end are damage before anything is reserved") {
  for (const std::uint64_t length : {std::uint64_t{4}, std::uint64_t{1} << 40U, k_largest}) {
    CAPTURE(length);
    BinaryWriter writer;
    writer.varint(length);
    writer.raw(as_bytes("abc"));
    const Bytes bytes = writer.take();
    CHECK_THROWS_AS(BinaryReader(bytes, "x").string(), CorruptionError);
    CHECK_THROWS_AS(BinaryReader(bytes, "x").count(1), CorruptionError);
  }
}

TEST_CASE("a count is believed as long as that many items could follow") {
  BinaryWriter writer;
  writer.varint(3);
  writer.raw(as_bytes("123456789"));
  const Bytes bytes = writer.take();

  CHECK(BinaryReader(bytes, "x").count(3) == 3);
  CHECK_THROWS_AS(BinaryReader(bytes, "x").count(4), CorruptionError);
}

TEST_CASE("a reader knows where it is") {
  const Bytes bytes = to_bytes("abcdef");
  BinaryReader reader(bytes, "x");
  (void)reader.u16();

  CHECK(reader.position() == 2);
  CHECK(reader.left() == 4);
  CHECK_THROWS_WITH(reader.damaged("of no use"), "x is damaged: of no use");
}
