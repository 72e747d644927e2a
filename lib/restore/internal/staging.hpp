#pragma once

#include "fs/status.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::restore {

/// Where something waits until the swap: a name in one of the directories of one staging place.
struct StagedName {
  std::size_t place = 0;
  std::size_t directory = 0; ///< 0 and 1 for what comes, k_old for what goes, then others.
  std::size_t number = 0;

  static constexpr std::size_t k_old = 2;
  [[nodiscard]] std::string name() const { return std::to_string(number); }
};

/// Directories of our own inside the project, one on each mount on which its files are, so that a
/// rename puts things in place. Gone at the end, unless `stay` says otherwise.
class Staging {
public:
  /// Requires that no other restore of this project is at work.
  Staging(const std::filesystem::path& root_path, const fs::Descriptor& root);
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  /// The place from which a rename to `parent`, a directory below the root, works; made when first
  /// needed. A directory that does not exist yet will be made on the mount of the one above.
  [[nodiscard]] std::size_t place_for(std::string_view parent);
  /// Adds a directory to a place; returns its number.
  std::size_t add_directory(std::size_t place);
  [[nodiscard]] const fs::Descriptor& directory(const StagedName& staged) const;
  [[nodiscard]] std::filesystem::path path_of(const StagedName& staged) const;
  /// One descriptor for each file system in use.
  [[nodiscard]] std::vector<const fs::Descriptor*> file_systems() const;

  /// Removes what killed restores left in `directory`, which is at `path`; not what is called
  /// `own`.
  static void sweep(const std::filesystem::path& path, const fs::Descriptor& directory,
                    std::string_view own = {});
  /// Removes what killed restores left where this one has places. What they had put aside may be
  /// needed until everything is in place.
  void sweep_older() noexcept;

  /// Leaves what is in it: something could not be put back. The recovery that is due removes it.
  void stay() { stays_ = true; }
  /// Removes it, and gives the directories that hosted it their times back.
  void remove();

private:
  struct Place {
    std::string host; ///< The directory it is in, below the root.
    std::string name;
    fs::Descriptor descriptor;
    std::vector<fs::Descriptor> directories;
    fs::RenameRange range;
  };
  void add_place(std::string_view host, const fs::Descriptor& directory);

  std::filesystem::path root_path_;
  const fs::Descriptor* root_;
  std::string name_;
  std::vector<Place> places_;
  bool stays_ = false;
};

} // namespace savepoint::restore
