#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace savepoint::restore {

/// Orders paths component by component, parents before what is in them, as trees are walked.
struct PathOrder {
  using is_transparent = void;
  [[nodiscard]] bool operator()(std::string_view a, std::string_view b) const;
};

/// "a/b" for "a/b/c", "" for "a".
[[nodiscard]] std::string_view parent_of(std::string_view path);
/// "c" for "a/b/c".
[[nodiscard]] std::string_view last_of(std::string_view path);
[[nodiscard]] std::string join(std::string_view directory, std::string_view name);

/// Throws CorruptionError unless `path`, which comes from a store, may be written below a project:
/// it leads nowhere else, not into a `.git`, and not into directories of our own.
void require_writable_path(std::string_view path);

/// The paths that a restore is about.
class PathFilter {
public:
  /// All paths if `paths` is empty, else these and what is below them.
  ///
  /// Throws UsageError for a path that is absolute or leads out of the project.
  explicit PathFilter(const std::vector<std::string>& paths);
  /// Just these paths, and nothing if there are none.
  [[nodiscard]] static PathFilter only(std::vector<std::string> paths);

  [[nodiscard]] bool everything() const { return everything_; }
  /// Whether `path` is one of them or below one.
  [[nodiscard]] bool includes(std::string_view path) const;
  /// Whether one of them is below the directory `path`.
  [[nodiscard]] bool leads_to(std::string_view path) const;
  [[nodiscard]] const std::vector<std::string>& paths() const { return paths_; }

private:
  PathFilter() = default;

  std::vector<std::string> paths_; // sorted by PathOrder
  bool everything_ = false;
};

} // namespace savepoint::restore
