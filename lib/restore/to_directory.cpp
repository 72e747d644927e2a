#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"
#include "restore/internal/database_output.hpp"
#include "restore/internal/new_directory.hpp"
#include "restore/internal/select.hpp"
#include "restore/internal/sound_trees.hpp"
#include "restore/internal/tolerant_source.hpp"
#include "restore/internal/tree_output.hpp"
#include "restore/restore.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace savepoint::restore {
namespace {

using manifest::DatabaseComponent;
using manifest::Manifest;

store::HardLinks links_of(const store::Store& store, const Manifest& target,
                          const Request& request) {
  if (!target.code || !target.code->hard_links) {
    return {};
  }
  try {
    return store::get_hard_links(store, *target.code->hard_links);
  } catch (const CorruptionError&) {
    if (!request.partial) {
      throw;
    }
    return {}; // every name still gets its content
  }
}

void require_known(const store::Store& store, const Manifest& target, const PathFilter& filter) {
  for (const std::string& path : filter.paths()) {
    const PathFilter just_this = PathFilter::only({path});
    const bool is_known = holds_path(store, target, path) ||
                          std::ranges::any_of(target.databases, [&](const auto& database) {
                            return names_database(just_this, database);
                          });
    if (!is_known) {
      throw NotFoundError(quoted(path) + " is not in the snapshot",
                          "'savepoint files SNAPSHOT' lists what it holds");
    }
  }
}

/// A tree of the snapshot, and the paths of it that are asked for.
struct Wanted {
  hash::Digest tree;
  bool is_code;
  PathFilter filter;

  [[nodiscard]] bool leads_to(std::string_view directory) const {
    return filter.includes(directory) || filter.leads_to(directory);
  }
};

std::vector<Wanted> wanted_trees(const Manifest& target, const Request& request,
                                 const PathFilter& filter) {
  std::vector<Wanted> trees;
  if (target.code && (request.only.code || request.only.config)) {
    trees.push_back({target.code->tree, true, code_filter(request, filter, {&target})});
  }
  if (target.config && target.config->tree && request.only.config) {
    trees.push_back({*target.config->tree, false, filter});
  }
  return trees;
}

/// What is asked for and never goes into a directory: settings of which the snapshot holds the keys
/// alone, and databases that live in a server.
std::vector<std::string> not_for_directories(const Manifest& target, const Request& request,
                                             const PathFilter& filter,
                                             const std::vector<DatabaseComponent>& databases) {
  std::vector<std::string> names;
  if (target.config && request.only.config) {
    for (const manifest::ConfigFile& file : target.config->files) {
      if (!file.stored && !file.in_code && filter.includes(file.path)) {
        names.push_back(file.path);
      }
    }
  }
  for (const DatabaseComponent& database : databases) {
    if (database.path.empty()) {
      names.push_back(database.name);
    }
  }
  return names;
}

class DirectoryRestore {
public:
  DirectoryRestore(const store::Store& store, const Manifest& target, const Request& request,
                   const project::Context& context, const NewDirectory& directory)
      : store_(&store), target_(&target), request_(&request), context_(&context),
        directory_(&directory), filter_(request.paths),
        output_(store, directory.descriptor(), *context.cancellation, *context.progress,
                request.partial ? OnDamage::leave_out : OnDamage::stop) {}

  std::vector<std::string> run() {
    const std::vector<DatabaseComponent> databases =
        selected_databases(*target_, *request_, filter_);
    context_->progress->stage("restoring", target_->bytes());
    for (const Wanted& wanted : wanted_trees(*target_, *request_, filter_)) {
      output_.write(wanted.tree,
                    wanted.is_code ? links_of(*store_, *target_, *request_) : store::HardLinks(),
                    wanted.filter);
    }
    missing_ = not_for_directories(*target_, *request_, filter_, databases);
    for (const DatabaseComponent& database : databases) {
      if (!database.path.empty()) {
        write_database(database);
      }
    }
    output_.finish();
    std::vector<std::string> missing = output_.missing();
    std::ranges::move(missing_, std::back_inserter(missing));
    std::ranges::sort(missing);
    return missing;
  }

private:
  void write_database(const DatabaseComponent& database) {
    const std::filesystem::path file = directory_->path() / database.path;
    static_cast<void>(fs::make_beneath(directory_->descriptor(), parent_of(database.path)));
    try {
      make_database_file(*store_, database, file, *context_->cancellation, *context_->progress);
    } catch (const CorruptionError&) {
      if (!request_->partial) {
        throw;
      }
      fs::remove_file(file);
      missing_.push_back(database.name);
    }
  }

  const store::Store* store_;
  const Manifest* target_;
  const Request* request_;
  const project::Context* context_;
  const NewDirectory* directory_;
  PathFilter filter_;
  TreeOutput output_;
  std::vector<std::string> missing_;
};

/// Has `made` hear of what is made of a sound snapshot, but for what is `missing`. Directories that
/// are damaged count as empty where that is tolerated.
void tell_made(const store::Store& store, const Manifest& target, const Request& request,
               const std::vector<std::string>& missing, const ChangeVisitor& made) {
  const auto tell = [&](PlannedChange&& change) {
    if (!std::ranges::binary_search(missing, change.path)) {
      made(std::move(change));
    }
  };
  const PathFilter filter(request.paths);
  const TolerantSource tolerant(store);
  for (const Wanted& wanted : wanted_trees(target, request, filter)) {
    store::walk_tree(
        request.partial ? static_cast<const store::ChunkSource&>(tolerant) : store, wanted.tree,
        [&](const std::string& path, const store::TreeEntry& entry, const store::Tree* directory) {
          if (directory == nullptr && wanted.filter.includes(path)) {
            tell({.action = PlannedChange::Action::create,
                  .path = path,
                  .bytes = entry.content.size});
          }
        },
        [&](const std::string& path) { return wanted.leads_to(path); });
  }
  for (const DatabaseComponent& database : selected_databases(target, request, filter)) {
    tell({.action = PlannedChange::Action::database,
          .path = database.name,
          .bytes = database.image.size});
  }
}

/// Throws what stands in the way of a restore before anything is made.
void require_restorable(const store::Store& store, const Manifest& target, const Request& request,
                        const PathFilter& filter) {
  require_components(target, request);
  require_sound_trees(store, target, filter,
                      request.partial ? OnDamage::leave_out : OnDamage::stop);
  require_sound_databases(store, target, selected_databases(target, request, filter));
  if (!request.partial) {
    require_known(store, target, filter);
  }
}

} // namespace

Restored restore_to(store::Store& store, const Manifest& target,
                    const std::filesystem::path& directory, const Request& request,
                    const project::Context& context, const ChangeVisitor& made) {
  require_restorable(store, target, request, PathFilter(request.paths));
  NewDirectory written(directory);
  Restored restored{.snapshot = *target.id,
                    .safety = std::nullopt,
                    .changes = {},
                    .config_left = {},
                    .versions = {},
                    .missing = {}};
  restored.missing = DirectoryRestore(store, target, request, context, written).run();
  written.commit();
  if (made) {
    tell_made(store, target, request, restored.missing, made);
  }
  return restored;
}

std::vector<std::string> preview_to(const store::Store& store, const Manifest& target,
                                    const Request& request, const ChangeVisitor& made) {
  const PathFilter filter(request.paths);
  require_restorable(store, target, request, filter);
  std::vector<std::string> missing =
      not_for_directories(target, request, filter, selected_databases(target, request, filter));
  for (const Wanted& wanted :
       request.partial ? wanted_trees(target, request, filter) : std::vector<Wanted>()) {
    for (const std::string& path : unreadable_directories(store, wanted.tree)) {
      if (path.empty() || wanted.leads_to(path)) {
        missing.push_back(path.empty() ? "." : path);
      }
    }
  }
  std::ranges::sort(missing);
  tell_made(store, target, request, missing, made);
  return missing;
}

} // namespace savepoint::restore
