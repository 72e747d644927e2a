#include "hooks/installation.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "hooks/internal/follow_setting.hpp"
#include "hooks/internal/guard.hpp"
#include "hooks/internal/places.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace savepoint::hooks {
namespace {

namespace filesystem = std::filesystem;

/// Git that looks at files of hooks never sees what is configured, and the other way round both.
void check_that_git_looks(const Surroundings& surroundings, Place place) {
  if (place == Place::configured || !surroundings.is_overridden) {
    return;
  }
  throw RefusedError("cannot install hooks: core.hooksPath is set for this work tree alone "
                     "(config.worktree), where git looks before it looks at the repository's "
                     "settings",
                     "set it for the repository instead: git config --worktree --unset "
                     "core.hooksPath; git config core.hooksPath ...");
}

Surroundings look_around_for(const git::Repository& repository, const Request& request) {
  std::optional<Surroundings> surroundings = look_around(repository, request);
  if (!surroundings) {
    throw NotFoundError("cannot tell where git looks for hooks: there is no git in PATH",
                        "install git, or have it in PATH");
  }
  return *std::move(surroundings);
}

} // namespace

bool Status::all_active() const {
  return std::ranges::all_of(hooks,
                             [](const HookStatus& one) { return one.state == State::active; });
}

fs::FileLock lock_installation(const git::Repository& repository) {
  constexpr std::chrono::seconds k_longest_wait{10};
  const filesystem::path common = repository.common_directory();
  // A directory that every repository has; under the lock of `common` itself projects get their id.
  auto lock = fs::FileLock::acquire(fs::open_directory(common / "objects"),
                                    fs::FileLock::Mode::exclusive, k_longest_wait);
  if (!lock) {
    throw BusyError("cannot change hooks of " + quoted(common.string()) +
                        ": another savepoint is at work there",
                    "try again");
  }
  return *std::move(lock);
}

Plan plan_install(const git::Repository& repository, const Request& request) {
  const Surroundings surroundings = look_around_for(repository, request);
  Plan plan;
  plan.place = surroundings.best_place();
  check_that_git_looks(surroundings, *plan.place);
  if (*plan.place == Place::files) {
    put_into_files(surroundings, request, plan);
    take_out_of_directory(surroundings, plan);
  } else {
    put_into_directory(*plan.place, surroundings, request, plan);
    take_out_of_files(surroundings, plan);
  }
  if (request.guard || look_at_guard(surroundings, request).installed) {
    put_guard(surroundings, request, plan);
  }
  if (request.follow || look_at_follow(surroundings, repository).installed) {
    put_follow(surroundings, repository, request, plan);
  }
  return plan;
}

Plan plan_uninstall(const git::Repository& repository, const Request& request) {
  const Surroundings surroundings = look_around_for(repository, request);
  Plan plan;
  take_follow_out(surroundings, plan);
  take_guard_out(surroundings, plan);
  take_out_of_directory(surroundings, plan);
  take_out_of_files(surroundings, plan);
  return plan;
}

Status look(const git::Repository& repository, const Request& request) {
  Status status;
  const std::optional<Surroundings> seen = look_around(repository, request);
  if (!seen) {
    return status;
  }
  const Surroundings& surroundings = *seen;
  status.guard = look_at_guard(surroundings, request);
  status.follow = look_at_follow(surroundings, repository);
  status.place = place_of_directory(surroundings);
  if (!status.place && is_in_files(surroundings)) {
    status.place = Place::files;
  }
  status.directory =
      surroundings.looks_at_ours ? surroundings.our_directory() : surroundings.their_directory();
  for (const Hook hook : k_hooks) {
    status.hooks.push_back(status.place.value_or(Place::files) == Place::files
                               ? look_at_file(surroundings, request, hook)
                               : look_into_directory(*status.place, surroundings, request, hook));
  }
  return status;
}

} // namespace savepoint::hooks
