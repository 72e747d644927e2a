#include "project/internal/capture_rules.hpp"

#include "config/dotenv.hpp"
#include "fs/files.hpp"
#include "hash/checksum.hpp"
#include "project/excludes.hpp"
#include "project/scan.hpp"

#include <algorithm>
#include <array>

namespace savepoint::project {
namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += line;
    text += '\n';
  }
  return text;
}

/// The part of a pattern before its first wildcard, without a slash at the front.
std::string literal_prefix(std::string_view pattern) {
  const std::size_t from = pattern.starts_with('/') ? 1 : 0;
  return std::string(pattern.substr(from, pattern.find_first_of("*?[\\") - from));
}

std::vector<std::string> global_ignore_texts(const Project& project) {
  const git::Repository* repository = project.repository();
  return repository == nullptr ? std::vector{std::string(k_default_excludes)}
                               : exclude_texts(*repository, project.context());
}

} // namespace

CaptureRules::CaptureRules(const Project& project, const std::vector<std::string>& not_databases)
    : uses_git_(project.repository() != nullptr), exclude_(joined(project.config().exclude)),
      include_(joined(project.config().include)),
      config_files_(joined(project.config().config_files)),
      not_databases_(not_databases.begin(), not_databases.end()) {
  for (const std::string& pattern : project.config().include) {
    include_prefixes_.push_back(literal_prefix(pattern));
  }
  for (const std::string& pattern : project.config().config_files) {
    include_prefixes_.push_back(literal_prefix(pattern));
  }
  std::string identity = uses_git_ ? "git\n" : "plain\n";
  std::vector<git::IgnorePatterns> global;
  for (const std::string& text : global_ignore_texts(project)) {
    global.emplace_back(text);
    identity += text + '\0';
  }
  root_ignores_ = git::IgnoreRules::root(std::move(global));
  identity += joined(project.config().exclude) + '\0' + joined(project.config().include) + '\0' +
              joined(project.config().config_files);
  identity_ = hash::checksum64(as_bytes(identity));
}

bool CaptureRules::excluded(std::string_view path, bool is_directory) const {
  return !exclude_.empty() && exclude_.match(path, is_directory).value_or(false);
}

bool CaptureRules::included(std::string_view path, bool is_directory) const {
  return !include_.empty() && include_.match(path, is_directory).value_or(false);
}

bool CaptureRules::may_include_below(std::string_view directory) const {
  const std::string below = std::string(directory) + "/";
  return has_no_database_below(directory) ||
         std::ranges::any_of(include_prefixes_, [&](const std::string& prefix) {
           return prefix.starts_with(below) ||
                  (prefix.find('/') != std::string::npos && below.starts_with(prefix));
         });
}

bool CaptureRules::is_config_file(std::string_view path, std::string_view name) const {
  return config::is_dotenv_name(name) ||
         (!config_files_.empty() && config_files_.match(path, false).value_or(false));
}

bool CaptureRules::is_no_database(std::string_view path) const {
  return not_databases_.find(path) != not_databases_.end();
}

bool CaptureRules::has_no_database_below(std::string_view directory) const {
  const std::string below = std::string(directory) + "/";
  const auto first = not_databases_.lower_bound(below);
  return first != not_databases_.end() && first->starts_with(below);
}

bool is_reserved_name(std::string_view name) {
  return name == ".git" || name.starts_with(k_own_prefix) ||
         name.starts_with(fs::k_temporary_prefix);
}

bool is_tool_directory(std::string_view name) {
  static constexpr std::array<std::string_view, 18> k_names = {
      "node_modules", "bower_components", "vendor", "target", "dist", "build", "out",
      "coverage",     "__pycache__",      "venv",   "env",    "bin",  "obj",   "Debug",
      "Release",      "site-packages",    "deps",   "_build"};
  // Caches of tools hide behind a dot; .wrangler keeps the databases of Cloudflare's local D1.
  return (name.starts_with('.') && name != ".wrangler") || std::ranges::count(k_names, name) > 0 ||
         name.starts_with("cmake-build-");
}

} // namespace savepoint::project
