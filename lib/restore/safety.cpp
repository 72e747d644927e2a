#include "restore/internal/safety.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "drivers/all.hpp"
#include "manifest/safety.hpp"
#include "manifest/summary.hpp"
#include "project/interrupted.hpp"
#include "restore/internal/directories.hpp"
#include "restore/internal/git_plan.hpp"
#include "restore/internal/holder.hpp"
#include "snapshot/kept_commits.hpp"
#include "snapshot/snapshot.hpp"
#include "store/restores.hpp"
#include "store/tree_diff.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace savepoint::restore {
namespace {

using manifest::Manifest;

constexpr std::string_view k_busy_hint =
    "stop what changes the project, then try again; nothing was restored";

[[noreturn]] void changed_meanwhile(std::string_view path) {
  throw BusyError(quoted(path) + " changed while the restore was being prepared",
                  std::string(k_busy_hint));
}

bool is_of_kind(fs::FileKind kind, store::EntryKind entry) {
  switch (entry) {
  case store::EntryKind::file:
    return kind == fs::FileKind::regular;
  case store::EntryKind::directory:
    return kind == fs::FileKind::directory;
  case store::EntryKind::symlink:
    return kind == fs::FileKind::symlink;
  case store::EntryKind::fifo:
    return kind == fs::FileKind::fifo;
  }
  return false;
}

bool is_as_planned(const fs::FileStatus& seen, const store::TreeEntry& planned) {
  if (!is_of_kind(seen.kind, planned.kind)) {
    return false;
  }
  return planned.kind == store::EntryKind::directory ||
         (seen.mtime_ns == planned.mtime_ns &&
          (planned.kind != store::EntryKind::file || seen.size == planned.content.size));
}

/// The files that differ between what was planned with and what was saved, and whether they were
/// there when it was planned.
std::map<std::string, bool> differing(const Plan::State& plan, const Manifest& saved) {
  std::map<std::string, bool> paths;
  const auto compare = [&](const std::optional<hash::Digest>& planned,
                           const std::optional<hash::Digest>& now) {
    store::diff_trees(
        plan.present_chunks->source(), planned, now, [&](const store::Change& change) {
          const bool just_a_directory = (!change.before || is_directory(change.before)) &&
                                        (!change.after || is_directory(change.after));
          if (!just_a_directory) {
            paths.emplace(change.path, change.before.has_value());
          }
        });
  };
  if (plan.present.code && saved.code) {
    compare(plan.present.code->tree, saved.code->tree);
  }
  if (plan.present.config && saved.config) {
    compare(plan.present.config->tree, saved.config->tree);
  }
  return paths;
}

std::optional<fs::FileStatus> status_of(const fs::Descriptor& root, std::string_view path) {
  Directories directories(root);
  const fs::Descriptor* parent = directories.find_parent(path);
  return parent == nullptr ? std::nullopt
                           : fs::status_at(parent->number(), std::string(last_of(path)).c_str());
}

[[noreturn]] void refuse_unsaved(std::string_view path, const std::string& why) {
  throw RefusedError("cannot save what is now in " + quoted(path) +
                         " before it is restored: " + why,
                     "move the file away, then try again");
}

/// A log whose database is gone may hold commits that are nowhere else.
void require_saved_logs(const fs::Descriptor& root, const store::ChunkSource& trees,
                        const Manifest& saved, const manifest::DatabaseComponent& database) {
  for (const std::string& name : drivers::find(database.driver).logs(last_of(database.path))) {
    const std::string path = join(parent_of(database.path), name);
    const auto there = status_of(root, path);
    if (there && there->size > 0 &&
        !(saved.code && store::find_path(trees, saved.code->tree, path))) {
      refuse_unsaved(path, "its database is gone, and git ignores it");
    }
  }
}

void require_saved(const fs::Descriptor& root, const store::ChunkSource& trees,
                   const Manifest& saved, const manifest::DatabaseComponent& database) {
  const bool is_saved =
      std::ranges::any_of(saved.databases, [&](const manifest::DatabaseComponent& one) {
        return database.path.empty() ? one.name == database.name : one.path == database.path;
      });
  if (is_saved || database.path.empty() ||
      (saved.code && store::find_path(trees, saved.code->tree, database.path))) {
    return;
  }
  if (!status_of(root, database.path)) {
    require_saved_logs(root, trees, saved, database);
    return;
  }
  std::string why = "it is not a database now, and git ignores it";
  for (const manifest::LeftOut& left : saved.left_out) {
    if (left.path == database.path || left.path == database.name) {
      why = left.reason;
    }
  }
  refuse_unsaved(database.path, why);
}

/// Has `manifest` say what is in the databases that are held, whatever it said of them.
void put_into(Manifest& manifest, std::vector<manifest::DatabaseComponent> held) {
  for (manifest::DatabaseComponent& now : held) {
    std::erase_if(manifest.databases, [&](const manifest::DatabaseComponent& other) {
      return other.name == now.name || (!now.path.empty() && other.path == now.path);
    });
    std::erase_if(manifest.left_out, [&](const manifest::LeftOut& left) {
      return left.path == now.name || left.path.starts_with(now.name + ": ");
    });
    std::ranges::move(drivers::left_out_of(now), std::back_inserter(manifest.left_out));
    manifest.databases.push_back(std::move(now));
  }
  std::ranges::sort(manifest.databases, {}, &manifest::DatabaseComponent::name);
  manifest.state = manifest::state_of(manifest);
}

/// Says where the databases of servers are, since the restore may change what the project says.
void note_places(const Plan::State& plan, std::vector<manifest::DatabaseComponent>& held) {
  for (manifest::DatabaseComponent& now : held) {
    const database::Target& target = plan.database_plans.at(now.name).target;
    if (target.file.empty() && !target.address.driver.empty()) {
      now.details.set("place", place_of(target));
    }
  }
}

/// Where the branches are that the restore will move, and all commits that it may leave behind.
void keep_git(const project::Project& project, const store::Store& store, const Plan::State& plan,
              store::Batch& batch, Manifest& manifest) {
  const std::vector<MovedBranch> moved = moved_branches(plan);
  if (!moved.empty() && manifest.git && manifest.git->tree) {
    manifest.git->tree = add_branches(batch.source(), *batch.writer(), *manifest.git->tree, moved);
    for (const MovedBranch& branch : moved) {
      if (branch.commit) {
        manifest.git->needs.push_back({branch.path, *branch.commit});
      }
    }
    manifest.state = manifest::state_of(manifest);
  }
  snapshot::keep_commits(project, store, manifest);
}

/// Reads the project, but for the databases of `list`, which will be read once they are held.
snapshot::Present read_project(const project::Project& project, store::Store& store,
                               store::Batch& batch, const Plan::State& plan,
                               const StagedList& list) {
  snapshot::Request request;
  request.read_servers.emplace();
  request.ignored_files = plan.ignored_files;
  for (const StagedDatabase* const database : list) {
    if (!database->component->path.empty()) {
      request.left_to_caller.push_back(database->component->name);
    }
  }
  return snapshot::capture(
      project, store, [&batch] { return batch.writer(); }, batch.source(), request,
      // The next scan shall not take ignored files for captured ones.
      plan.ignored_files.empty() ? project::CacheUse::renew : project::CacheUse::read);
}

Manifest save(const project::Project& project, store::Store& store, const fs::Descriptor& root,
              const Plan::State& plan, const Staged& staged) {
  store::Batch batch(store);
  StagedList list = to_be_swapped(staged);
  snapshot::Present present;
  std::vector<manifest::DatabaseComponent> held;
  const auto is_a_file_now = [&](const StagedDatabase* database) {
    const std::string& path = database->component->path;
    return !path.empty() && status_of(root, path) &&
           std::ranges::count(held, database->component->name,
                              &manifest::DatabaseComponent::name) == 0;
  };
  Holder holder(project, store, batch, plan);
  do {
    holder.let_go(list);
    present = read_project(project, store, batch, plan, list);
    held = holder.hold(list, present.manifest);
  } while (std::erase_if(list, is_a_file_now) > 0); // to be read as the files that they are
  for (const std::string& name : present.unread) {
    const auto is_swapped = [&](const StagedDatabase* one) { return one->component->name == name; };
    if (std::ranges::none_of(list, is_swapped)) {
      present.manifest.left_out.push_back({name, "not read: nothing was restored into it", false});
    }
  }
  note_places(plan, held);
  put_into(present.manifest, std::move(held));
  Manifest manifest = std::move(present.manifest);
  manifest.trigger = plan.request.trigger;
  manifest.note = manifest::safety_note(plan.target);
  manifest.tags = {std::string(k_unused_tag)};
  if (!plan.request.only.code && !plan.request.only.config) {
    manifest.tags.emplace_back(k_databases_tag);
  }
  if (!plan.git.empty()) {
    manifest.tags.emplace_back(k_git_tag);
    keep_git(project, store, plan, batch, manifest);
  }
  std::ranges::sort(manifest.tags);
  project.context().cancellation->check();
  manifest = store.seal(batch, std::move(manifest));
  present.remember_files(*manifest.id);
  return manifest;
}

} // namespace

Sights look_at(const fs::Descriptor& root, const Plan::State& plan) {
  Sights sights;
  Directories directories(root);
  for (const auto& [path, change] : plan.paths) {
    if (path.empty()) {
      sights.emplace(path, fs::status_of(root));
      continue;
    }
    const fs::Descriptor* parent = directories.find_parent(path);
    const auto seen = parent == nullptr
                          ? std::nullopt
                          : fs::status_at(parent->number(), std::string(last_of(path)).c_str());
    if (seen.has_value() != (change.before != nullptr) ||
        (seen && !is_as_planned(*seen, *change.before))) {
      changed_meanwhile(path);
    }
    if (seen) {
      sights.emplace(path, *seen);
    }
  }
  return sights;
}

Safety make_safety(const project::Project& project, store::Store& store, const fs::Descriptor& root,
                   const Plan::State& plan, const Staged& staged) {
  const Sights before = look_at(root, plan);
  Safety safety{.manifest = save(project, store, root, plan, staged), .sights = {}};
  const PathFilter filter(plan.request.paths);
  for (const auto& [path, was_there] : differing(plan, safety.manifest)) {
    const auto planned = plan.paths.find(path);
    const bool is_to_go = planned != plan.paths.end() && is_file(planned->second.before);
    // What is not planned was as the target has it, and is no more.
    const bool is_selected =
        plan.request.only.code && filter.includes(path) && (was_there || !plan.request.keep_extra);
    if (is_to_go || is_selected) {
      changed_meanwhile(path);
    }
  }
  for (const manifest::DatabaseComponent& database : plan.unchanged_databases) {
    const auto saved = std::ranges::find(safety.manifest.databases, database.name,
                                         &manifest::DatabaseComponent::name);
    if (saved == safety.manifest.databases.end() || !manifest::is_same_content(*saved, database)) {
      changed_meanwhile(database.name);
    }
  }
  // Equal before and after, its ctime too: the snapshot in between read just this.
  safety.sights = look_at(root, plan);
  for (const auto& [path, status] : safety.sights) {
    if (status.kind != fs::FileKind::directory && status != before.at(path)) {
      changed_meanwhile(path);
    }
  }
  for (const manifest::DatabaseComponent& database : plan.leaving) {
    require_saved(root, store, safety.manifest, database);
  }
  for (const manifest::DatabaseComponent& database : plan.databases) {
    require_saved(root, store, safety.manifest, database);
    if (is_unread(plan, safety.manifest, database.name)) {
      throw RefusedError("cannot save what is now in the database " + quoted(database.name) +
                             " before it is restored",
                         "'savepoint doctor' says what is wrong with it");
    }
  }
  return safety;
}

std::optional<SnapshotId> save_elsewhere(const project::Project& project, store::Store& store,
                                         const Plan::State& plan, const Staged& staged) {
  store::Batch batch(store);
  Holder holder(project, store, batch, plan);
  Manifest manifest;
  for (const StagedDatabase& database : staged.databases) {
    const DatabasePlan& to = plan.database_plans.at(database.component->name);
    if (!database.restoration || !to.target.file.empty() ||
        to.presence != database::Driver::Presence::filled) {
      continue;
    }
    manifest::DatabaseComponent now = holder.hold_elsewhere(database);
    now.name = manifest::elsewhere_name(database.component->name);
    now.driver = to.target.driver;
    now.details.set("place", place_of(to.target));
    manifest.databases.push_back(std::move(now));
  }
  if (manifest.databases.empty()) {
    return std::nullopt;
  }
  std::ranges::sort(manifest.databases, {}, &manifest::DatabaseComponent::name);
  manifest.created_at = project.context().clock->now();
  manifest.project = project.identity();
  manifest.state = manifest::state_of(manifest);
  manifest.trigger = plan.request.trigger;
  manifest.note = manifest::safety_note(plan.target);
  manifest.tags = {std::string(k_unused_tag)};
  project.context().cancellation->check();
  return store.seal(batch, std::move(manifest)).id;
}

void mark_used(const project::Project& project, store::Store& store, const SnapshotId& id) {
  store::add_restore(store, project::work_tree(project),
                     {.safety = id, .at = project.context().clock->now()});
  store.change_marks(id, [](manifest::Marks& marks) { std::erase(marks.tags, k_unused_tag); });
}

void mark_unused(const project::Project& project, store::Store& store, const SnapshotId& id) {
  store.change_marks(id, [](manifest::Marks& marks) { marks.tags.emplace_back(k_unused_tag); });
  store::remove_restore(store, project::work_tree(project), id);
}

} // namespace savepoint::restore
