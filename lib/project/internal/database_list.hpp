#pragma once

#include "config/config.hpp"
#include "project/databases.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::project {

/// The databases of a project while they are looked for: each has a name of its own and is treated
/// as the config says.
class DatabaseList {
public:
  /// `project` must outlive it.
  explicit DatabaseList(const Project& project) : project_(&project) {}

  /// Adds what may be captured, and passes the rest. `setting` is what the config says of it, if
  /// anything.
  void add(const config::DatabaseSetting* setting, database::Target target);
  /// The same for a file at `path` below the root, empty if it lies elsewhere.
  void add_file(const config::DatabaseSetting* setting, const std::string& name,
                const std::string& driver, const std::string& path, const std::string& source);
  void pass(PassedDatabase passed) { found_.passed.push_back(std::move(passed)); }
  /// Passes what the config names and nothing says the place of. To be called last.
  void pass_names_without_database();

  /// Keeps `name` from being given to another database.
  void take_name(const std::string& name) { names_.insert(name); }
  [[nodiscard]] bool is_taken(const std::string& name) const { return names_.contains(name); }

  /// The entry of the config that says nothing but how a database of this name is to be treated.
  [[nodiscard]] const config::DatabaseSetting* setting_called(std::string_view name) const;
  /// Whether something is said of the file at `path` already.
  [[nodiscard]] bool knows_file(std::string_view path) const;
  /// What is said of all that the config alone names.
  [[nodiscard]] std::string config_source() const;

  [[nodiscard]] Databases& found() { return found_; }
  /// Whether what the config says counts as the user's own word.
  [[nodiscard]] bool is_trusted();

private:
  /// False if it may not be used; then `passed` says why.
  [[nodiscard]] bool apply(const config::DatabaseSetting& setting, database::Target& target,
                           PassedDatabase& passed);

  const Project* project_;
  Databases found_;
  std::set<std::string> names_; ///< What is called so for good.
  std::set<std::string> used_;  ///< Settings that found their database.
  std::optional<bool> trusted_;
};

/// Whether an entry of the config says nothing but how a database that is found elsewhere is to be
/// treated.
[[nodiscard]] bool is_name_only(const config::DatabaseSetting& setting);

[[nodiscard]] bool has_driver(std::string_view name);

/// The path below the root, symlinks resolved, of a database that is a file and that somebody calls
/// `path`; empty if it lies elsewhere.
[[nodiscard]] std::string path_below_root(const Project& project, const std::string& path);

} // namespace savepoint::project
