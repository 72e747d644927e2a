#include "restore/internal/plan_brought_databases.hpp"

#include "drivers/all.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "restore/internal/brought.hpp"
#include "restore/internal/directories.hpp"
#include "restore/internal/select.hpp"
#include "store/tree_diff.hpp"

#include <algorithm>

namespace savepoint::restore {
namespace {

using manifest::DatabaseComponent;

bool is_asked_for(const Request& request, const PathFilter& filter,
                  const DatabaseComponent& database) {
  return request.only.databases && request.only.includes_database(database.name) &&
         (filter.everything() || names_database(filter, database));
}

/// The file at `path` goes, whatever is to come there.
void take_away(const fs::Descriptor& directory, const std::string& path, PathChanges& paths) {
  const auto there = fs::status_at(directory.number(), std::string(last_of(path)).c_str());
  if (!there || there->kind != fs::FileKind::regular ||
      (there->size == 0 && !paths.contains(path))) {
    return;
  }
  PathChange& change = paths[path];
  if (!change.before) {
    change.before = std::make_unique<store::TreeEntry>();
    change.before->mode = there->mode;
    change.before->mtime_ns = there->mtime_ns;
    change.before->content.size = there->size;
  }
}

/// The file of `database` goes, and the logs beside it.
void take_away(const fs::Descriptor& directory, const DatabaseComponent& database,
               Plan::State& plan) {
  take_away(directory, database.path, plan.paths);
  plan.leaving.push_back(database);
  for (const std::string& name :
       drivers::find(database.driver).companions(last_of(database.path))) {
    take_away(directory, join(parent_of(database.path), name), plan.paths);
  }
}

/// The file that stood at `path` before comes back, also where files are not asked for: it is what
/// the database took the place of.
void bring_back(const store::ChunkSource& trees, const Plan::State& plan, const std::string& path,
                PathChanges& paths) {
  if (!plan.target.code) {
    return;
  }
  Entry before = to_entry(store::find_path(trees, plan.target.code->tree, path));
  if (before != nullptr && !is_directory(before)) {
    paths[path].after = std::move(before);
  }
}

} // namespace

void plan_brought_databases(const project::Project& project, const store::Store& store,
                            const store::ChunkSource& trees, const PathFilter& filter,
                            Plan::State& plan) {
  if (plan.request.keep_extra) {
    return;
  }
  const fs::Descriptor root = fs::open_directory(project.root());
  Directories directories(root);
  for (const DatabaseComponent& database : Brought(store, plan).databases()) {
    if (!is_asked_for(plan.request, filter, database)) {
      continue;
    }
    require_writable_path(database.path);
    const fs::Descriptor* const directory = directories.find_parent(database.path);
    if (directory == nullptr) {
      continue;
    }
    bring_back(trees, plan, database.path, plan.paths); // first: an empty file makes room for it
    take_away(*directory, database, plan);
  }
}

void plan_displaced_databases(const project::Project& project, Plan::State& plan) {
  const fs::Descriptor root = fs::open_directory(project.root());
  Directories directories(root);
  for (const project::FoundDatabase& file : plan.database_files) {
    const auto planned = plan.paths.find(file.path);
    const bool is_displaced = planned != plan.paths.end() && !planned->second.before &&
                              is_file(planned->second.after) && plan.request.only.databases &&
                              plan.request.only.includes_database(file.path);
    const fs::Descriptor* const directory =
        is_displaced ? directories.find_parent(file.path) : nullptr;
    if (directory != nullptr) {
      DatabaseComponent database;
      database.name = database.path = file.path;
      database.driver = file.driver;
      take_away(*directory, database, plan);
    }
  }
}

} // namespace savepoint::restore
