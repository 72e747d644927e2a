#pragma once

#include <optional>
#include <string>

namespace savepoint::cli {

/// What every command takes.
struct Common {
  std::string directory = ".";      ///< -C: the project is looked for here.
  std::optional<std::string> store; ///< --store
  bool json = false;                ///< One JSON document on stdout, nothing else.
  bool quiet = false;               ///< Nothing but ids on stdout, one a line.
  bool yes = false;                 ///< Every question is answered with yes.
  bool plain = false;               ///< Nothing but lines of text: no colour, no drawing, no keys.
  bool debug = false;               ///< Errors say more about themselves.
};

} // namespace savepoint::cli
