#include "restore/internal/plan_files.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "drivers/all.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"
#include "restore/internal/brought.hpp"
#include "restore/internal/directories.hpp"
#include "restore/internal/entry_writer.hpp"
#include "restore/internal/journal.hpp"
#include "restore/internal/plan_brought_databases.hpp"
#include "restore/internal/same_content.hpp"
#include "restore/internal/select.hpp"
#include "restore/internal/target_rules.hpp"

#include <algorithm>
#include <utility>

#include <unistd.h>

namespace savepoint::restore {
namespace {

using manifest::ConfigFile;
using manifest::Manifest;

std::optional<hash::Digest> code_tree(const Manifest& manifest) {
  return manifest.code ? std::optional(manifest.code->tree) : std::nullopt;
}

std::optional<hash::Digest> config_tree(const Manifest& manifest) {
  return manifest.config ? manifest.config->tree : std::nullopt;
}

const ConfigFile* find_config(const Manifest& manifest, std::string_view path) {
  if (!manifest.config) {
    return nullptr;
  }
  const auto found = std::ranges::find(manifest.config->files, path, &ConfigFile::path);
  return found == manifest.config->files.end() ? nullptr : &*found;
}

PathChange to_path_change(const store::Change& change) {
  const auto kept = [](const std::optional<store::Tree>& directory) {
    return directory ? std::make_unique<store::Tree>(*directory) : nullptr;
  };
  PathChange result;
  result.before = to_entry(change.before);
  result.after = to_entry(change.after);
  result.directory_before = kept(change.directory_before);
  result.directory_after = kept(change.directory_after);
  return result;
}

/// Whether nothing differs but bits that may not be given back.
bool differs_in_lost_bits(PathChange& change, fs::SpecialBits special) {
  constexpr std::uint32_t k_lost_bits = 06000;
  if (special == fs::SpecialBits::keep || !is_file(change.before) || !is_file(change.after)) {
    return false;
  }
  change.before->mode &= ~k_lost_bits;
  change.after->mode &= ~k_lost_bits;
  return *change.before == *change.after;
}

/// Only the owner of a file may change its mode and time; the owner of its directory may put
/// another one in its place.
void make_files_of_others_anew(const fs::Descriptor& root, PathChanges& changes) {
  const uid_t user = geteuid();
  if (user == 0) {
    return;
  }
  Directories directories(root);
  for (auto& [path, change] : changes) {
    if (!is_file(change.before) || !is_file(change.after) || needs_staging(change)) {
      continue;
    }
    const fs::Descriptor* parent = directories.find_parent(path);
    const auto there = parent == nullptr
                           ? std::nullopt
                           : fs::status_at(parent->number(), std::string(last_of(path)).c_str());
    change.is_made_anew = there && there->user != user;
  }
}

} // namespace

FilePlanner::FilePlanner(const project::Project& project, const store::Store& store,
                         const store::ChunkSource& trees, const PathFilter& filter,
                         Plan::State& plan)
    : project_(&project), store_(&store), trees_(&trees), filter_(&filter), plan_(&plan),
      code_filter_(code_filter(plan.request, filter, {&plan.target, &plan.present})),
      special_(special_bits(fs::open_directory(project.root()))), limit_(plan.target) {
  if (plan.recovery && !plan.recovery->is_taken_over) {
    made_before_ = ancestors_of(plan.recovery->journal);
    ask_for_what_gave_way();
  }
}

/// What an interrupted restore took away to make a directory in its place is its to give back.
void FilePlanner::ask_for_what_gave_way() {
  const bool goes_back = plan_->recovery->direction == Direction::back && plan_->target.code;
  std::vector<std::string> paths = code_filter_.paths();
  for (const std::string& path : made_before_) {
    if (goes_back && is_file(to_entry(store::find_path(*trees_, plan_->target.code->tree, path)))) {
      paths.push_back(path);
    }
  }
  if (!code_filter_.everything()) {
    code_filter_ = PathFilter::only(std::move(paths));
  }
}

/// A log left beside a database that is gone was captured as a file. It goes when the database
/// comes back, which its driver sees to.
void FilePlanner::leave_companions() {
  if (!plan_->request.only.databases) {
    return;
  }
  for (const manifest::DatabaseComponent& database : plan_->target.databases) {
    const database::Driver& driver = drivers::find(database.driver);
    for (const std::string& name : driver.companions(last_of(database.path))) {
      const auto found = plan_->paths.find(join(parent_of(database.path), name));
      if (found != plan_->paths.end() && found->second.after == nullptr) {
        plan_->paths.erase(found);
      }
    }
  }
}

void FilePlanner::run() {
  compare_code();
  leave_companions();
  compare_config();
  add_ancestors();
  leave_what_the_target_ignored();
  plan_brought_databases(*project_, *store_, *trees_, *filter_, *plan_);
  plan_displaced_databases(*project_, *plan_);
  look_at_what_is_there();
  keep_directories_in_use();
  make_files_of_others_anew(fs::open_directory(project_->root()), plan_->paths);
  plan_hard_links(*trees_, code_filter_, *plan_);
  list_config_left();
}

bool FilePlanner::wants_code(std::string_view path) const {
  return path.empty() ? code_filter_.everything() : code_filter_.includes(path);
}

bool FilePlanner::is_config_of(const Manifest& manifest, std::string_view path) const {
  const ConfigFile* file = find_config(manifest, path);
  return file != nullptr && !file->in_code;
}

bool FilePlanner::is_place_of_database(const store::Change& change) const {
  const auto has = [&](const std::vector<manifest::DatabaseComponent>& databases) {
    return std::ranges::count(databases, change.path, &manifest::DatabaseComponent::path) > 0;
  };
  // What only looked like a database makes room when its driver puts one in its place.
  const bool driver_replaces = change.before->kind == store::EntryKind::file;
  return has(plan_->target.databases) && (driver_replaces || !has(plan_->databases));
}

void FilePlanner::compare_code() {
  if (!plan_->target.code || !plan_->present.code) {
    return;
  }
  store::diff_trees(*trees_, code_tree(plan_->present), code_tree(plan_->target),
                    [&](const store::Change& change) { take_code(change); });
}

void FilePlanner::take_code(const store::Change& change) {
  if (!change.path.empty()) {
    require_writable_path(change.path);
  }
  limit_.count(change.after ? 1 : 0);
  if (!wants_code(change.path)) {
    if (is_directory(change.after) && !is_directory(change.before)) {
      ancestors_.emplace(change.path, to_path_change(change));
    } else if (std::ranges::count(made_before_, change.path) > 0) {
      plan_->paths.insert_or_assign(change.path, to_path_change(change));
    }
    return;
  }
  if (!change.after && (plan_->request.keep_extra || is_config_of(plan_->target, change.path) ||
                        is_place_of_database(change))) {
    return;
  }
  PathChange taken = to_path_change(change);
  if (const auto tree = config_tree(plan_->present); tree && !taken.before) {
    Entry config = to_entry(store::find_path(*trees_, *tree, change.path));
    if (is_file(
            config)) { // it became code, or was code once: the safety snapshot has it either way
      taken.before = std::move(config);
    }
  }
  if (!differs_in_lost_bits(taken, special_)) {
    plan_->paths.insert_or_assign(change.path, std::move(taken));
  }
}

/// What is asked for by name is not left, whoever else ignores it.
PathFilter FilePlanner::config_filter() const {
  const Request& request = plan_->request;
  if (request.with_config || !(request.only.code || request.only.databases)) {
    return *filter_;
  }
  std::vector<std::string> named = filter_->paths();
  std::erase_if(named, [&](const std::string& path) {
    return !is_config_of(plan_->target, path) && !is_config_of(plan_->present, path);
  });
  return PathFilter::only(std::move(named));
}

void FilePlanner::compare_config() {
  if (!plan_->request.only.config || !plan_->target.config || !plan_->present.config) {
    return;
  }
  const PathFilter filter = config_filter();
  if (!filter.everything() && filter.paths().empty()) {
    return;
  }
  store::diff_trees(*trees_, config_tree(plan_->present), config_tree(plan_->target),
                    [&](const store::Change& change) { take_config(change, filter); });
}

void FilePlanner::take_config(const store::Change& change, const PathFilter& filter) {
  if (change.path.empty()) {
    return; // the root is code's
  }
  require_writable_path(change.path);
  limit_.count(change.after ? 1 : 0);
  const bool of_directories = is_directory(change.before) || is_directory(change.after);
  if (!filter.includes(change.path)) {
    if (is_directory(change.after) && !change.before) {
      ancestors_.emplace(change.path, to_path_change(change));
    }
    return;
  }
  if (const auto known = plan_->paths.find(change.path); known != plan_->paths.end()) {
    if (!of_directories && change.after && !known->second.after) {
      known->second.after = to_entry(change.after);
    }
    return;
  }
  const auto in_code = [&](const Manifest& manifest) {
    return manifest.code && store::find_path(*trees_, manifest.code->tree, change.path);
  };
  if (of_directories) {
    // Directories of the config tree that code has too are code's business.
    if ((change.before && change.after) ||
        in_code(change.before ? plan_->target : plan_->present)) {
      return;
    }
  }
  if (!change.after) {
    const bool is_known = is_config_of(plan_->target, change.path) || in_code(plan_->target);
    if (plan_->request.keep_extra || is_known) {
      return; // the target has it, but not its content, or has it as code
    }
  }
  PathChange taken = to_path_change(change);
  if (!taken.before && plan_->present.code && taken.after) {
    taken.before = to_entry(store::find_path(*trees_, plan_->present.code->tree, change.path));
  }
  if (!differs_in_lost_bits(taken, special_)) {
    plan_->paths.emplace(change.path, std::move(taken));
  }
}

void FilePlanner::add_ancestors() {
  std::vector<std::string> needed;
  for (const auto& [path, change] : plan_->paths) {
    for (std::string_view up = parent_of(path); change.after && !up.empty(); up = parent_of(up)) {
      if (ancestors_.contains(up)) {
        needed.emplace_back(up);
      }
    }
  }
  for (const std::string& path : needed) {
    if (auto ancestor = ancestors_.extract(path)) {
      plan_->paths.insert(std::move(ancestor));
      plan_->ancestors.push_back(path);
    }
  }
}

/// Whether the snapshot says itself that it could not read what is at `path`: then that it has
/// nothing there does not mean that there was nothing.
bool FilePlanner::could_not_be_read(std::string_view path) const {
  return std::ranges::any_of(plan_->target.left_out, [&](const manifest::LeftOut& left) {
    return left.is_error && (path == left.path || path.starts_with(left.path + "/"));
  });
}

void FilePlanner::leave_what_the_target_ignored() {
  if (!plan_->target.code) {
    return;
  }
  std::optional<TargetRules> rules;
  std::optional<Brought> brought;
  for (auto at = plan_->paths.begin(); at != plan_->paths.end();) {
    const auto& [path, change] = *at;
    if (change.after || is_config_of(plan_->present, path)) {
      ++at;
      continue;
    }
    bool stays = could_not_be_read(path);
    try {
      if (!rules) {
        brought.emplace(*store_, *plan_);
        rules.emplace(*project_, *store_, plan_->target);
      }
      stays = stays || (rules->would_have_left_out(path, is_directory(change.before)) &&
                        !brought->has_file(*trees_, path));
    } catch (const CorruptionError&) {
      if (!plan_->request.partial) {
        throw;
      }
      stays = true; // whether the snapshot would have had it is not known any more
    }
    at = stays ? plan_->paths.erase(at) : std::next(at);
  }
}

void FilePlanner::look_at_what_is_there() {
  const fs::Descriptor root = fs::open_directory(project_->root());
  Directories directories(root);
  for (auto at = plan_->paths.begin(); at != plan_->paths.end();) {
    const auto current = at++;
    const auto& [path, change] = *current;
    if (change.before || !change.after || path.empty()) {
      continue;
    }
    const fs::Descriptor* parent = directories.find_parent(path);
    if (parent == nullptr) {
      continue;
    }
    const std::string name(last_of(path));
    const std::optional<fs::FileStatus> there = fs::status_at(parent->number(), name.c_str());
    if (!there) {
      continue;
    }
    if (is_same_content(*store_, *parent, name.c_str(), *change.after)) {
      plan_->paths.erase(current);
    } else {
      give_up(path, "something is in its place that no snapshot holds");
      at = drop(current);
    }
  }
}

void FilePlanner::keep_directories_in_use() {
  const fs::Descriptor root = fs::open_directory(project_->root());
  for (auto at = plan_->paths.end(); at != plan_->paths.begin();) {
    const auto current = --at;
    const auto& path = current->first;
    const auto& change = current->second;
    if (!is_directory(change.before) || is_directory(change.after)) {
      continue;
    }
    std::optional<fs::Descriptor> directory = fs::open_beneath(root, path);
    const auto names =
        directory ? fs::try_list(*directory) : fs::Attempt<std::vector<fs::DirectoryEntry>>{};
    const bool empties =
        names && std::ranges::all_of(*names.value, [&](const fs::DirectoryEntry& entry) {
          const auto inside = plan_->paths.find(join(path, entry.name));
          return inside != plan_->paths.end() && !inside->second.after;
        });
    if (empties) {
      continue;
    }
    if (change.after) {
      give_up(path, "it is a directory now, with files in it that stay");
      at = drop(current);
    } else {
      at = plan_->paths.erase(current);
    }
  }
}

PathChanges::iterator FilePlanner::drop(PathChanges::iterator at) {
  const std::string below = at->first + "/";
  do {
    at = plan_->paths.erase(at);
  } while (at != plan_->paths.end() && at->first.starts_with(below));
  return at;
}

void FilePlanner::list_config_left() {
  if (!plan_->request.only.config || !plan_->target.config || !plan_->present.config) {
    return;
  }
  const auto differs = [&](const ConfigFile& file, const Manifest& other) {
    const ConfigFile* counterpart = find_config(other, file.path);
    return counterpart == nullptr || counterpart->sha256 != file.sha256;
  };
  std::set<std::string> left;
  for (const auto& [one, other] :
       {std::pair(&plan_->target, &plan_->present), std::pair(&plan_->present, &plan_->target)}) {
    for (const ConfigFile& file : one->config->files) {
      if (!file.in_code && filter_->includes(file.path) && differs(file, *other) &&
          !plan_->paths.contains(file.path)) {
        left.insert(file.path);
      }
    }
  }
  plan_->config_left.assign(left.begin(), left.end());
}

void FilePlanner::give_up(const std::string& path, const std::string& why) {
  if (plan_->request.partial) {
    plan_->missing.push_back(path);
    return;
  }
  throw RefusedError("cannot restore " + quoted(path) + ": " + why,
                     "move it out of the project, or name the paths to restore");
}

} // namespace savepoint::restore
