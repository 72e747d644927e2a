#include "restore/internal/target_rules.hpp"

#include "base/error.hpp"
#include "config/config.hpp"
#include "project/excludes.hpp"
#include "project/nested_repository.hpp"
#include "store/content.hpp"
#include "store/tree_diff.hpp"
#include "json/value.hpp"

#include <utility>
#include <vector>

namespace savepoint::restore {
namespace {

constexpr std::uint64_t k_largest_rules_file = std::uint64_t{4} << 20U;

std::string joined(const std::vector<std::string>& patterns) {
  std::string text;
  for (const std::string& pattern : patterns) {
    text += pattern + '\n';
  }
  return text;
}

/// Those that hold in the whole tree. Without git they were ours when the snapshot was taken.
std::vector<git::IgnorePatterns> global_patterns(const project::Project& project, bool uses_git) {
  std::vector<git::IgnorePatterns> patterns;
  if (!uses_git) {
    patterns.emplace_back(project::k_default_excludes);
  } else if (const git::Repository* repository = project.repository()) {
    for (const std::string& text : project::exclude_texts(*repository, project.context())) {
      patterns.emplace_back(text);
    }
  }
  return patterns;
}

} // namespace

TargetRules::TargetRules(const project::Project& project, const store::Store& store,
                         const manifest::Manifest& target)
    : project_(&project), store_(&store), tree_(target.code->tree),
      uses_git_(target.git.has_value()) {
  read_config();
}

void TargetRules::read_config() {
  config::Config settings;
  try {
    if (const std::optional<std::string> text = stored_text("savepoint.json")) {
      config::apply(settings, json::parse(*text, "savepoint.json", json::Comments::allow),
                    "savepoint.json");
    } else if (const std::optional<std::string> package = stored_text("package.json")) {
      const json::Value document = json::parse(*package, "package.json");
      if (const json::Value* part = document.find("savepoint")) {
        config::apply(settings, *part, "package.json");
      }
    }
  } catch (const UsageError&) {
    settings = project_->config(); // a config that is wrong never decided anything
  }
  exclude_ = git::IgnorePatterns(joined(settings.exclude));
  include_ = git::IgnorePatterns(joined(settings.include));
}

std::optional<std::string> TargetRules::stored_text(std::string_view path) const {
  const std::optional<store::TreeEntry> entry = store::find_path(*store_, tree_, path);
  if (!entry || entry->kind != store::EntryKind::file ||
      entry->content.size > k_largest_rules_file) {
    return std::nullopt;
  }
  const Bytes bytes = store::read_whole(*store_, entry->content, k_largest_rules_file);
  return std::string(as_text(bytes));
}

const TargetRules::Rules& TargetRules::rules_of(std::string_view directory) {
  if (const auto found = rules_.find(directory); found != rules_.end()) {
    return found->second;
  }
  Rules rules;
  if (directory.empty()) {
    rules = git::IgnoreRules::root(global_patterns(*project_, uses_git_));
  } else if (const auto nested =
                 uses_git_ ? project::NestedRepository::open(*project_, std::string(directory))
                           : nullptr) {
    rules = nested->ignores();
  } else {
    rules = rules_of(parent_of(directory));
  }
  if (uses_git_) {
    if (const auto text = stored_text(join(directory, ".gitignore"))) {
      rules = git::IgnoreRules::enter(std::move(rules), std::string(directory),
                                      git::IgnorePatterns(*text));
    }
  }
  return rules_.emplace(directory, std::move(rules)).first->second;
}

bool TargetRules::would_have_left_out(std::string_view path, bool is_directory) {
  const std::string_view parent = parent_of(path);
  if (!parent.empty() && would_have_left_out(parent, true)) {
    return !include_.match(path, is_directory).value_or(false);
  }
  if (include_.match(path, is_directory).value_or(false)) {
    return false;
  }
  return exclude_.match(path, is_directory).value_or(false) ||
         rules_of(parent)->ignores(path, is_directory);
}

} // namespace savepoint::restore
