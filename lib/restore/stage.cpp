#include "restore/internal/stage.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "drivers/all.hpp"
#include "fs/directories.hpp"
#include "fs/tree_writer.hpp"
#include "restore/internal/database_output.hpp"
#include "restore/internal/directories.hpp"
#include "restore/internal/entry_writer.hpp"
#include "restore/internal/two_threads.hpp"

#include <algorithm>
#include <chrono>
#include <set>

namespace savepoint::restore {
namespace {

using manifest::DatabaseComponent;

constexpr std::size_t k_synced_one_by_one = 64;
constexpr std::size_t k_block_size = 128;

/// Who waits for a server's lock has others wait behind; SQLite is not fair, and patience pays.
std::chrono::milliseconds wait_for(const database::Target& target) {
  return target.path.empty() ? std::chrono::seconds(10) : std::chrono::seconds(30);
}

class Stager {
public:
  Stager(const project::Project& project, const store::Store& store, const fs::Descriptor& root,
         Staging& staging, Plan::State& plan)
      : store_(&store), root_(&root), staging_(&staging), plan_(&plan),
        cancellation_(project.context().cancellation), progress_(project.context().progress),
        writer_(store, special_bits(root), *cancellation_) {}

  Staged run() {
    list_files();
    write_files();
    link_files();
    give_up_what_is_missing();
    for (const DatabaseComponent& database : plan_->databases) {
      cancellation_->check();
      stage_database(database);
    }
    if (items_.size() > k_synced_one_by_one) {
      for (const fs::Descriptor* file_system : staging_->file_systems()) {
        fs::sync_file_system(*file_system);
      }
    }
    return std::move(staged_);
  }

private:
  struct Item {
    const std::string* path;
    const store::TreeEntry* entry;
    StagedName staged;
    bool is_missing = false;
  };

  void list_files() {
    std::uint64_t bytes = 0;
    std::size_t place = 0;
    std::optional<std::string_view> parent;
    for (const auto& [path, change] : plan_->paths) {
      const bool goes = is_file(change.before) && !is_file(change.after);
      if (!needs_staging(change) && !goes) {
        continue;
      }
      if (parent != parent_of(path)) {
        parent = parent_of(path);
        place = staging_->place_for(*parent);
      }
      if (goes) {
        staged_.places.emplace(*parent, place);
        continue;
      }
      items_.push_back({.path = &path,
                        .entry = &*change.after,
                        .staged = {.place = place,
                                   .directory = items_.size() / k_block_size % 2,
                                   .number = items_.size()}});
      bytes += change.after->content.size;
    }
    for (const DatabaseComponent& database : plan_->databases) {
      bytes += database.image.size;
    }
    progress_->stage("staging", bytes);
  }

  void write_files() {
    const Sync sync = items_.size() > k_synced_one_by_one ? Sync::no : Sync::yes;
    in_two_threads(items_.size(), k_block_size, [&](unsigned, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        cancellation_->check();
        write(items_[i], sync);
      }
    });
  }

  void write(Item& item, Sync sync) const {
    if (leader_of(item) != nullptr) {
      return; // becomes another name of a file that is written anyway
    }
    const fs::Descriptor& directory = staging_->directory(item.staged);
    try {
      writer_.write(directory, item.staged.name(), *item.entry, sync);
    } catch (const CorruptionError&) {
      if (!plan_->request.partial) {
        throw;
      }
      fs::remove_file_at(directory, item.staged.name().c_str());
      item.is_missing = true;
    }
    progress_->advance(1, item.entry->content.size);
  }

  /// The item whose file this one is to share, null if it has a file of its own.
  [[nodiscard]] const Item* leader_of(const Item& item) const {
    const std::unique_ptr<std::string>& same_as = plan_->paths.at(*item.path).same_as;
    if (!same_as) {
      return nullptr;
    }
    const auto leader = std::ranges::lower_bound(
        items_, *same_as, PathOrder(),
        [](const Item& other) -> const std::string& { return *other.path; });
    const bool is_there = leader != items_.end() && *leader->path == *same_as;
    return is_there && leader->staged.place == item.staged.place ? &*leader : nullptr;
  }

  void link_files() {
    for (Item& item : items_) {
      if (const Item* leader = leader_of(item)) {
        item.is_missing = leader->is_missing;
        if (!item.is_missing) {
          fs::make_hard_link_at(staging_->directory(leader->staged), leader->staged.name().c_str(),
                                staging_->directory(item.staged), item.staged.name().c_str());
        }
      }
    }
  }

  void give_up_what_is_missing() {
    std::set<std::string> missing;
    for (const Item& item : items_) {
      if (item.is_missing) {
        missing.insert(*item.path);
      } else {
        staged_.files.emplace(*item.path, item.staged);
      }
    }
    std::erase_if(plan_->changes, [&](const PlannedChange& change) {
      return change.action != PlannedChange::Action::database && missing.contains(change.path);
    });
    for (const std::string& path : missing) {
      plan_->paths.erase(path);
      plan_->missing.push_back(path);
    }
  }

  void stage_database(const DatabaseComponent& database) {
    try {
      staged_.databases.push_back(begin(database));
    } catch (const CorruptionError&) {
      if (!plan_->request.partial) {
        throw;
      }
      plan_->missing.push_back(database.name);
      std::erase_if(plan_->changes, [&](const PlannedChange& change) {
        return change.action == PlannedChange::Action::database && change.path == database.name;
      });
    }
  }

  StagedDatabase begin(const DatabaseComponent& database) {
    StagedDatabase staged{.component = &database, .restoration = nullptr, .file = std::nullopt};
    const DatabasePlan& plan = plan_->database_plans.at(database.name);
    if (!plan.is_elsewhere && is_to_be_renamed(database)) {
      const std::size_t place = staging_->place_for(parent_of(database.path));
      staged.file =
          StagedName{.place = place, .directory = staging_->add_directory(place), .number = 0};
      make_database_file(*store_, database, staging_->path_of(*staged.file), *cancellation_,
                         *progress_);
      return staged;
    }
    Directories directories(*root_);
    const fs::Descriptor* parent =
        plan.target.path.empty() ? nullptr : directories.find_parent(database.path);
    const std::int64_t mtime_ns = parent == nullptr ? 0 : fs::status_of(*parent).mtime_ns;
    staged.restoration = drivers::find(database.driver)
                             .open_restoration(plan.target, database,
                                               {.scratch = store_->scratch_directory(),
                                                .wait = wait_for(plan.target),
                                                .disconnect = plan_->request.disconnect,
                                                .create = plan_->request.create_database,
                                                .takes_damage = plan_->request.is_undo ||
                                                                plan_->recovery.has_value(),
                                                .tables = plan_->request.tables,
                                                .cancellation = cancellation_});
    write_image(*store_, database, *staged.restoration, *cancellation_, *progress_);
    if (parent != nullptr) {
      fs::set_directory_mtime(*parent, mtime_ns); // the safety snapshot shall see it as it was
    }
    return staged;
  }

  /// A driver puts a database where one is or can be at once. Where its directory is yet to be
  /// made, or something else is still in its place, it is made here and renamed when its turn
  /// comes.
  [[nodiscard]] bool is_to_be_renamed(const DatabaseComponent& database) const {
    if (database.path.empty()) {
      return false;
    }
    Directories directories(*root_);
    const fs::Descriptor* parent = directories.find_parent(database.path);
    if (parent == nullptr) {
      return true;
    }
    const auto there = fs::status_at(parent->number(), std::string(last_of(database.path)).c_str());
    if (!there) {
      return false;
    }
    const auto change = plan_->paths.find(database.path);
    const bool goes = change != plan_->paths.end() && !change->second.after;
    if (!goes && there->kind != fs::FileKind::regular) {
      throw RefusedError("cannot restore the database " + quoted(database.path) +
                             ": what is in its place is not a file",
                         "move it away, then try again");
    }
    return goes;
  }

  const store::Store* store_;
  const fs::Descriptor* root_;
  Staging* staging_;
  Plan::State* plan_;
  const Cancellation* cancellation_;
  Progress* progress_;
  EntryWriter writer_;
  std::vector<Item> items_; // in the order of their paths
  Staged staged_;
};

} // namespace

Staged stage(const project::Project& project, const store::Store& store, const fs::Descriptor& root,
             Staging& staging, Plan::State& plan) {
  return Stager(project, store, root, staging, plan).run();
}

} // namespace savepoint::restore
