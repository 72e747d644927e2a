#include "verify/internal/chunk_checks.hpp"

#include "base/error.hpp"

namespace savepoint::verify {

ChunkChecks::ChunkChecks(const store::Store& store, const std::vector<store::DamagedFile>& damaged)
    : store_(&store) {
  for (const store::DamagedFile& file : damaged) {
    if (file.chunks.empty()) {
      suspects_all_ = &file;
    }
    for (const hash::Digest& chunk : file.chunks) {
      suspects_.emplace(chunk, &file);
    }
  }
}

const ChunkChecks::Answer& ChunkChecks::check(const hash::Digest& id) {
  const auto [at, is_new] = answers_.try_emplace(id);
  Answer& answer = at->second;
  if (!is_new) {
    return answer;
  }
  const auto suspect = suspects_.find(id);
  const store::DamagedFile* file = suspect != suspects_.end() ? suspect->second : suspects_all_;
  if (file == nullptr && store_->contains(id)) {
    return answer;
  }
  try {
    static_cast<void>(store_->get(id)); // another pack may have it, and the catalog may be behind
  } catch (const Error& error) {
    answer = {.good = false, .what = error.what(), .file = file == nullptr ? "" : file->file};
  }
  return answer;
}

} // namespace savepoint::verify
