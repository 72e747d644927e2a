#include "project/internal/database_list.hpp"

#include "base/printable.hpp"
#include "drivers/all.hpp"
#include "trust/trust.hpp"

#include <algorithm>

namespace savepoint::project {
namespace {

using config::DatabaseSetting;
using database::Target;

/// What a guard goes by; of what has no address, its name.
database::Address address_of(const Target& target) {
  if (!target.address.driver.empty()) {
    return target.address;
  }
  database::Address address;
  address.driver = target.driver;
  address.database = target.path.empty() ? target.name : target.path;
  return address;
}

} // namespace

void DatabaseList::add(const DatabaseSetting* setting, Target target) {
  PassedDatabase passed{.name = target.name,
                        .where = target.address.driver.empty() ? target.path
                                                               : database::display(target.address),
                        .source = target.source,
                        .is_error = setting != nullptr && setting->capture};
  if (setting != nullptr) {
    used_.insert(setting->name);
  }
  if (!has_driver(target.driver)) {
    passed.reason = "this build has no driver for " + quoted(std::string_view(target.driver));
    pass(std::move(passed));
    return;
  }
  target.project = project_->root();
  target.environment = project_->context().environment;
  target.protection = database::classify(address_of(target), target.environment);
  if (setting != nullptr && !apply(*setting, target, passed)) {
    pass(std::move(passed));
    return;
  }
  if (setting != nullptr && !setting->capture) {
    passed.reason = "the config does not want it captured";
    passed.is_error = false;
    passed.target = std::move(target);
    pass(std::move(passed));
    return;
  }
  found_.targets.push_back(std::move(target));
}

void DatabaseList::add_file(const DatabaseSetting* setting, const std::string& name,
                            const std::string& driver, const std::string& path,
                            const std::string& source) {
  if (path.empty()) {
    pass({.name = name,
          .source = source,
          .reason = "it lies outside of the project",
          .is_error = setting != nullptr && setting->capture});
    return;
  }
  if (found_.has_file(path)) {
    pass({.name = name,
          .where = path,
          .source = source,
          .reason = "another entry of the config means the same file",
          .is_error = setting != nullptr && setting->capture});
    return;
  }
  add(setting, {.name = name,
                .driver = driver,
                .file = project_->root() / path,
                .path = path,
                .source = source});
}

void DatabaseList::pass_names_without_database() {
  for (const DatabaseSetting& setting : project_->config().databases) {
    if (is_name_only(setting) && setting.capture && !used_.contains(setting.name)) {
      pass({.name = setting.name,
            .source = config_source(),
            .reason = "the config names it, but nothing says where it is",
            .is_error = true});
    }
  }
}

const DatabaseSetting* DatabaseList::setting_called(std::string_view name) const {
  const auto setting =
      std::ranges::find_if(project_->config().databases, [&](const DatabaseSetting& one) {
        return is_name_only(one) && one.name == name;
      });
  return setting == project_->config().databases.end() ? nullptr : &*setting;
}

bool DatabaseList::knows_file(std::string_view path) const {
  return found_.has_file(path) ||
         std::ranges::count(project_->config().databases, path, &DatabaseSetting::path) > 0;
}

std::string DatabaseList::config_source() const {
  return project_->config().file.filename().native();
}

bool DatabaseList::is_trusted() {
  if (!trusted_) {
    trusted_ = trust::is_trusted(project_->config(), project_->context().environment);
  }
  return *trusted_;
}

bool DatabaseList::apply(const DatabaseSetting& setting, Target& target, PassedDatabase& passed) {
  target.prohibits_restore = setting.prohibit_restore;
  target.settings = {.strategy = setting.strategy,
                     .keep_owner = setting.owner,
                     .keep_privileges = setting.privileges,
                     .client = setting.client,
                     .dump = setting.dump,
                     .restore = setting.restore};
  if (setting.is_protected.value_or(false)) {
    target.protection = {.is_protected = true, .reason = "the config protects it"};
  } else if (setting.is_protected && is_trusted()) {
    target.protection = {.is_protected = false, .reason = "the config lifts the guard"};
  } else if (setting.is_protected && target.protection.is_protected) {
    // Whoever can commit to a repository must not be able to lift the guard.
    target.protection.reason +=
        " (the config says otherwise, but is not trusted: see 'savepoint trust')";
  }
  if (target.driver != "postgres" && !setting.client.empty()) {
    passed.reason = "the config has 'client' for it, and only PostgreSQL is read by client "
                    "programs: publish the server's port, or give 'dump' and 'restore' commands";
    return false;
  }
  if (target.driver != "postgres" && setting.strategy == "template") {
    passed.reason = "the config has the strategy 'template' for it, and only PostgreSQL can copy "
                    "a database by itself";
    return false;
  }
  const bool runs_commands =
      !setting.dump.empty() || !setting.restore.empty() || !setting.client.empty();
  if (runs_commands && !is_trusted()) {
    passed.reason = "the config has commands for it and is not trusted: look at them, then run "
                    "'savepoint trust'";
    return false;
  }
  return true;
}

bool is_name_only(const DatabaseSetting& setting) {
  return setting.path.empty() && !setting.url && setting.dump.empty();
}

bool has_driver(std::string_view name) {
  return std::ranges::count(drivers::all(), name, &database::Driver::name) > 0;
}

std::string path_below_root(const Project& project, const std::string& path) {
  const auto below = [&](const std::filesystem::path& whole) {
    const std::filesystem::path relative = whole.lexically_relative(project.root());
    return relative.native().starts_with("..") ? std::string() : relative.native();
  };
  const std::filesystem::path whole = (project.root() / path).lexically_normal();
  std::error_code failure;
  const std::filesystem::path file = std::filesystem::canonical(whole, failure);
  std::string found = failure ? std::string() : below(file);
  return found.empty() ? below(whole) : found; // where a symlink leads out, its driver refuses it
}

} // namespace savepoint::project
