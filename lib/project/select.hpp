#pragma once

#include "manifest/summary.hpp"
#include "project/project.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::project {

/// The snapshots that `project` may see, newest first: its own, taken in the same work tree.
/// Without a project, all of the store: where a whole id is given, it may be of another work tree.
[[nodiscard]] std::vector<manifest::Summary> visible_snapshots(const store::Store& store,
                                                               const Project* project);

/// The tag of a snapshot that was taken while a recovery was due: of a project between two states.
inline constexpr std::string_view k_recovery_due_tag = "recovery-due";

/// Whether it does not count for `latest` and the like: a safety snapshot, or one taken while a
/// recovery was due.
[[nodiscard]] bool is_set_aside(const manifest::Summary& snapshot);

/// The one snapshot that SNAPSHOT means: an id, a unique prefix or suffix of one, `latest`,
/// `latest~N`, a tag, `branch:NAME`, `commit:REV`. `latest`, `branch:` and `commit:` do not count
/// those that are set aside. A suffix has at least four characters. `project` may be null; then
/// `commit:` takes nothing but the id of a commit, or its beginning.
///
/// Throws NotFoundError if there is none, UsageError if it is ambiguous (the candidates are named).
[[nodiscard]] manifest::Summary select(const std::vector<manifest::Summary>& snapshots,
                                       std::string_view selector, const Project* project);

/// A snapshot that was found by the history of git, and why it is this one.
struct AtRevision {
  manifest::Summary snapshot;
  std::string commit;      ///< What was asked for; empty: a branch that is gone.
  std::uint64_t steps = 0; ///< How many commits were made since; 0: taken at that very commit.
  std::string why;         ///< For people.
};
/// The newest snapshot taken at the commit `revision` names, else at the nearest of its ancestors.
[[nodiscard]] AtRevision select_at(const std::vector<manifest::Summary>& snapshots,
                                   std::string_view revision, const Project& project);
/// The same for the newest commit of a branch; of several snapshots taken at it, those taken on the
/// branch come first. Of a branch that is gone, and where nothing in its history has a snapshot,
/// the newest that was taken on it.
[[nodiscard]] AtRevision select_branch(const std::vector<manifest::Summary>& snapshots,
                                       std::string_view branch, const Project& project);

/// What `list` filters by. A trigger such as "hook" includes "hook:pre-commit".
struct Filter {
  std::optional<std::string> branch;
  std::optional<std::string> commit; ///< REV or A..B
  std::optional<std::string> tag;
  std::optional<std::string> trigger;
  std::optional<std::size_t> limit;
};
[[nodiscard]] std::vector<manifest::Summary> filter(std::vector<manifest::Summary> snapshots,
                                                    const Filter& filter, const Project* project);

} // namespace savepoint::project
