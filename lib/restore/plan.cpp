#include "base/error.hpp"
#include "base/printable.hpp"
#include "config/config.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"
#include "project/interrupted.hpp"
#include "restore/internal/brought.hpp"
#include "restore/internal/describe_git.hpp"
#include "restore/internal/git_plan.hpp"
#include "restore/internal/journal.hpp"
#include "restore/internal/make_plan.hpp"
#include "restore/internal/plan_files.hpp"
#include "restore/internal/plan_state.hpp"
#include "restore/internal/select.hpp"
#include "restore/internal/tolerant_source.hpp"
#include "snapshot/kept_commits.hpp"
#include "snapshot/snapshot.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace savepoint::restore {
namespace {

using manifest::DatabaseComponent;
using manifest::Manifest;

std::optional<hash::Digest> code_tree(const Manifest& manifest) {
  return manifest.code ? std::optional(manifest.code->tree) : std::nullopt;
}

/// Throws NotFoundError for a path that neither the snapshot nor the project has.
void require_known(const project::Project& project, const store::ChunkSource& trees,
                   const PathFilter& filter, const Plan::State& plan) {
  const fs::Descriptor root = fs::open_directory(project.root());
  for (const std::string& path : filter.paths()) {
    const PathFilter just_this = PathFilter::only({path});
    const auto is_in = [&](const Manifest& manifest) {
      return holds_path(trees, manifest, path) ||
             std::ranges::any_of(manifest.databases, [&](const DatabaseComponent& database) {
               return names_database(just_this, database);
             });
    };
    if (is_in(plan.target) || is_in(plan.present)) {
      continue;
    }
    const auto parent = fs::open_beneath(root, parent_of(path));
    if (!parent || !fs::status_at(parent->number(), std::string(last_of(path)).c_str())) {
      throw NotFoundError(quoted(path) + " is neither in the snapshot nor in the project",
                          "'savepoint files SNAPSHOT' lists what it holds");
    }
  }
}

/// What the project must be captured of to be compared with what is asked for.
snapshot::Request what_to_capture(const Plan::State& plan) {
  const Request& request = plan.request;
  snapshot::Request capture;
  capture.only.code = request.only.code || request.only.config;
  capture.only.config = request.only.code || request.only.config;
  for (const DatabaseComponent& database : plan.databases) {
    if (!plan.database_plans.at(database.name).is_elsewhere) {
      capture.only.database_names.push_back(database.name);
    }
  }
  capture.only.databases = !capture.only.database_names.empty();
  capture.read_servers.emplace(); // none: to dump a whole server to compare it would be too much
  capture.ignored_files = plan.ignored_files;
  return capture;
}

/// Returns the databases that were not to be read and may have changed.
std::vector<std::string> capture_present(const project::Project& project, store::Store& store,
                                         Plan::State& plan) {
  plan.present_chunks = std::make_unique<store::DryBatch>(&store);
  snapshot::Present present = snapshot::capture(
      project, store, [&] { return plan.present_chunks->writer(); }, plan.present_chunks->source(),
      what_to_capture(plan));
  plan.present = std::move(present.manifest);
  plan.database_files = std::move(present.database_files);
  return std::move(present.unread);
}

/// What earlier restores brought that the capture did not see.
std::vector<std::string> ignored_files(const project::Project& project, const store::Store& store,
                                       const PathFilter& filter, const Plan::State& plan) {
  if (!plan.request.only.code || plan.request.keep_extra) {
    return {};
  }
  std::vector<std::string> files =
      Brought(store, plan)
          .ignored_files(plan.present_chunks->source(), fs::open_directory(project.root()));
  std::erase_if(files, [&](const std::string& path) { return !filter.includes(path); });
  return files;
}

void drop_unchanged_databases(Plan::State& plan) {
  if (!plan.request.tables.empty()) {
    return;
  }
  const std::vector<DatabaseComponent>& present = plan.present.databases;
  const auto differs = [&](const DatabaseComponent& database) {
    const auto now = std::ranges::find(present, database.name, &DatabaseComponent::name);
    return now == present.end() || plan.database_plans.at(database.name).is_elsewhere ||
           now->path != database.path || !manifest::is_same_content(*now, database);
  };
  const auto same = std::stable_partition(plan.databases.begin(), plan.databases.end(), differs);
  plan.unchanged_databases.assign(same, plan.databases.end());
  plan.databases.erase(same, plan.databases.end());
}

std::vector<Plan::VersionDifference> compare_versions(const project::Project& project,
                                                      const Manifest& target) {
  std::vector<std::string> trouble; // a version that cannot be read differs, which says enough
  const std::map<std::string, std::string> now =
      config::read_versions(project.root(), project.config().versions, trouble);
  std::vector<Plan::VersionDifference> differences;
  for (const auto& [label, then] : target.versions) {
    const auto today = now.find(label);
    if (today == now.end() || today->second != then) {
      differences.push_back(
          {.label = label, .then = then, .now = today == now.end() ? "" : today->second});
    }
  }
  for (const auto& [label, today] : now) {
    if (!target.versions.contains(label)) {
      differences.push_back({.label = label, .then = "", .now = today});
    }
  }
  return differences;
}

PlannedChange describe(const std::string& path, const PathChange& change) {
  using Action = PlannedChange::Action;
  PlannedChange planned{.path = path.empty() ? "." : path};
  if (!change.after) {
    planned.action = Action::remove;
    planned.bytes = change.before->content.size;
    return planned;
  }
  planned.bytes = change.after->content.size;
  if (!change.before) {
    planned.action = Action::create;
  } else if (!change.is_made_anew && holds_the_same(*change.before, *change.after)) {
    planned.action = Action::metadata;
    planned.bytes = 0;
  } else {
    planned.action = Action::replace;
  }
  return planned;
}

/// How git can be asked for the commits that are left behind: the safety snapshot has them kept.
void name_kept_commits(const store::Store& store, std::vector<GitChange>& changes) {
  const auto name = [&](GitChange::Left& left) {
    if (!left.since.empty()) {
      left.kept_as = snapshot::kept_reference(store, left.since.front().id);
    }
  };
  for (GitChange& change : changes) {
    std::ranges::for_each(change.moves, name, &GitChange::Move::left);
    name(change.left_by_head);
  }
}

void list_changes(Plan::State& plan, const std::vector<std::string>& unread) {
  plan.changes = describe_git(plan.git_changes);
  for (const auto& [path, change] : plan.paths) {
    if (!is_silent(change)) {
      plan.changes.push_back(describe(path, change));
    }
  }
  for (const DatabaseComponent& database : plan.databases) {
    const DatabasePlan& to = plan.database_plans.at(database.name);
    const bool is_file_of_project = !database.path.empty() && !to.is_elsewhere;
    plan.changes.push_back({.action = PlannedChange::Action::database,
                            .path = database.name,
                            .bytes = database.size,
                            .into = is_file_of_project ? std::string() : place_of(to.target),
                            .is_compared = std::ranges::count(unread, database.name) == 0});
  }
}

} // namespace

Plan make_plan(const project::Project& project, store::Store& store, const Manifest& target,
               const Request& asked) {
  Request request = asked;
  narrow(request);
  std::optional<Recovery> recovery;
  if (asked.destinations.empty()) {
    if (std::optional<project::Due> due = project::find_due(project, store.root())) {
      if (due->store != store.root() || !covers(request, target, due->journal)) {
        project::refuse_while_due(due->journal);
      }
      recovery = Recovery{Direction::forward, std::move(due->journal), true};
    }
  }
  return make_plan(project, store, target, std::move(request), std::move(recovery));
}

Plan make_plan(const project::Project& project, store::Store& store, const Manifest& target,
               Request asked, std::optional<Recovery> recovery) {
  auto plan = std::make_unique<Plan::State>();
  plan->request = std::move(asked);
  plan->recovery = std::move(recovery);
  const Request& request = plan->request;
  plan->target = target;
  const PathFilter filter(request.paths);
  // A recovery asks for what the interrupted restore may have taken away, or not yet brought.
  const bool is_asked_by_people = !plan->recovery || plan->recovery->is_taken_over;
  if (is_asked_by_people) {
    require_components(target, request);
  }
  plan->databases = selected_databases(target, request, filter);
  require_sound_databases(store, target, plan->databases);
  plan_databases(project, *plan);

  std::vector<std::string> unread = capture_present(project, store, *plan);
  plan->ignored_files = ignored_files(project, store, filter, *plan);
  if (!plan->ignored_files.empty()) {
    unread = capture_present(project, store, *plan);
  }
  const store::ChunkSource& chunks = plan->present_chunks->source();
  const TolerantSource tolerant(chunks);
  const store::ChunkSource& trees = request.partial ? tolerant : chunks;
  if (is_asked_by_people) {
    require_known(project, trees, filter, *plan);
  }

  drop_unchanged_databases(*plan);
  FilePlanner(project, store, trees, filter, *plan).run();
  if (tolerant.found_damage()) {
    // What a directory that cannot be read held is not known, so nothing is known to be extra.
    std::erase_if(plan->paths, [](const auto& item) { return !item.second.after; });
    for (const std::string& path : unreadable_directories(chunks, code_tree(target))) {
      plan->paths.erase(path); // nor is its mode, or its time
      plan->missing.push_back(path.empty() ? "." : path);
    }
  }
  plan_git(project, chunks, *plan);
  name_kept_commits(store, plan->git_changes);
  list_changes(*plan, unread);
  plan->guarded = find_guarded(project, *plan);
  plan->versions = compare_versions(project, target);
  return Plan(std::move(plan));
}

} // namespace savepoint::restore
