#pragma once

#include "git/index_image.hpp"
#include "git/repository.hpp"
#include "git/state_files.hpp"
#include "git/state_step.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace savepoint::git {

/// What the git state of a work tree shall be.
struct StateGoal {
  std::string head;                  ///< What the file HEAD says.
  std::optional<std::string> commit; ///< Of HEAD, in hex; missing if it is unborn or broken.
  std::optional<IndexImage> index;   ///< Missing: there is no index.
  std::vector<StateFile> files;      ///< As `read_state_files` gives them.
  /// Other branches (refs/heads/…) and where they shall be; without a commit: nowhere.
  std::vector<std::pair<std::string, std::optional<std::string>>> branches;
};

/// How a change of the git state appears in reflogs.
struct ReflogNote {
  std::int64_t at = 0; ///< Seconds since 1970.
  std::string message;
};

/// Makes a git state ready beside the present one, so that renames and one move of a branch put it
/// in place. Its destructor removes everything, unless `finish` was called: then the step has it.
class StateStaging {
public:
  /// Removes what killed processes left. `name` is random. `repository` must outlive it.
  ///
  /// Throws BusyError if a git command holds the lock on the index.
  StateStaging(const Repository& repository, const std::string& name);
  ~StateStaging();
  StateStaging(const StateStaging&) = delete;
  StateStaging& operator=(const StateStaging&) = delete;

  /// A file for the content of a blob, to be written by the caller.
  [[nodiscard]] std::filesystem::path blob_file(const std::string& object);
  /// Puts all blobs whose files were written into the object database, durably.
  ///
  /// Throws CorruptionError if one of them is not the object it is called.
  void add_blobs();

  /// Writes what comes, durably, and says how it gets in place.
  ///
  /// Throws RefusedError as `branch_moves` does.
  [[nodiscard]] StateStep finish(const StateGoal& goal, const ReflogNote& note);

private:
  const Repository* repository_;
  std::string name_;
  std::filesystem::path directory_;
  std::vector<std::string> blobs_;
  bool finished_ = false;
};

} // namespace savepoint::git
