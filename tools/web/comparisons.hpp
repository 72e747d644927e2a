#pragma once

#include "cli/file_contents.hpp"
#include "compare/compare.hpp"
#include "web/look.hpp"
#include "json/value.hpp"

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace savepoint::web {

/// What differs between two snapshots, or where `after` is empty from one to the project as it is
/// now. The last ones are remembered for their other pages. May be asked by several threads.
class Comparisons {
public:
  /// Whether the project is looked at again, or as it was at the last comparison with it.
  enum class Project { remembered, anew };

  explicit Comparisons(Asked asked);

  /// {files[], total, counts, databases[], config[]} as `diff --json`, and `not_compared[]`, what
  /// of the project could not be read: {path, reason}; `filter` is a part of the paths that are
  /// wanted.
  [[nodiscard]] json::Value difference(const std::string& before, const std::string& after,
                                       const std::string& filter, const Page& page, Project looked);
  /// The contents of a file that differs, as `diff` shows them: {path, is, insertions, deletions,
  /// lines[], total}. `is` is "text", "binary", "too large", "secret" or "no file"; a line begins
  /// with the sign that it has in a patch.
  [[nodiscard]] json::Value patch(const std::string& before, const std::string& after,
                                  const std::string& path, const Page& page);

private:
  struct Compared {
    std::string key;
    std::optional<hash::Digest> tree_before;
    std::optional<hash::Digest> tree_after;
    cli::Settings settings;
    compare::Difference difference;
    json::Value not_compared;
  };
  [[nodiscard]] Compared compare_now(const std::string& before) const;
  [[nodiscard]] Compared compare_snapshots(const std::string& before,
                                           const std::string& after) const;
  [[nodiscard]] std::shared_ptr<const Compared> find(const std::string& before,
                                                     const std::string& after, Project looked);

  Asked asked_;
  std::mutex mutex_; // guards what follows
  std::list<std::shared_ptr<const Compared>> compared_;
};

} // namespace savepoint::web
