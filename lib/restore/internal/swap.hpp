#pragma once

#include "database/driver.hpp"
#include "fs/status.hpp"
#include "fs/tree_writer.hpp"
#include "restore/internal/directories.hpp"
#include "restore/internal/staging.hpp"
#include "store/tree.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::restore {

/// Mode, time and attributes of something that stays in its place.
struct Metadata {
  std::uint32_t mode = 0;
  std::int64_t mtime_ns = 0;
  store::Attributes attributes;
};

/// What tells one file, and one state of it, from another.
struct Sight {
  fs::FileKind kind = fs::FileKind::regular;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  friend bool operator==(const Sight&, const Sight&) = default;
};

[[nodiscard]] Sight to_sight(const fs::FileStatus& status);

/// One step of a swap. A value without pointers, so that it can be written down before it is done:
/// `perform` and `take_back` of the engine need nothing else.
struct Step {
  enum class Kind : std::uint8_t {
    swap_database,          ///< The driver puts it in place; back: the driver's undo.
    take_away,              ///< A file is renamed to `staged`; back: renamed to `path`.
    remove_directory,       ///< Back: made again, with `before`.
    make_directory,         ///< With the mode of `after`; back: removed.
    place,                  ///< What waits at `staged` is renamed to `path`; back: the reverse.
    exchange,               ///< `path` and `staged` change places; back: once more.
    set_file_metadata,      ///< Mode and time of a file in place; back: with `before`.
    set_directory_metadata, ///< Mode, time and attributes; back: with `before`.
  };
  Kind kind = Kind::place;
  std::string path; ///< Below the root; of a database its name.
  StagedName staged;
  std::size_t database = 0; ///< Its position among those the engine was given.
  Metadata before;
  Metadata after;
  /// What the file that goes was seen to be, when it was known to be in the safety snapshot.
  std::optional<Sight> seen;
  /// What `place` and `exchange` put in place.
  std::optional<Sight> put;
  bool opens = false;    ///< Of set_directory_metadata: only until the swap has ended.
  bool may_stay = false; ///< Of remove_directory: if something is in it after all, it stays.
};

/// Performs steps in their order, and takes them back in reverse. Its destructor takes back
/// everything unless `close` was called.
///
/// Before: all is staged and saved. After: the project is as planned.
/// If it dies here: the project is between two states, and the safety snapshot has the first.
class Swap {
public:
  /// All must outlive the swap. `databases` are what steps count in Step::database.
  Swap(const fs::Descriptor& root, const Staging& staging,
       std::vector<database::Restoration*> databases, std::vector<Step> steps);
  ~Swap();
  Swap(const Swap&) = delete;
  Swap& operator=(const Swap&) = delete;

  /// Performs all steps and makes them durable.
  ///
  /// Throws BusyError if what it finds is not what was seen before. Then, and after any other
  /// error, the steps before the one that failed stand until `roll_back`.
  void perform();
  /// Takes back all that was performed; returns what could not be, as "'path': why".
  std::vector<std::string> roll_back() noexcept;
  /// Gives up the way back.
  void close();

private:
  void perform(Step& step);
  void take_back(const Step& step);
  void take_back_metadata(const Step& step);
  /// Renames what was put in place to where it waited, or exchanges the two.
  void take_out(const Step& step);
  void rename_out(const Step& step);
  void place(Step& step);
  void exchange(Step& step);
  void require_seen(const Step& step) const;
  void require_in_place(const Step& step);
  void set_file_metadata(const std::string& path, const Metadata& metadata);
  void set_directory_metadata(const std::string& path, const Metadata& metadata);
  /// The directory that `path` is in; its time before it was first changed is kept for `roll_back`.
  const fs::Descriptor& touch_parent(const std::string& path);
  void sync();

  const Staging* staging_;
  std::vector<database::Restoration*> databases_;
  std::vector<Step> steps_;
  std::size_t done_ = 0; ///< So many steps are performed.
  fs::SpecialBits special_;
  Directories directories_;
  std::map<std::string, std::int64_t> touched_; ///< Directories and their times before.
  bool has_way_back_ = true;
};

} // namespace savepoint::restore
