#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::git {

struct Head {
  std::optional<std::string> branch; ///< Its short name; missing when detached.
  std::optional<std::string> commit; ///< Full hex id; missing before the first commit.
  std::string broken = {};           ///< Why git cannot read it; empty if it can.
};

struct Upstream {
  std::string name; ///< Such as "origin/main".
  std::uint64_t ahead = 0;
  std::uint64_t behind = 0;
};

/// One difference between HEAD and the index, or between the index and the work tree.
struct FileChange {
  std::string path;
  char code = 'M';        ///< A added, M modified, D deleted, T another type, U conflict.
  std::string object;     ///< Hex id in the index; empty where it has none.
  std::uint32_t mode = 0; ///< As in the index.
};

/// For commits (hex ids) the nearest ones before them, of those that somebody asked about.
using Lineage = std::map<std::string, std::vector<std::string>>;

class Index;

/// Takes blobs, one after the other, in pieces.
class BlobSink {
public:
  virtual ~BlobSink() = default;
  virtual void take(ByteView piece) = 0;
  /// All of this blob was given.
  virtual void end(const std::string& object) = 0;
  /// There is no such blob, or it cannot be read; nothing of it was given.
  virtual void missing(const std::string& object) = 0;
};

/// A git repository with a work tree: the few questions we ask of it. It is read with libgit2;
/// where libgit2 does not know the format (docs/decisions), `git` answers, with hooks, filters and
/// fsmonitor off. Variables such as GIT_DIR are never looked at. One thread at a time.
class Repository {
public:
  /// The repository whose work tree holds `directory`; nothing if there is none (or only a bare
  /// one).
  ///
  /// Throws RefusedError if git itself would refuse because of its owner (safe.directory).
  [[nodiscard]] static std::optional<Repository> discover(const std::filesystem::path& directory);
  ~Repository();
  Repository(Repository&&) noexcept;
  Repository& operator=(Repository&&) noexcept;

  [[nodiscard]] std::filesystem::path work_tree() const;
  [[nodiscard]] std::filesystem::path git_directory() const;    ///< Of this work tree.
  [[nodiscard]] std::filesystem::path common_directory() const; ///< Shared by all work trees.
  [[nodiscard]] std::string worktree_name() const;              ///< Empty for the main work tree.

  [[nodiscard]] Head head() const;
  [[nodiscard]] std::optional<Upstream> upstream() const;
  /// "merge", "rebase", "cherry-pick", "revert", "bisect", "am", or empty.
  [[nodiscard]] std::string operation() const;
  [[nodiscard]] std::uint64_t stash_count() const;

  /// The full hex id of the commit that `revision` names; nothing if there is none.
  [[nodiscard]] std::optional<std::string> resolve_commit(std::string_view revision) const;
  /// The commits of `A..B`, newest first. Throws NotFoundError if an end does not exist.
  [[nodiscard]] std::vector<std::string> commits_in_range(std::string_view range) const;
  /// Hex ids of `commit` and its ancestors, nearest (by number of steps) first, at most `limit`.
  [[nodiscard]] std::vector<std::string> history(std::string_view commit, std::size_t limit) const;

  /// Which of `commits` (full hex ids) come from which, whatever other commits are between: for
  /// each its nearest ancestors among them, on every way back. Commits that are not there come from
  /// nowhere. At most `limit` commits are looked at, the newest first: what is said is true, but
  /// may not be all.
  [[nodiscard]] Lineage lineage(const std::vector<std::string>& commits,
                                std::size_t limit = 20'000) const;

  /// A string of the repository's config (all levels); nothing if it is not set.
  [[nodiscard]] std::optional<std::string> config(const std::string& key) const;
  /// Sets a string in the repository's own config file, durably and under git's lock.
  void set_config(const std::string& key, const std::string& value);

  /// Files with ignore patterns that apply to the whole work tree, weakest first
  /// (core.excludesFile or its default, then info/exclude). Some may not exist.
  [[nodiscard]] std::vector<std::filesystem::path>
  exclude_files(const std::optional<std::filesystem::path>& home) const;

  /// Files with attributes that apply to the whole work tree: the system's, core.attributesFile or
  /// its default, info/attributes. Some may not exist.
  [[nodiscard]] std::vector<std::filesystem::path>
  attribute_files(const std::optional<std::filesystem::path>& home) const;

  /// Where the index file is. It may not exist.
  [[nodiscard]] std::filesystem::path index_file() const;
  /// How the index differs from HEAD, sorted by path. Subtrees that the index's cache tree vouches
  /// for are not read.
  [[nodiscard]] std::vector<FileChange> staged_changes(const Index& index) const;

  /// The object id that git would give to a file of the work tree, line-ending and ident conversion
  /// applied, external filters not; nothing if it cannot be read. Nothing is written.
  [[nodiscard]] std::optional<std::string> hash_file(std::string_view path) const;

  /// Gives blobs, named by their hex ids, as they are in the object database to `sink`, in their
  /// order.
  void read_blobs(const std::vector<std::string>& objects, BlobSink& sink) const;
  /// Those of `objects` (hex ids) that are there and are commits, tags or trees, in their order.
  [[nodiscard]] std::vector<std::string>
  known_objects(const std::vector<std::string>& objects) const;
  /// The first line of what a commit (hex id) says; empty if it cannot be read.
  [[nodiscard]] std::string subject(const std::string& commit) const;
  /// How many bytes an id has: 20, or 32 with SHA-256.
  [[nodiscard]] std::size_t id_length() const;

private:
  struct State;
  explicit Repository(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace savepoint::git
