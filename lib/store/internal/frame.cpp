#include "store/internal/frame.hpp"

#include "base/error.hpp"
#include "hash/checksum.hpp"

#include <cstddef>
#include <unordered_set>

namespace savepoint::store {

namespace {

// Less than this is not worth the time it takes to decompress.
constexpr std::size_t k_least_gain_divisor = 32;
// A frame that hangs on others has to be worth it. What is this small surely is.
constexpr std::size_t k_surely_worth_divisor = 8;

EncodedFrame begin_encoding(const RawFrame& frame) {
  EncodedFrame encoded;
  encoded.kind = frame.kind;
  encoded.raw_length = static_cast<std::uint32_t>(frame.bytes.size());
  encoded.chunks = frame.chunks;
  return encoded;
}

void set_stored(EncodedFrame& encoded, FrameCodec codec, ByteView stored) {
  encoded.codec = codec;
  encoded.stored.assign(stored.begin(), stored.end());
  encoded.checksum = hash::checksum64(encoded.stored);
}

EncodedFrame encode_alone(codec::FrameCompressor& compressor, const RawFrame& frame) {
  EncodedFrame encoded = begin_encoding(frame);
  const ByteView compressed = compressor.compress(frame.bytes);
  const bool gains =
      compressed.size() < frame.bytes.size() - frame.bytes.size() / k_least_gain_divisor;
  set_stored(encoded, gains ? FrameCodec::zstd : FrameCodec::raw,
             gains ? compressed : ByteView(frame.bytes));
  return encoded;
}

std::optional<Bytes> bases_of(const RawFrame& frame, const ReadBase& read_base) {
  try {
    return frame.bases.empty() ? std::nullopt : std::optional(join_bases(frame.bases, read_base));
  } catch (const CorruptionError&) { // then the frame stands for itself
    return std::nullopt;
  }
}

} // namespace

void RawFrame::add(const hash::Digest& id, ByteView chunk, const std::optional<Base>& base) {
  bytes.insert(bytes.end(), chunk.begin(), chunk.end());
  chunks.push_back({id, static_cast<std::uint32_t>(chunk.size())});
  if (base) {
    bases.push_back(base->id);
    base_bytes += base->length;
  }
}

void RawFrame::remove_last() {
  bytes.erase(bytes.end() - static_cast<std::ptrdiff_t>(chunks.back().length), bytes.end());
  chunks.pop_back();
  if (!bases.empty()) {
    bases.pop_back();
  }
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

EncodedFrame encode_frame(codec::FrameCompressor& compressor, const RawFrame& frame,
                          const ReadBase& read_base) {
  const std::optional<Bytes> prefix = bases_of(frame, read_base);
  if (!prefix) {
    return encode_alone(compressor, frame);
  }
  EncodedFrame delta = begin_encoding(frame);
  delta.bases = frame.bases;
  set_stored(delta, FrameCodec::delta, compressor.compress_against(*prefix, frame.bytes));
  if (delta.stored.size() <= frame.bytes.size() / k_surely_worth_divisor) {
    return delta;
  }
  EncodedFrame alone = encode_alone(compressor, frame);
  return delta.stored.size() < alone.stored.size() / 2 ? std::move(delta) : std::move(alone);
}

Bytes join_bases(const std::vector<hash::Digest>& bases, const ReadBase& read_base) {
  Bytes joined;
  std::unordered_set<hash::Digest, hash::DigestHash> seen;
  for (const hash::Digest& base : bases) {
    if (!seen.insert(base).second) {
      continue;
    }
    const Bytes bytes = read_base(base);
    if (bytes.size() > k_largest_frame - joined.size()) {
      throw CorruptionError("a frame has more bases than fill one");
    }
    joined.insert(joined.end(), bytes.begin(), bytes.end());
  }
  return joined;
}

Bytes decode_frame(FrameCodec codec, ByteView prefix, ByteView stored, std::uint64_t checksum,
                   std::uint32_t raw_length) {
  if (hash::checksum64(stored) != checksum) {
    throw CorruptionError("a frame does not match its checksum");
  }
  thread_local codec::FrameDecompressor decompressor;
  switch (codec) {
  case FrameCodec::raw:
    if (stored.size() != raw_length) {
      throw CorruptionError("a frame is not as long as it should be");
    }
    return {stored.begin(), stored.end()};
  case FrameCodec::zstd:
    return decompressor.decompress(stored, raw_length);
  case FrameCodec::delta:
    return decompressor.decompress_against(prefix, stored, raw_length);
  }
  throw CorruptionError("a frame is of no known kind");
}

} // namespace savepoint::store
