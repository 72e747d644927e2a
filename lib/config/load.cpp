#include "config/config.hpp"

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"

#include <optional>

namespace savepoint::config {
namespace {

constexpr std::uint64_t k_largest_file = std::uint64_t{1} << 20U;
constexpr std::string_view k_project_file = "savepoint.json";
constexpr std::string_view k_package_file = "package.json";
constexpr std::string_view k_package_key = "savepoint";

/// The text of a settings file, nothing if there is none. `what` names it in messages.
std::optional<std::string> read_settings(const std::filesystem::path& path, std::string_view what) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    if (status.type() == std::filesystem::file_type::not_found) {
      return std::nullopt;
    }
    throw_io_error(error.value(), "read", path.native());
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw UsageError(std::string(what) + ": not a file");
  }
  if (std::filesystem::file_size(path, error) > k_largest_file && !error) {
    throw UsageError(std::string(what) + ": larger than 1 MiB, which no settings are");
  }
  const auto bytes = fs::read_file(path, k_largest_file);
  return bytes ? std::optional(std::string(as_text(*bytes))) : std::nullopt;
}

std::string variable(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

/// Where the user's own settings are; nothing without a home.
std::optional<std::filesystem::path> user_file(const Environment& environment) {
  // The XDG specification has relative paths ignored.
  const std::filesystem::path settings = variable(environment, "XDG_CONFIG_HOME");
  if (settings.is_absolute()) {
    return settings / "savepoint" / "config.json";
  }
  const std::filesystem::path home = variable(environment, "HOME");
  if (home.is_absolute()) {
    return home / ".config" / "savepoint" / "config.json";
  }
  return std::nullopt;
}

/// Replaces a leading `~` by the home of the user.
std::filesystem::path expanded(const std::filesystem::path& path, const Environment& environment,
                               std::string_view what) {
  const std::string& text = path.native();
  if (!text.starts_with('~')) {
    return path;
  }
  if (text != "~" && !text.starts_with("~/")) {
    throw UsageError(std::string(what) + ": store: the home of another user is not looked up",
                     "write the whole path");
  }
  const std::filesystem::path home = variable(environment, "HOME");
  if (!home.is_absolute()) {
    throw UsageError(std::string(what) + ": store: " + quoted(text) +
                         " cannot be found without HOME",
                     "write the whole path");
  }
  return text.size() <= 2 ? home : home / text.substr(2);
}

void apply_user_file(Config& config, const Environment& environment) {
  const auto path = user_file(environment);
  if (!path) {
    return;
  }
  const std::string what = printable(path->native());
  const auto text = read_settings(*path, what);
  if (!text) {
    return;
  }
  apply(config, json::parse(*text, what, json::Comments::allow), what);
  if (config.store) {
    config.store = expanded(*config.store, environment, what);
    if (config.store->is_relative()) {
      throw UsageError(what + ": store: expected an absolute path",
                       "only a project's own file may name a store relative to the project");
    }
  }
}

/// The settings in package.json, nothing if it has none.
std::optional<json::Value> package_settings(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    return std::nullopt;
  }
  const auto text = read_settings(path, k_package_file);
  // In the middle of a merge package.json may be no JSON at all. Unless it could hold settings of
  // ours, that must not stop a snapshot.
  if (!text || text->find("\"savepoint\"") == std::string::npos) {
    return std::nullopt;
  }
  const json::Value package = json::parse(*text, k_package_file);
  const json::Value* const settings = package.find(k_package_key);
  return settings == nullptr ? std::nullopt : std::optional(*settings);
}

void apply_project_settings(Config& config, const json::Value& settings, std::string_view what) {
  apply(config, settings, what);
  config.databases_are_projects = settings.find("databases") != nullptr;
}

void apply_project_file(Config& config, const std::filesystem::path& root) {
  const std::filesystem::path own = root / k_project_file;
  if (auto text = read_settings(own, k_project_file)) {
    try {
      apply_project_settings(config, json::parse(*text, k_project_file, json::Comments::allow),
                             k_project_file);
    } catch (UsageError& error) {
      if (error.hint().empty()) {
        error.set_hint("correct it, or move it away: savepoint works without it");
      }
      throw;
    }
    config.file = own;
    config.text = std::move(*text);
    return;
  }
  const std::filesystem::path package = root / k_package_file;
  if (const auto settings = package_settings(package)) {
    apply_project_settings(config, *settings, "package.json: savepoint");
    config.file = package;
    config.text = json::print(*settings);
  }
}

void apply_environment(Config& config, const Environment& environment) {
  if (const std::string store = variable(environment, "SAVEPOINT_STORE"); !store.empty()) {
    // The shell has expanded `~` already; a relative path means what it means to every other tool.
    std::error_code trouble;
    config.store = std::filesystem::absolute(store, trouble).lexically_normal();
    if (trouble) {
      throw UsageError("SAVEPOINT_STORE: " + quoted(store) +
                           " cannot be found: " + trouble.message(),
                       "give an absolute path");
    }
  }
  if (const std::string secrets = variable(environment, "SAVEPOINT_SECRETS"); !secrets.empty()) {
    if (secrets != "store" && secrets != "keys-only") {
      throw UsageError("SAVEPOINT_SECRETS: expected 'store' or 'keys-only', not " +
                       quoted(secrets));
    }
    config.secrets = secrets == "store" ? Secrets::store : Secrets::keys_only;
  }
}

} // namespace

Config load(const std::filesystem::path& root, const Environment& environment) {
  Config config;
  apply_user_file(config, environment);
  apply_project_file(config, root);
  if (config.store) {
    config.store = expanded(*config.store, environment, k_project_file);
  }
  apply_environment(config, environment);
  return config;
}

bool Retention::empty() const {
  return !has_rule() && keep_tags.empty() && !max_size && !max_count;
}

bool Retention::has_rule() const {
  return keep_last || keep_hourly || keep_daily || keep_weekly || keep_monthly || keep_yearly ||
         keep_within;
}

Retention Retention::overridden_by(const Retention& asked) const {
  Retention result = asked.has_rule() ? asked : *this;
  result.keep_tags = keep_tags;
  result.keep_tags.insert(result.keep_tags.end(), asked.keep_tags.begin(), asked.keep_tags.end());
  result.max_size = asked.max_size ? asked.max_size : max_size;
  result.max_count = asked.max_count ? asked.max_count : max_count;
  return result;
}

Retention default_retention() {
  Retention retention;
  retention.keep_last = 20;
  retention.keep_daily = 14;
  retention.keep_weekly = 8;
  retention.keep_monthly = 6;
  retention.keep_within = std::chrono::days(2);
  return retention;
}

} // namespace savepoint::config
