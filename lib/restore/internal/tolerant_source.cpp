#include "restore/internal/tolerant_source.hpp"

#include "base/error.hpp"
#include "restore/internal/paths.hpp"
#include "store/tree.hpp"

namespace savepoint::restore {

Bytes TolerantSource::get(const hash::Digest& id) const {
  try {
    return below_->get(id);
  } catch (const CorruptionError&) {
    found_damage_ = true;
    return store::encode(store::Tree{});
  }
}

std::vector<std::string> unreadable_directories(const store::ChunkSource& source,
                                                const std::optional<hash::Digest>& root) {
  std::vector<std::string> unreadable;
  std::vector<std::pair<std::string, hash::Digest>> left;
  if (root) {
    left.emplace_back("", *root);
  }
  while (!left.empty()) {
    const auto [path, id] = std::move(left.back());
    left.pop_back();
    try {
      for (const store::TreeEntry& entry : store::get_tree(source, id).entries) {
        if (entry.kind == store::EntryKind::directory) {
          left.emplace_back(join(path, entry.name), entry.tree);
        }
      }
    } catch (const CorruptionError&) {
      unreadable.push_back(path);
    }
  }
  return unreadable;
}

} // namespace savepoint::restore
