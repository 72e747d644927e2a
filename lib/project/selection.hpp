#pragma once

#include "manifest/manifest.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace savepoint::project {

/// Which components an operation is about: what `--only code,config,database:NAME` says.
struct Selection {
  bool code = true;
  bool config = true;
  bool databases = true;
  std::vector<std::string> database_names; ///< Empty: all of them, if `databases`.

  /// Reads the value of --only. Throws UsageError, for an empty text too.
  [[nodiscard]] static Selection parse(std::string_view text);
  [[nodiscard]] bool everything() const {
    return code && config && databases && database_names.empty();
  }
  /// Whether the database called `name` is meant, by its name or by the last part of it.
  [[nodiscard]] bool includes_database(std::string_view name) const;
};

} // namespace savepoint::project
