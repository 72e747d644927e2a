#include "restore/internal/brought.hpp"

#include "store/tree_diff.hpp"

#include <algorithm>
#include <utility>

namespace savepoint::restore {
namespace {

using manifest::DatabaseComponent;
using manifest::Manifest;

constexpr std::string_view k_safety_note = "before restoring ";
constexpr std::string_view k_then_restored = "then-restored:";

/// The snapshots that were restored after the safety snapshot `safety` was taken, as far as they
/// still are in the store.
std::vector<Manifest> restored_after(const store::Store& store, const Manifest& safety) {
  std::vector<std::string> texts = store.marks(*safety.id).tags;
  std::erase_if(texts, [](const std::string& tag) { return !tag.starts_with(k_then_restored); });
  for (std::string& tag : texts) {
    tag.erase(0, k_then_restored.size());
  }
  if (safety.note.starts_with(k_safety_note)) {
    texts.push_back(safety.note.substr(k_safety_note.size()));
  }
  std::vector<Manifest> restored;
  for (const std::string& text : texts) {
    const auto id = SnapshotId::parse(text);
    if (id && store.has_snapshot(*id)) {
      restored.push_back(store.load(*id));
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

std::string safety_note(const Manifest& target) {
  return std::string(k_safety_note) + (target.id ? target.id->text() : std::string());
}

void mark_taken_over(store::Store& store, const SnapshotId& safety, const SnapshotId& target) {
  manifest::Marks marks = store.marks(safety);
  const std::string tag = std::string(k_then_restored) + target.text();
  if (std::ranges::count(marks.tags, tag) == 0) {
    marks.tags.push_back(tag);
    std::ranges::sort(marks.tags);
    store.set_marks(safety, marks);
  }
}

} // namespace savepoint::restore
