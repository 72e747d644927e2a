#pragma once

#include "config/config.hpp"

#include <string>
#include <vector>

// The settings of a project come with its repository, from whoever can commit to it. What they want
// to have run, or want a guard to overlook, counts only once the user has said so: savepoint trust.

namespace savepoint::trust {

/// Something that the settings may do only once they are trusted.
struct Permission {
  std::string database; ///< Its name.
  std::string key;      ///< "dump", "restore", "client", "url" or "protected".
  std::string value;    ///< The command or URL, or "false" of "protected".
  friend bool operator==(const Permission&, const Permission&) = default;
};

/// All that the project's settings want and need trust for. The user's own settings need none.
[[nodiscard]] std::vector<Permission> permissions_of(const config::Config& config);

/// Whether commands in `config.databases` may run: they are the user's own, or the user has trusted
/// exactly this text, of this file, by this owner. False where that cannot be told.
[[nodiscard]] bool is_trusted(const config::Config& config, const config::Environment& environment);

/// Trusts the project's settings as they were read into `config`. The record is durable, and lies
/// in the user's data directory, never in the project. Requires a `config.file`.
///
/// Throws RefusedError if somebody else could change the file.
void trust(const config::Config& config, const config::Environment& environment);

/// Takes back all trust in the file, whatever was in it. Says whether there was any.
bool revoke(const config::Config& config, const config::Environment& environment);

} // namespace savepoint::trust
