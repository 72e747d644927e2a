#pragma once

#include "cli/session.hpp"
#include "database/address.hpp"
#include "project/project.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::cli {

/// What `--database NAME=URL` says, by name. `NAME=env:VARIABLE` means the URL that a variable of
/// the environment or of the project's .env files holds: so no password stands on a command line.
/// The path of an SQLite file starts at the current directory. `project` may be null.
///
/// Throws UsageError, whose message never has a part of a URL.
[[nodiscard]] std::map<std::string, database::Address>
read_destinations(const std::vector<std::string>& typed, const Session& session,
                  const project::Project* project);

/// What --help says of the option.
inline constexpr std::string_view k_destination_value = "NAME=URL";

/// The same word as it may be shown: a URL with a password becomes env:VARIABLE.
[[nodiscard]] std::string showable_destination(const std::string& typed);

} // namespace savepoint::cli
