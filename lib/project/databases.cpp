#include "project/databases.hpp"

#include "base/error.hpp"
#include "database/protection.hpp"
#include "project/internal/configured_databases.hpp"
#include "project/internal/discovered_databases.hpp"

#include <algorithm>
#include <iterator>

namespace savepoint::project {

using database::Target;

struct DatabaseFinder::State {
  explicit State(const Project& a_project) : project(&a_project), list(a_project) {
    const std::vector<database::Address> places = add_configured(*project, list);
    if (project->config().discover_databases) {
      files = add_discovered(*project, places, list);
    }
    std::ranges::copy_if(list.found().targets, std::back_inserter(servers),
                         [](const Target& target) { return target.file.empty(); });
  }

  Databases finish(const Scan& scan) {
    if (project->config().discover_databases) {
      add_discovered_files(*project, scan.databases, files, list);
    }
    list.pass_names_without_database();
    std::ranges::sort(list.found().targets, {}, &Target::name);
    return std::move(list.found());
  }

  const Project* project;
  DatabaseList list;
  std::vector<Target> servers;
  std::vector<discovery::Candidate> files; ///< What the project's files say of databases in files.
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

bool Databases::has_file(std::string_view path) const {
  return std::ranges::count(targets, path, &Target::path) > 0 ||
         std::ranges::any_of(passed, [&](const PassedDatabase& one) {
           return one.target && one.target->path == path;
         });
}

Databases find_databases(const Project& project, const Scan& scan) {
  return DatabaseFinder(project).finish(scan);
}

std::string why_not_of_today(const manifest::DatabaseComponent& database, const Databases& today) {
  const Target* found = today.find(database.name);
  const auto passed = std::ranges::find(today.passed, database.name, &PassedDatabase::name);
  if (found == nullptr && passed != today.passed.end() && passed->target) {
    found = &*passed->target;
  }
  if (found == nullptr) {
    return "nothing says where it is now";
  }
  const json::Value* const then = database.details.find("address");
  try {
    if (then == nullptr ||
        database::is_same_place(database::parse_url(then->as_string()), found->address)) {
      return "";
    }
  } catch (const UsageError&) {
    return ""; // not every address can be read again, and then none is another one
  }
  return "it was kept at " + then->as_string() + ", and the settings now say " +
         database::display(found->address);
}

} // namespace savepoint::project
