#include "project/databases.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "discovery/discovery.hpp"
#include "drivers/all.hpp"
#include "fs/status.hpp"
#include "trust/trust.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>

namespace savepoint::project {
namespace {

using config::DatabaseSetting;
using database::Address;
using database::Target;

constexpr std::uint16_t k_postgres_port = 5432;
constexpr std::uint16_t k_mariadb_port = 3306;

std::uint16_t port_of(const Address& address) {
  if (address.port != 0) {
    return address.port;
  }
  return address.driver == "postgres"  ? k_postgres_port
         : address.driver == "mariadb" ? k_mariadb_port
                                       : std::uint16_t{0};
}

std::string host_of(const Address& address) {
  return database::place_of(address) == database::Place::loopback ? "localhost" : address.host;
}

/// What tells databases of one name apart; of a socket, this machine.
std::string host_for_people(const Address& address) {
  return address.host.empty() || address.host.starts_with('/') ? "localhost" : address.host;
}

bool has_driver(std::string_view name) {
  return std::ranges::count(drivers::all(), name, &database::Driver::name) > 0;
}

/// What a guard goes by; of what has no address, its name.
Address address_of(const Target& target) {
  if (!target.address.driver.empty()) {
    return target.address;
  }
  Address address;
  address.driver = target.driver;
  address.database = target.path.empty() ? target.name : target.path;
  return address;
}

/// Says nothing but how a database that is found elsewhere is to be treated.
bool is_name_only(const DatabaseSetting& setting) {
  return setting.path.empty() && !setting.url && setting.dump.empty();
}

} // namespace

struct DatabaseFinder::State {
  explicit State(const Project& a_project) : project(&a_project) {
    for (const DatabaseSetting& setting : settings()) {
      if (!is_name_only(setting)) {
        add_configured(setting);
      }
    }
    if (project->config().discover_databases) {
      add_discovered();
    }
    std::ranges::copy_if(found.targets, std::back_inserter(servers),
                         [](const Target& target) { return target.file.empty(); });
  }

  Databases finish(const Scan& scan) {
    if (project->config().discover_databases) {
      add_files(scan);
      for (const discovery::Candidate& candidate : file_candidates) {
        add_file_candidate(candidate);
      }
    }
    pass_names_without_database();
    std::ranges::sort(found.targets, {}, &Target::name);
    return std::move(found);
  }

  void pass_names_without_database() {
    for (const DatabaseSetting& setting : settings()) {
      if (is_name_only(setting) && setting.capture && !used.contains(setting.name)) {
        pass({.name = setting.name,
              .source = config_source(),
              .reason = "the config names it, but nothing says where it is",
              .is_error = true});
      }
    }
  }

  [[nodiscard]] const std::vector<DatabaseSetting>& settings() const {
    return project->config().databases;
  }
  [[nodiscard]] std::string config_source() const {
    return project->config().file.filename().native();
  }
  [[nodiscard]] bool is_trusted() {
    if (!trusted) {
      trusted = trust::is_trusted(project->config(), project->context().environment);
    }
    return *trusted;
  }

  void pass(PassedDatabase passed) { found.passed.push_back(std::move(passed)); }

  void add_configured(const DatabaseSetting& setting) {
    names.insert(setting.name);
    if (!setting.dump.empty()) {
      add(&setting, {.name = setting.name, .driver = "command", .source = config_source()});
    } else if (setting.url) {
      add_url(setting);
    } else {
      add_file(&setting, setting.name, setting.driver, setting.path, config_source());
    }
  }

  void add_url(const DatabaseSetting& setting) {
    PassedDatabase passed{.name = setting.name, .source = config_source(), .is_error = true};
    std::optional<Address> address;
    try {
      address = resolve(*setting.url, passed);
    } catch (const UsageError& error) {
      passed.reason = error.what();
    }
    if (!address) {
      if (setting.capture) {
        pass(std::move(passed));
      }
      return;
    }
    places.push_back(*address);
    if (address->driver == "sqlite") {
      add_file(&setting, setting.name, "sqlite", path_below_root(*address), passed.source);
      return;
    }
    add(&setting, {.name = setting.name,
                   .driver = address->driver,
                   .address = *address,
                   .source = passed.source});
  }

  /// Nothing where the variable is not set; then `passed` says so.
  [[nodiscard]] std::optional<Address> resolve(const config::UrlSetting& url,
                                               PassedDatabase& passed) const {
    if (!url.literal.empty()) {
      return database::parse_url(url.literal);
    }
    passed.source = url.variable + " in " + url.file.value_or("the environment");
    const std::optional<discovery::Variable> variable =
        discovery::look_up(project->root(), project->context().environment, url.variable, url.file);
    if (!variable) {
      passed.reason = "the variable " + url.variable + " is not set" +
                      (url.file ? " in " + *url.file : std::string());
      return std::nullopt;
    }
    passed.source =
        url.variable + " in " +
        (variable->file.empty() ? "the environment"
                                : variable->file + ":" + std::to_string(variable->line));
    return with_context(url.variable, variable->value);
  }

  [[nodiscard]] static Address with_context(const std::string& variable, const std::string& value) {
    try {
      return database::parse_url(value);
    } catch (const UsageError& error) {
      throw UsageError("the value of " + variable + " is of no use: " + error.what(), error.hint());
    }
  }

  /// Empty if it lies elsewhere.
  [[nodiscard]] std::string path_below_root(const Address& address) const {
    const std::filesystem::path whole = (project->root() / address.database).lexically_normal();
    const std::filesystem::path below = whole.lexically_relative(project->root());
    return below.empty() || below.native().starts_with("..") ? std::string() : below.native();
  }

  void add_file(const DatabaseSetting* setting, const std::string& name, const std::string& driver,
                const std::string& path, const std::string& source) {
    if (path.empty()) {
      pass({.name = name,
            .source = source,
            .reason = "it lies outside of the project",
            .is_error = setting != nullptr && setting->capture});
      return;
    }
    add(setting, {.name = name,
                  .driver = driver,
                  .file = project->root() / path,
                  .path = path,
                  .source = source});
  }

  void add_files(const Scan& scan) {
    for (const FoundDatabase& file : scan.databases) {
      if (std::ranges::count(settings(), file.path, &DatabaseSetting::path) == 0) {
        // Under a name that a server's database has already, it would be taken for that.
        const std::string name = names.contains(file.path) ? "./" + file.path : file.path;
        names.insert(name);
        add_file(setting_called(name), name, file.driver, file.path, {});
      }
    }
  }

  void add_discovered() {
    discovery::Findings findings =
        discovery::discover(project->root(), project->context().environment);
    found.notes = std::move(findings.notes);
    std::erase_if(findings.candidates, [&](const discovery::Candidate& candidate) {
      return std::ranges::any_of(
          places, [&](const Address& place) { return is_same_place(place, candidate.address); });
    });
    std::map<std::string, int> of_name;
    for (const discovery::Candidate& candidate : findings.candidates) {
      of_name[candidate.address.database] += is_wanted(candidate) ? 1 : 0;
    }
    for (const discovery::Candidate& candidate : findings.candidates) {
      if (candidate.address.driver == "sqlite") {
        file_candidates.push_back(candidate);
      } else {
        add_candidate(candidate, of_name[candidate.address.database] > 1);
      }
    }
  }

  /// Who names a database in the config wants it, whatever discovery thinks of it.
  [[nodiscard]] bool is_wanted(const discovery::Candidate& candidate) const {
    return candidate.is_taken || setting_called(candidate.address.database) != nullptr ||
           setting_called(name_at_host(candidate.address)) != nullptr;
  }

  [[nodiscard]] static std::string name_at_host(const Address& address) {
    return address.database + "@" + host_for_people(address);
  }

  [[nodiscard]] std::string name_for(const Address& address, bool is_ambiguous) const {
    if (!is_ambiguous && !names.contains(address.database)) {
      return address.database;
    }
    std::string name = name_at_host(address);
    if (names.contains(name)) {
      name += ":" + std::to_string(port_of(address));
    }
    for (int number = 2; names.contains(name); ++number) {
      name = name_at_host(address) + "#" + std::to_string(number);
    }
    return name;
  }

  void add_candidate(const discovery::Candidate& candidate, bool is_ambiguous) {
    const Address& address = candidate.address;
    PassedDatabase passed{.name = address.database,
                          .where = database::display(address),
                          .source = discovery::source_of(candidate),
                          .reason = candidate.reason};
    if (!is_wanted(candidate)) {
      passed.target = guarded_target(address, passed.source);
      pass(std::move(passed));
      return;
    }
    if (address.database.empty()) {
      passed.reason = "it does not say which database";
      pass(std::move(passed));
      return;
    }
    const std::string name = name_for(address, is_ambiguous);
    names.insert(name);
    add(setting_called(name),
        {.name = name, .driver = address.driver, .address = address, .source = passed.source});
  }

  /// What production has is not captured unasked, but a snapshot that has it can be restored by
  /// whoever types its name.
  [[nodiscard]] std::optional<Target> guarded_target(const Address& address,
                                                     const std::string& source) const {
    const auto& environment = project->context().environment;
    const database::Protection protection = database::classify(address, environment);
    if (!protection.is_protected || address.database.empty() || !has_driver(address.driver)) {
      return std::nullopt;
    }
    return Target{.name = address.database,
                  .driver = address.driver,
                  .address = address,
                  .source = source,
                  .protection = protection,
                  .project = project->root(),
                  .environment = environment};
  }

  void add_file_candidate(const discovery::Candidate& candidate) {
    const std::string path = path_below_root(candidate.address);
    PassedDatabase passed{.name = path.empty() ? candidate.address.database : path,
                          .where = candidate.address.database,
                          .source = discovery::source_of(candidate),
                          .reason = candidate.reason};
    const auto known =
        path.empty() ? found.targets.end() : std::ranges::find(found.targets, path, &Target::path);
    if (known != found.targets.end()) { // the walk met it, or the config has it
      if (known->source.empty()) {
        known->source = passed.source;
      }
      return;
    }
    const auto is_unwanted = [&](const PassedDatabase& one) {
      return one.target && one.target->path == path;
    };
    if (!path.empty() && (std::ranges::any_of(found.passed, is_unwanted) ||
                          std::ranges::count(settings(), path, &DatabaseSetting::path) > 0)) {
      return; // said already
    }
    if (candidate.is_taken && path.empty()) {
      passed.reason = "it lies outside of the project";
    } else if (candidate.is_taken && !fs::status(project->root() / path)) {
      passed.reason = "there is no such file";
    } else if (candidate.is_taken) {
      names.insert(path);
      add_file(setting_called(path), path, "sqlite", path, passed.source);
      return;
    }
    pass(std::move(passed));
  }

  [[nodiscard]] const DatabaseSetting* setting_called(std::string_view name) const {
    const auto setting = std::ranges::find_if(settings(), [&](const DatabaseSetting& one) {
      return is_name_only(one) && one.name == name;
    });
    return setting == settings().end() ? nullptr : &*setting;
  }

  void add(const DatabaseSetting* setting, Target target) {
    PassedDatabase passed{
        .name = target.name,
        .where = target.address.driver.empty() ? target.path : database::display(target.address),
        .source = target.source,
        .is_error = setting != nullptr && setting->capture};
    if (setting != nullptr) {
      used.insert(setting->name);
    }
    if (!has_driver(target.driver)) {
      passed.reason = "this build has no driver for " + quoted(std::string_view(target.driver));
      pass(std::move(passed));
      return;
    }
    target.project = project->root();
    target.environment = project->context().environment;
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
    found.targets.push_back(std::move(target));
  }

  /// False if it may not be used; then `passed` says why.
  [[nodiscard]] bool apply(const DatabaseSetting& setting, Target& target, PassedDatabase& passed) {
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
    const bool runs_commands =
        !setting.dump.empty() || !setting.restore.empty() || !setting.client.empty();
    if (runs_commands && !is_trusted()) {
      passed.reason = "the config has commands for it and is not trusted: look at them, then run "
                      "'savepoint trust'";
      return false;
    }
    return true;
  }

  const Project* project;
  Databases found;
  std::vector<Target> servers;
  std::vector<discovery::Candidate> file_candidates;
  std::vector<Address> places; ///< Of what the config has a URL for.
  std::set<std::string> names; ///< What is called so for good.
  std::set<std::string> used;  ///< Settings that found their database.
  std::optional<bool> trusted;
};

DatabaseFinder::DatabaseFinder(const Project& project) : state_(std::make_unique<State>(project)) {}
DatabaseFinder::~DatabaseFinder() = default;

const std::vector<Target>& DatabaseFinder::servers() const {
  return state_->servers;
}

Databases DatabaseFinder::finish(const Scan& scan) {
  return state_->finish(scan);
}

const Target* Databases::find(std::string_view name) const {
  const auto found = std::ranges::find(targets, name, &Target::name);
  return found == targets.end() ? nullptr : &*found;
}

Databases find_databases(const Project& project, const Scan& scan) {
  return DatabaseFinder(project).finish(scan);
}

bool is_same_place(const Address& a, const Address& b) {
  return a.driver == b.driver && host_of(a) == host_of(b) && port_of(a) == port_of(b) &&
         a.database == b.database;
}

} // namespace savepoint::project
