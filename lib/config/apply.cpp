#include "config/config.hpp"

#include "base/error.hpp"
#include "config/internal/databases.hpp"
#include "config/internal/setting.hpp"
#include "config/internal/version_reference.hpp"

#include <array>

namespace savepoint::config {
namespace {

// A new key stands here (or in databases.cpp), in docs/configuration.md, in
// templates/savepoint.json and in templates/savepoint.schema.json; a test compares them.
constexpr std::array<std::string_view, 12> k_keys = {
    "$schema", "store",    "include",   "exclude", "config", "databases", "discover_databases",
    "secrets", "versions", "retention", "hooks",   "health"};
constexpr std::array<std::string_view, 1> k_config_keys = {"files"};
constexpr std::array<std::string_view, 3> k_health_keys = {"free_space", "snapshot_within",
                                                           "verified_within"};
constexpr std::array<std::string_view, 3> k_hook_keys = {"budget", "deploy", "on_failure"};
constexpr std::array<std::string_view, 10> k_retention_keys = {
    "keep_last",   "keep_hourly", "keep_daily", "keep_weekly", "keep_monthly",
    "keep_yearly", "keep_within", "keep_tags",  "max_size",    "max_count"};

constexpr std::chrono::hours k_longest_budget{1};

void apply_config(Config& config, const Setting& setting) {
  for (const auto& [key, value] : setting.members(k_config_keys)) {
    config.config_files = value.texts();
  }
}

void apply_versions(Config& config, const Setting& setting) {
  for (const auto& [label, value] : setting.members()) {
    std::string reference = value.text();
    if (label.empty()) {
      setting.wrong("a label is empty");
    }
    try {
      static_cast<void>(parse_version_reference(reference));
    } catch (const UsageError& error) {
      value.wrong(error.what());
    }
    config.versions[label] = std::move(reference);
  }
}

Secrets read_secrets(const Setting& setting) {
  const std::string text = setting.text();
  if (text != "store" && text != "keys-only") {
    setting.wrong("expected 'store' or 'keys-only'");
  }
  return text == "store" ? Secrets::store : Secrets::keys_only;
}

std::uint64_t read_size(const Setting& setting) {
  if (!setting.is_text()) {
    return setting.positive_number();
  }
  const std::uint64_t size = parse_size(setting.text(), setting.place());
  if (size == 0) {
    setting.wrong("expected more than 0");
  }
  return size;
}

void apply_retention(Retention& retention, const Setting& setting) {
  for (const auto& [key, value] : setting.members(k_retention_keys)) {
    if (key == "keep_last") {
      retention.keep_last = value.number();
    } else if (key == "keep_hourly") {
      retention.keep_hourly = value.number();
    } else if (key == "keep_daily") {
      retention.keep_daily = value.number();
    } else if (key == "keep_weekly") {
      retention.keep_weekly = value.number();
    } else if (key == "keep_monthly") {
      retention.keep_monthly = value.number();
    } else if (key == "keep_yearly") {
      retention.keep_yearly = value.number();
    } else if (key == "keep_within") {
      retention.keep_within = parse_duration(value.text(), value.place());
    } else if (key == "keep_tags") {
      retention.keep_tags = value.texts();
    } else if (key == "max_size") {
      retention.max_size = read_size(value);
    } else {
      // Elsewhere 0 means "no limit"; here it would mean "nothing may stay". Neither is taken.
      retention.max_count = value.positive_number();
    }
  }
}

void apply_hooks(HookSettings& hooks, const Setting& setting) {
  for (const auto& [key, value] : setting.members(k_hook_keys)) {
    if (key == "budget") {
      hooks.budget = parse_duration(value.text(), value.place());
      if (hooks.budget > k_longest_budget) {
        value.wrong("expected at most an hour");
      }
    } else if (key == "deploy") {
      hooks.deploy = value.texts();
    } else {
      const std::string text = value.text();
      if (text != "continue" && text != "block") {
        value.wrong("expected 'continue' or 'block'");
      }
      hooks.block = text == "block";
    }
  }
}

void apply_health(HealthSettings& health, const Setting& setting) {
  for (const auto& [key, value] : setting.members(k_health_keys)) {
    if (key == "free_space") {
      health.free_space = read_size(value);
    } else if (key == "snapshot_within") {
      health.snapshot_within = parse_duration(value.text(), value.place());
    } else {
      health.verified_within = parse_duration(value.text(), value.place());
    }
  }
}

} // namespace

void apply(Config& config, const json::Value& document, std::string_view what) {
  const Setting root(document, what);
  for (const auto& [key, value] : root.members(k_keys)) {
    if (key == "$schema") {
      static_cast<void>(value.text());
    } else if (key == "store") {
      config.store = value.text();
    } else if (key == "include") {
      config.include = value.texts();
    } else if (key == "exclude") {
      config.exclude = value.texts();
    } else if (key == "config") {
      apply_config(config, value);
    } else if (key == "databases") {
      config.databases = read_databases(value);
    } else if (key == "discover_databases") {
      config.discover_databases = value.flag();
    } else if (key == "secrets") {
      config.secrets = read_secrets(value);
    } else if (key == "versions") {
      apply_versions(config, value);
    } else if (key == "retention") {
      apply_retention(config.retention, value);
    } else if (key == "hooks") {
      apply_hooks(config.hooks, value);
    } else {
      apply_health(config.health, value);
    }
  }
}

} // namespace savepoint::config
