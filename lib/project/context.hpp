#pragma once

#include "base/cancellation.hpp"
#include "base/progress.hpp"
#include "base/timestamp.hpp"
#include "config/config.hpp"

#include <filesystem>
#include <optional>

namespace savepoint::project {

/// What an operation gets from outside: nothing here is asked of the process behind its back.
struct Context {
  config::Environment environment;
  const Clock* clock = nullptr;               ///< Must outlive the operation.
  const Cancellation* cancellation = nullptr; ///< Must outlive the operation.
  Progress* progress = nullptr;               ///< Must outlive the operation.
  std::optional<std::filesystem::path> store; ///< --store: overrides every other setting.
};

} // namespace savepoint::project
