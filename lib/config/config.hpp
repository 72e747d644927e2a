#pragma once

#include "json/value.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::config {

/// The environment as the caller sees it; the library never reads its own.
using Environment = std::map<std::string, std::string>;

/// How much of the config component's content is kept.
enum class Secrets { store, keys_only };

/// Which snapshots prune keeps. A number that is missing does not count; without any rule by
/// number or age those of `default_retention` hold.
struct Retention {
  std::optional<std::uint64_t> keep_last, keep_hourly, keep_daily, keep_weekly, keep_monthly,
      keep_yearly;
  std::optional<std::chrono::seconds> keep_within;
  std::vector<std::string> keep_tags;
  std::optional<std::uint64_t> max_size; ///< Bytes of the whole store.
  std::optional<std::uint64_t> max_count;
  [[nodiscard]] bool empty() const;
  /// Whether there is a rule by number or age.
  [[nodiscard]] bool has_rule() const;
  /// These with what was asked for at once: rules by number or age take the place of all such
  /// rules, a limit that of the same limit, and tags are added.
  [[nodiscard]] Retention overridden_by(const Retention& asked) const;
};

/// What our git hooks do.
struct HookSettings {
  bool block = false;             ///< Git stops where a hook that could stop it saved nothing.
  std::chrono::seconds budget{2}; ///< So long git waits at most.
  /// Patterns of refs of a remote: a push to one of them is a deploy.
  std::vector<std::string> deploy;
};

/// What `status --check` is not content with.
struct HealthSettings {
  std::chrono::seconds snapshot_within{std::chrono::hours(7 * 24)};
  std::optional<std::chrono::seconds> verified_within; ///< Missing: it need not be verified.
  std::optional<std::uint64_t> free_space;             ///< Missing: what recent snapshots needed.
};

/// Where a connection URL stands: never in the config itself, unless it has no password.
struct UrlSetting {
  std::string literal;             ///< A URL without a password; empty: `variable` has it.
  std::string variable;            ///< The variable that holds the URL.
  std::optional<std::string> file; ///< The dotenv file that sets it; missing: as the project's
                                   ///< programs see it.
};

/// A database that the config names.
struct DatabaseSetting {
  std::string name;
  std::string driver = "sqlite"; ///< Empty: what the URL says.
  std::string path;              ///< Below the project's root; empty for servers.
  std::optional<UrlSetting> url; ///< For servers.
  bool capture = true;           ///< False: found by discovery, but not wanted.
  std::optional<bool> is_protected;
  bool prohibit_restore = false;
  std::string strategy = "dump";   ///< Or "template".
  bool owner = false;              ///< Keep who owns what.
  bool privileges = false;         ///< Keep who may do what.
  std::vector<std::string> client; ///< What stands before client programs.
  std::string dump;                ///< Shell commands of the command driver.
  std::string restore;
};

/// All settings, checked, defaults filled in. The file is described in docs/configuration.md.
struct Config {
  std::optional<std::filesystem::path> store; ///< Absolute, or relative to the project's root.
  std::vector<std::string> include; ///< gitignore patterns: captured although git ignores them.
  std::vector<std::string> exclude; ///< gitignore patterns: not captured although git does not.
  std::vector<std::string> config_files; ///< gitignore patterns of further config files.
  std::vector<DatabaseSetting> databases;
  bool discover_databases = true;
  Secrets secrets = Secrets::store;
  /// Label -> "file#key", as in {"app": "package.json#/version", "ruleset": "ruleset.yml#version"}.
  std::map<std::string, std::string> versions;
  Retention retention;
  HookSettings hooks;
  HealthSettings health;
  /// Where the project's part was read from; empty if there is none.
  std::filesystem::path file;
  std::string text;                    ///< What was read there; of package.json, our part of it.
  bool databases_are_projects = false; ///< `databases` stand in `file`, not in the user's own.
};

/// Reads the settings of the project at `root`: defaults < user file < project file < environment.
/// The project file is `savepoint.json`, or the "savepoint" key of `package.json`.
///
/// Throws UsageError that names file, line and key; for an unknown key, the nearest known one.
[[nodiscard]] Config load(const std::filesystem::path& root, const Environment& environment);

/// Checks one document. `what` names it in messages.
void apply(Config& config, const json::Value& document, std::string_view what);

/// "90s", "15m", "36h", "10d", "2w", "3mo", "1y", or sums such as "1y6mo". Throws UsageError.
[[nodiscard]] std::chrono::seconds parse_duration(std::string_view text, std::string_view what);
/// "500M", "10G", "1.5GiB", "1048576". K, M, G, T are powers of 1024. Throws UsageError.
[[nodiscard]] std::uint64_t parse_size(std::string_view text, std::string_view what);

/// What applies when neither config nor command line have a rule by number or age: last 20, daily
/// 14, weekly 8, monthly 6, within 2 days.
[[nodiscard]] Retention default_retention();

/// The versions that `settings` point to, read from files below `root`. "file#/a/b" is a JSON
/// pointer, "file#key" the value of the first `key: value`, `key = value` or `"key": "value"` line,
/// "file" alone its first line. What cannot be read is left out and named in `trouble`.
[[nodiscard]] std::map<std::string, std::string>
read_versions(const std::filesystem::path& root, const std::map<std::string, std::string>& settings,
              std::vector<std::string>& trouble);

} // namespace savepoint::config
