#include "snapshot/snapshot.hpp"

#include "base/error.hpp"
#include "base/nearest_word.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/lock.hpp"
#include "project/interrupted.hpp"
#include "project/select.hpp"
#include "snapshot/internal/databases.hpp"
#include "snapshot/kept_commits.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>

namespace savepoint::snapshot {
namespace {

/// The newest snapshot of this work tree, whatever took it.
std::optional<SnapshotId> newest(const store::Store& store,
                                 const manifest::ProjectIdentity& identity) {
  const auto found = store.find_newest([&identity](const manifest::Summary& summary) {
    return summary.project == identity.id && summary.worktree == identity.worktree &&
           !manifest::is_elsewhere(summary);
  });
  return found ? std::optional(found->id) : std::nullopt;
}

/// Of `whole`, only what `part` has as well: to compare a partial snapshot with a complete one.
manifest::Manifest same_parts(manifest::Manifest whole, const manifest::Manifest& part) {
  if (!part.code) {
    whole.code.reset();
  }
  if (whole.git && (!part.git || !part.git->tree)) {
    whole.git->tree.reset();
    whole.git->needs.clear();
  }
  if (!part.config) {
    whole.config.reset();
  }
  std::erase_if(whole.databases, [&](const manifest::DatabaseComponent& database) {
    return std::ranges::count(part.databases, database.name, &manifest::DatabaseComponent::name) ==
           0;
  });
  return whole;
}

/// Whether `before` says of what was captured now what `now` says.
bool is_same_state(const manifest::Manifest& before, const manifest::Manifest& now,
                   const project::Selection& only) {
  return manifest::state_of(only.everything() ? before : same_parts(before, now)) == now.state;
}

/// What snapshots of the project have that is called nearly so: `manifest` has only what was named.
std::string hint_for(const std::string& name, const store::Store& store,
                     const manifest::Manifest& manifest) {
  std::set<std::string> there;
  for (const manifest::Summary& summary : store.snapshots()) {
    if (summary.project == manifest.project.id) {
      for (const manifest::ComponentSummary& component : summary.components) {
        if (component.kind == "database") {
          there.insert(component.name);
        }
      }
    }
  }
  const std::string near =
      nearest_word(name, std::vector<std::string_view>(there.begin(), there.end()));
  return near.empty() ? "'savepoint doctor' lists the databases that are found"
                      : "did you mean " + quoted("database:" + near) + "?";
}

/// A database that is named and not there is a mistake, not an empty snapshot.
void require_named(const manifest::Manifest& manifest, const project::Selection& only,
                   const store::Store& store) {
  for (const std::string& name : only.database_names) {
    project::Selection one;
    one.database_names = {name};
    const auto is_meant = [&one](const std::string& found) { return one.includes_database(found); };
    if (std::ranges::none_of(manifest.databases, is_meant, &manifest::DatabaseComponent::name) &&
        std::ranges::none_of(manifest.left_out, is_meant, &manifest::LeftOut::path)) {
      throw NotFoundError("there is no database " + quoted(name) + " in the project",
                          hint_for(name, store, manifest));
    }
  }
}

constexpr std::chrono::seconds k_wait_for_restore{10};

/// Restores in place hold a lock on the project's directory. Sharing it while the project is read
/// keeps them out: what is between two states is nobody's state.
std::optional<fs::FileLock> keep_restores_out(const project::Project& project) {
  try {
    auto lock =
        fs::FileLock::acquire(fs::open_directory(project.root()), fs::FileLock::Mode::shared,
                              k_wait_for_restore, project.context().cancellation);
    if (!lock) {
      throw BusyError("a restore is at work in " + quoted(project.root().string()),
                      "wait until it has finished");
    }
    return lock;
  } catch (const IoError&) {
    return std::nullopt; // a file system without locks, on which nothing is restored either
  }
}

/// Whether the project is between two states: a restore was interrupted.
bool is_between_states(const project::Project& project, const store::Store& store) {
  try {
    return project::find_due(project, store.root()).has_value();
  } catch (const CorruptionError&) {
    return true; // there is a journal, and it is damaged
  }
}

/// What `capture` sees while no restore changes it.
Present capture_undisturbed(const project::Project& project, store::Store& store,
                            store::Batch& batch, const Request& request) {
  const std::optional<fs::FileLock> lock = keep_restores_out(project);
  Present present = capture(
      project, store, [&batch] { return batch.writer(); }, batch.source(), request,
      project::CacheUse::renew);
  if (is_between_states(project, store)) {
    present.manifest.tags.emplace_back(project::k_recovery_due_tag);
  }
  return present;
}

/// Of databases that a driver could take, and not look into, and of those that are not there.
void add_notes(const manifest::Manifest& manifest, const project::Selection& only,
               std::vector<std::string>& notes) {
  if (!only.code && !only.config && manifest.databases.empty() && manifest.left_out.empty()) {
    notes.emplace_back("no database of the project is captured: the snapshot has nothing in it");
  }
  for (const manifest::DatabaseComponent& database : manifest.databases) {
    if (const json::Value* const why = database.details.find("row_counts")) {
      notes.push_back("the database " + quoted(database.name) +
                      " was saved as it is, and its rows are not counted: " + why->as_string());
    }
  }
}

std::chrono::milliseconds since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               begin);
}

} // namespace

Taken take(const project::Project& project, store::Store& store, const Request& request) {
  const auto begin = std::chrono::steady_clock::now();
  store::Batch batch(store);
  Present present = capture_undisturbed(project, store, batch, request);
  require_named(present.manifest, request.only, store);

  Taken taken;
  taken.notes = std::move(present.notes);
  if (request.if_changed) {
    if (const std::optional<SnapshotId> last = newest(store, present.manifest.project)) {
      std::optional<manifest::Manifest> before = load_if_readable(store, *last);
      if (before && is_same_state(*before, present.manifest, request.only) && !batch.heals()) {
        // Equal states may differ in the times of directories, and so in trees that only this
        // batch, which is dropped now, would have held.
        const bool same_trees = before->code && present.manifest.code &&
                                before->code->tree == present.manifest.code->tree;
        if (same_trees) {
          present.remember_files(*last);
        }
        std::ranges::move(present.remember_databases(*last), std::back_inserter(taken.notes));
        taken.manifest = std::move(*before);
        taken.duration = since(begin);
        return taken;
      }
    }
  }
  manifest::Manifest manifest = std::move(present.manifest);
  manifest.trigger = request.trigger;
  manifest.note = request.note;
  std::ranges::copy(request.tags, std::back_inserter(manifest.tags));
  std::ranges::sort(manifest.tags);
  manifest.tags.erase(std::unique(manifest.tags.begin(), manifest.tags.end()), manifest.tags.end());
  manifest.pinned = request.pinned;
  manifest.hook = request.hook;
  if (!present.late.empty()) {
    manifest.hook = manifest.hook.value_or(manifest::HookMoment());
    manifest.hook->late = std::move(present.late);
  }
  project.context().cancellation->check();
  keep_commits(project, store, manifest);
  taken.manifest = store.seal(batch, std::move(manifest));
  taken.created = true;
  present.remember_files(*taken.manifest.id);
  std::ranges::move(present.remember_databases(*taken.manifest.id),
                    std::back_inserter(taken.notes));
  add_notes(taken.manifest, request.only, taken.notes);
  taken.duration = since(begin);
  return taken;
}

} // namespace savepoint::snapshot
