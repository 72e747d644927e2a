#include "project/internal/git_facts.hpp"

#include "base/binary.hpp"
#include "base/error.hpp"

namespace savepoint::project {
namespace {

void put(BinaryWriter& out, const KnownIndex& known) {
  out.u8(known.stamp ? 1 : 0);
  if (known.stamp) {
    out.u64(known.stamp->size);
    out.i64(known.stamp->mtime_ns);
    out.u64(known.stamp->inode);
    out.string(known.stamp->checksum);
  }
  out.u8(known.head ? 1 : 0);
  out.string(known.head.value_or(""));
  out.u8(known.image ? 1 : 0);
  if (known.image) {
    out.u8(static_cast<std::uint8_t>(known.image->form));
    out.u64(known.image->size);
    out.raw(known.image->id.view());
  }
  out.u8(known.blobs ? 1 : 0);
  if (known.blobs) {
    out.raw(known.blobs->view());
  }
  out.varint(known.submodules.size());
  for (const std::string& path : known.submodules) {
    out.string(path);
  }
  out.varint(known.lost.size());
  for (const auto& [path, reason] : known.lost) {
    out.string(path);
    out.string(reason);
  }
}

hash::Digest get_digest(BinaryReader& in) {
  return hash::Digest::from_bytes(in.raw(sizeof(hash::Digest)));
}

KnownIndex get_index(BinaryReader& in) {
  KnownIndex known;
  if (in.u8() != 0) {
    known.stamp.emplace();
    known.stamp->size = in.u64();
    known.stamp->mtime_ns = in.i64();
    known.stamp->inode = in.u64();
    known.stamp->checksum = in.string();
  }
  const bool has_head = in.u8() != 0;
  std::string head(in.string());
  if (has_head) {
    known.head = std::move(head);
  }
  if (in.u8() != 0) {
    known.image.emplace();
    known.image->form = static_cast<manifest::Content::Form>(in.u8());
    known.image->size = in.u64();
    known.image->id = get_digest(in);
  }
  if (in.u8() != 0) {
    known.blobs = get_digest(in);
  }
  const std::size_t submodules = in.count(1);
  for (std::size_t i = 0; i < submodules; ++i) {
    known.submodules.emplace_back(in.string());
  }
  const std::size_t lost = in.count(2);
  for (std::size_t i = 0; i < lost; ++i) {
    std::string path(in.string());
    known.lost.emplace_back(std::move(path), in.string());
  }
  return known;
}

KnownGit decode(BinaryReader& in) {
  KnownGit known;
  const std::size_t indexes = in.count(1);
  for (std::size_t i = 0; i < indexes; ++i) {
    std::string path(in.string());
    known.indexes.emplace(std::move(path), get_index(in));
  }
  known.tree = get_digest(in);
  const std::size_t needs = in.count(2);
  for (std::size_t i = 0; i < needs; ++i) {
    std::string path(in.string());
    known.needs.push_back({std::move(path), std::string(in.string())});
  }
  const std::size_t unkept = in.count(2);
  for (std::size_t i = 0; i < unkept; ++i) {
    std::string path(in.string());
    known.unkept.emplace_back(std::move(path), in.varint());
  }
  in.expect_end();
  return known;
}

} // namespace

std::string encode(const KnownGit& known) {
  BinaryWriter out;
  out.varint(known.indexes.size());
  for (const auto& [path, index] : known.indexes) {
    out.string(path);
    put(out, index);
  }
  out.raw(known.tree.view());
  out.varint(known.needs.size());
  for (const manifest::GitNeed& need : known.needs) {
    out.string(need.path);
    out.string(need.object);
  }
  out.varint(known.unkept.size());
  for (const auto& [path, count] : known.unkept) {
    out.string(path);
    out.varint(count);
  }
  return std::string(as_text(out.view()));
}

KnownGit decode_known_git(std::string_view bytes) {
  if (bytes.empty()) {
    return {};
  }
  try {
    BinaryReader in(as_bytes(bytes), "what is known of git");
    return decode(in);
  } catch (const CorruptionError&) { // of a cache: it is read anew
    return {};
  }
}

} // namespace savepoint::project
