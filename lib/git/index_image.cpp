#include "git/index_image.hpp"

#include "base/ascii.hpp"
#include "base/binary.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/tree_writer.hpp"
#include "hash/sha1.hpp"
#include "hash/sha256.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace savepoint::git {
namespace {

using std::string_view;

constexpr string_view k_magic = "SPIX";
constexpr std::uint8_t k_version = 1;
constexpr std::size_t k_sha1_length = 20;
constexpr std::size_t k_sha256_length = 32;
constexpr std::size_t k_longest_path = 65535;

constexpr std::uint8_t k_stage_bits = 3U;
constexpr std::uint8_t k_assume_valid = 1U << 2U;
constexpr std::uint8_t k_skip_worktree = 1U << 3U;
constexpr std::uint8_t k_intent_to_add = 1U << 4U;
constexpr std::uint8_t k_all_flags = (1U << 5U) - 1U;

constexpr std::array<std::uint32_t, 4> k_modes{0100644, 0100755, 0120000, 0160000};

std::uint8_t flags_of(const IndexEntry& entry) {
  return static_cast<std::uint8_t>(
      (entry.stage & k_stage_bits) | (entry.assume_valid ? k_assume_valid : 0U) |
      (entry.skip_worktree ? k_skip_worktree : 0U) | (entry.intent_to_add ? k_intent_to_add : 0U));
}

std::size_t shared_length(string_view a, string_view b) {
  const auto [end_a, end_b] = std::ranges::mismatch(a, b);
  return static_cast<std::size_t>(end_a - a.begin());
}

bool is_dot_git(string_view component) {
  constexpr string_view k_name = ".git";
  return component.size() == k_name.size() && lower(component) == k_name;
}

/// Whether git itself would take this for the path of a file in the index.
bool is_index_path(string_view path) {
  if (path.size() > k_longest_path || !fs::is_safe_path(path)) {
    return false;
  }
  while (!path.empty()) {
    const std::size_t length = std::min(path.find('/'), path.size());
    if (is_dot_git(path.substr(0, length))) {
      return false;
    }
    path.remove_prefix(std::min(length + 1, path.size()));
  }
  return true;
}

bool comes_before(const IndexImage::Entry& a, const IndexImage::Entry& b) {
  const int order = a.path.compare(b.path);
  return order < 0 || (order == 0 && a.stage < b.stage);
}

/// Numbers as an index file has them.
class BigEndian {
public:
  void u16(std::uint32_t value) {
    byte(value >> 8U);
    byte(value);
  }
  void u32(std::uint32_t value) {
    u16(value >> 16U);
    u16(value);
  }
  void raw(string_view bytes) {
    const ByteView view = as_bytes(bytes);
    bytes_.insert(bytes_.end(), view.begin(), view.end());
  }
  void zeros(std::size_t count) { bytes_.resize(bytes_.size() + count); }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] ByteView view() const { return bytes_; }
  [[nodiscard]] Bytes take() { return std::move(bytes_); }

private:
  void byte(std::uint32_t value) { bytes_.push_back(static_cast<std::byte>(value & 0xffU)); }
  Bytes bytes_;
};

/// An entry that is not older than the index it is in may have changed unseen afterwards.
bool is_racy(const IndexStat& stat, std::int64_t written_at_ns) {
  constexpr std::int64_t k_second_ns = 1'000'000'000;
  const std::int64_t mtime_ns = stat.mtime_seconds * k_second_ns + stat.mtime_nanoseconds;
  return mtime_ns >= written_at_ns || stat.mtime_seconds >= written_at_ns / k_second_ns;
}

IndexStat stat_for(const IndexImage::Entry& entry, const Index& present) {
  const IndexEntry* const known = entry.stage == 0 ? present.find(entry.path) : nullptr;
  const bool is_same = known != nullptr && known->mode == entry.mode &&
                       as_text(known->object) == entry.object && !entry.intent_to_add &&
                       !known->intent_to_add && !is_racy(known->stat, present.written_at_ns());
  return is_same ? known->stat : IndexStat{};
}

void print_entry(BigEndian& out, const IndexImage::Entry& entry, const IndexStat& stat) {
  constexpr std::uint32_t k_name_length_mask = 0x0fff;
  constexpr std::uint32_t k_file_assume_valid = 0x8000;
  constexpr std::uint32_t k_file_extended = 0x4000;
  constexpr std::uint32_t k_file_skip_worktree = 0x4000;
  constexpr std::uint32_t k_file_intent_to_add = 0x2000;
  const std::size_t begin = out.size();
  for (const std::uint32_t number :
       {stat.ctime_seconds, stat.ctime_nanoseconds, stat.mtime_seconds, stat.mtime_nanoseconds,
        stat.device, stat.inode, entry.mode, stat.user, stat.group, stat.size}) {
    out.u32(number);
  }
  out.raw(entry.object);
  const bool extended = entry.skip_worktree || entry.intent_to_add;
  out.u16((entry.assume_valid ? k_file_assume_valid : 0U) | (extended ? k_file_extended : 0U) |
          static_cast<std::uint32_t>(entry.stage) << 12U |
          static_cast<std::uint32_t>(std::min<std::size_t>(entry.path.size(), k_name_length_mask)));
  if (extended) {
    out.u16((entry.skip_worktree ? k_file_skip_worktree : 0U) |
            (entry.intent_to_add ? k_file_intent_to_add : 0U));
  }
  out.raw(entry.path);
  out.zeros(8 - (out.size() - begin) % 8); // one to eight: the name ends with at least one
}

} // namespace

Bytes encode_image(const Index& index, std::size_t id_length) {
  BinaryWriter out;
  out.raw(as_bytes(k_magic));
  out.u8(k_version);
  out.u8(static_cast<std::uint8_t>(id_length));
  out.varint(index.entries().size());
  string_view previous;
  for (const IndexEntry& entry : index.entries()) {
    const std::size_t shared = shared_length(previous, entry.path);
    out.varint(shared);
    out.string(entry.path.substr(shared));
    out.u32(entry.mode);
    out.u8(flags_of(entry));
    out.raw(entry.object);
    previous = entry.path;
  }
  out.string(index.resolve_undo());
  return out.take();
}

IndexImage decode_image(ByteView bytes) {
  BinaryReader in(bytes, "the image of a git index");
  if (as_text(in.raw(k_magic.size())) != k_magic || in.u8() != k_version) {
    in.damaged("it does not begin as one does");
  }
  IndexImage image;
  image.id_length = in.u8();
  if (image.id_length != k_sha1_length && image.id_length != k_sha256_length) {
    in.damaged("its ids have no known length");
  }
  constexpr std::size_t k_smallest_entry = 2 + 4 + 1;
  const std::size_t count = in.count(k_smallest_entry + image.id_length);
  image.entries.reserve(count);
  std::string previous;
  for (std::size_t i = 0; i < count; ++i) {
    IndexImage::Entry entry;
    const std::uint64_t shared = in.varint();
    if (shared > previous.size()) {
      in.damaged("a path does not fit the one before");
    }
    entry.path = previous.substr(0, shared);
    entry.path += in.string();
    entry.mode = in.u32();
    const std::uint8_t flags = in.u8();
    entry.stage = flags & k_stage_bits;
    entry.assume_valid = (flags & k_assume_valid) != 0;
    entry.skip_worktree = (flags & k_skip_worktree) != 0;
    entry.intent_to_add = (flags & k_intent_to_add) != 0;
    entry.object = as_text(in.raw(image.id_length));
    if (!is_index_path(entry.path) || (flags & ~k_all_flags) != 0 ||
        std::ranges::count(k_modes, entry.mode) == 0) {
      in.damaged("it holds an entry that no index holds: " + savepoint::quoted(entry.path));
    }
    if (!image.entries.empty() && !comes_before(image.entries.back(), entry)) {
      in.damaged("its entries are out of order");
    }
    previous = entry.path;
    image.entries.push_back(std::move(entry));
  }
  image.resolve_undo = in.string();
  in.expect_end();
  return image;
}

Bytes print_index_file(const IndexImage& image, const Index& present) {
  const bool extended = std::ranges::any_of(image.entries, [](const IndexImage::Entry& entry) {
    return entry.skip_worktree || entry.intent_to_add;
  });
  BigEndian out;
  out.raw("DIRC");
  out.u32(extended ? 3 : 2);
  out.u32(static_cast<std::uint32_t>(image.entries.size()));
  for (const IndexImage::Entry& entry : image.entries) {
    print_entry(out, entry, stat_for(entry, present));
  }
  if (!image.resolve_undo.empty()) {
    out.raw("REUC");
    out.u32(static_cast<std::uint32_t>(image.resolve_undo.size()));
    out.raw(image.resolve_undo);
  }
  if (image.id_length == k_sha256_length) {
    out.raw(as_text(hash::sha256(out.view()).view()));
  } else {
    hash::Sha1 sha1;
    sha1.update(out.view());
    const auto digest = sha1.finish();
    out.raw(as_text(ByteView(digest)));
  }
  return out.take();
}

} // namespace savepoint::git
