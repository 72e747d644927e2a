#include "restore/internal/same_content.hpp"

#include "fs/status.hpp"
#include "store/content.hpp"

#include <algorithm>

namespace savepoint::restore {
namespace {

constexpr std::uint64_t k_block = std::uint64_t{64} << 10U;

/// Whether `file` has exactly `expected` at `offset`.
bool has_at(const fs::Descriptor& file, std::uint64_t offset, ByteView expected) {
  Bytes bytes(expected.size());
  const fs::Attempt<std::size_t> got = fs::try_read_at(file, bytes, offset);
  return got && *got.value == expected.size() && std::ranges::equal(bytes, expected);
}

bool has_bytes(const store::ChunkSource& source, const fs::Descriptor& file,
               const manifest::Content& content) {
  const Bytes zeros(k_block);
  bool same = true;
  store::read_content(
      source, content, [&](std::uint64_t offset, ByteView bytes, std::uint64_t hole) {
        same = same && (bytes.empty() || has_at(file, offset, bytes));
        for (std::uint64_t done = 0; same && done < hole; done += k_block) {
          const auto length = std::min(k_block, hole - done);
          same =
              has_at(file, offset + done, ByteView(zeros).first(static_cast<std::size_t>(length)));
        }
      });
  return same;
}

} // namespace

bool is_same_content(const store::ChunkSource& source, const fs::Descriptor& directory,
                     const char* name, const store::TreeEntry& wanted) {
  const fs::Attempt<fs::FileStatus> status = fs::try_status_at(directory.number(), name);
  if (!status) {
    return false;
  }
  switch (wanted.kind) {
  case store::EntryKind::directory:
    return status.value->kind == fs::FileKind::directory;
  case store::EntryKind::fifo:
    return status.value->kind == fs::FileKind::fifo;
  case store::EntryKind::symlink:
    return fs::try_read_link_at(directory.number(), name).value == wanted.target;
  case store::EntryKind::file:
    break;
  }
  if (status.value->kind != fs::FileKind::regular || status.value->size != wanted.content.size) {
    return false;
  }
  const fs::Attempt<fs::Descriptor> file = fs::try_open_file_at(directory.number(), name);
  return file && has_bytes(source, *file.value, wanted.content);
}

} // namespace savepoint::restore
