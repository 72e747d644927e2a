#include "project/internal/discovered_databases.hpp"

#include "fs/status.hpp"

#include <algorithm>
#include <map>

namespace savepoint::project {
namespace {

using database::Address;
using database::Target;
using discovery::Candidate;

/// What tells databases of one name apart; of a socket, this machine.
std::string host_for_people(const Address& address) {
  return address.host.empty() || address.host.starts_with('/') ? "localhost" : address.host;
}

std::string name_at_host(const Address& address) {
  return address.database + "@" + host_for_people(address);
}

std::string name_for(const DatabaseList& list, const Address& address, bool is_ambiguous) {
  if (!is_ambiguous && !list.is_taken(address.database)) {
    return address.database;
  }
  std::string name = name_at_host(address);
  if (list.is_taken(name)) {
    name += ":" + std::to_string(database::port_of(address));
  }
  for (int number = 2; list.is_taken(name); ++number) {
    name = name_at_host(address) + "#" + std::to_string(number);
  }
  return name;
}

/// Who names a database in the config wants it, whatever discovery thinks of it.
bool is_wanted(const DatabaseList& list, const Candidate& candidate) {
  return candidate.is_taken || list.setting_called(candidate.address.database) != nullptr ||
         list.setting_called(name_at_host(candidate.address)) != nullptr;
}

/// What production has is not captured unasked, but a snapshot that has it can be restored by
/// whoever types its name.
std::optional<Target> guarded_target(const Project& project, const Address& address,
                                     const std::string& source) {
  const auto& environment = project.context().environment;
  const database::Protection protection = database::classify(address, environment);
  if (!protection.is_protected || address.database.empty() || !has_driver(address.driver)) {
    return std::nullopt;
  }
  return Target{.name = address.database,
                .driver = address.driver,
                .address = address,
                .source = source,
                .protection = protection,
                .project = project.root(),
                .environment = environment};
}

void add_candidate(const Project& project, const Candidate& candidate, bool is_ambiguous,
                   DatabaseList& list) {
  const Address& address = candidate.address;
  PassedDatabase passed{.name = address.database,
                        .where = database::display(address),
                        .source = discovery::source_of(candidate),
                        .reason = candidate.reason,
                        .is_missed = candidate.is_missed};
  if (!is_wanted(list, candidate)) {
    passed.target = guarded_target(project, address, passed.source);
    list.pass(std::move(passed));
    return;
  }
  if (address.database.empty()) {
    passed.reason = "it does not say which database";
    list.pass(std::move(passed));
    return;
  }
  const std::string name = name_for(list, address, is_ambiguous);
  list.take_name(name);
  list.add(list.setting_called(name),
           {.name = name, .driver = address.driver, .address = address, .source = passed.source});
}

void add_met_files(const std::vector<FoundDatabase>& met, DatabaseList& list) {
  for (const FoundDatabase& file : met) {
    if (!file.is_empty && !list.knows_file(file.path)) {
      // Under a name that a server's database has already, it would be taken for that.
      const std::string name = list.is_taken(file.path) ? "./" + file.path : file.path;
      list.take_name(name);
      list.add_file(list.setting_called(name), name, file.driver, file.path, {});
    }
  }
}

void add_file_candidate(const Project& project, const Candidate& candidate, DatabaseList& list) {
  const std::string path = path_below_root(project, candidate.address.database);
  PassedDatabase passed{.name = path.empty() ? candidate.address.database : path,
                        .where = candidate.address.database,
                        .source = discovery::source_of(candidate),
                        .reason = candidate.reason,
                        .is_missed = candidate.is_missed};
  Databases& found = list.found();
  const auto known =
      path.empty() ? found.targets.end() : std::ranges::find(found.targets, path, &Target::path);
  if (known != found.targets.end()) { // the walk met it, or the config has it
    if (known->source.empty()) {
      known->source = passed.source;
    }
    return;
  }
  if (!path.empty() && list.knows_file(path)) {
    return;
  }
  if (candidate.is_taken && path.empty()) {
    passed.reason = "it lies outside of the project";
  } else if (candidate.is_taken && !fs::status(project.root() / path)) {
    passed.reason = "there is no such file";
  } else if (candidate.is_taken) {
    list.take_name(path);
    list.add_file(list.setting_called(path), path, "sqlite", path, passed.source);
    return;
  }
  list.pass(std::move(passed));
}

} // namespace

std::vector<Candidate> add_discovered(const Project& project, const std::vector<Address>& places,
                                      DatabaseList& list) {
  discovery::Findings findings = discovery::discover(project.root(), project.context().environment);
  list.found().notes = std::move(findings.notes);
  std::erase_if(findings.candidates, [&](const Candidate& candidate) {
    return std::ranges::any_of(places, [&](const Address& place) {
      return database::is_same_place(place, candidate.address);
    });
  });
  std::map<std::string, int> of_name;
  for (const Candidate& candidate : findings.candidates) {
    of_name[candidate.address.database] += is_wanted(list, candidate) ? 1 : 0;
  }
  std::vector<Candidate> files;
  for (const Candidate& candidate : findings.candidates) {
    if (candidate.address.driver == "sqlite") {
      files.push_back(candidate);
    } else {
      add_candidate(project, candidate, of_name[candidate.address.database] > 1, list);
    }
  }
  return files;
}

void add_discovered_files(const Project& project, const std::vector<FoundDatabase>& met,
                          const std::vector<Candidate>& candidates, DatabaseList& list) {
  add_met_files(met, list);
  for (const Candidate& candidate : candidates) {
    add_file_candidate(project, candidate, list);
  }
}

} // namespace savepoint::project
