#include "base/error.hpp"
#include "base/printable.hpp"
#include "config/config.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"
#include "restore/internal/plan_files.hpp"
#include "restore/internal/plan_state.hpp"
#include "restore/internal/select.hpp"
#include "restore/internal/tolerant_source.hpp"
#include "snapshot/snapshot.hpp"

#include <algorithm>
#include <memory>

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
                          "'savepoint files SNAPSHOT' lists what it holds; name paths from the "
                          "project's root");
    }
  }
}

/// What the project must be captured of to be compared with what is asked for.
snapshot::Request what_to_capture(const Request& request,
                                  const std::vector<DatabaseComponent>& databases) {
  snapshot::Request capture;
  capture.only.code = request.only.code || request.only.config;
  capture.only.config = request.only.code || request.only.config;
  capture.only.databases = !databases.empty();
  for (const DatabaseComponent& database : databases) {
    capture.only.database_names.push_back(database.name);
  }
  return capture;
}

std::vector<DatabaseComponent> databases_that_differ(std::vector<DatabaseComponent> wanted,
                                                     const Manifest& present) {
  std::erase_if(wanted, [&](const DatabaseComponent& database) {
    const auto now = std::ranges::find(present.databases, database.name, &DatabaseComponent::name);
    return now != present.databases.end() && now->driver == database.driver &&
           now->path == database.path && now->image == database.image;
  });
  return wanted;
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
  } else if (!change.relink && holds_the_same(*change.before, *change.after)) {
    planned.action = Action::metadata;
    planned.bytes = 0;
  } else {
    planned.action = Action::replace;
  }
  return planned;
}

void list_changes(Plan::State& plan) {
  for (const auto& [path, change] : plan.paths) {
    if (!is_silent(change)) {
      plan.changes.push_back(describe(path, change));
    }
  }
  for (const DatabaseComponent& database : plan.databases) {
    plan.changes.push_back(
        {.action = PlannedChange::Action::database, .path = database.name, .bytes = database.size});
  }
}

} // namespace

Plan make_plan(const project::Project& project, store::Store& store, const Manifest& target,
               const Request& request) {
  auto plan = std::make_unique<Plan::State>();
  plan->request = request;
  plan->target = target;
  const PathFilter filter(request.paths);
  require_components(target, request);
  plan->databases = selected_databases(target, request, filter);
  require_sound_databases(store, target, plan->databases);

  plan->present_chunks = std::make_unique<store::DryBatch>(&store);
  const store::ChunkSource& chunks = plan->present_chunks->source();
  plan->present = snapshot::capture(
                      project, store, [&] { return plan->present_chunks->writer(); }, chunks,
                      what_to_capture(request, plan->databases))
                      .manifest;
  const TolerantSource tolerant(chunks);
  const store::ChunkSource& trees = request.partial ? tolerant : chunks;
  require_known(project, trees, filter, *plan);

  plan->databases = databases_that_differ(std::move(plan->databases), plan->present);
  FilePlanner(project, store, trees, filter, *plan).run();
  if (tolerant.found_damage()) {
    // What a directory that cannot be read held is not known, so nothing is known to be extra.
    std::erase_if(plan->paths, [](const auto& item) { return !item.second.after; });
    for (const std::string& path : unreadable_directories(chunks, code_tree(target))) {
      plan->paths.erase(path); // nor is its mode, or its time
      plan->missing.push_back(path.empty() ? "." : path);
    }
  }
  list_changes(*plan);
  plan->versions = compare_versions(project, target);
  return Plan(std::move(plan));
}

} // namespace savepoint::restore
