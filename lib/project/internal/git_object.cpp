#include "project/internal/git_object.hpp"

#include "base/bytes.hpp"

#include <algorithm>

namespace savepoint::project {
namespace {

constexpr std::size_t k_piece = std::size_t{256} << 10U;

bool is_same(const fs::FileStatus& now, const fs::FileStatus& before) {
  return now.inode == before.inode && now.size == before.size && now.mtime_ns == before.mtime_ns &&
         now.ctime_ns == before.ctime_ns;
}

} // namespace

std::optional<git::RawId> plain_object(const fs::Descriptor& directory, const char* name,
                                       const fs::FileStatus& status, std::size_t id_length) {
  const fs::Attempt<fs::Descriptor> file = fs::try_open_file_at(directory.number(), name);
  if (!file) {
    return std::nullopt;
  }
  thread_local Bytes buffer(k_piece);
  git::BlobHash hash(status.size, id_length);
  for (std::uint64_t at = 0; at < status.size;) {
    const fs::Attempt<std::size_t> got = fs::try_read_at(*file.value, buffer, at);
    const ByteView piece = ByteView(buffer).first(got ? *got.value : 0);
    if (piece.empty() || git::may_be_converted(piece)) {
      return std::nullopt;
    }
    hash.update(piece);
    at += piece.size();
  }
  return is_same(fs::status_of(*file.value), status) ? std::optional(hash.finish()) : std::nullopt;
}

bool mentions_encodings(std::string_view attributes) {
  return attributes.find("working-tree-encoding") != std::string_view::npos;
}

} // namespace savepoint::project
