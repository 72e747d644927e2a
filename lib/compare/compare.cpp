#include "compare/compare.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace savepoint::compare {
namespace {

using manifest::ConfigFile;
using manifest::DatabaseComponent;
using manifest::Manifest;
using store::Change;
using store::ChangeKind;
using store::EntryKind;

bool is_directory(const std::optional<store::TreeEntry>& entry) {
  return entry && entry->kind == EntryKind::directory;
}

/// Whether a directory's own line says something that the lines of its content do not.
bool speaks_for_itself(const Change& change) {
  if (change.path.empty()) {
    return false;
  }
  if (is_directory(change.before) != is_directory(change.after) && change.before && change.after) {
    return true;
  }
  const std::optional<store::Tree>& before = change.directory_before;
  const std::optional<store::Tree>& after = change.directory_after;
  return before && after &&
         (before->mode != after->mode || before->attributes != after->attributes);
}

FileDifference describe(const Change& change) {
  FileDifference difference;
  difference.path = change.path;
  difference.kind = change.kind;
  if (const auto& entry = change.after ? change.after : change.before) {
    difference.entry = entry->kind;
  }
  difference.size_before = change.before ? change.before->content.size : 0;
  difference.size_after = change.after ? change.after->content.size : 0;
  return difference;
}

/// Drops the lines of added and removed directories that have lines of their content below them.
void drop_directories_with_content(std::vector<FileDifference>& files) {
  std::vector<FileDifference> kept;
  kept.reserve(files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    const bool whole = files[i].kind == ChangeKind::added || files[i].kind == ChangeKind::removed;
    const bool followed = files[i].entry == EntryKind::directory && i + 1 < files.size() &&
                          files[i + 1].path.starts_with(files[i].path + "/");
    if (!(whole && followed)) {
      kept.push_back(std::move(files[i]));
    }
  }
  files = std::move(kept);
}

std::vector<FileDifference> compare_code(const store::ChunkSource& source, const Manifest& before,
                                         const Manifest& after) {
  std::vector<FileDifference> files;
  if (!before.code || !after.code) {
    return files;
  }
  store::diff_trees(source, before.code->tree, after.code->tree, [&](const Change& change) {
    const bool only_directory = (!change.before || is_directory(change.before)) &&
                                (!change.after || is_directory(change.after));
    const bool appeared = change.kind == ChangeKind::added || change.kind == ChangeKind::removed;
    if (change.path.empty() || (only_directory && !appeared && !speaks_for_itself(change))) {
      return;
    }
    files.push_back(describe(change));
  });
  drop_directories_with_content(files);
  return files;
}

std::vector<TableDifference> compare_tables(const DatabaseComponent* before,
                                            const DatabaseComponent* after) {
  std::map<std::string, TableDifference> tables;
  for (const auto& [database, side] :
       {std::pair{before, &TableDifference::before}, std::pair{after, &TableDifference::after}}) {
    if (database != nullptr) {
      for (const manifest::Table& table : database->tables) {
        TableDifference& difference = tables[table.name];
        difference.name = table.name;
        difference.*side = table.rows;
      }
    }
  }
  std::vector<TableDifference> sorted;
  for (auto& [name, difference] : tables) {
    sorted.push_back(std::move(difference));
  }
  return sorted;
}

/// What is something else once the schema has changed: a number, or a digest. Drivers, and earlier
/// snapshots, may have none.
bool has_another_schema(const DatabaseComponent& before, const DatabaseComponent& after) {
  const auto differs = [&](const char* key) {
    const json::Value* const then = before.details.find(key);
    const json::Value* const now = after.details.find(key);
    return then != nullptr && now != nullptr && *then != *now;
  };
  return differs("schema_version") || differs("schema");
}

DatabaseDifference describe(const DatabaseComponent* before, const DatabaseComponent* after) {
  DatabaseDifference difference;
  difference.name = after != nullptr ? after->name : before->name;
  difference.kind = before == nullptr  ? ChangeKind::added
                    : after == nullptr ? ChangeKind::removed
                                       : ChangeKind::modified;
  if (before != nullptr) {
    difference.size_before = before->size;
    difference.migration_before = before->migration;
  }
  if (after != nullptr) {
    difference.size_after = after->size;
    difference.migration_after = after->migration;
  }
  difference.tables = compare_tables(before, after);
  difference.driver = after != nullptr ? after->driver : before->driver;
  const bool has_both = before != nullptr && after != nullptr;
  difference.driver_changed = has_both && before->driver != after->driver;
  difference.schema_changed =
      has_both && !difference.driver_changed && has_another_schema(*before, *after);
  return difference;
}

/// Whether the snapshot may have been taken without looking at databases at all.
bool taken_without_databases(const Manifest& manifest) {
  return manifest.databases.empty() && !(manifest.code && manifest.config);
}

template <typename T, typename Key>
std::map<std::string, std::pair<const T*, const T*>> pair_up(const std::vector<T>& before,
                                                             const std::vector<T>& after, Key key) {
  std::map<std::string, std::pair<const T*, const T*>> pairs;
  for (const T& item : before) {
    pairs[item.*key].first = &item;
  }
  for (const T& item : after) {
    pairs[item.*key].second = &item;
  }
  return pairs;
}

std::vector<DatabaseDifference> compare_databases(const Manifest& before, const Manifest& after) {
  std::vector<DatabaseDifference> databases;
  if (taken_without_databases(before) || taken_without_databases(after)) {
    return databases;
  }
  for (const auto& [name, sides] :
       pair_up(before.databases, after.databases, &DatabaseComponent::name)) {
    const auto& [old_side, new_side] = sides;
    if (old_side == nullptr || new_side == nullptr ||
        !manifest::is_same_content(*old_side, *new_side)) {
      databases.push_back(describe(old_side, new_side));
    }
  }
  return databases;
}

/// The keys of `all` that `others` does not have.
std::vector<std::string> keys_beyond(const ConfigFile* all, const ConfigFile* others) {
  std::vector<std::string> keys;
  if (all == nullptr) {
    return keys;
  }
  for (const std::string& key : all->keys) {
    const bool shared = others != nullptr && std::find(others->keys.begin(), others->keys.end(),
                                                       key) != others->keys.end();
    if (!shared) {
      keys.push_back(key);
    }
  }
  return keys;
}

std::vector<ConfigDifference> compare_config(const Manifest& before, const Manifest& after) {
  std::vector<ConfigDifference> config;
  if (!before.config || !after.config) {
    return config;
  }
  for (const auto& [path, sides] :
       pair_up(before.config->files, after.config->files, &ConfigFile::path)) {
    const auto& [old_side, new_side] = sides;
    const bool in_code =
        (old_side == nullptr || old_side->in_code) && (new_side == nullptr || new_side->in_code);
    const bool same = old_side != nullptr && new_side != nullptr &&
                      old_side->sha256 == new_side->sha256 && old_side->mode == new_side->mode;
    if (in_code || same) {
      continue;
    }
    config.push_back({.path = path,
                      .kind = old_side == nullptr                    ? ChangeKind::added
                              : new_side == nullptr                  ? ChangeKind::removed
                              : old_side->sha256 == new_side->sha256 ? ChangeKind::metadata
                                                                     : ChangeKind::modified,
                      .keys_added = keys_beyond(new_side, old_side),
                      .keys_removed = keys_beyond(old_side, new_side)});
  }
  return config;
}

} // namespace

std::string_view name_of(store::ChangeKind kind) {
  switch (kind) {
  case ChangeKind::added:
    return "added";
  case ChangeKind::removed:
    return "removed";
  case ChangeKind::modified:
    return "modified";
  case ChangeKind::metadata:
    return "metadata";
  }
  bug("a change of no kind");
}

std::string_view name_of(store::EntryKind kind) {
  switch (kind) {
  case store::EntryKind::file:
    return "file";
  case store::EntryKind::directory:
    return "directory";
  case store::EntryKind::symlink:
    return "symlink";
  case store::EntryKind::fifo:
    return "fifo";
  }
  bug("an entry of no kind");
}

Difference compare(const store::ChunkSource& source, const Manifest& before,
                   const Manifest& after) {
  return {.files = compare_code(source, before, after),
          .databases = compare_databases(before, after),
          .config = compare_config(before, after)};
}

} // namespace savepoint::compare
