#pragma once

#include "cli/terminal.hpp"
#include "compare/compare.hpp"
#include "json/value.hpp"

#include <cstddef>
#include <limits>
#include <string>

namespace savepoint::cli {

/// The lines that say what differs: a letter and a path a file as git does, then databases with
/// their tables and rows, then configuration files with their keys. At most `most` files.
[[nodiscard]] std::string changes_text(const Terminal& terminal,
                                       const compare::Difference& difference,
                                       std::size_t most = std::numeric_limits<std::size_t>::max());

/// "3 files, 1 database and 2 settings files"; empty if nothing differs.
[[nodiscard]] std::string changes_in_words(const compare::Difference& difference);

/// Adds `files`, `databases` and `config` to a document.
void add_changes(json::Value& document, const compare::Difference& difference);

} // namespace savepoint::cli
