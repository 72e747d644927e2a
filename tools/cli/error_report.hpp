#pragma once

#include "base/error.hpp"
#include "json/value.hpp"

#include <exception>
#include <optional>
#include <string>

namespace savepoint::cli {

/// What people and scripts learn of an error: what failed, whether anything was changed, what to
/// do next.
struct ErrorReport {
  ExitCode exit_code = ExitCode::failed;
  std::string code; ///< As in JSON: "not_found".
  std::string message;
  std::optional<bool> changed; ///< Missing where nobody knows.
  std::string change;          ///< What was changed, if that is known: "snapshot X was taken".
  std::string hint;
  std::string details; ///< For --debug.

  /// How far the tool was: what it said it had changed, and whether it had begun to change things.
  struct Progress {
    std::string change;
    bool change_begun = false;
  };
  [[nodiscard]] static ErrorReport of(std::exception_ptr error, const Progress& progress);

  /// The lines on stderr.
  [[nodiscard]] std::string text(bool debug) const;
  /// The one document of --json.
  [[nodiscard]] json::Value document(bool debug) const;
};

} // namespace savepoint::cli
