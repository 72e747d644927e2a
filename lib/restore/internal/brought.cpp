#include "restore/internal/brought.hpp"

#include "base/error.hpp"
#include "fs/status.hpp"
#include "manifest/safety.hpp"
#include "restore/internal/directories.hpp"
#include "restore/internal/same_content.hpp"
#include "store/tree_diff.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace savepoint::restore {
namespace {

using manifest::DatabaseComponent;
using manifest::Manifest;

/// The snapshots that were restored after the safety snapshot `safety` was taken, as far as they
/// still are in the store.
std::vector<Manifest> restored_after(const store::Store& store, const Manifest& safety) {
  std::vector<Manifest> restored;
  for (const SnapshotId& id : manifest::restored_after(safety, store.marks(*safety.id))) {
    if (store.has_snapshot(id)) {
      restored.push_back(store.load(id));
    }
  }
  return restored;
}

bool has_file_in(const store::ChunkSource& trees, const Manifest& manifest, std::string_view path) {
  return manifest.code && store::find_path(trees, manifest.code->tree, path);
}

/// Whether the file is what a restore put there: one that was there before, and is the same, has
/// not changed since.
bool is_as_put(const store::ChunkSource& chunks, Directories& directories,
               const store::Change& change, Timestamp before) {
  require_writable_path(change.path);
  const fs::Descriptor* const parent = directories.find_parent(change.path);
  const std::string name(last_of(change.path));
  const auto there =
      parent == nullptr ? std::nullopt : fs::status_at(parent->number(), name.c_str());
  return there && there->ctime_ns > before.time_since_epoch().count() &&
         is_same_content(chunks, *parent, name.c_str(), *change.after);
}

bool has_database_in(const Manifest& manifest, const std::string& path) {
  return std::ranges::count(manifest.databases, path, &DatabaseComponent::path) > 0;
}

} // namespace

Brought::Brought(const store::Store& store, const Plan::State& plan)
    : plan_(&plan), restored_(restored_after(store, plan.target)) {
  if (plan.recovery && plan.recovery->is_taken_over) {
    before_ = store.load(plan.recovery->journal.safety);
    for (Manifest& manifest : restored_after(store, *before_)) {
      restored_.push_back(std::move(manifest));
    }
  }
}

const Manifest& Brought::before() const {
  return before_ ? *before_ : plan_->target;
}

std::vector<std::string> Brought::ignored_files(const store::ChunkSource& trees,
                                                const fs::Descriptor& root) const {
  std::set<std::string, PathOrder> files;
  Directories directories(root);
  const auto look_at = [&](const store::Change& change) {
    if (!change.before && is_file(to_entry(change.after)) &&
        !has_file_in(trees, before(), change.path) &&
        is_as_put(trees, directories, change, before().created_at)) {
      files.insert(change.path);
    }
  };
  for (const Manifest& manifest : restored_) {
    if (!manifest.code || !before().code || !plan_->present.code) {
      continue;
    }
    try {
      store::diff_trees(trees, plan_->present.code->tree, manifest.code->tree, look_at);
    } catch (const CorruptionError&) {
      continue; // what a damaged snapshot brought is in nobody's way
    }
  }
  return {files.begin(), files.end()};
}

bool Brought::has_file(const store::ChunkSource& trees, std::string_view path) const {
  return !(before_ && has_file_in(trees, *before_, path)) &&
         std::ranges::any_of(restored_, [&](const Manifest& manifest) {
           return has_file_in(trees, manifest, path);
         });
}

std::vector<DatabaseComponent> Brought::databases() const {
  std::vector<DatabaseComponent> all;
  for (const Manifest& manifest : restored_) {
    for (const DatabaseComponent& database : manifest.databases) {
      const bool is_known = std::ranges::count(all, database.path, &DatabaseComponent::path) > 0;
      if (!database.path.empty() && !is_known && !has_database_in(plan_->target, database.path) &&
          !(before_ && has_database_in(*before_, database.path))) {
        all.push_back(database);
      }
    }
  }
  return all;
}

void mark_taken_over(store::Store& store, const SnapshotId& safety, const SnapshotId& target) {
  store.change_marks(safety, [&](manifest::Marks& marks) {
    marks.tags.push_back(manifest::then_restored_tag(target));
  });
}

} // namespace savepoint::restore
