#include "restore/steps.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/destinations.hpp"
#include "cli/paths.hpp"
#include "cli/place.hpp"
#include "cli/text.hpp"
#include "manifest/follow.hpp"
#include "project/interrupted.hpp"
#include "project/select.hpp"
#include "restore/choose.hpp"
#include "restore/logged.hpp"
#include "restore/report.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

namespace savepoint::tools {
namespace {

constexpr std::chrono::seconds k_wait_for_restore{10};
/// More than anybody reads before answering.
constexpr std::size_t k_files_to_ask_about = 40;

std::string_view name_of(RestoreOptions::Command command) {
  switch (command) {
  case RestoreOptions::Command::restore:
    return "restore";
  case RestoreOptions::Command::undo:
    return "undo";
  case RestoreOptions::Command::recover:
    return "recover";
  }
  bug("a command of restore without a name");
}

/// A word of the command line as it may be shown: without a password.
std::string shown_word(const std::string& word, const std::string& before) {
  const std::string option = "--database";
  if (before == option) {
    return cli::showable_destination(word);
  }
  return word.starts_with(option + "=")
             ? option + "=" + cli::showable_destination(word.substr(option.size() + 1))
             : word;
}

/// The same command line with more options in it, for those who have no terminal to be asked on.
std::string command_with(const cli::Session& session, const RestoreOptions& options,
                         const std::string& more) {
  std::string command =
      options.command == RestoreOptions::Command::restore ? "savepoint restore" : "savepoint";
  bool behind_dashes = false;
  std::string before;
  for (const std::string& word : session.arguments) {
    if (word == "--" && !behind_dashes) {
      behind_dashes = true;
      command += more;
    }
    command += " " + cli::shell_word(behind_dashes ? word : shown_word(word, before));
    before = word;
  }
  return printable(behind_dashes ? command : command + more);
}

std::string_view yes_if_missing(const cli::Session& session) {
  return session.common.yes ? "" : " --yes";
}

project::Project& required_project(cli::Place& place) {
  if (!place.project) {
    throw NotFoundError("there is no project here to restore into",
                        "write the snapshot somewhere else with --to DIR");
  }
  return *place.project;
}

/// Throws what the plan says no with, and the whole command that would do.
[[noreturn]] void refuse(const cli::Session& session, const RestoreOptions& options,
                         const restore::Plan& plan) {
  const restore::Plan::Guarded& guarded = *plan.refused();
  try {
    plan.require_permission();
  } catch (Error& error) {
    if (guarded.refusal == restore::Plan::Guarded::Refusal::unless_confirmed) {
      const std::string more =
          std::string(yes_if_missing(session)) + " --confirm " + cli::shell_word(guarded.name);
      error.set_hint("if that is really meant: " + command_with(session, options, more));
    }
    throw;
  }
  bug("a plan that is refused and permitted");
}

/// The snapshot that is meant; if it was found by the history of git, `options` learn why.
SnapshotId find_snapshot(cli::Session& session, cli::Place& place, RestoreOptions& options) {
  if (!options.snapshot && !options.at && !options.branch) {
    const SnapshotId chosen = choose_snapshot(session, place);
    session.arguments.insert(session.arguments.begin(), chosen.text()); // as if it had been named
    return chosen;
  }
  if (options.snapshot) {
    return place.select(*options.snapshot).id;
  }
  if (options.branch && !place.project) {
    return place.select("branch:" + *options.branch).id;
  }
  if (options.at && !place.project) {
    throw NotFoundError("cannot look for snapshots at " + savepoint::quoted(*options.at) +
                            ": there is no repository here that knows it",
                        "run this in the project, or name the snapshot: 'savepoint list' shows "
                        "those of the store");
  }
  const project::Project& project = required_project(place);
  options.found = options.at ? project::select_at(place.snapshots, *options.at, project)
                             : project::select_branch(place.snapshots, *options.branch, project);
  if (!session.common.json && !session.common.quiet) {
    session.terminal.err("savepoint: " + options.found->snapshot.id.text() + ": " +
                         options.found->why + "\n");
  }
  return options.found->snapshot.id;
}

/// Has the names of guarded databases typed where nobody gave them. Says whether one was typed,
/// which is more than a yes.
bool ask_for_names(cli::Session& session, const project::Project& project,
                   const RestoreOptions& options, restore::Plan& plan) {
  using Refusal = restore::Plan::Guarded::Refusal;
  bool is_typed = false;
  while (const restore::Plan::Guarded* guarded = plan.refused()) {
    const bool can_ask = session.terminal.can_ask() && !session.common.yes;
    if (guarded->refusal == Refusal::always || !can_ask) {
      refuse(session, options, plan);
    }
    session.progress().clear();
    if (!is_typed) {
      session.terminal.err(plan_text(session, project, plan, options, k_files_to_ask_about));
    }
    if (session.ask("type " + printable(guarded->name) + " to overwrite it: ") != guarded->name) {
      throw RefusedError(guarded->where + " is not overwritten: its name was not given",
                         "run the same command again and type " + printable(guarded->name));
    }
    plan.confirm(guarded->name);
    is_typed = true;
  }
  return is_typed;
}

void ask(cli::Session& session, const project::Project& project, const RestoreOptions& options,
         restore::Plan& plan) {
  const bool is_decided = options.command == RestoreOptions::Command::recover;
  if (ask_for_names(session, project, options, plan) || session.common.yes || is_decided) {
    return;
  }
  if (!session.terminal.can_ask()) {
    throw RefusedError("cannot restore without a confirmation: there is no terminal to ask on",
                       "look with --dry-run, then run: " +
                           command_with(session, options, " --yes"));
  }
  session.progress().clear();
  session.terminal.err(plan_text(session, project, plan, options, k_files_to_ask_about));
  if (!session.confirm("make " + cli::counted(plan.changes().size(), "change") + "?")) {
    throw RefusedError("the restore was not confirmed",
                       "run the same command again and answer y, or give --yes");
  }
}

/// Does what is planned, once everybody who has to be asked has been asked.
ExitCode carry_out(cli::Session& session, cli::Place& place, const RestoreOptions& options,
                   restore::Plan plan) {
  const project::Project& project = required_project(place);
  if (options.dry_run) {
    report_dry_run(session, project, plan, options);
    return ExitCode::done;
  }
  session.operation.line().snapshot = plan.target().id->text();
  if (plan.changes().empty()) {
    report_nothing_to_do(session, plan, options);
    const bool is_whole = plan.missing().empty();
    restore::log_restored(session.operation.line(),
                          restore::execute(project, place.store, std::move(plan)));
    return is_whole ? ExitCode::done : ExitCode::saved_with_gaps;
  }
  ask(session, project, options, plan);
  session.begin_change();
  const restore::Restored restored = restore::execute(project, place.store, std::move(plan));
  session.note_change("snapshot " + restored.snapshot.text() + " was restored");
  restore::log_restored(session.operation.line(), restored);
  report_restored(session, restored, options);
  return restored.missing.empty() ? ExitCode::done : ExitCode::saved_with_gaps;
}

ExitCode restore_in_place(cli::Session& session, cli::Place& place, const RestoreOptions& options,
                          const manifest::Manifest& target) {
  const project::Project& project = required_project(place);
  restore::Request request = options.request;
  request.paths = cli::paths_in(session, place, options.paths);
  for (const auto& [name, address] : cli::read_destinations(options.databases, session, &project)) {
    request.destinations.push_back({.name = name, .address = address});
  }
  return carry_out(session, place, options,
                   restore::make_plan(project, place.store, target, request));
}

/// Names what the snapshot was meant to hold and does not: nothing puts that back.
void warn_of_gaps(cli::Session& session, const manifest::Manifest& target) {
  for (const manifest::LeftOut& left_out : target.left_out) {
    if (left_out.is_error) {
      session.terminal.err("savepoint: the snapshot does not hold " + quoted(left_out.path) +
                           ", which was left out: " + printable(left_out.reason) + "\n");
    }
  }
}

/// Where databases follow branches: around a switch, a snapshot has the files of one branch and the
/// databases of another.
void warn_of_two_branches(cli::Session& session, const cli::Place& place,
                          const RestoreOptions& options, const manifest::Manifest& target) {
  if (!target.hook || !target.hook->left_branch || !target.git || !target.git->branch ||
      target.hook->left_branch == target.git->branch || target.databases.empty() ||
      !options.request.only.code || !options.request.only.databases || !options.paths.empty()) {
    return;
  }
  const std::string& branch = *target.git->branch;
  const auto kept = std::ranges::find(place.snapshots, manifest::follow_trigger(branch),
                                      &manifest::Summary::trigger);
  if (kept != place.snapshots.end()) {
    session.terminal.err("savepoint: the files of this snapshot are those of " + quoted(branch) +
                         ", its databases those of " + quoted(*target.hook->left_branch) +
                         ", which git had just left; the databases of " + quoted(branch) +
                         " were last kept in " + kept->id.text() + " (--only database)\n");
  }
}

ExitCode restore_elsewhere(cli::Session& session, cli::Place& place, const RestoreOptions& options,
                           const manifest::Manifest& target) {
  restore::Request request = options.request;
  request.paths = cli::paths_in(session, place, options.paths);
  if (options.dry_run) {
    restore::Restored preview{.snapshot = *target.id,
                              .safety = std::nullopt,
                              .changes = {},
                              .config_left = {},
                              .versions = {},
                              .missing = {}};
    preview.missing =
        restore::preview_to(place.store, target, request, [&](restore::PlannedChange&& change) {
          preview.changes.push_back(std::move(change));
        });
    report_preview(session, preview, options);
    return ExitCode::done;
  }
  std::vector<restore::PlannedChange> changes;
  std::uint64_t count = 0;
  restore::Restored restored =
      restore::restore_to(place.store, target, *options.to, request, session.context(),
                          [&](restore::PlannedChange&& change) {
                            ++count;
                            if (session.common.json) {
                              changes.push_back(std::move(change));
                            }
                          });
  session.note_change(quoted(options.to->string()) + " was written");
  restored.changes = std::move(changes);
  restore::log_restored(session.operation.line(), restored);
  session.operation.line().changes = count;
  report_restored(session, restored, options);
  return restored.missing.empty() ? ExitCode::done : ExitCode::saved_with_gaps;
}

/// Which way: as given, or as somebody on the terminal says.
restore::Direction ask_for_direction(cli::Session& session, const RestoreOptions& options,
                                     const store::Journal& interrupted) {
  if (options.direction) {
    return *options.direction;
  }
  const std::string what = "a restore of " + interrupted.target.text() + " was interrupted";
  if (session.terminal.can_ask()) {
    const std::string answer =
        session.ask(what + "\nfinish it, or go back to what was before? [f/b/N] ");
    if (answer == "f" || answer == "b") {
      return answer == "f" ? restore::Direction::forward : restore::Direction::back;
    }
  }
  throw RefusedError(what + ", and nobody said which way to go",
                     "'savepoint recover --continue' finishes it, 'savepoint recover --rollback' "
                     "goes back to what was before");
}

/// The place of `recover` and `undo`: unless a store was named, the restore may have been one of
/// another store than the project's settings name since.
std::optional<cli::Place> open_place_of_last_restore(cli::Session& session,
                                                     cli::IfInterrupted if_interrupted) {
  std::optional<cli::Place> place =
      cli::open_place_if_any(session, store::Access::shared, if_interrupted);
  if (session.common.store || (place && !place->project)) {
    return place;
  }
  project::Project project = place ? std::move(*place->project) : cli::open_project(session);
  const std::filesystem::path present = project.store_path();
  const std::filesystem::path path =
      restore::store_of_last_restore(project, present, k_wait_for_restore);
  if (!store::Store::exists(path)) {
    return std::nullopt;
  }
  if (path != present) {
    session.progress().clear();
    session.terminal.err("savepoint: the last restore was one of the store " +
                         quoted(path.string()) + "\n");
  }
  place.reset(); // one store at a time
  cli::log_at(session, &project, path);
  return cli::open_place_of(std::move(project), path);
}

ExitCode run_recover(cli::Session& session, const RestoreOptions& options) {
  std::optional<cli::Place> place = open_place_of_last_restore(session, cli::IfInterrupted::leave);
  const auto due =
      place ? project::find_due(required_project(*place), place->store.root()) : std::nullopt;
  if (!due) {
    if (place) {
      restore::sweep_leftovers(required_project(*place));
    }
    session.operation.forget();
    report_nothing_due(session);
    return ExitCode::done;
  }
  const restore::Direction direction = ask_for_direction(session, options, due->journal);
  return carry_out(
      session, *place, options,
      restore::make_recovery(required_project(*place), place->store, direction, options.request));
}

ExitCode run_undo(cli::Session& session, RestoreOptions options) {
  std::optional<cli::Place> found = open_place_of_last_restore(session, cli::IfInterrupted::warn);
  if (!found) {
    throw NotFoundError("there is no restore to undo: there are no snapshots of this project yet",
                        cli::hint_for_first_snapshot(cli::open_project(session)));
  }
  cli::Place& place = *found;
  if (project::find_interrupted(required_project(place), place.store)) {
    options.direction = restore::Direction::back;
  }
  return carry_out(session, place, options,
                   restore::make_undo(required_project(place), place.store, options.request));
}

} // namespace

ExitCode run_restore(cli::Session& session, RestoreOptions options) {
  if (!options.dry_run) {
    session.begin_operation(std::string(name_of(options.command)));
  }
  if (options.command == RestoreOptions::Command::recover) {
    return run_recover(session, options);
  }
  if (options.command == RestoreOptions::Command::undo) {
    return run_undo(session, options);
  }
  // In place, a restore takes the place of an interrupted one, or is refused with the same words.
  cli::Place place = cli::open_place(session, store::Access::shared,
                                     options.to || options.dry_run ? cli::IfInterrupted::warn
                                                                   : cli::IfInterrupted::leave);
  const SnapshotId id = find_snapshot(session, place, options);
  session.operation.line().snapshot = id.text();
  const manifest::Manifest target = place.store.load(id);
  warn_of_gaps(session, target);
  warn_of_two_branches(session, place, options, target);
  return options.to ? restore_elsewhere(session, place, options, target)
                    : restore_in_place(session, place, options, target);
}

} // namespace savepoint::tools
