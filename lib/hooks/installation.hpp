#pragma once

#include "fs/lock.hpp"
#include "git/repository.hpp"
#include "hooks/hook.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::hooks {

/// Where our hooks are (docs/hooks.md).
enum class Place {
  files,      ///< In the hooks directory of the repository, beside or in the hooks of others.
  leading_on, ///< In a directory of ours, whose hooks lead on to where core.hooksPath says.
  configured, ///< In the configuration of the repository, which git 2.54 and newer look at.
};

/// What an installation is for, and with what.
struct Request {
  std::filesystem::path executable; ///< savepoint-hooks, which the hooks look for first.
  std::map<std::string, std::string> environment; ///< The user's.
  bool guard = false;  ///< Install the guard as well; one that is there stays in any case.
  bool follow = false; ///< Have databases follow the branch; they go on to in any case.
};

/// One change of a file.
struct Edit {
  enum class Kind {
    write,   ///< `path` gets `content` and `mode`.
    set,     ///< The same for git's own configuration, under git's lock.
    link,    ///< `path` gets the second name `to`.
    symlink, ///< `to` becomes a symlink with the target `content`.
    move,    ///< `path` is now called `to`, in place of whatever was called so.
    remove,  ///< `path` goes: a file, or a directory if it is empty.
  };
  Kind kind = Kind::write;
  std::filesystem::path path;
  std::string content = {};
  std::uint32_t mode = 0;
  std::filesystem::path to = {};
  /// What `path` (of a move: `to`) has to be until it is changed; empty also if there is none.
  std::optional<std::string> before = std::nullopt;
};

/// What has to be changed, in this order. Made by `plan_install` or `plan_uninstall`, carried out
/// by `apply`: whatever ends that early, every hook of others still runs.
struct Plan {
  std::optional<Place> place; ///< Where the hooks are then.
  std::vector<Edit> edits;
  std::vector<std::string> notes; ///< For people: what they may want to know.
};

/// Held while a plan is made and carried out: nobody else of us installs or uninstalls meanwhile.
///
/// Throws BusyError if somebody else does for too long.
[[nodiscard]] fs::FileLock lock_installation(const git::Repository& repository);
/// Our hooks installed, or brought up to date: empty if all is as it should be.
///
/// Throws RefusedError where git would not look at what we install, NotFoundError without a git.
[[nodiscard]] Plan plan_install(const git::Repository& repository, const Request& request);
/// Every trace of ours taken out.
[[nodiscard]] Plan plan_uninstall(const git::Repository& repository, const Request& request);
/// Throws BusyError if git's configuration is locked, or it, or a hook that is to be written,
/// replaced or removed, was changed meanwhile.
void apply(const Plan& plan);

enum class State {
  active,
  outdated, ///< Runs, and is not what `plan_install` would write.
  unused,   ///< There, and git does not run it: it looks elsewhere, or may not execute it.
  missing,
};

struct HookStatus {
  Hook hook = Hook::pre_commit;
  State state = State::missing;
  std::filesystem::path file; ///< Ours, or where it would be.
  bool is_shared = false;     ///< Another hook runs after it, or from the same file.
};

/// What git asks through core.fsmonitor before it changes files.
struct GuardStatus {
  bool installed = false;
  State state = State::missing;
  std::filesystem::path file; ///< Its script, or where it would be.
};

/// Whether databases follow the branch.
struct FollowStatus {
  bool installed = false; ///< Our setting is in the repository's configuration.
  bool active = false;    ///< As all of git's configuration says.
};

struct Status {
  GuardStatus guard;
  FollowStatus follow;
  std::optional<Place> place;      ///< Nothing if there is no trace of ours.
  std::filesystem::path directory; ///< Where git looks for hooks.
  std::vector<HookStatus> hooks;
  [[nodiscard]] bool all_active() const;
};
/// Without a git program that could run hooks, there is no place.
[[nodiscard]] Status look(const git::Repository& repository, const Request& request);

} // namespace savepoint::hooks
