#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"
#include "restore/internal/database_output.hpp"
#include "restore/internal/new_directory.hpp"
#include "restore/internal/select.hpp"
#include "restore/internal/sound_trees.hpp"
#include "restore/internal/tree_output.hpp"
#include "restore/restore.hpp"

#include <algorithm>

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
    if (!request_->partial) {
      require_known(*store_, *target_, filter_);
    }
    context_->progress->stage("restoring", target_->bytes());
    write_files();
    for (const DatabaseComponent& database : databases) {
      write_database(database);
    }
    output_.finish();
    std::vector<std::string> missing = output_.missing();
    std::ranges::move(missing_, std::back_inserter(missing));
    std::ranges::sort(missing);
    return missing;
  }

private:
  void write_files() {
    if (target_->code && (request_->only.code || request_->only.config)) {
      output_.write(target_->code->tree, links_of(*store_, *target_, *request_),
                    code_filter(*request_, filter_, {target_}));
    }
    if (target_->config && request_->only.config) {
      if (target_->config->tree) {
        output_.write(*target_->config->tree, {}, filter_);
      }
      for (const manifest::ConfigFile& file : target_->config->files) {
        if (!file.stored && !file.in_code && filter_.includes(file.path)) {
          missing_.push_back(file.path);
        }
      }
    }
  }

  void write_database(const DatabaseComponent& database) {
    if (database.path.empty()) {
      missing_.push_back(database.name); // lives in a server, not in a directory
      return;
    }
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

} // namespace

Restored restore_to(store::Store& store, const Manifest& target,
                    const std::filesystem::path& directory, const Request& request,
                    const project::Context& context) {
  require_components(target, request);
  const PathFilter filter(request.paths);
  require_sound_trees(store, target, filter,
                      request.partial ? OnDamage::leave_out : OnDamage::stop);
  require_sound_databases(store, target, selected_databases(target, request, filter));
  NewDirectory made(directory);
  Restored restored{.snapshot = *target.id,
                    .safety = std::nullopt,
                    .changes = {},
                    .config_left = {},
                    .versions = {},
                    .missing = {}};
  restored.missing = DirectoryRestore(store, target, request, context, made).run();
  made.commit();
  return restored;
}

} // namespace savepoint::restore
