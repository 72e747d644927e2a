#include "prune/steps.hpp"

#include "base/error.hpp"
#include "cli/place.hpp"
#include "cli/text.hpp"
#include "project/branches.hpp"
#include "project/select.hpp"
#include "prune/prune.hpp"
#include "prune/report.hpp"
#include "snapshot/kept_commits.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace savepoint::tools {
namespace {

config::Retention policy_of(const cli::Place& place, const PruneOptions& options) {
  const config::Retention configured =
      place.project ? place.project->config().retention : config::Retention();
  return configured.overridden_by(options.policy);
}

prune::Plan make_plan(const cli::Session& session, const cli::Place& place,
                      const PruneOptions& options) {
  if (options.snapshots.empty()) {
    return prune::plan_by_policy(
        place.store, place.snapshots, policy_of(place, options), session.now(),
        project::live_branches(place.snapshots, place.project_or_null()), session.cancellation());
  }
  std::vector<SnapshotId> ids;
  std::vector<manifest::Summary> meant = place.snapshots;
  const std::vector<manifest::Summary> listed = project::visible_snapshots(place.store, nullptr);
  for (const std::string& selector : options.snapshots) {
    const std::optional<SnapshotId> id = SnapshotId::parse(selector);
    if (id && std::ranges::count(listed, *id, &manifest::Summary::id) == 0) {
      ids.push_back(*id); // a damaged one, or none: the plan knows
      continue;
    }
    const manifest::Summary summary = place.select(selector);
    const auto same = [&](const manifest::Summary& other) { return other.id == summary.id; };
    if (std::find(ids.begin(), ids.end(), summary.id) == ids.end()) {
      ids.push_back(summary.id);
    }
    if (std::none_of(meant.begin(), meant.end(), same)) {
      meant.push_back(summary);
    }
  }
  return prune::plan_named(place.store, meant, ids, session.cancellation());
}

std::vector<SnapshotId> ids_of(const std::vector<retention::Decision>& decisions) {
  std::vector<SnapshotId> ids;
  for (const retention::Decision& decision : decisions) {
    ids.push_back(decision.snapshot.id);
  }
  return ids;
}

void ask(cli::Session& session, const prune::Plan& plan) {
  if (!session.terminal.can_ask()) {
    throw RefusedError("cannot remove " + cli::counted(plan.removed.size(), "snapshot") +
                           " without a confirmation: there is no terminal to ask on",
                       "look with --dry-run, then run the same command with --yes");
  }
  session.progress().clear();
  session.terminal.err(plan_text(session, plan));
  if (!session.confirm("remove " + cli::counted(plan.removed.size(), "snapshot") + "?")) {
    throw RefusedError("the removal was not confirmed", "look with --dry-run");
  }
}

/// Plans and asks while others may use the store, so that nobody waits for an answer. Nothing if
/// the plan was only to be shown.
std::optional<std::vector<SnapshotId>> agree(cli::Session& session, const PruneOptions& options) {
  const cli::Place place = cli::open_place(session, store::Access::shared);
  const prune::Plan plan = make_plan(session, place, options);
  if (options.dry_run) {
    report(session, plan, std::nullopt);
    return std::nullopt;
  }
  if (!plan.removed.empty()) {
    ask(session, plan);
  }
  return ids_of(plan.removed);
}

ExitCode execute(cli::Session& session, const PruneOptions& options,
                 const std::optional<std::vector<SnapshotId>>& agreed) {
  cli::Place place = cli::open_place(session, store::Access::exclusive);
  prune::Plan plan = make_plan(session, place, options);
  if (agreed && ids_of(plan.removed) != *agreed) {
    throw BusyError("cannot prune: the snapshots changed since the question was asked",
                    "run the same command again");
  }
  session.begin_change();
  const prune::Pruned pruned =
      prune::execute(place.store, plan, session.now(), session.cancellation(), session.progress());
  session.operation.line().removed = plan.removed.size();
  session.operation.line().bytes_freed = pruned.bytes_freed;
  if (place.project) {
    static_cast<void>(snapshot::release_commits(*place.project, place.store));
  }
  if (!plan.removed.empty()) {
    session.note_change(cli::counted(plan.removed.size(), "snapshot") + " removed");
  }
  report(session, plan, pruned);
  return ExitCode::done;
}

} // namespace

ExitCode run_prune(cli::Session& session, const PruneOptions& options) {
  if (!options.dry_run) {
    session.begin_operation("prune");
  }
  if (options.snapshots.empty() && !cli::open_place_if_any(session)) {
    const prune::Pruned nothing;
    report(session, prune::Plan{},
           options.dry_run ? std::nullopt : std::optional<prune::Pruned>(nothing));
    return ExitCode::done;
  }
  if (session.common.yes && !options.dry_run) {
    return execute(session, options, std::nullopt);
  }
  const std::optional<std::vector<SnapshotId>> agreed = agree(session, options);
  return agreed ? execute(session, options, agreed) : ExitCode::done;
}

} // namespace savepoint::tools
