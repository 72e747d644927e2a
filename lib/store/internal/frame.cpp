#include "store/internal/frame.hpp"

#include "base/error.hpp"
#include "hash/checksum.hpp"

#include <cstddef>

namespace savepoint::store {

namespace {

// Less than this is not worth the time it takes to decompress.
constexpr std::size_t k_least_gain_divisor = 32;

} // namespace

void RawFrame::add(const hash::Digest& id, ByteView chunk) {
  bytes.insert(bytes.end(), chunk.begin(), chunk.end());
  chunks.push_back({id, static_cast<std::uint32_t>(chunk.size())});
}

void RawFrame::remove_last() {
  bytes.erase(bytes.end() - static_cast<std::ptrdiff_t>(chunks.back().length), bytes.end());
  chunks.pop_back();
}

std::optional<ByteView> RawFrame::find(const hash::Digest& id) const {
  return find_chunk(bytes, chunks, id);
}

std::optional<ByteView> find_chunk(ByteView raw, const std::vector<FrameChunk>& chunks,
                                   const hash::Digest& id) {
  std::size_t offset = 0;
  for (const FrameChunk& chunk : chunks) {
    if (chunk.id == id) {
      return raw.subspan(offset, chunk.length);
    }
    offset += chunk.length;
  }
  return std::nullopt;
}

EncodedFrame encode_frame(codec::FrameCompressor& compressor, const RawFrame& frame) {
  EncodedFrame encoded;
  encoded.kind = frame.kind;
  encoded.raw_length = static_cast<std::uint32_t>(frame.bytes.size());
  encoded.chunks = frame.chunks;
  const ByteView compressed = compressor.compress(frame.bytes);
  if (compressed.size() < frame.bytes.size() - frame.bytes.size() / k_least_gain_divisor) {
    encoded.codec = FrameCodec::zstd;
    encoded.stored.assign(compressed.begin(), compressed.end());
  } else {
    encoded.codec = FrameCodec::raw;
    encoded.stored = frame.bytes;
  }
  encoded.checksum = hash::checksum64(encoded.stored);
  return encoded;
}

Bytes decode_frame(FrameCodec codec, ByteView stored, std::uint64_t checksum,
                   std::uint32_t raw_length) {
  if (hash::checksum64(stored) != checksum) {
    throw CorruptionError("a frame does not match its checksum");
  }
  switch (codec) {
  case FrameCodec::raw:
    if (stored.size() != raw_length) {
      throw CorruptionError("a frame is not as long as it should be");
    }
    return {stored.begin(), stored.end()};
  case FrameCodec::zstd: {
    thread_local codec::FrameDecompressor decompressor;
    return decompressor.decompress(stored, raw_length);
  }
  }
  throw CorruptionError("a frame is of no known kind");
}

} // namespace savepoint::store
