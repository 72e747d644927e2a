#pragma once

#include <map>
#include <string>
#include <vector>

namespace savepoint::commands {

/// The variables that a leading `env` or `cross-env` sets for the program behind it:
/// `env DATABASE_URL=… prisma migrate deploy`. Options of it, and what is behind them, are not
/// read.
[[nodiscard]] std::map<std::string, std::string>
variables_set_by(const std::vector<std::string>& words);

} // namespace savepoint::commands
