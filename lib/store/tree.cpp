#include "store/tree.hpp"

#include "base/binary.hpp"
#include "base/error.hpp"
#include "fs/tree_writer.hpp"
#include "hash/sha256.hpp"
#include "store/internal/large_object.hpp"

#include <algorithm>

namespace savepoint::store {
namespace {

using manifest::Content;

constexpr std::string_view k_tree_magic = "SPTR";
constexpr std::string_view k_state_magic = "SPTS";
constexpr std::uint8_t k_version = 1;
constexpr std::uint32_t k_largest_mode = 07777;
// The shortest entry: a name of one byte, its length, a kind, a mode, and a time.
constexpr std::size_t k_smallest_entry = 1 + 1 + 1 + 2 + 8;

bool by_name(const TreeEntry& entry, std::string_view name) {
  return entry.name < name;
}

/// Says whether the system could be told `text` as a name: it ends where C strings end.
bool is_text(std::string_view text) {
  return !text.empty() && text.find('\0') == std::string_view::npos;
}

bool is_valid(const Attributes& attributes) {
  std::string_view previous;
  for (const auto& [name, value] : attributes) {
    if (!is_text(name) || name <= previous) {
      return false;
    }
    previous = name;
  }
  return true;
}

/// Says whether a content has a form and a size that fit each other.
bool is_valid(const Content& content) {
  switch (content.form) {
  case Content::Form::empty:
    return content.size == 0 && content.id == hash::Digest{};
  case Content::Form::chunk:
    return content.size > 0 && content.size <= k_largest_chunk;
  case Content::Form::list:
    return content.size > 0 && content.size <= ~std::uint64_t{0} >> 1U;
  }
  return false;
}

/// Says whether nothing is set that an entry of its kind does not have.
bool fits_kind(const TreeEntry& entry) {
  const bool plain = entry.content == Content{} && entry.attributes.empty();
  switch (entry.kind) {
  case EntryKind::file:
    return is_valid(entry.content) && entry.tree == hash::Digest{} && entry.target.empty();
  case EntryKind::directory:
    return plain && entry.mode == 0 && entry.mtime_ns == 0 && entry.target.empty();
  case EntryKind::symlink:
    return plain && entry.mode == 0 && entry.tree == hash::Digest{} && is_text(entry.target);
  case EntryKind::fifo:
    return plain && entry.tree == hash::Digest{} && entry.target.empty();
  }
  return false;
}

void write(BinaryWriter& writer, const Attributes& attributes) {
  writer.varint(attributes.size());
  for (const auto& [name, value] : attributes) {
    writer.string(name);
    writer.string(value);
  }
}

void write(BinaryWriter& writer, const Content& content) {
  writer.u8(static_cast<std::uint8_t>(content.form));
  if (content.form != Content::Form::empty) {
    writer.varint(content.size);
    writer.raw(content.id.view());
  }
}

void write(BinaryWriter& writer, const TreeEntry& entry, const hash::Digest& tree) {
  writer.string(entry.name);
  writer.u8(static_cast<std::uint8_t>(entry.kind));
  switch (entry.kind) {
  case EntryKind::file:
    writer.u16(static_cast<std::uint16_t>(entry.mode));
    writer.i64(entry.mtime_ns);
    write(writer, entry.content);
    write(writer, entry.attributes);
    return;
  case EntryKind::directory:
    writer.raw(tree.view());
    return;
  case EntryKind::symlink:
    writer.i64(entry.mtime_ns);
    writer.string(entry.target);
    return;
  case EntryKind::fifo:
    writer.u16(static_cast<std::uint16_t>(entry.mode));
    writer.i64(entry.mtime_ns);
    return;
  }
}

/// A tree that `decode_tree` would refuse must never be written.
void require_valid(const Tree& tree) {
  if (tree.mode > k_largest_mode || !is_valid(tree.attributes)) {
    bug("a tree whose mode or attributes are not valid");
  }
  std::string_view previous;
  for (const TreeEntry& entry : tree.entries) {
    if (entry.name <= previous || !fs::is_component(entry.name)) {
      bug("a tree with names out of order, or that are no path components");
    }
    if (entry.mode > k_largest_mode || !is_valid(entry.attributes) || !fits_kind(entry)) {
      bug("a tree entry with something that its kind does not have");
    }
    previous = entry.name;
  }
}

std::uint32_t read_mode(BinaryReader& reader) {
  const std::uint32_t mode = reader.u16();
  if (mode > k_largest_mode) {
    reader.damaged("a mode is out of range");
  }
  return mode;
}

Attributes read_attributes(BinaryReader& reader) {
  const std::size_t count = reader.count(2);
  Attributes attributes;
  for (std::size_t i = 0; i < count; ++i) {
    std::string name(reader.string());
    attributes.emplace_back(std::move(name), reader.string());
  }
  if (!is_valid(attributes)) {
    reader.damaged("attributes are not in order, or have no names");
  }
  return attributes;
}

Content read_content_field(BinaryReader& reader) {
  Content content;
  content.form = static_cast<Content::Form>(reader.u8());
  if (content.form != Content::Form::empty) {
    content.size = reader.varint();
    content.id = hash::Digest::from_bytes(reader.raw(sizeof content.id.bytes));
  }
  return content;
}

TreeEntry read_entry(BinaryReader& reader) {
  TreeEntry entry;
  entry.name = reader.string();
  if (!fs::is_component(entry.name)) {
    reader.damaged("a name is not one of a file");
  }
  entry.kind = static_cast<EntryKind>(reader.u8());
  switch (entry.kind) {
  case EntryKind::file:
    entry.mode = read_mode(reader);
    entry.mtime_ns = reader.i64();
    entry.content = read_content_field(reader);
    entry.attributes = read_attributes(reader);
    break;
  case EntryKind::directory:
    entry.tree = hash::Digest::from_bytes(reader.raw(sizeof entry.tree.bytes));
    break;
  case EntryKind::symlink:
    entry.mtime_ns = reader.i64();
    entry.target = reader.string();
    break;
  case EntryKind::fifo:
    entry.mode = read_mode(reader);
    entry.mtime_ns = reader.i64();
    break;
  }
  if (!fits_kind(entry)) {
    reader.damaged("an entry is not as its kind demands");
  }
  return entry;
}

void read_magic(BinaryReader& reader, std::string_view magic) {
  if (as_text(reader.raw(magic.size())) != magic) {
    reader.damaged("it does not begin like one");
  }
  if (reader.u8() != k_version) {
    reader.damaged("its version is not known");
  }
}

} // namespace

const TreeEntry* Tree::find(std::string_view name) const {
  const auto found = std::lower_bound(entries.begin(), entries.end(), name, by_name);
  return found != entries.end() && found->name == name ? &*found : nullptr;
}

Bytes encode(const Tree& tree) {
  require_valid(tree);
  BinaryWriter writer;
  writer.raw(as_bytes(k_tree_magic));
  writer.u8(k_version);
  writer.u16(static_cast<std::uint16_t>(tree.mode));
  writer.i64(tree.mtime_ns);
  write(writer, tree.attributes);
  writer.varint(tree.entries.size());
  for (const TreeEntry& entry : tree.entries) {
    write(writer, entry, entry.tree);
  }
  return writer.take();
}

Tree decode_tree(ByteView bytes) {
  BinaryReader reader(bytes, "a tree");
  read_magic(reader, k_tree_magic);
  Tree tree;
  tree.mode = read_mode(reader);
  tree.mtime_ns = reader.i64();
  tree.attributes = read_attributes(reader);
  const std::size_t count = reader.count(k_smallest_entry);
  tree.entries.reserve(std::min(count, std::size_t{4096}));
  for (std::size_t i = 0; i < count; ++i) {
    TreeEntry entry = read_entry(reader);
    if (!tree.entries.empty() && entry.name <= tree.entries.back().name) {
      reader.damaged("names are not in order");
    }
    tree.entries.push_back(std::move(entry));
  }
  reader.expect_end();
  return tree;
}

hash::Digest put_tree(ChunkSink& sink, const Tree& tree) {
  return put_object(sink, encode(tree), "a directory");
}

Tree get_tree(const ChunkSource& source, const hash::Digest& id) {
  return decode_tree(get_object(source, id));
}

void for_each_tree_chunk(const ChunkSource& source, const hash::Digest& id,
                         const std::function<void(const hash::Digest&)>& visit) {
  static_cast<void>(get_object(source, id, visit));
}

hash::Digest state_digest(const Tree& tree, const std::vector<hash::Digest>& child_states) {
  require_valid(tree);
  BinaryWriter writer;
  writer.raw(as_bytes(k_state_magic));
  writer.u8(k_version);
  writer.u16(static_cast<std::uint16_t>(tree.mode));
  write(writer, tree.attributes);
  writer.varint(tree.entries.size());
  auto state = child_states.begin();
  for (const TreeEntry& entry : tree.entries) {
    if (entry.kind == EntryKind::directory && state == child_states.end()) {
      bug("fewer states than directories");
    }
    write(writer, entry, entry.kind == EntryKind::directory ? *state++ : entry.tree);
  }
  if (state != child_states.end()) {
    bug("more states than directories");
  }
  return hash::sha256(writer.view());
}

} // namespace savepoint::store
