#include "store/internal/pack.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/status.hpp"
#include "hash/sha256.hpp"

#include <algorithm>
#include <cerrno>

namespace savepoint::store {

namespace {

/// To restore one file takes a chunk or two of some packs: to sort all of theirs would take most of
/// the time.
constexpr unsigned k_looked_through = 24;

// "<shard>/<name>.pack", which finds it in any store without naming the store's own place.
std::string label_of(const std::filesystem::path& path) {
  return "pack " + quoted((path.parent_path().filename() / path.filename()).native());
}

std::string hint() {
  return "`savepoint verify --all` lists the snapshots this concerns";
}

[[noreturn]] void damaged(const std::filesystem::path& path, const std::string& why) {
  throw CorruptionError(label_of(path) + " is damaged: " + why, hint());
}

// Trouble with this one file is damage to it; a lack of memory or descriptors is not.
bool concerns_the_file(const IoError& error) {
  switch (error.error_number()) {
  case EIO:
  case ENOENT:
  case ENOTDIR:
  case EISDIR:
  case ELOOP:
  case EUCLEAN:
  case EBADMSG:
  case ENODATA:
    return true;
  default:
    return false;
  }
}

// Runs `work`, naming the pack in whatever it finds wrong.
template <typename Work> auto naming(const std::filesystem::path& path, Work work) {
  try {
    return work();
  } catch (const CorruptionError& error) {
    damaged(path, error.what());
  } catch (const IoError& error) {
    if (concerns_the_file(error)) {
      throw CorruptionError(label_of(path) + " cannot be read: " + error.what(), hint());
    }
    throw;
  }
}

/// The indices of `chunks` in the order of their ids. Ids are evenly spread, so their first bytes
/// nearly always decide; side by side they are compared without a look at where the ids lie.
std::vector<std::uint32_t> sorted_by_id(const std::vector<PackChunk>& chunks) {
  struct Key {
    std::uint64_t first;
    std::uint32_t index;
  };
  std::vector<Key> keys;
  keys.reserve(chunks.size());
  for (std::uint32_t index = 0; index < chunks.size(); ++index) {
    std::uint64_t first = 0;
    for (std::size_t i = 0; i < sizeof first; ++i) {
      first = first << 8U | std::to_integer<std::uint64_t>(chunks[index].id.bytes.at(i));
    }
    keys.push_back({first, index});
  }
  std::ranges::sort(keys, [&chunks](const Key& left, const Key& right) {
    return left.first != right.first ? left.first < right.first
                                     : chunks[left.index].id < chunks[right.index].id;
  });
  std::vector<std::uint32_t> indices;
  indices.reserve(keys.size());
  for (const Key& key : keys) {
    indices.push_back(key.index);
  }
  return indices;
}

} // namespace

PackWriter::PackWriter(const std::filesystem::path& scratch) : file_(scratch / "pack") {
  file_.write(encode_pack_header());
}

void PackWriter::append(const EncodedFrame& frame) {
  PackFrame entry;
  entry.offset = file_.size();
  entry.stored_length = static_cast<std::uint32_t>(frame.stored.size());
  entry.raw_length = frame.raw_length;
  entry.checksum = frame.checksum;
  entry.codec = frame.codec;
  entry.kind = frame.kind;
  file_.write(frame.stored);

  const auto index = static_cast<std::uint32_t>(footer_.frames.size());
  entry.first_chunk = static_cast<std::uint32_t>(footer_.chunks.size());
  entry.first_base = static_cast<std::uint32_t>(footer_.bases.size());
  footer_.frames.push_back(entry);
  footer_.bases.insert(footer_.bases.end(), frame.bases.begin(), frame.bases.end());
  std::uint32_t offset = 0;
  for (const FrameChunk& chunk : frame.chunks) {
    footer_.chunks.push_back({chunk.id, index, offset, chunk.length});
    offset += chunk.length;
  }
}

hash::Digest PackWriter::commit(const Layout& layout) {
  const Bytes footer = encode_footer(footer_);
  const hash::Digest name = hash::sha256(footer);
  file_.write(footer);
  file_.write(encode_trailer(footer.size(), name));
  file_.sync();
  // One that holds a pack has been made durable before that got its name.
  if (fs::list_names(layout.shard(name)).empty()) {
    fs::make_directories(layout.shard(name));
  }
  file_.commit_as(layout.pack(name), fs::AtomicFile::SyncDirectory::no);
  return name;
}

PackReader::PackReader(const std::filesystem::path& path, const hash::Digest& name)
    : name_(name), path_(path) {
  naming(path_, [this] {
    file_ = fs::open_for_reading(path_);
    size_ = fs::status_of(file_).size;
    if (size_ < k_pack_header_size + k_pack_trailer_size) {
      throw CorruptionError("it is too short");
    }
    const std::string what = "the pack";
    check_pack_header(fs::read_at(file_, 0, k_pack_header_size, path_), what);
    const PackTrailer trailer = decode_trailer(
        fs::read_at(file_, size_ - k_pack_trailer_size, k_pack_trailer_size, path_), what);
    if (trailer.footer_digest != name_) {
      throw CorruptionError("its name is not that of its footer");
    }
    if (trailer.footer_length > size_ - k_pack_header_size - k_pack_trailer_size) {
      throw CorruptionError("its footer is longer than the pack");
    }
    const auto footer_length = static_cast<std::size_t>(trailer.footer_length);
    const Bytes footer =
        fs::read_at(file_, size_ - k_pack_trailer_size - footer_length, footer_length, path_);
    if (hash::sha256(footer) != name_) {
      throw CorruptionError("its footer does not match its name");
    }
    footer_ = decode_footer(footer, size_, what);
  });
}

const PackChunk* PackReader::find(const hash::Digest& id) const {
  if (questions_.fetch_add(1, std::memory_order_relaxed) < k_looked_through) {
    const auto found = std::ranges::find(footer_.chunks, id, &PackChunk::id);
    return found == footer_.chunks.end() ? nullptr : &*found;
  }
  std::call_once(is_sorted_, [this] { by_id_ = sorted_by_id(footer_.chunks); });
  const auto found = std::lower_bound(by_id_.begin(), by_id_.end(), id,
                                      [this](std::uint32_t index, const hash::Digest& wanted) {
                                        return footer_.chunks[index].id < wanted;
                                      });
  if (found == by_id_.end() || footer_.chunks[*found].id != id) {
    return nullptr;
  }
  return &footer_.chunks[*found];
}

const hash::Digest* PackReader::base_of(const PackChunk& chunk) const {
  return footer_.base_of(static_cast<std::size_t>(&chunk - footer_.chunks.data()));
}

Bytes PackReader::read_frame(std::size_t frame, const ReadBase& read_base) const {
  const PackFrame& entry = footer_.frames.at(frame);
  // Outside: trouble with a base is not damage of this pack.
  const Bytes prefix =
      entry.codec == FrameCodec::delta ? join_bases(footer_.bases_of(frame), read_base) : Bytes();
  return naming(path_, [&] {
    const Bytes stored = fs::read_at(file_, entry.offset, entry.stored_length, path_);
    return decode_frame(entry.codec, prefix, stored, entry.checksum, entry.raw_length);
  });
}

std::optional<ByteView> checked_chunk(ByteView frame, const PackChunk& chunk) {
  if (chunk.offset > frame.size() || chunk.length > frame.size() - chunk.offset) {
    return std::nullopt;
  }
  const ByteView bytes = frame.subspan(chunk.offset, chunk.length);
  if (hash::sha256(bytes) != chunk.id) {
    return std::nullopt;
  }
  return bytes;
}

} // namespace savepoint::store
