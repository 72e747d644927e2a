#pragma once

#include "database/driver.hpp"
#include "process/child.hpp"

#include <string>
#include <string_view>

namespace savepoint::drivers::command {

/// One of the two commands of a target.
struct Script {
  std::string_view key; ///< "dump" or "restore".
  const std::string& text;
  const database::Target& target;
};

[[nodiscard]] Script dump_of(const database::Target& target);
[[nodiscard]] Script restore_of(const database::Target& target);

/// How to run it: by the shell, in the project, with its environment.
[[nodiscard]] process::Command shell_command(const Script& script);

/// Throws DatabaseError unless the script ended as one that has done its work.
void require_success(const Script& script, const process::Ended& ended);

} // namespace savepoint::drivers::command
