#include "project/internal/configured_databases.hpp"

#include "base/error.hpp"
#include "discovery/discovery.hpp"

#include <filesystem>

namespace savepoint::project {
namespace {

using config::DatabaseSetting;
using database::Address;

Address with_context(const std::string& variable, const std::string& value) {
  try {
    return database::parse_url(value);
  } catch (const UsageError& error) {
    throw UsageError("the value of " + variable + " is of no use: " + error.what(), error.hint());
  }
}

/// Nothing where the variable is not set; then `passed` says so.
std::optional<Address> resolve(const Project& project, const config::UrlSetting& url,
                               DatabaseList& list, PassedDatabase& passed) {
  if (!url.literal.empty()) {
    Address address = database::parse_url(url.literal);
    address.is_own = list.is_trusted();
    return address;
  }
  passed.source = url.variable + " in " + url.file.value_or("the environment");
  const std::optional<discovery::Variable> variable =
      discovery::look_up(project.root(), project.context().environment, url.variable, url.file);
  if (!variable) {
    passed.reason = "the variable " + url.variable + " is not set" +
                    (url.file ? " in " + *url.file : std::string());
    return std::nullopt;
  }
  passed.source = url.variable + " in " +
                  (variable->file.empty() ? "the environment"
                                          : variable->file + ":" + std::to_string(variable->line));
  Address address = with_context(url.variable, variable->value);
  address.is_own = variable->file.empty();
  return address;
}

void add_url(const Project& project, const DatabaseSetting& setting, DatabaseList& list,
             std::vector<Address>& places) {
  PassedDatabase passed{.name = setting.name, .source = list.config_source(), .is_error = true};
  std::optional<Address> address;
  try {
    address = resolve(project, *setting.url, list, passed);
    if (address && address->driver == "sqlite" &&
        std::filesystem::path(address->database).filename().empty()) {
      throw UsageError("its URL names no file");
    }
  } catch (const UsageError& error) {
    passed.reason = error.what();
  }
  if (!passed.reason.empty()) {
    if (setting.capture) {
      list.pass(std::move(passed));
    }
    return;
  }
  places.push_back(*address);
  if (address->driver == "sqlite") {
    list.add_file(&setting, setting.name, "sqlite", path_below_root(project, address->database),
                  passed.source);
    return;
  }
  list.add(&setting, {.name = setting.name,
                      .driver = address->driver,
                      .address = *address,
                      .source = passed.source});
}

} // namespace

std::vector<Address> add_configured(const Project& project, DatabaseList& list) {
  std::vector<Address> places;
  for (const DatabaseSetting& setting : project.config().databases) {
    if (is_name_only(setting)) {
      continue;
    }
    list.take_name(setting.name);
    if (!setting.dump.empty()) {
      list.add(&setting,
               {.name = setting.name, .driver = "command", .source = list.config_source()});
    } else if (setting.url) {
      add_url(project, setting, list, places);
    } else {
      list.add_file(&setting, setting.name, setting.driver, path_below_root(project, setting.path),
                    list.config_source());
    }
  }
  return places;
}

} // namespace savepoint::project
