#include "restore/internal/database_plan.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "drivers/all.hpp"
#include "project/databases.hpp"
#include "restore/internal/plan_state.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace savepoint::restore {
namespace {

using database::Driver;
using database::Target;
using manifest::DatabaseComponent;
using Presence = Driver::Presence;

constexpr const char* k_hook_variable = "SAVEPOINT_HOOK";

bool is_meant(const std::string& name, const DatabaseComponent& database) {
  project::Selection one;
  one.database_names = {name};
  return one.includes_database(database.name);
}

const Destination* destination_of(const Request& request, const DatabaseComponent& database) {
  const auto found =
      std::ranges::find_if(request.destinations, [&](const Destination& destination) {
        return is_meant(destination.name, database);
      });
  return found == request.destinations.end() ? nullptr : &*found;
}

Target elsewhere(const project::Project& project, const Destination& destination,
                 const DatabaseComponent& database) {
  const database::Address& address = destination.address;
  if (address.driver != database.driver) {
    throw UsageError("cannot restore " + quoted(database.name) + " to " +
                         database::display(address) + ": it is a database of " + database.driver,
                     "name a database of " + database.driver);
  }
  const config::Environment& environment = project.context().environment;
  Target target{.name = database.name,
                .driver = address.driver,
                .address = address,
                .source = "--database",
                .project = project.root(),
                .environment = environment};
  if (address.driver == "sqlite") {
    target.file = address.database;
  }
  target.protection = database::classify(address, environment);
  return target;
}

/// The settings that say where a database is may have gone with the rest of the project.
std::string way_to_settings(const Plan::State& state) {
  const project::Selection& only = state.request.only;
  if (!only.code || !only.config || !state.request.paths.empty() || !state.target.id ||
      !(state.target.code || state.target.config)) {
    return {};
  }
  return "if the files of the snapshot say it, bring them back first: 'savepoint restore " +
         state.target.id->text() + " --only code,config --with-config', then try again; or ";
}

[[noreturn]] void throw_unknown(const Plan::State& state, const project::Databases& today,
                                const DatabaseComponent& database) {
  std::string reason = "nothing in the project says where it is today";
  const auto passed =
      std::ranges::find(today.passed, database.name, &project::PassedDatabase::name);
  if (passed != today.passed.end()) {
    reason = passed->reason;
  }
  const std::string what = "cannot restore the database " + quoted(database.name) + ": " + reason;
  if (database.driver == "command") {
    throw NotFoundError(what, "its commands stand in savepoint.json; or leave it out with --only "
                              "code,config");
  }
  throw NotFoundError(what, way_to_settings(state) + "say where it goes with --database " +
                                printable(database.name) +
                                "=URL, or leave it out with --only code,config");
}

const Target* find_target(const project::Databases& today, const DatabaseComponent& database) {
  const auto is_it = [&](const Target& target) {
    return database.path.empty() ? target.file.empty() && target.name == database.name
                                 : target.path == database.path;
  };
  for (const Target& target : today.targets) {
    if (is_it(target)) {
      return &target;
    }
  }
  for (const project::PassedDatabase& passed : today.passed) {
    if (passed.target && is_it(*passed.target)) {
      return &*passed.target;
    }
  }
  return nullptr;
}

/// Where a restore replaced the database, if `database` is what that saved.
std::string replaced_at(const DatabaseComponent& database) {
  const json::Value* const place =
      database.details.is_object() ? database.details.find("place") : nullptr;
  return place != nullptr && place->is_string() ? place->as_string() : std::string();
}

/// The project may name another database by now, which nobody wants overwritten.
void require_same_place(const DatabaseComponent& database, const Target& today) {
  const std::string then = replaced_at(database);
  if (!then.empty() && !database::is_same_place(database::parse_url(then), today.address)) {
    throw RefusedError("the database " + quoted(database.name) + " was replaced at " + then +
                           ", and the project says now that it is at " + place_of(today),
                       "have the project's settings say " + then + " again, then try again");
  }
}

Target of_project(const project::Project& project, const Plan::State& state,
                  const project::Databases& today, const DatabaseComponent& database) {
  const Target* const found = find_target(today, database);
  if (found == nullptr && database.path.empty()) {
    throw_unknown(state, today, database);
  }
  if (found == nullptr) {
    return {.name = database.name,
            .driver = database.driver,
            .file = project.root() / database.path,
            .path = database.path};
  }
  if (found->driver != database.driver) {
    throw NotFoundError("cannot restore the database " + quoted(database.name) +
                            ": in the snapshot it is one of " + database.driver +
                            ", in the project one of " + found->driver,
                        "say where it goes with --database " + printable(database.name) + "=URL");
  }
  require_same_place(database, *found);
  return *found;
}

/// Whether it is a database that the restore to be undone left alone, and that the project does not
/// know any more.
bool is_of_no_concern(const Plan::State& plan, const project::Databases& today,
                      const DatabaseComponent& database) {
  return plan.request.is_undo && database.path.empty() && replaced_at(database).empty() &&
         find_target(today, database) == nullptr;
}

/// What the project speaks of today; the files are those of the snapshot.
project::Databases databases_today(const project::Project& project, const Request& request,
                                   const std::vector<DatabaseComponent>& databases) {
  project::Scan scan;
  for (const DatabaseComponent& database : databases) {
    if (!database.path.empty()) {
      scan.databases.push_back({.path = database.path, .driver = database.driver});
    }
  }
  project::Databases today = project::find_databases(project, scan);
  for (const Target& known : request.known_servers) {
    std::erase_if(today.targets, [&](const Target& target) {
      return target.file.empty() && target.name == known.name;
    });
    today.targets.push_back(known);
  }
  return today;
}

void require_presence(const Request& request, const DatabasePlan& plan) {
  if (plan.presence == Presence::missing && !request.create_database) {
    throw NotFoundError("there is no database at " + place_of(plan.target),
                        "have it made with --create-database");
  }
}

void require_tables(const Request& request, const std::vector<DatabaseComponent>& databases) {
  if (request.tables.empty()) {
    return;
  }
  if (databases.size() != 1) {
    throw UsageError("cannot restore single tables of " + std::to_string(databases.size()) +
                         " databases",
                     "name one with --only database:NAME");
  }
  if (!drivers::find(databases.front().driver).capabilities().restores_tables) {
    throw UsageError("single tables of a database of " + databases.front().driver +
                         " cannot be restored",
                     "restore all of it, or elsewhere with --database NAME=URL");
  }
}

/// What must be typed to overwrite it: its name where it is.
std::string name_to_type(const Target& target) {
  return target.address.database.empty() ? target.name : target.address.database;
}

bool is_confirmed(const Request& request, const std::string& name) {
  return std::ranges::count(request.confirmed, name) > 0;
}

std::optional<Plan::Guarded> guard(const DatabasePlan& plan,
                                   const config::Environment& environment) {
  using Refusal = Plan::Guarded::Refusal;
  const Target& target = plan.target;
  Plan::Guarded guarded{.database = {},
                        .name = name_to_type(target),
                        .where = place_of(target),
                        .reason = {},
                        .refusal = Refusal::unless_confirmed};
  if (target.prohibits_restore) {
    guarded.reason = "the config prohibits every restore into it";
    guarded.refusal = Refusal::always;
    return guarded;
  }
  if (plan.is_elsewhere && !target.file.empty() && plan.presence != Presence::filled) {
    return std::nullopt; // a new file overwrites nothing
  }
  database::Protection protection = target.protection;
  const bool is_open = !protection.is_protected && protection.reason.empty();
  if (target.file.empty() && is_open && plan.presence != Presence::missing) {
    if (auto marker = drivers::find(target.driver).production_marker(target)) {
      protection = {.is_protected = true, .reason = std::move(*marker)};
    }
  }
  if (protection.is_protected) {
    guarded.reason = "it is protected: " + protection.reason;
    const auto hook = environment.find(k_hook_variable);
    if (hook != environment.end() && !hook->second.empty()) {
      guarded.reason += "; from a hook it is never overwritten";
      guarded.refusal = Refusal::always;
    } else if (const auto agent = database::agent_in(environment)) {
      guarded.reason += "; by " + *agent + " it is never overwritten";
      guarded.refusal = Refusal::always;
    }
    return guarded;
  }
  if (plan.is_elsewhere && plan.presence == Presence::filled) {
    guarded.reason = "it is not empty, and not the project's own";
    return guarded;
  }
  return std::nullopt;
}

DatabasePlan plan_of(const project::Project& project, const Plan::State& state,
                     const project::Databases& today, const DatabaseComponent& database) {
  const Request& request = state.request;
  DatabasePlan plan;
  if (const Destination* destination = destination_of(request, database)) {
    plan.target = elsewhere(project, *destination, database);
    plan.is_elsewhere = true;
  } else {
    plan.target = of_project(project, state, today, database);
  }
  const bool is_out_of_reach = (plan.target.file.empty() && plan.target.protection.is_protected &&
                                !is_confirmed(request, name_to_type(plan.target))) ||
                               plan.target.prohibits_restore;
  if (is_out_of_reach) {
    return plan; // it will be refused: such a server is not even asked
  }
  if (plan.is_elsewhere || database.path.empty()) {
    plan.presence = drivers::find(database.driver).presence(plan.target);
    if (plan.target.file.empty()) {
      require_presence(request, plan);
    }
  }
  return plan;
}

} // namespace

void narrow(Request& request) {
  if (request.destinations.empty() && request.tables.empty()) {
    return;
  }
  if (!request.paths.empty()) {
    throw UsageError("cannot restore paths together with --database or --table",
                     "restore them one after the other");
  }
  if (!request.destinations.empty()) {
    request.only.database_names.clear();
    for (const Destination& destination : request.destinations) {
      request.only.database_names.push_back(destination.name);
    }
  }
  request.only.code = false;
  request.only.config = false;
  request.only.databases = true;
}

void plan_databases(const project::Project& project, Plan::State& plan) {
  const Request& request = plan.request;
  require_tables(request, plan.databases);
  if (plan.databases.empty()) {
    return;
  }
  const project::Databases today = databases_today(project, request, plan.databases);
  std::erase_if(plan.databases, [&](const DatabaseComponent& database) {
    if (is_of_no_concern(plan, today, database)) {
      return true;
    }
    try {
      plan.database_plans.emplace(database.name, plan_of(project, plan, today, database));
      return false;
    } catch (const Error&) {
      if (!request.partial) {
        throw;
      }
      plan.missing.push_back(database.name);
      return true;
    }
  });
}

std::vector<Plan::Guarded> find_guarded(const project::Project& project, const Plan::State& plan) {
  std::vector<Plan::Guarded> all;
  for (const DatabaseComponent& database : plan.databases) {
    if (auto guarded =
            guard(plan.database_plans.at(database.name), project.context().environment)) {
      guarded->database = database.name;
      all.push_back(std::move(*guarded));
    }
  }
  return all;
}

std::string place_of(const Target& target) {
  if (!target.file.empty()) {
    return quoted(target.file.native());
  }
  return target.address.driver.empty() ? quoted(std::string_view(target.name))
                                       : database::display(target.address);
}

} // namespace savepoint::restore
