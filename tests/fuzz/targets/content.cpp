#include "store/content.hpp"
#include "fuzz/promise.hpp"
#include "fuzz/targets.hpp"
#include "fuzz/targets/pieces.hpp"
#include "store/internal/content_list.hpp"
#include "store/internal/large_object.hpp"

namespace savepoint::fuzz {

void fuzz_content(ByteView bytes) {
  std::uint64_t size = 0;
  unless_refused([&] {
    const store::ContentList list = store::decode_content_list(bytes);
    const Bytes again = store::encode(list);
    promise(store::decode_content_list(again) == list, "a list reads back as it was");
    promise(store::length_of(list) <= store::k_largest_content, "no content is too large");
  });
  unless_refused(
      [&] { size = store::length_of(store::decode_content_list(Pieces(bytes).get({}))); });
  if (size > 0) {
    const manifest::Content content{
        .form = manifest::Content::Form::list, .size = size, .id = hash::Digest{}};
    unless_refused([&] {
      std::uint64_t end = 0;
      store::read_content(Pieces(bytes), content,
                          [&](std::uint64_t offset, ByteView piece, std::uint64_t hole) {
                            promise(offset == end, "pieces follow each other");
                            end = offset + piece.size() + hole;
                          });
      promise(end == size, "a content is as long as it says");
    });
    unless_refused([&] {
      promise(store::read_whole(Pieces(bytes), content, std::uint64_t{1} << 20U).size() == size,
              "a content is read whole");
    });
  }
  unless_refused([&] {
    const Bytes object = store::get_object(Pieces(bytes), hash::Digest{});
    promise(object.size() <= store::k_largest_object, "no object is too large");
  });
}

} // namespace savepoint::fuzz
