#include "store/internal/pack_format.hpp"

#include "base/binary.hpp"
#include "base/error.hpp"

#include <string>

namespace savepoint::store {

namespace {

// What a frame and a chunk take in a footer at the least, to bound their counts.
constexpr std::size_t k_least_frame = 13;
constexpr std::size_t k_least_chunk = 33;

FrameCodec decode_codec(BinaryReader& reader) {
  const std::uint8_t number = reader.u8();
  if (number > static_cast<std::uint8_t>(FrameCodec::delta)) {
    reader.damaged("a frame is compressed in an unknown way");
  }
  return static_cast<FrameCodec>(number);
}

ChunkKind decode_kind(BinaryReader& reader) {
  const std::uint8_t number = reader.u8();
  if (number != static_cast<std::uint8_t>(ChunkKind::data) &&
      number != static_cast<std::uint8_t>(ChunkKind::meta)) {
    reader.damaged("a frame is of an unknown kind");
  }
  return static_cast<ChunkKind>(number);
}

std::uint32_t decode_length(BinaryReader& reader) {
  const std::uint64_t length = reader.varint();
  if (length > k_largest_frame) {
    reader.damaged("a frame or chunk is too large");
  }
  return static_cast<std::uint32_t>(length);
}

PackFrame decode_frame_entry(BinaryReader& reader, std::uint64_t offset) {
  PackFrame frame;
  frame.offset = offset;
  frame.codec = decode_codec(reader);
  frame.kind = decode_kind(reader);
  frame.stored_length = decode_length(reader);
  frame.raw_length = decode_length(reader);
  frame.checksum = reader.u64();
  if (frame.codec == FrameCodec::delta && frame.kind != ChunkKind::data) {
    reader.damaged("a frame of this kind has no bases");
  }
  if (frame.codec == FrameCodec::raw && frame.stored_length != frame.raw_length) {
    reader.damaged("the lengths of a frame contradict each other");
  }
  return frame;
}

} // namespace

const hash::Digest* PackFooter::base_of(std::size_t chunk) const {
  const PackFrame& frame = frames[chunks[chunk].frame];
  return frame.codec == FrameCodec::delta ? &bases[frame.first_base + (chunk - frame.first_chunk)]
                                          : nullptr;
}

std::span<const PackChunk> PackFooter::chunks_of(std::size_t frame) const {
  const std::size_t begin = frames[frame].first_chunk;
  const std::size_t end = frame + 1 < frames.size() ? frames[frame + 1].first_chunk : chunks.size();
  return std::span(chunks).subspan(begin, end - begin);
}

std::vector<hash::Digest> PackFooter::bases_of(std::size_t frame) const {
  std::vector<hash::Digest> found;
  if (frames[frame].codec == FrameCodec::delta) {
    const auto begin = bases.begin() + frames[frame].first_base;
    found.assign(begin, begin + static_cast<std::ptrdiff_t>(chunks_of(frame).size()));
  }
  return found;
}

Bytes encode_pack_header() {
  BinaryWriter writer;
  writer.raw(as_bytes(k_pack_magic));
  writer.u32(k_pack_version);
  return writer.take();
}

void check_pack_header(ByteView bytes, std::string_view what) {
  BinaryReader reader(bytes, what);
  if (as_text(reader.raw(k_pack_magic.size())) != k_pack_magic) {
    reader.damaged("it does not begin like a pack");
  }
  if (reader.u32() != k_pack_version) {
    reader.damaged("it is of an unknown version");
  }
}

Bytes encode_footer(const PackFooter& footer) {
  BinaryWriter writer;
  writer.varint(footer.frames.size());
  std::size_t next = 0;
  for (std::size_t index = 0; index < footer.frames.size(); ++index) {
    const PackFrame& frame = footer.frames[index];
    std::size_t end = next;
    while (end < footer.chunks.size() && footer.chunks[end].frame == index) {
      ++end;
    }
    writer.u8(static_cast<std::uint8_t>(frame.codec));
    writer.u8(static_cast<std::uint8_t>(frame.kind));
    writer.varint(frame.stored_length);
    writer.varint(frame.raw_length);
    writer.u64(frame.checksum);
    writer.varint(end - next);
    for (; next < end; ++next) {
      writer.raw(footer.chunks[next].id.view());
      writer.varint(footer.chunks[next].length);
      if (const hash::Digest* const base = footer.base_of(next)) {
        writer.raw(base->view());
      }
    }
  }
  return writer.take();
}

PackFooter decode_footer(ByteView bytes, std::uint64_t pack_size, std::string_view what) {
  BinaryReader reader(bytes, what);
  PackFooter footer;
  const std::size_t frame_count = reader.count(k_least_frame);
  footer.frames.reserve(frame_count);
  footer.chunks.reserve(reader.left() / k_least_chunk); // growing would touch twice the memory
  std::uint64_t offset = k_pack_header_size;
  for (std::size_t index = 0; index < frame_count; ++index) {
    PackFrame frame = decode_frame_entry(reader, offset);
    frame.first_chunk = static_cast<std::uint32_t>(footer.chunks.size());
    frame.first_base = static_cast<std::uint32_t>(footer.bases.size());
    std::uint32_t filled = 0;
    for (std::size_t left = reader.count(k_least_chunk); left > 0; --left) {
      const hash::Digest id = hash::Digest::from_bytes(reader.raw(sizeof(hash::Digest)));
      const std::uint32_t length = decode_length(reader);
      if (length > frame.raw_length - filled) {
        reader.damaged("a chunk does not fit into its frame");
      }
      footer.chunks.push_back({id, static_cast<std::uint32_t>(index), filled, length});
      filled += length;
      if (frame.codec == FrameCodec::delta) {
        footer.bases.push_back(hash::Digest::from_bytes(reader.raw(sizeof(hash::Digest))));
      }
    }
    if (filled != frame.raw_length) {
      reader.damaged("the chunks of a frame do not fill it");
    }
    footer.frames.push_back(frame);
    offset += frame.stored_length;
  }
  reader.expect_end();
  if (offset + bytes.size() + k_pack_trailer_size != pack_size) {
    reader.damaged("its frames do not add up to its size");
  }
  return footer;
}

Bytes encode_trailer(std::uint64_t footer_length, const hash::Digest& footer_digest) {
  BinaryWriter writer;
  writer.u64(footer_length);
  writer.raw(footer_digest.view());
  writer.raw(as_bytes(k_pack_end_magic));
  return writer.take();
}

PackTrailer decode_trailer(ByteView bytes, std::string_view what) {
  BinaryReader reader(bytes, what);
  PackTrailer trailer;
  trailer.footer_length = reader.u64();
  trailer.footer_digest = hash::Digest::from_bytes(reader.raw(sizeof(hash::Digest)));
  if (as_text(reader.raw(k_pack_end_magic.size())) != k_pack_end_magic) {
    reader.damaged("it does not end like a pack");
  }
  return trailer;
}

} // namespace savepoint::store
