#include "git/internal/staged.hpp"

#include "base/hex.hpp"

#include <algorithm>

namespace savepoint::git {
namespace {

constexpr std::uint32_t k_type_mask = 0170000;
constexpr std::uint32_t k_file = 0100000;

/// Old trees may hold permissions that git no longer writes, such as 0100664.
std::uint32_t canonical_mode(std::uint32_t mode) {
  if ((mode & k_type_mask) != k_file) {
    return mode & k_type_mask;
  }
  return (mode & 0100U) != 0 ? 0100755 : 0100644;
}

FileChange change_of(const IndexEntry& entry, char code) {
  return {std::string(entry.path), code, to_hex(entry.object), entry.mode};
}

} // namespace

StagedComparison::StagedComparison(const Index& index) : left_(index.entries()) {
  vouched_.reserve(index.cache_tree().size());
  for (const CacheTreeNode& node : index.cache_tree()) {
    if (node.valid) {
      vouched_.emplace(node.path, node.object);
    }
  }
}

bool StagedComparison::meets_unchanged(std::string_view directory, std::string_view object) {
  const auto found = vouched_.find(directory);
  if (found == vouched_.end() || found->second != object) {
    return false;
  }
  if (directory.empty()) {
    left_ = {};
    return true;
  }
  const std::string begin = std::string(directory) + "/";
  add_up_to(begin);
  const auto end = std::find_if_not(left_.begin(), left_.end(), [&begin](const IndexEntry& entry) {
    return entry.path.starts_with(begin);
  });
  left_ = left_.subspan(static_cast<std::size_t>(end - left_.begin()));
  return true;
}

void StagedComparison::meet(std::string_view path, std::uint32_t mode, std::string_view object) {
  add_up_to(path);
  if (left_.empty() || left_.front().path != path) {
    changes_.push_back({std::string(path), 'D', {}, 0});
    return;
  }
  const IndexEntry& entry = left_.front();
  if (entry.stage != 0) {
    add_conflict();
    return;
  }
  left_ = left_.subspan(1);
  const std::uint32_t old_mode = canonical_mode(mode);
  if (entry.intent_to_add) {
    changes_.push_back({std::string(path), 'D', {}, 0});
  } else if ((old_mode & k_type_mask) != (entry.mode & k_type_mask)) {
    changes_.push_back(change_of(entry, 'T'));
  } else if (old_mode != entry.mode || as_text(entry.object) != object) {
    changes_.push_back(change_of(entry, 'M'));
  }
}

std::vector<FileChange> StagedComparison::finish() {
  while (!left_.empty()) {
    add_up_to(std::string(left_.back().path) + '\0');
  }
  return std::move(changes_);
}

/// What the index has before `path`, HEAD has not.
void StagedComparison::add_up_to(std::string_view path) {
  while (!left_.empty() && left_.front().path < path) {
    const IndexEntry& entry = left_.front();
    if (entry.stage != 0) {
      add_conflict();
      continue;
    }
    if (!entry.intent_to_add) {
      changes_.push_back(change_of(entry, 'A'));
    }
    left_ = left_.subspan(1);
  }
}

void StagedComparison::add_conflict() {
  const std::string_view path = left_.front().path;
  changes_.push_back({std::string(path), 'U', {}, 0});
  while (!left_.empty() && left_.front().path == path) {
    left_ = left_.subspan(1);
  }
}

} // namespace savepoint::git
