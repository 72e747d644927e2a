#include "restore/internal/select.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "restore/internal/safety.hpp"
#include "store/tree_diff.hpp"

#include <algorithm>
#include <set>

namespace savepoint::restore {

using manifest::DatabaseComponent;
using manifest::Manifest;

void require_components(const Manifest& target, const Request& request) {
  const project::Selection& only = request.only;
  const std::string subject =
      "snapshot " + quoted(target.id ? target.id->text() : std::string_view("?"));
  const std::string hint = "'savepoint show SNAPSHOT' lists its components";
  for (const std::string& name : only.database_names) {
    project::Selection one;
    one.database_names = {name};
    if (std::ranges::none_of(target.databases, [&](const DatabaseComponent& database) {
          return one.includes_database(database.name);
        })) {
      throw NotFoundError(subject + " has no database " + quoted(name), hint);
    }
  }
  // Where there was no database, what a restore of databases brought is to go.
  const bool has_databases =
      !target.databases.empty() || std::ranges::count(target.tags, k_databases_tag) > 0;
  const bool has_any = (only.code && target.code) || (only.config && target.config) ||
                       (only.databases && has_databases);
  if (!has_any) {
    throw NotFoundError(subject + " has nothing of what is asked for", hint);
  }
}

std::vector<DatabaseComponent> selected_databases(const Manifest& target, const Request& request,
                                                  const PathFilter& filter) {
  std::vector<DatabaseComponent> selected;
  for (const DatabaseComponent& database : target.databases) {
    if (request.only.databases && request.only.includes_database(database.name) &&
        (filter.everything() || names_database(filter, database))) {
      selected.push_back(database);
    }
  }
  return selected;
}

PathFilter code_filter(const Request& request, const PathFilter& filter,
                       std::initializer_list<const Manifest*> manifests) {
  if (request.only.code) {
    return filter;
  }
  std::vector<std::string> known;
  for (const Manifest* manifest : manifests) {
    if (!request.only.config || !manifest->config) {
      continue;
    }
    for (const manifest::ConfigFile& file : manifest->config->files) {
      if (file.in_code && filter.includes(file.path)) {
        known.push_back(file.path);
      }
    }
  }
  return PathFilter::only(std::move(known));
}

bool names_database(const PathFilter& filter, const DatabaseComponent& database) {
  return filter.includes(database.name) ||
         (!database.path.empty() && filter.includes(database.path));
}

void require_sound_databases(const store::ChunkSource& trees, const Manifest& target,
                             const std::vector<DatabaseComponent>& databases) {
  const auto code = target.code ? std::optional(target.code->tree) : std::nullopt;
  const auto config = target.config ? target.config->tree : std::nullopt;
  std::set<std::string_view> paths;
  for (const DatabaseComponent& database : databases) {
    if (database.path.empty()) {
      continue;
    }
    require_writable_path(database.path);
    if (!paths.insert(database.path).second) {
      throw CorruptionError("two databases of the snapshot are at " + quoted(database.path));
    }
    for (auto up = parent_of(database.path); !up.empty(); up = parent_of(up)) {
      for (const std::optional<hash::Digest>& tree : {code, config}) {
        const auto entry = tree ? store::find_path(trees, *tree, up) : std::nullopt;
        if (entry && entry->kind != store::EntryKind::directory) {
          throw CorruptionError("the snapshot has a database at " + quoted(database.path) +
                                ", but " + quoted(up) + " is no directory in it");
        }
      }
    }
  }
}

bool holds_path(const store::ChunkSource& trees, const Manifest& manifest, std::string_view path) {
  return (manifest.code && store::find_path(trees, manifest.code->tree, path)) ||
         (manifest.config && manifest.config->tree &&
          store::find_path(trees, *manifest.config->tree, path));
}

} // namespace savepoint::restore
