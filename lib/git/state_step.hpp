#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::git {

/// How HEAD, the index, the files of an operation in progress and branches of a repository turn
/// into others. A value: it can be written down before it is done, done again, and taken back, by
/// another process too. `StateStaging` makes it; until `close` everything that was is in its
/// directory.
///
///   perform(step);     does what is not done yet
///   take_back(step);   undoes what was done, all or a part of it
///   close(step);       gives up the way back
struct StateStep {
  /// A file or directory below the git directory.
  struct Name {
    std::string name; ///< "HEAD", "index", or one of `present_state_names`.
    bool was_there = false;
    bool comes = false; ///< False: it shall not be there.
  };
  struct Reference {
    std::string name;                         ///< Below refs/heads/.
    std::optional<std::string> before, after; ///< Hex; missing: it is not there.
  };
  std::string work_tree;           ///< Absolute.
  std::string git_directory;       ///< Absolute; of the work tree.
  std::string common_directory;    ///< Absolute; shared by all work trees.
  std::string staging;             ///< The directory in `git_directory` where things wait.
  std::vector<Name> names;         ///< In the order in which they are put in place.
  std::vector<Reference> branches; ///< Those that move, and that of HEAD even if it does not.
  std::optional<std::string> commit_before, commit_after; ///< Of HEAD, for its reflog.
  std::string head_seen;  ///< What HEAD said when all this was made ready; empty: there was none.
  std::string index_seen; ///< The SHA-256 of the image of the index then, raw; empty: none.
  std::string who;        ///< For reflogs: "Name <address>".
  std::int64_t at = 0;    ///< For reflogs: seconds since 1970.
  std::string message;    ///< For reflogs.
};

[[nodiscard]] std::string encode(const StateStep& step);
/// Throws CorruptionError unless `bytes` are what `encode` makes of a step that stays within a git
/// directory.
[[nodiscard]] StateStep decode_state_step(std::string_view bytes);

/// Does all of it that is not done yet, durably, holding git's lock on the index meanwhile.
///
/// Throws BusyError if somebody else holds that lock, or changed the index, HEAD or a branch
/// meanwhile. After any error `take_back` makes it as it was.
void perform(const StateStep& step);
/// Undoes what of it is done, durably. Does nothing if nothing is.
///
/// Throws BusyError if somebody moved the branch since, or holds the lock.
void take_back(const StateStep& step);
/// Removes what waited and what was replaced, and our lock, if there is one.
void close(const StateStep& step);

/// Removes what processes that died left of their steps in `git_directory`: directories, and the
/// lock on the index if it is one of theirs, and those of branches that their git was moving.
/// Requires that no restore is at work there.
///
/// Throws BusyError if there is a lock that may be another's.
void sweep_state_steps(const std::filesystem::path& git_directory);
/// Throws BusyError if somebody holds the lock on the index in `git_directory`.
void require_unlocked(const std::filesystem::path& git_directory);
/// As StateStep::index_seen.
[[nodiscard]] std::string image_digest(const std::filesystem::path& index_file,
                                       const std::filesystem::path& work_tree);

/// The prefix of the directories of steps.
inline constexpr std::string_view k_state_staging_prefix = "savepoint-restore-";

} // namespace savepoint::git
