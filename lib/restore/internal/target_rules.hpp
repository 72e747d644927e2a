#pragma once

#include "git/ignore.hpp"
#include "manifest/manifest.hpp"
#include "project/project.hpp"
#include "restore/internal/paths.hpp"
#include "store/store.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace savepoint::restore {

/// Which paths a snapshot would not have captured had they been there: by the ignore files and the
/// configuration that are in it, and by the repository's exclude files. That it does not hold such
/// a path says nothing, so a restore must not remove it.
class TargetRules {
public:
  /// All must outlive the rules. Requires a snapshot with code.
  TargetRules(const project::Project& project, const store::Store& store,
              const manifest::Manifest& target);

  [[nodiscard]] bool would_have_left_out(std::string_view path, bool is_directory);

private:
  using Rules = std::shared_ptr<const git::IgnoreRules>; // shared by all directories below
  [[nodiscard]] const Rules& rules_of(std::string_view directory);
  [[nodiscard]] std::optional<std::string> stored_text(std::string_view path) const;
  void read_config();

  const project::Project* project_;
  const store::Store* store_;
  hash::Digest tree_;
  bool uses_git_; ///< The project did when the snapshot was taken.
  git::IgnorePatterns exclude_{""};
  git::IgnorePatterns include_{""};
  std::map<std::string, Rules, PathOrder> rules_;
};

} // namespace savepoint::restore
