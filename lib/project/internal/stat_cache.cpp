#include "project/internal/stat_cache.hpp"

#include "base/binary.hpp"
#include "base/error.hpp"
#include "hash/checksum.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace savepoint::project {
namespace {

constexpr std::string_view k_magic = "SPSTAT04";
constexpr std::size_t k_alignment = 8;
constexpr std::size_t k_write_buffer = std::size_t{1} << 20U;
/// Ends the file: where the facts and the root block lie, and a checksum over this and the facts.
struct Trailer {
  std::uint64_t checksum;
  std::uint64_t facts_offset;
  std::uint64_t facts_size;
  std::uint64_t root_block;
  std::array<char, 8> magic;
};
static_assert(std::is_trivially_copyable_v<Trailer> && sizeof(Trailer) == 40);

template <typename T> ByteView bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

std::uint64_t trailer_checksum(const Trailer& trailer, ByteView facts) {
  Bytes all(facts.begin(), facts.end());
  const ByteView fields = bytes_of(trailer).subspan(sizeof trailer.checksum);
  all.insert(all.end(), fields.begin(), fields.end());
  return hash::checksum64(all);
}

void put_optional(BinaryWriter& out, const std::optional<std::string>& text) {
  out.u8(text ? 1 : 0);
  out.string(text ? *text : std::string());
}

std::optional<std::string> get_optional(BinaryReader& in) {
  const bool there = in.u8() != 0;
  std::string text(in.string());
  return there ? std::optional(std::move(text)) : std::nullopt;
}

Bytes encode(const CacheFacts& facts) {
  BinaryWriter out;
  out.string(facts.root);
  out.string(facts.snapshot);
  out.u8(facts.index ? 1 : 0);
  if (facts.index) {
    out.u64(facts.index->size);
    out.i64(facts.index->mtime_ns);
    out.u64(facts.index->inode);
    out.string(facts.index->checksum);
  }
  put_optional(out, facts.head);
  out.varint(facts.staged.size());
  for (const git::FileChange& change : facts.staged) {
    out.string(change.path);
    out.u8(static_cast<std::uint8_t>(change.code));
    out.string(change.object);
    out.u32(change.mode);
  }
  out.string(facts.git);
  return out.take();
}

CacheFacts decode_facts(ByteView bytes) {
  BinaryReader in(bytes, "the stat cache");
  CacheFacts facts;
  facts.root = in.string();
  facts.snapshot = in.string();
  if (in.u8() != 0) {
    git::IndexStamp stamp;
    stamp.size = in.u64();
    stamp.mtime_ns = in.i64();
    stamp.inode = in.u64();
    stamp.checksum = in.string();
    facts.index = std::move(stamp);
  }
  facts.head = get_optional(in);
  constexpr std::size_t k_smallest_change = 7;
  const std::size_t count = in.count(k_smallest_change);
  for (std::size_t i = 0; i < count; ++i) {
    git::FileChange change;
    change.path = in.string();
    change.code = static_cast<char>(in.u8());
    change.object = in.string();
    change.mode = in.u32();
    facts.staged.push_back(std::move(change));
  }
  facts.git = in.string();
  in.expect_end();
  return facts;
}

std::uint64_t block_checksum(ByteView block) {
  return hash::checksum64(block.subspan(sizeof(std::uint64_t)));
}

std::size_t padded(std::size_t size) {
  return (size + k_alignment - 1) / k_alignment * k_alignment;
}

} // namespace

const CachedEntry* CachedDirectory::find(std::string_view name) const {
  const auto found = std::ranges::lower_bound(
      entries_, name, {}, [this](const CachedEntry& entry) { return name_of(entry); });
  return found != entries_.end() && name_of(*found) == name ? &*found : nullptr;
}

std::optional<StatCache> StatCache::open(const std::filesystem::path& file) {
  std::optional<fs::MappedFile> mapped;
  try {
    mapped = fs::MappedFile::open(file);
  } catch (const IoError&) { // a cache that cannot be read knows nothing
    return std::nullopt;
  }
  if (!mapped || mapped->view().size() < sizeof(Trailer)) {
    return std::nullopt;
  }
  const ByteView all = mapped->view();
  Trailer trailer{};
  std::memcpy(&trailer, all.last(sizeof(Trailer)).data(), sizeof(Trailer));
  const std::uint64_t facts_end = all.size() - sizeof(Trailer);
  if (std::string_view(trailer.magic.data(), trailer.magic.size()) != k_magic ||
      trailer.facts_offset > facts_end || trailer.facts_size != facts_end - trailer.facts_offset) {
    return std::nullopt;
  }
  const ByteView facts = all.subspan(trailer.facts_offset, trailer.facts_size);
  if (trailer_checksum(trailer, facts) != trailer.checksum) {
    return std::nullopt;
  }
  StatCache cache(std::move(*mapped));
  cache.facts_ = decode_facts(facts);
  cache.root_block_ = trailer.root_block;
  cache.end_of_blocks_ = trailer.facts_offset;
  return cache;
}

std::optional<CachedDirectory> StatCache::directory(std::uint64_t offset) const {
  const ByteView blocks = file_.view().first(end_of_blocks_);
  if (offset % k_alignment != 0 || offset > blocks.size() ||
      blocks.size() - offset < sizeof(CachedDirectoryHeader)) {
    return std::nullopt;
  }
  const ByteView rest = blocks.subspan(offset);
  // The mapping is aligned to pages and blocks to eight bytes, so the records can be used in place.
  const auto* header = reinterpret_cast<const CachedDirectoryHeader*>(rest.data());
  const std::uint64_t size = sizeof(CachedDirectoryHeader) +
                             std::uint64_t{header->entry_count} * sizeof(CachedEntry) +
                             header->names_size;
  if (size > rest.size() || block_checksum(rest.first(size)) != header->checksum) {
    return std::nullopt;
  }
  const auto* first =
      reinterpret_cast<const CachedEntry*>(rest.subspan(sizeof(CachedDirectoryHeader)).data());
  const std::span entries(first, header->entry_count);
  if (!std::ranges::all_of(entries, [&](const CachedEntry& entry) {
        return entry.name_offset <= header->names_size &&
               entry.name_length <= header->names_size - entry.name_offset;
      })) {
    return std::nullopt;
  }
  return CachedDirectory(header, entries,
                         as_text(rest.subspan(size - header->names_size, header->names_size)));
}

StatCacheWriter::StatCacheWriter(const std::filesystem::path& file) : path_(file) {}

void StatCacheWriter::append(ByteView bytes) {
  offset_ += bytes.size();
  if (given_up_) {
    return;
  }
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  if (buffer_.size() >= k_write_buffer) {
    flush();
  }
}

void StatCacheWriter::flush() {
  try {
    if (!file_) {
      file_.emplace(path_);
    }
    file_->write(buffer_);
  } catch (const IoError&) {
    give_up();
  } catch (const BusyError&) { // no space left
    give_up();
  }
  buffer_.clear();
}

void StatCacheWriter::give_up() {
  file_.reset();
  given_up_ = true;
}

std::uint64_t StatCacheWriter::add(NewDirectory& directory) {
  const std::uint64_t begin = offset_;
  std::string names;
  for (std::size_t i = 0; i < directory.entries.size(); ++i) {
    directory.entries[i].name_offset = static_cast<std::uint32_t>(names.size());
    directory.entries[i].name_length = static_cast<std::uint16_t>(directory.names[i].size());
    names += directory.names[i];
  }
  directory.header.entry_count = static_cast<std::uint32_t>(directory.entries.size());
  directory.header.names_size = static_cast<std::uint32_t>(names.size());

  Bytes block;
  const ByteView entries = std::as_bytes(std::span(directory.entries));
  const ByteView header = bytes_of(directory.header);
  block.reserve(padded(header.size() + entries.size() + names.size()));
  block.insert(block.end(), header.begin(), header.end());
  block.insert(block.end(), entries.begin(), entries.end());
  block.insert(block.end(), as_bytes(names).begin(), as_bytes(names).end());
  const std::uint64_t checksum = block_checksum(block);
  std::memcpy(block.data(), &checksum, sizeof checksum);
  block.resize(padded(block.size()));
  append(block);
  return begin;
}

std::uint64_t StatCacheWriter::copy(const StatCache& old, std::uint64_t offset) {
  const std::optional<CachedDirectory> directory = old.directory(offset);
  if (!directory) {
    give_up(); // damaged since it was read: the next scan will see that too
    return 0;
  }
  NewDirectory copied;
  copied.header = directory->header();
  copied.entries.assign(directory->entries().begin(), directory->entries().end());
  for (CachedEntry& entry : copied.entries) {
    copied.names.push_back(directory->name_of(entry));
    if (entry.kind == static_cast<std::uint8_t>(fs::FileKind::directory) &&
        (entry.flags & k_in_code) != 0) {
      if (entry.child >= offset) { // children are written first, so there is an end
        give_up();
        return 0;
      }
      entry.child = copy(old, entry.child);
    }
  }
  return add(copied);
}

void StatCacheWriter::commit(const CacheFacts& facts, std::uint64_t root_block) {
  const Bytes encoded = encode(facts);
  Trailer trailer{};
  trailer.facts_offset = offset_;
  trailer.facts_size = encoded.size();
  trailer.root_block = root_block;
  std::copy(k_magic.begin(), k_magic.end(), trailer.magic.begin());
  trailer.checksum = trailer_checksum(trailer, encoded);
  append(encoded);
  append(bytes_of(trailer));
  flush();
  if (given_up_) {
    return;
  }
  try {
    file_->commit_unsynced();
  } catch (const IoError&) {
    give_up();
  } catch (const BusyError&) {
    give_up();
  }
}

} // namespace savepoint::project
