#include "store/internal/content_list.hpp"

#include "base/binary.hpp"
#include "base/error.hpp"

#include <string_view>

namespace savepoint::store {
namespace {

constexpr std::string_view k_magic = "SPCL";
constexpr std::uint8_t k_version = 1;
constexpr std::size_t k_least_entries = 32;
constexpr std::size_t k_small_number = 16;
constexpr std::size_t k_small_levels = 5;
constexpr std::byte k_end_of_list{0x3f};
constexpr std::size_t k_digest_size = sizeof(hash::Digest::bytes);

ListEntry decode_piece(BinaryReader& reader) {
  const std::uint64_t head = reader.varint();
  ListEntry entry{.length = head >> 1U, .id = std::nullopt};
  if ((head & 1U) != 0) {
    return entry;
  }
  entry.id = hash::Digest::from_bytes(reader.raw(k_digest_size));
  const std::uint64_t offset = reader.varint();
  if (offset > k_largest_chunk || entry.length > k_largest_chunk - offset) {
    reader.damaged("a piece is larger than a chunk");
  }
  entry.chunk_offset = static_cast<std::uint32_t>(offset);
  return entry;
}

ListEntry decode_child(BinaryReader& reader) {
  const hash::Digest id = hash::Digest::from_bytes(reader.raw(k_digest_size));
  return {.length = reader.varint(), .id = id};
}

} // namespace

Bytes encode(const ContentList& list) {
  BinaryWriter writer;
  writer.raw(as_bytes(k_magic));
  writer.u8(k_version);
  writer.u8(list.level);
  writer.varint(list.entries.size());
  for (const ListEntry& entry : list.entries) {
    if (list.level > 0) {
      writer.raw(entry.id->view());
      writer.varint(entry.length);
      continue;
    }
    writer.varint(entry.length << 1U | (entry.id ? 0U : 1U));
    if (entry.id) {
      writer.raw(entry.id->view());
      writer.varint(entry.chunk_offset);
    }
  }
  return writer.take();
}

ContentList decode_content_list(ByteView bytes) {
  BinaryReader reader(bytes, "a content list");
  if (as_text(reader.raw(k_magic.size())) != k_magic) {
    reader.damaged("it does not begin like one");
  }
  if (reader.u8() != k_version) {
    reader.damaged("its version is not known");
  }
  ContentList list{.level = reader.u8(), .entries = {}};
  if (list.level > k_highest_level) {
    reader.damaged("it nests too deep");
  }
  const std::size_t count = reader.count(list.level == 0 ? 1 : k_digest_size + 1);
  if (count == 0 || count > k_entries_per_list) {
    reader.damaged("it has no entries, or too many");
  }
  list.entries.reserve(count);
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const ListEntry entry = list.level == 0 ? decode_piece(reader) : decode_child(reader);
    if (entry.length == 0 || entry.length > k_largest_content - length) {
      reader.damaged("a length is out of range");
    }
    length += entry.length;
    list.entries.push_back(entry);
  }
  reader.expect_end();
  return list;
}

std::uint64_t length_of(const ContentList& list) {
  std::uint64_t length = 0;
  for (const ListEntry& entry : list.entries) {
    length += entry.length;
  }
  return length;
}

void ListBuilder::chunk(const hash::Digest& id, std::uint64_t length) {
  grow(length);
  append(0, {.length = length, .id = id});
}

void ListBuilder::hole(std::uint64_t length) {
  if (length == 0) {
    return;
  }
  grow(length);
  if (!open_.empty() && !open_[0].back().id) {
    open_[0].back().length += length;
  } else {
    append(0, {.length = length, .id = std::nullopt});
  }
}

manifest::Content ListBuilder::finish() {
  using Form = manifest::Content::Form;
  if (open_.empty()) {
    return {};
  }
  if (open_.size() == 1 && open_[0].size() == 1 && open_[0][0].id) {
    return {.form = Form::chunk, .size = size_, .id = *open_[0][0].id};
  }
  for (std::size_t level = 0; level + 1 < open_.size(); ++level) {
    append(level + 1, close(level));
  }
  return {.form = Form::list, .size = size_, .id = *close(open_.size() - 1).id};
}

void ListBuilder::grow(std::uint64_t length) {
  if (length > k_largest_content - size_) {
    bug("a content of more than 2^63 - 1 bytes");
  }
  size_ += length;
}

// A full list is closed only when one more entry comes, so that a list never stands alone in the
// level above it.
void ListBuilder::append(std::size_t level, const ListEntry& entry) {
  if (level == open_.size()) {
    open_.emplace_back();
  }
  if (is_full(level)) {
    append(level + 1, close(level));
  }
  open_[level].push_back(entry);
}

bool ListBuilder::is_full(std::size_t level) const {
  const std::vector<ListEntry>& entries = open_[level];
  if (ends_ == ListEnds::by_small_number && level < k_small_levels) {
    return entries.size() == k_small_number;
  }
  if (ends_ != ListEnds::by_content || entries.size() < k_least_entries || !entries.back().id) {
    return entries.size() == k_entries_per_list;
  }
  return entries.size() == k_entries_per_list ||
         (entries.back().id->bytes[0] & k_end_of_list) == std::byte{0};
}

ListEntry ListBuilder::close(std::size_t level) {
  ContentList list{.level = static_cast<std::uint8_t>(level), .entries = std::move(open_[level])};
  open_[level].clear();
  const std::uint64_t length = length_of(list);
  return {.length = length, .id = sink_->put(encode(list), ChunkKind::meta)};
}

} // namespace savepoint::store
