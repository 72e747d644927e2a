#pragma once

#include "database/driver.hpp"
#include "manifest/manifest.hpp"
#include "project/project.hpp"
#include "restore/restore.hpp"

#include <map>
#include <string>
#include <vector>

namespace savepoint::restore {

/// Where a database of a snapshot goes.
struct DatabasePlan {
  database::Target target;
  database::Driver::Presence presence = database::Driver::Presence::filled; ///< Of servers.
  bool is_elsewhere = false; ///< Request::destinations says so.
};

/// By the name of the component.
using DatabasePlans = std::map<std::string, DatabasePlan>;

/// Makes `request` one for databases alone if it has destinations or tables.
///
/// Throws UsageError where they do not fit what else is asked for.
void narrow(Request& request);

/// Finds out where each database of `plan` goes, and fills in its `database_plans`. Asks servers
/// whether there is something. With `partial`, what cannot be restored goes from `databases` into
/// `missing`.
///
/// Throws NotFoundError for a database of which nobody says where it is today, or which is not
/// there and shall not be made; UsageError for tables that cannot be restored alone.
void plan_databases(const project::Project& project, Plan::State& plan);

/// Those databases of `plan` that must not be overwritten without more ado.
[[nodiscard]] std::vector<Plan::Guarded> find_guarded(const project::Project& project,
                                                      const Plan::State& plan);

/// Where it is, for people: a URL without a password, or a path.
[[nodiscard]] std::string place_of(const database::Target& target);

} // namespace savepoint::restore
