#pragma once

#include "config/config.hpp"
#include "config/dotenv.hpp"
#include "discovery/internal/packages.hpp"
#include "discovery/internal/project_files.hpp"
#include "discovery/internal/settings_tree.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace savepoint::discovery {

/// What a database is for, as the name of a file, a variable or a block says.
enum class Role { main, test, shadow, production, other };

/// The role that a word of `name` gives away: test, ci; shadow; production, live; staging, preview
/// …
[[nodiscard]] Role role_of(std::string_view name);
/// The one that says more: anything but main.
[[nodiscard]] Role stronger(Role first, Role second);

/// A text, and where it came from.
struct Found {
  std::string text;
  std::string variable; ///< Empty: it stands in the file itself.
  std::string file;     ///< Below the root; empty: the environment of the process.
  std::size_t line = 0;
};

/// A `.env` file. `is_loaded` says whether programs load it by themselves.
struct EnvironmentFile {
  std::string path;
  Role role = Role::main;
  bool is_loaded = false;
  std::vector<config::DotenvSetting> settings;
};

/// The variables that the programs of one package see: the environment of the process, then its
/// `.env*` files in their order, then those of the root.
class Variables {
public:
  /// All must outlive this object. `outer` is what the root sees; null for the root itself.
  Variables(ProjectFiles& files, const config::Environment& environment, const Package& package,
            const Variables* outer);

  [[nodiscard]] std::optional<Found> find(std::string_view name) const;
  /// From one file alone, whatever the environment says.
  [[nodiscard]] std::optional<Found> find_in(const EnvironmentFile& file,
                                             std::string_view name) const;
  /// The first alternative that has a value without unknown parts. Text gets `file` and its line.
  [[nodiscard]] std::optional<Found> resolve(const Value& value, const Node* scope,
                                             const std::string& file) const;
  /// The variables in `value` that are not set.
  [[nodiscard]] std::vector<std::string> unset_in(const Value& value) const;

  /// Those of this package, the ones that hold first.
  [[nodiscard]] const std::vector<EnvironmentFile>& own_files() const { return own_; }
  [[nodiscard]] const config::Environment& process() const { return *environment_; }
  [[nodiscard]] const Package& package() const { return *package_; }

  /// A file that is not among them.
  [[nodiscard]] std::optional<EnvironmentFile> open(const std::string& path) const;

private:
  [[nodiscard]] const Found& read(const EnvironmentFile& file, std::size_t index) const;
  [[nodiscard]] Found read_anew(const EnvironmentFile& file, std::size_t index) const;
  [[nodiscard]] std::string best_reading(const config::DotenvValue& value,
                                         const std::string& place) const;
  [[nodiscard]] std::optional<std::string>
  look_up_for(const EnvironmentFile& file, std::size_t index, std::string_view name) const;
  [[nodiscard]] std::optional<Found> fill(const Template& parts, const std::string& file,
                                          std::size_t line) const;
  void load(const std::string& name, bool is_loaded);

  ProjectFiles* files_;
  const config::Environment* environment_;
  const Package* package_;
  const Variables* outer_;
  std::vector<EnvironmentFile> own_;
  mutable std::map<std::pair<std::string, std::size_t>, Found> known_; ///< By file and index.
  mutable std::size_t depth_ = 0; ///< How many settings are being read for one another.
};

/// Whether `text` is a connection URL of a database, by its scheme.
[[nodiscard]] bool is_database_url(std::string_view text);

} // namespace savepoint::discovery
