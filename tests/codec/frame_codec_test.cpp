#include "codec/frame_codec.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

#include <cstdint>
#include <limits>
#include <string>

using savepoint::as_bytes;
using savepoint::Bytes;
using savepoint::ByteView;
using savepoint::CorruptionError;
using savepoint::to_bytes;
using savepoint::codec::FrameCompressor;
using savepoint::codec::FrameDecompressor;

namespace {

Bytes noise(std::size_t size) {
  Bytes bytes(size);
  std::uint64_t state = 0x9e3779b97f4a7c15U;
  for (std::byte& byte : bytes) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<std::byte>(state >> 56U);
  }
  return bytes;
}

Bytes compressed(ByteView raw, int level = 3) {
  FrameCompressor compressor(level);
  const ByteView frame = compressor.compress(raw);
  return {frame.begin(), frame.end()};
}

} // namespace

TEST_CASE("what was compressed comes back byte for byte, at any size") {
  FrameCompressor compressor(1);
  FrameDecompressor decompressor;

  for (const std::size_t size :
       {0U, 1U, 2U, 100U, 4096U, 65'536U, 131'072U, 131'073U, 1'048'576U, 3U, 5'000'000U, 7U}) {
    CAPTURE(size);
    const Bytes raw = noise(size);
    CHECK(decompressor.decompress(compressor.compress(raw), size) == raw);
    const Bytes zeros(size);
    CHECK(decompressor.decompress(compressor.compress(zeros), size) == zeros);
  }
}

TEST_CASE("compressing makes text smaller, at every level") {
  std::string text;
  for (int line = 0; line < 5000; ++line) {
    text += "INSERT INTO orders VALUES (" + std::to_string(line * 7919) + ", 'pending');\n";
  }

  for (const int level : {1, 3, 9, 19}) {
    CAPTURE(level);
    const Bytes frame = compressed(as_bytes(text), level);
    CHECK(frame.size() < text.size() / 3);
    CHECK(FrameDecompressor().decompress(frame, text.size()) == to_bytes(text));
  }
}

TEST_CASE("a frame of zeros a gigabyte long would be refused unless it really is one") {
  const Bytes frame = compressed(Bytes(1000));
  FrameDecompressor decompressor;

  CHECK_THROWS_AS(decompressor.decompress(frame, std::size_t{1} << 30U), CorruptionError);
  CHECK_THROWS_AS(decompressor.decompress(frame, std::numeric_limits<std::size_t>::max()),
                  CorruptionError);
}

TEST_CASE("a frame of another size than promised is refused") {
  const Bytes frame = compressed(noise(1000));
  FrameDecompressor decompressor;

  CHECK_THROWS_AS(decompressor.decompress(frame, 999), CorruptionError);
  CHECK_THROWS_AS(decompressor.decompress(frame, 1001), CorruptionError);
  CHECK_THROWS_AS(decompressor.decompress(frame, 0), CorruptionError);
  CHECK(decompressor.decompress(frame, 1000) == noise(1000));
}

TEST_CASE("a frame cut short anywhere is refused") {
  const Bytes raw = to_bytes("the quick brown fox jumps over the lazy dog, the lazy dog, the fox");
  const Bytes frame = compressed(raw);
  FrameDecompressor decompressor;

  for (std::size_t length = 0; length < frame.size(); ++length) {
    CAPTURE(length);
    CHECK_THROWS_AS(decompressor.decompress(ByteView(frame).first(length), raw.size()),
                    CorruptionError);
  }
}

TEST_CASE("bytes after a frame are refused") {
  Bytes frame = compressed(noise(100));
  frame.push_back(std::byte{0});

  CHECK_THROWS_AS(FrameDecompressor().decompress(frame, 100), CorruptionError);
}

TEST_CASE("a frame that does not say its size is refused") {
  // Magic, a descriptor without content size, a window of 1 KiB, one last raw block holding "a".
  const Bytes frame = to_bytes(std::string("\x28\xb5\x2f\xfd\x00\x00\x09\x00\x00\x61", 10));

  CHECK_THROWS_AS(FrameDecompressor().decompress(frame, 1), CorruptionError);
}

TEST_CASE("a damaged frame never gives more than it should, wherever the damage") {
  const Bytes raw = to_bytes(std::string(300, 'a') + std::string(300, 'b') + "tail of the frame");
  const Bytes frame = compressed(raw);
  FrameDecompressor decompressor;

  for (std::size_t at = 0; at < frame.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      CAPTURE(at, bit);
      Bytes damaged = frame;
      damaged[at] ^= static_cast<std::byte>(1U << bit);
      try {
        const Bytes result = decompressor.decompress(damaged, raw.size());
        CHECK(result.size() == raw.size());
      } catch (const CorruptionError&) {
        SUCCEED("refused");
      }
    }
  }
  CHECK(decompressor.decompress(frame, raw.size()) == raw);
}

TEST_CASE("what is much like its prefix takes next to no room, and comes back with it alone") {
  FrameCompressor compressor(1);
  FrameDecompressor decompressor;
  const Bytes prefix = noise(1'048'576);
  Bytes raw = prefix;
  for (std::size_t at = 0; at < raw.size(); at += 40'000) {
    raw[at] ^= std::byte{1};
  }

  const ByteView view = compressor.compress_against(prefix, raw);
  const Bytes frame(view.begin(), view.end());

  CHECK(frame.size() < 2'000);
  CHECK((decompressor.decompress_against(prefix, frame, raw.size()) == raw));
  CHECK_THROWS_AS(decompressor.decompress(frame, raw.size()), CorruptionError);
  CHECK((decompressor.decompress(compressor.compress(raw), raw.size()) == raw)); // as ever
}
