#pragma once

#include <string>

namespace savepoint::manifest {

// Words that a user gives to a snapshot. Each throws UsageError for one that could not be kept or
// would not be found again.

void check_note(const std::string& note);
/// A tag selects a snapshot, so it must not look like another way to select one.
void check_tag(const std::string& tag);
/// Not one of those by which `latest` passes a snapshot over.
void check_trigger(const std::string& trigger);

} // namespace savepoint::manifest
