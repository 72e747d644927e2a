#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace savepoint::process {

/// A process of this machine, as it was when it was asked for.
struct Running {
  pid_t id = 0;
  pid_t parent = 0;
  std::uint64_t started = 0; ///< Ticks since boot: with `id`, one process and no later one.
  std::vector<std::string> words = {}; ///< Its command line, as argv; empty if it may not be read.
};

/// From proc(5). Nothing if there is no such process (any more).
[[nodiscard]] std::optional<Running> find_running(pid_t id);

} // namespace savepoint::process
