#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::git {

/// Objects of a repository that git must not collect, because snapshots of one owner (a store) need
/// them.
///
/// Each is held by a reference below `savepoint-kept/`, beside `refs/` and not in it, and by the
/// reflog of that reference. What git collects spares whatever a reflog names, and nothing else
/// looks there: not `git log --all`, not a push of any kind, not a clone. The time in the reflog is
/// the last there is, so it does not expire, not even when everything shall. docs/git-state.md.
///
/// Files and directories are as accessible as the common directory is: who shares the repository
/// reads them.
///
/// Needs no git. Safe to use by several processes at a time.
class KeptObjects {
public:
  /// `owner` is a component of a path. `common_directory` is that of the repository.
  KeptObjects(std::filesystem::path common_directory, std::string_view owner);

  /// Holds the commit or tag with this hex id; durable when it returns. Does nothing if it is held.
  /// Returns whether it was not.
  ///
  /// Throws IoError. What is left then is harmless.
  bool keep(const std::string& object) const;
  /// The same for many, whose directories are synced once. Returns how many were not held.
  std::size_t keep(const std::vector<std::string>& objects) const;
  [[nodiscard]] bool is_kept(const std::string& object) const;
  /// Lets it go. Does nothing if it is not held.
  void release(const std::string& object) const;
  /// The hex ids of all that are held for this owner, sorted.
  [[nodiscard]] std::vector<std::string> list() const;
  /// What git calls the reference.
  [[nodiscard]] std::string reference(std::string_view object) const;

private:
  void make_directories() const;
  void open_to_others(const std::string& object) const;

  std::filesystem::path common_directory_;
  std::filesystem::path references_;
  std::filesystem::path reflogs_;
  std::string prefix_;
};

} // namespace savepoint::git
