#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::git {

/// The mode of an entry that is a submodule: a commit of another repository.
inline constexpr std::uint32_t k_submodule = 0160000;

/// Stat data of an index entry as git keeps it: 32 bits of everything.
struct IndexStat {
  std::uint32_t ctime_seconds = 0, ctime_nanoseconds = 0;
  std::uint32_t mtime_seconds = 0, mtime_nanoseconds = 0;
  std::uint32_t device = 0, inode = 0, user = 0, group = 0, size = 0;
};

struct IndexEntry {
  std::string_view path;  ///< Valid as long as the Index lives.
  ByteView object;        ///< 20 bytes, or 32 with SHA-256.
  std::uint32_t mode = 0; ///< 0100644, 0100755, 0120000, 0160000.
  std::uint8_t stage = 0; ///< 0 normal; 1 to 3 in a conflict.
  bool assume_valid = false;
  bool skip_worktree = false;
  bool intent_to_add = false;
  IndexStat stat;
};

/// What tells one state of an index file from another without reading it all: its size, times and
/// the checksum that ends it.
struct IndexStamp {
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::uint64_t inode = 0;
  std::string checksum; ///< The last 32 bytes, which include it whatever its length.
  friend bool operator==(const IndexStamp&, const IndexStamp&) = default;
};

/// A directory in the cache-tree extension.
struct CacheTreeNode {
  std::string path; ///< Without a slash at the end; empty for the root.
  bool valid = false;
  std::string object; ///< Raw bytes of the tree's id, if valid.
};

/// The git index, read by ourselves from its documented format (gitformat-index: versions 2, 3 and
/// 4), because building libgit2's copy of it costs more than a whole `git status`. A split or
/// sparse index is asked of `git` instead. Entries are sorted as git sorts them: bytewise by path,
/// then stage.
class Index {
public:
  /// An index without entries if the file does not exist or is empty. `work_tree` is where git is
  /// asked about an index that we do not read ourselves.
  ///
  /// Throws CorruptionError if the file is damaged. Its structure is checked, and its order; its
  /// checksum is not, as git itself does not.
  [[nodiscard]] static Index read(const std::filesystem::path& file,
                                  const std::filesystem::path& work_tree);
  /// The stamp of an index file; nothing if it does not exist.
  [[nodiscard]] static std::optional<IndexStamp> stamp(const std::filesystem::path& file);

  ~Index();
  Index(Index&&) noexcept;
  Index& operator=(Index&&) noexcept;

  [[nodiscard]] std::span<const IndexEntry> entries() const;
  /// The entries below `directory` ("" for all), which are contiguous.
  [[nodiscard]] std::span<const IndexEntry> below(std::string_view directory) const;
  /// The stage-0 entry at `path`, null if there is none.
  [[nodiscard]] const IndexEntry* find(std::string_view path) const;
  /// Whether anything at `path` or below it is tracked.
  [[nodiscard]] bool tracks(std::string_view path) const;
  /// When the index file was written: entries not older than this cannot be trusted (racy).
  [[nodiscard]] std::int64_t written_at_ns() const;
  [[nodiscard]] std::span<const CacheTreeNode> cache_tree() const;
  /// What conflicts were like before they were resolved: the extension REUC as it is in the file,
  /// empty if there is none, or if git was asked instead.
  [[nodiscard]] std::string_view resolve_undo() const;

private:
  struct State;
  explicit Index(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace savepoint::git
