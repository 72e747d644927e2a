#include "store/internal/pack.hpp"
#include "fuzz/promise.hpp"
#include "fuzz/targets.hpp"
#include "hash/checksum.hpp"

#include <algorithm>

namespace savepoint::fuzz {

// The last two bytes say how long the footer is, and checksums are made to fit: so what is behind
// them is tried as well.
void fuzz_pack(ByteView bytes) {
  unless_refused([&] { store::check_pack_header(bytes, "a pack"); });
  if (bytes.size() >= store::k_pack_trailer_size) {
    unless_refused([&] {
      static_cast<void>(store::decode_trailer(bytes.last(store::k_pack_trailer_size), "a pack"));
    });
  }
  if (bytes.size() < 2) {
    return;
  }
  const ByteView all = bytes.first(bytes.size() - 2);
  const std::size_t length =
      std::min(all.size(), std::to_integer<std::size_t>(bytes[bytes.size() - 2]) |
                               std::to_integer<std::size_t>(bytes[bytes.size() - 1]) << 8U);
  const ByteView stored = all.first(all.size() - length);
  const std::uint64_t size = store::k_pack_header_size + all.size() + store::k_pack_trailer_size;
  unless_refused([&] {
    const store::PackFooter footer = store::decode_footer(all.last(length), size, "a pack");
    promise(store::decode_footer(store::encode_footer(footer), size, "its footer").chunks.size() ==
                footer.chunks.size(),
            "a footer reads back as it was");
    for (std::size_t index = 0; index < footer.frames.size(); ++index) {
      const store::PackFrame& frame = footer.frames[index];
      promise(frame.offset >= store::k_pack_header_size &&
                  frame.offset - store::k_pack_header_size + frame.stored_length <= stored.size(),
              "a frame is in the pack");
      const ByteView raw_frame = stored.subspan(
          static_cast<std::size_t>(frame.offset) - store::k_pack_header_size, frame.stored_length);
      unless_refused([&] {
        const ByteView bases = frame.codec == store::FrameCodec::delta ? stored : ByteView();
        const Bytes raw = store::decode_frame(frame.codec, bases, raw_frame,
                                              hash::checksum64(raw_frame), frame.raw_length);
        promise(raw.size() == frame.raw_length, "a frame is as long as it says");
        for (const store::PackChunk& chunk : footer.chunks) {
          if (chunk.frame == index) {
            static_cast<void>(store::checked_chunk(raw, chunk));
          }
        }
      });
    }
  });
}

} // namespace savepoint::fuzz
