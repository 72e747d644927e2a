#pragma once

#include "discovery/discovery.hpp"
#include "project/internal/database_list.hpp"

#include <vector>

namespace savepoint::project {

/// Adds the databases of servers that the project's files and environment speak of, but for those
/// at `places`. Gives what they say of databases in files, for `add_discovered_files`.
[[nodiscard]] std::vector<discovery::Candidate>
add_discovered(const Project& project, const std::vector<database::Address>& places,
               DatabaseList& list);

/// Adds the files that a scan met, and then what `candidates` say of them and of others.
void add_discovered_files(const Project& project, const std::vector<FoundDatabase>& met,
                          const std::vector<discovery::Candidate>& candidates, DatabaseList& list);

} // namespace savepoint::project
