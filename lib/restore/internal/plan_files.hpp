#pragma once

#include "fs/tree_writer.hpp"
#include "project/project.hpp"
#include "restore/internal/plan_state.hpp"
#include "restore/internal/sound_trees.hpp"
#include "store/chunks.hpp"
#include "store/store.hpp"
#include "store/tree_diff.hpp"

#include <optional>
#include <set>
#include <string>

namespace savepoint::restore {

/// Compares the files of a project with those of a snapshot and decides what happens to each path:
/// fills in `paths`, `config_left` and `missing` of a plan, whose `databases` are known. Reads the
/// project's directories where no snapshot knows what is in them; changes nothing.
class FilePlanner {
public:
  /// All must outlive the planner. `trees` has the trees of both sides.
  FilePlanner(const project::Project& project, const store::Store& store,
              const store::ChunkSource& trees, const PathFilter& filter, Plan::State& plan);

  void run();

private:
  void ask_for_what_gave_way();
  void compare_code();
  void leave_companions();
  [[nodiscard]] PathFilter config_filter() const;
  void compare_config();
  void take_code(const store::Change& change);
  void take_config(const store::Change& change, const PathFilter& filter);
  void add_ancestors();
  [[nodiscard]] bool could_not_be_read(std::string_view path) const;
  void leave_what_the_target_ignored();
  void look_at_what_is_there();
  void keep_directories_in_use();
  void list_config_left();

  [[nodiscard]] bool wants_code(std::string_view path) const;
  [[nodiscard]] bool is_config_of(const manifest::Manifest& manifest, std::string_view path) const;
  /// Whether what the snapshot does not have as code is, in it, the place of a database.
  [[nodiscard]] bool is_place_of_database(const store::Change& change) const;
  /// Gives up on a path that holds something no snapshot has: an error, or `missing`.
  void give_up(const std::string& path, const std::string& why);
  /// Takes a path and all below it out of the plan; returns what follows.
  PathChanges::iterator drop(PathChanges::iterator at);

  const project::Project* project_;
  const store::Store* store_;
  const store::ChunkSource* trees_;
  const PathFilter* filter_;
  Plan::State* plan_;
  PathFilter code_filter_;
  fs::SpecialBits special_;
  PathLimit limit_;
  PathChanges ancestors_; ///< Directories that are not asked for, but that something may need.
  std::vector<std::string> made_before_; ///< Those that the restore made that is recovered.
};

/// Adds to `paths` what must be linked anew: names that share a file with others than they shall.
/// Says of every staged file which name its bytes come from.
void plan_hard_links(const store::ChunkSource& trees, const PathFilter& filter, Plan::State& plan);

} // namespace savepoint::restore
