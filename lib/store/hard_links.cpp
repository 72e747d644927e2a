#include "base/binary.hpp"
#include "base/error.hpp"
#include "fs/tree_writer.hpp"
#include "store/internal/large_object.hpp"
#include "store/tree.hpp"

#include <unordered_set>

namespace savepoint::store {
namespace {

constexpr std::string_view k_magic = "SPHL";
constexpr std::uint8_t k_version = 1;

/// What is wrong with `links`; empty if nothing is.
std::string_view fault_of(const HardLinks& links) {
  std::unordered_set<std::string_view> seen;
  const std::vector<std::string>* previous_group = nullptr;
  for (const std::vector<std::string>& group : links) {
    if (group.size() < 2) {
      return "a group has fewer than two paths";
    }
    if (previous_group != nullptr && !(*previous_group < group)) {
      return "groups are not in order";
    }
    const std::string* previous = nullptr;
    for (const std::string& path : group) {
      if (!fs::is_safe_path(path)) {
        return "a path leads astray";
      }
      if (previous != nullptr && !(*previous < path)) {
        return "paths are not in order";
      }
      if (!seen.insert(path).second) {
        return "a path is in two groups";
      }
      previous = &path;
    }
    previous_group = &group;
  }
  return {};
}

HardLinks decode(ByteView bytes) {
  BinaryReader reader(bytes, "a list of hard links");
  if (as_text(reader.raw(k_magic.size())) != k_magic) {
    reader.damaged("it does not begin like one");
  }
  if (reader.u8() != k_version) {
    reader.damaged("its version is not known");
  }
  HardLinks links;
  const std::size_t groups = reader.count(1 + 2 * 2);
  for (std::size_t i = 0; i < groups; ++i) {
    std::vector<std::string>& group = links.emplace_back();
    const std::size_t paths = reader.count(2);
    for (std::size_t j = 0; j < paths; ++j) {
      group.emplace_back(reader.string());
    }
  }
  reader.expect_end();
  if (const std::string_view fault = fault_of(links); !fault.empty()) {
    reader.damaged(fault);
  }
  return links;
}

} // namespace

hash::Digest put_hard_links(ChunkSink& sink, const HardLinks& links) {
  if (const std::string_view fault = fault_of(links); !fault.empty()) {
    bug(fault);
  }
  BinaryWriter writer;
  writer.raw(as_bytes(k_magic));
  writer.u8(k_version);
  writer.varint(links.size());
  for (const std::vector<std::string>& group : links) {
    writer.varint(group.size());
    for (const std::string& path : group) {
      writer.string(path);
    }
  }
  return put_object(sink, writer.view(), "the list of hard links");
}

HardLinks get_hard_links(const ChunkSource& source, const hash::Digest& id) {
  return decode(get_object(source, id));
}

} // namespace savepoint::store
