#pragma once

#include "base/cancellation.hpp"
#include "base/progress.hpp"
#include "fs/descriptor.hpp"
#include "restore/internal/entry_writer.hpp"
#include "restore/internal/paths.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace savepoint::restore {

/// What happens to a file whose content is damaged.
enum class OnDamage { stop, leave_out };

/// Writes whole trees of a store into a directory that nobody else uses: directories first, then
/// files on two threads, each made in its directory's descriptor and written once. No file is
/// synced here: whoever calls does that when all is written.
class TreeOutput {
public:
  /// All must outlive it.
  TreeOutput(const store::Store& store, const fs::Descriptor& top, const Cancellation& cancellation,
             Progress& progress, OnDamage on_damage);

  /// Writes what `filter` includes of a tree, and the directories above. `links` are groups of
  /// names that are to share one file.
  void write(const hash::Digest& tree, const store::HardLinks& links, const PathFilter& filter);
  /// Gives all directories their mode, time and attributes. To be called when nothing more comes.
  void finish();
  /// What was left out because it is damaged.
  [[nodiscard]] const std::vector<std::string>& missing() const { return missing_; }

private:
  struct MadeDirectory {
    std::string path;
    store::Tree metadata; ///< Without entries.
  };
  /// A run of neighbours in one directory. Their entries are read again when their turn comes:
  /// keeping them all would cost more memory than it saves time.
  struct Job {
    std::string directory;
    hash::Digest tree;
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  void make_directories(const hash::Digest& root, const PathFilter& filter);
  void enter(const std::string& path, const hash::Digest& id,
             std::vector<std::pair<std::string, hash::Digest>>& left, const PathFilter& filter);
  /// What a thread keeps from job to job: the runs of a huge directory share its tree.
  struct Worker {
    std::optional<hash::Digest> id;
    store::Tree tree;
    std::vector<std::string> missing;
  };
  void write_files(const Job& job, const PathFilter& filter, Worker& worker);
  void link_files(const store::HardLinks& links, const PathFilter& filter);

  const store::Store* store_;
  const fs::Descriptor* top_;
  const Cancellation* cancellation_;
  Progress* progress_;
  OnDamage on_damage_;
  EntryWriter writer_;
  std::vector<MadeDirectory> made_; // parents before children
  std::vector<Job> jobs_;
  std::unordered_map<std::string, std::string> same_as_; // a path and the first of its group
  std::vector<std::string> missing_;
};

} // namespace savepoint::restore
