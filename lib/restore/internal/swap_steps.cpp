#include "restore/internal/swap_steps.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "store/tree_diff.hpp"

#include <set>

namespace savepoint::restore {
namespace {

constexpr std::uint32_t k_enter_and_write = 0300;

Metadata metadata_of(const store::Tree& directory) {
  return {
      .mode = directory.mode, .mtime_ns = directory.mtime_ns, .attributes = directory.attributes};
}

Metadata metadata_of(const store::TreeEntry& file) {
  return {.mode = file.mode, .mtime_ns = file.mtime_ns, .attributes = file.attributes};
}

class StepMaker {
public:
  StepMaker(const store::Store& store, const fs::Descriptor& root, const Plan::State& plan,
            const Staged& staged, const Sights& sights)
      : store_(&store), plan_(&plan), staged_(&staged), sights_(&sights), directories_(root) {}

  std::vector<Step> run() {
    swap_databases();
    find_touched();
    open_up();
    take_away();
    remove_directories();
    make_directories();
    put_in_place();
    place_databases();
    set_file_metadata();
    set_directory_metadata();
    return std::move(steps_);
  }

private:
  Step& add(Step::Kind kind, const std::string& path) {
    Step& step = steps_.emplace_back();
    step.kind = kind;
    step.path = path;
    return step;
  }

  void swap_databases() {
    std::size_t number = 0;
    for (const StagedDatabase& database : staged_->databases) {
      if (database.restoration) {
        add(Step::Kind::swap_database, database.component->name).database = number++;
      }
    }
  }

  /// The directories in which names come and go.
  void find_touched() {
    for (const auto& [path, change] : plan_->paths) {
      const bool in_place = !needs_staging(change) && change.before && change.after &&
                            is_directory(change.before) == is_directory(change.after);
      if (!path.empty() && !in_place) {
        touched_.emplace(parent_of(path));
      }
    }
    for (const StagedDatabase& database : staged_->databases) {
      if (!database.component->path.empty()) {
        touched_.emplace(parent_of(database.component->path));
      }
    }
  }

  /// Lets us into directories that their owner may not change.
  void open_up() {
    for (const std::string& path : touched_) {
      const std::optional<Metadata> now = present_metadata(path);
      if (now && (now->mode & k_enter_and_write) != k_enter_and_write) {
        Step& step = add(Step::Kind::set_directory_metadata, path);
        step.opens = true;
        step.before = *now;
        step.after = *now;
        step.after.mode |= 0700U;
        opened_.insert(path);
      }
    }
  }

  void take_away() {
    std::size_t number = 0;
    for (const auto& [path, change] : plan_->paths) {
      if (is_file(change.before) && !is_file(change.after)) {
        Step& step = add(Step::Kind::take_away, path);
        step.staged = {.place = place_of(path), .directory = StagedName::k_old, .number = number++};
        step.seen = to_sight(sights_->at(path));
      }
    }
  }

  void remove_directories() {
    for (auto at = plan_->paths.rbegin(); at != plan_->paths.rend(); ++at) {
      const auto& [path, change] = *at;
      if (is_directory(change.before) && !is_directory(change.after)) {
        Step& step = add(Step::Kind::remove_directory, path);
        step.before = metadata_of(*change.directory_before);
        stay_open_for_going_back(step);
        step.may_stay = !change.after;
      }
    }
  }

  void make_directories() {
    for (const auto& [path, change] : plan_->paths) {
      if (is_directory(change.after) && !is_directory(change.before)) {
        add(Step::Kind::make_directory, path).after = metadata_of(*change.directory_after);
        made_.insert(path);
      }
    }
    for (const std::string& path : needed_directories()) {
      add(Step::Kind::make_directory, path).after.mode = 0755;
      made_.insert(path);
    }
  }

  /// Directories that nothing but a database needs: git ignores all that is in them.
  [[nodiscard]] std::set<std::string, PathOrder> needed_directories() {
    std::set<std::string, PathOrder> needed;
    for (const StagedDatabase& database : staged_->databases) {
      if (!database.file) {
        continue;
      }
      for (std::string_view up = parent_of(database.component->path);
           !up.empty() && !made_.contains(up) && directories_.find(up) == nullptr;
           up = parent_of(up)) {
        needed.emplace(up);
      }
    }
    return needed;
  }

  void put_in_place() {
    for (const auto& [path, staged] : staged_->files) {
      const bool replaces = is_file(plan_->paths.find(path)->second.before);
      Step& step = add(replaces ? Step::Kind::exchange : Step::Kind::place, std::string(path));
      step.staged = staged;
      if (replaces) {
        step.seen = to_sight(sights_->at(path));
      }
    }
  }

  void place_databases() {
    for (const StagedDatabase& database : staged_->databases) {
      if (database.file) {
        add(Step::Kind::place, database.component->path).staged = *database.file;
      }
    }
  }

  void set_file_metadata() {
    for (const auto& [path, change] : plan_->paths) {
      if (is_file(change.before) && is_file(change.after) && !needs_staging(change)) {
        Step& step = add(Step::Kind::set_file_metadata, path);
        step.before = metadata_of(*change.before);
        step.before.mode = sights_->at(path).mode;
        step.seen = to_sight(sights_->at(path));
        step.after = metadata_of(*change.after);
      }
    }
  }

  void set_directory_metadata() {
    std::set<std::string, PathOrder> all(touched_.begin(), touched_.end());
    for (const auto& [path, change] : plan_->paths) {
      if (is_directory(change.after)) {
        all.insert(path);
      }
    }
    for (auto path = all.rbegin(); path != all.rend(); ++path) {
      const std::optional<Metadata> wanted = wanted_metadata(*path);
      if (!wanted) {
        continue;
      }
      Step& step = add(Step::Kind::set_directory_metadata, *path);
      step.after = *wanted;
      step.before = present_metadata(*path).value_or(*wanted); // a new one has no state before
      stay_open_for_going_back(step);
    }
  }

  /// What was put into a directory, or taken out of it, is taken back before it is closed.
  void stay_open_for_going_back(Step& step) const {
    if (opened_.contains(step.path) || made_.contains(step.path)) {
      step.before.mode |= 0700U;
    }
  }

  /// What a directory shall be in the end; nothing if it goes or is not the target's.
  [[nodiscard]] std::optional<Metadata> wanted_metadata(const std::string& path) {
    if (const auto change = plan_->paths.find(path); change != plan_->paths.end()) {
      return change->second.directory_after
                 ? std::optional(metadata_of(*change->second.directory_after))
                 : std::nullopt;
    }
    std::optional<Metadata> wanted = present_metadata(path);
    if (!wanted) {
      return std::nullopt;
    }
    // Just its time, which our own renames changed; the rest of it was not asked for.
    try {
      if (const std::optional<store::Tree> target = target_directory(path)) {
        wanted->mtime_ns = target->mtime_ns;
      }
    } catch (const CorruptionError&) {
      if (!plan_->request.partial) {
        throw;
      }
    }
    return wanted;
  }

  [[nodiscard]] std::optional<store::Tree> target_directory(const std::string& path) const {
    if (!plan_->target.code || !plan_->request.only.code) {
      return std::nullopt;
    }
    if (path.empty()) {
      return store::get_tree(*store_, plan_->target.code->tree);
    }
    const auto entry = store::find_path(*store_, plan_->target.code->tree, path);
    return is_directory(entry) ? std::optional(store::get_tree(*store_, entry->tree))
                               : std::nullopt;
  }

  [[nodiscard]] std::optional<Metadata> present_metadata(const std::string& path) {
    const fs::Descriptor* directory = directories_.find(path);
    if (directory == nullptr) {
      return std::nullopt;
    }
    const fs::FileStatus status = fs::status_of(*directory);
    Metadata metadata{.mode = status.mode, .mtime_ns = status.mtime_ns, .attributes = {}};
    const auto attributes = fs::try_read_attributes(*directory);
    if (!attributes) {
      throw_io_error(attributes.error_number, "read the attributes of", path);
    }
    for (const fs::ExtendedAttribute& attribute : *attributes.value) {
      metadata.attributes.emplace_back(attribute.name, attribute.value);
    }
    return metadata;
  }

  [[nodiscard]] std::size_t place_of(const std::string& path) const {
    return staged_->places.at(std::string(parent_of(path)));
  }

  const store::Store* store_;
  const Plan::State* plan_;
  const Staged* staged_;
  const Sights* sights_;
  Directories directories_;
  std::set<std::string, PathOrder> touched_;
  std::set<std::string, PathOrder> opened_;
  std::set<std::string, PathOrder> made_;
  std::vector<Step> steps_;
};

} // namespace

std::vector<Step> make_steps(const store::Store& store, const fs::Descriptor& root,
                             const Plan::State& plan, const Staged& staged, const Sights& sights) {
  return StepMaker(store, root, plan, staged, sights).run();
}

} // namespace savepoint::restore
