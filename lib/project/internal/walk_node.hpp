#pragma once

#include "fs/descriptor.hpp"
#include "fs/status.hpp"
#include "git/ignore.hpp"
#include "project/internal/stat_cache.hpp"
#include "project/internal/walk.hpp"
#include "project/nested_repository.hpp"
#include "store/chunks.hpp"
#include "store/tree.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::project {

/// One name in a directory while it is walked.
struct WalkEntry {
  std::string name;
  const CachedEntry* cached = nullptr;
  fs::FileKind kind = fs::FileKind::regular;
  std::uint8_t flags = 0; ///< EntryFlag
  bool gone = false;      ///< Not part of the project after all, or vanished.
  bool same = false;      ///< Exactly as the cache has it.
  bool tracked = false;   ///< Seen in the index.
  std::uint8_t driver = 0;
  fs::FileStatus status;
  manifest::Content content;
  store::Attributes attributes;
  bool attributes_in_old_tree = false;
  std::string target;
  std::array<std::byte, 32> object{};

  // Directories, once complete:
  hash::Digest tree;
  hash::Digest state;
  std::uint64_t block = 0;
  bool block_is_old = false;
  std::uint64_t files_below = 0;

  [[nodiscard]] bool in_code() const { return (flags & k_in_code) != 0; }
  [[nodiscard]] bool is_directory() const { return kind == fs::FileKind::directory; }
};

/// A directory while it is walked.
struct WalkNode {
  /// Which names in it are captured.
  enum class Mode {
    by_rules, ///< What is not ignored.
    ignored,  ///< It is ignored itself: only what git tracks or the config includes.
    included, ///< The config includes it: all.
  };

  NodePointer parent;
  std::size_t slot = 0; ///< Its entry in the parent.
  std::string name;
  std::string path; ///< From the root; empty for the root.
  std::size_t depth = 0;
  Mode mode = Mode::by_rules;
  std::optional<CachedDirectory> cached;
  std::uint64_t cached_block = 0;

  fs::Descriptor directory;
  fs::FileStatus status;
  store::Attributes attributes;
  bool unreadable = false;
  bool same_directory = false;                  ///< Its own status is what the cache has.
  std::uint32_t flags = 0;                      ///< DirectoryFlag
  std::shared_ptr<NestedRepository> repository; ///< Where it lies in another than the project's.
  std::string ignore_text;
  std::uint64_t rules_identity = 0;
  std::once_flag ignores_made;
  std::shared_ptr<const git::IgnoreRules> ignores;
  std::once_flag encodings_asked;
  bool may_have_encodings = false; ///< Attributes for it or above it mention encodings.
  std::vector<WalkEntry> entries;
  std::vector<std::string> companions;   ///< Names that belong to a database here.
  std::atomic<std::uint32_t> pending{1}; ///< Unfinished children, and itself.

  // Once complete:
  hash::Digest tree;
  hash::Digest state;
  bool tree_is_old = false;

  /// Whether another repository begins here than that of what is above.
  [[nodiscard]] bool begins_repository() const {
    return parent && repository != parent->repository;
  }
  [[nodiscard]] std::string path_of(std::string_view entry) const {
    return path.empty() ? std::string(entry) : path + "/" + std::string(entry);
  }
};

/// What a thread of the walk has for itself.
struct WalkWorker {
  std::unique_ptr<store::ChunkSink> sink;
  std::uint64_t files = 0;
  std::uint64_t directories = 0;
  std::uint64_t bytes = 0;
};

} // namespace savepoint::project
