#pragma once

#include "base/snapshot_id.hpp"
#include "base/timestamp.hpp"
#include "manifest/content.hpp"
#include "json/value.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::manifest {

/// The files of a project: what git tracks and what it does not ignore.
struct CodeComponent {
  hash::Digest tree;  ///< The root directory: docs/formats/tree.md.
  hash::Digest state; ///< As `tree`, but blind to the times of directories: equal means unchanged.
  /// Groups of names for one file (docs/formats/hard-links.md); missing if there are none.
  std::optional<hash::Digest> hard_links;
  std::uint64_t files = 0;
  std::uint64_t directories = 0;
  std::uint64_t bytes = 0;
};

/// One configuration file. Of its content the manifest knows names only, never a value.
struct ConfigFile {
  std::string path;
  std::string sha256; ///< Hex, of the bytes; empty if they could not be read.
  std::uint64_t size = 0;
  std::uint32_t mode = 0;
  std::vector<std::string>
      keys;             ///< In the order of the file; empty where it has no KEY=value lines.
  bool in_code = false; ///< Part of the code component; listed here as well.
  bool stored = true;   ///< False with "secrets": "keys-only": it cannot be restored.
};

/// What git does not keep and the project needs: `.env*` and what the config names.
struct ConfigComponent {
  std::optional<hash::Digest> tree; ///< The files that are stored and not in code; missing if none.
  std::vector<ConfigFile> files;
};

/// A table and how many rows it had.
struct Table {
  std::string name;
  std::uint64_t rows = 0;
};

/// One database.
struct DatabaseComponent {
  std::string name;   ///< Unique in a snapshot. For SQLite the path below the project's root.
  std::string driver; ///< "sqlite", "postgres", …
  std::string path;   ///< For databases that are files: below the root; empty otherwise.
  Content image;
  std::uint64_t size = 0; ///< As the database itself counts its bytes.
  std::vector<Table> tables;
  /// The newest applied migration and where it was found, if a known table holds one.
  std::optional<std::string> migration;
  std::optional<std::string> migration_table;
  /// Whatever else the driver needs or wants to show: page_size, page_count, schema_version, mode …
  json::Value details = json::Value::object();
};

/// Something that is in the project and not in the snapshot.
struct LeftOut {
  std::string path;
  std::string
      reason; ///< "socket", "device", "cannot be read: Permission denied", "kept changing" …
  bool is_error = false; ///< True where the user would want it: the snapshot ends with exit code 7.
};

/// One line of git status. Codes are git's letters: A M D R T U; staged and unstaged apart.
struct GitChange {
  std::string path;
  std::string code;
  std::string object;     ///< Staged entries: the object's id in hex; empty otherwise.
  std::uint32_t mode = 0; ///< Staged entries: as in the index, such as 0100644.
};

/// An object of a repository without which the state of git cannot be put back.
struct GitNeed {
  std::string path;   ///< Of the submodule that has it; empty: the project's own repository.
  std::string object; ///< Its id in hex.
  friend bool operator==(const GitNeed&, const GitNeed&) = default;
};

struct GitState {
  std::optional<std::string> branch; ///< Missing when HEAD is detached.
  std::optional<std::string> commit; ///< Missing before the first commit.
  std::optional<std::string> upstream;
  std::uint64_t ahead = 0;
  std::uint64_t behind = 0;
  std::string
      operation; ///< "merge", "rebase", "cherry-pick", "revert", "bisect", "am"; empty: none.
  std::uint64_t stashes = 0;
  /// At most k_most_listed of each kind are listed; the counts are complete.
  std::vector<GitChange> staged;
  std::vector<GitChange> unstaged;
  std::vector<std::string> untracked; ///< Directories without any tracked file end in `/`.
  std::vector<std::string> conflicts;
  std::uint64_t staged_count = 0;
  std::uint64_t unstaged_count = 0;
  std::uint64_t untracked_count = 0;
  std::uint64_t conflict_count = 0;
  /// Of all that is staged; only where that is more than is listed.
  std::optional<hash::Digest> staged_digest;
  /// HEAD, index and operation in progress, exactly: docs/formats/git-state.md. Snapshots of
  /// version 1 have none.
  std::optional<hash::Digest> tree;
  std::vector<GitNeed> needs; ///< Of `tree`; the commit of HEAD first, where there is one.

  static constexpr std::size_t k_most_listed = 1000;
  /// Anything that `git status` would list.
  [[nodiscard]] bool dirty() const {
    return staged_count + unstaged_count + untracked_count + conflict_count > 0;
  }
};

/// What a snapshot that a hook of git caused knows of its moment. Git changes files and never a
/// database, so after a checkout or a merge the databases are still those of what was left.
struct HookMoment {
  std::optional<std::string> left_commit; ///< What the databases belong to; missing: to `git`.
  std::optional<std::string> left_branch; ///< Missing where it was left detached, or is not known.
  /// Databases that were read to their end only after git had gone on, in the background.
  std::vector<std::string> late;
  friend bool operator==(const HookMoment&, const HookMoment&) = default;
};

/// Which project and which of its work trees.
struct ProjectIdentity {
  std::string id;
  std::string name;     ///< The last part of its path; for people.
  std::string worktree; ///< Empty for the main one, else the name git gave the linked one.
};

/// All that a snapshot is. Immutable once sealed.
struct Manifest {
  std::optional<SnapshotId> id; ///< Given by `seal`.
  std::uint64_t sequence =
      0; ///< Given by the store: the order of snapshots, whatever the clock says.
  Timestamp created_at{};
  std::optional<SnapshotId> previous; ///< The newest one in the store when this was sealed.
  std::string trigger = "manual";
  std::string note;
  std::vector<std::string> tags;
  bool pinned = false; ///< As asked for when taken; marks have the last word.
  ProjectIdentity project;
  std::string state; ///< Hex digest of everything that makes a snapshot differ from another.
  std::optional<CodeComponent> code;
  std::optional<ConfigComponent> config;
  std::vector<DatabaseComponent> databases; ///< Sorted by name.
  std::optional<GitState> git;
  std::optional<HookMoment> hook; ///< Where there is something to say of it.
  /// Labelled versions from the config: {"app": "1.4.0"}.
  std::map<std::string, std::string> versions;
  /// platform, savepoint and library versions; no variables of the environment.
  std::map<std::string, std::string> environment;
  std::vector<LeftOut> left_out;
  std::uint64_t bytes_added = 0;

  /// Bytes of all components, as the user would count them.
  [[nodiscard]] std::uint64_t bytes() const;
};

/// Completes `manifest` and prints it: databases are sorted, the time is cut to milliseconds, an
/// empty state becomes `state_of`, the id is made of the time and of as many digits as `is_taken`
/// demands, and the checksum is added. What was sealed equals what `parse` reads back. The format
/// is docs/formats/manifest.md.
///
/// Throws CorruptionError if what is in `manifest` could not be read back.
[[nodiscard]] std::string seal(Manifest& manifest,
                               const std::function<bool(const SnapshotId&)>& is_taken);

/// Reads a sealed manifest; checks its checksum and that every byte is as we would have printed it.
///
/// Throws CorruptionError; NotFoundError for a manifest of a newer version.
[[nodiscard]] Manifest parse(std::string_view text, std::string_view what);

/// The manifest's own document, without checksum: what `show --json` prints.
[[nodiscard]] json::Value to_json(const Manifest& manifest);

/// Whether two databases of one kind hold the same: by what their driver says in
/// `details["content"]`, else by their images.
[[nodiscard]] bool is_same_content(const DatabaseComponent& a, const DatabaseComponent& b);

/// The digest that says whether two snapshots hold the same: over code.state, hard links, config,
/// database images and details, branch, commit, operation, what is staged and the exact state of
/// git. Not over notes, times or triggers.
[[nodiscard]] std::string state_of(const Manifest& manifest);

} // namespace savepoint::manifest
