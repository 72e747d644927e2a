#include "restore/internal/brought.hpp"

#include "manifest/safety.hpp"
#include "store/tree_diff.hpp"

#include <algorithm>
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
