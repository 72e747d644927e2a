#pragma once

#include <string>
#include <vector>

namespace savepoint::commands {

/// What a command line is called in a snapshot's trigger: "prisma migrate dev" for known migration
/// commands, however they are started, else the name of the program. Never an argument that could
/// be a secret.
struct Label {
  std::string text;
  bool is_migration = false; ///< It changes databases.
};

[[nodiscard]] Label label_of(const std::vector<std::string>& words);

} // namespace savepoint::commands
