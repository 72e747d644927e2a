#pragma once

#include "process/run.hpp"

#include <string>

namespace savepoint::process {

/// A command that runs `script`.
[[nodiscard]] inline Command shell(const std::string& script) {
  Command command;
  command.program = "/bin/sh";
  command.arguments = {"-c", script};
  command.environment = {{"PATH", "/usr/bin:/bin"}};
  return command;
}

} // namespace savepoint::process
