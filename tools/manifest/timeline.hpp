#pragma once

#include "cli/terminal.hpp"
#include "git/repository.hpp"
#include "manifest/entries.hpp"

#include <string>
#include <vector>

namespace savepoint::tools {

/// The snapshots of `list` on a terminal: lines of text, in groups by their age, beside a graph
/// that tells which of the commits that they were taken at come from which. `repository` may be
/// null.
[[nodiscard]] std::string timeline(const cli::Terminal& terminal, const std::vector<Entry>& entries,
                                   const git::Repository* repository, Timestamp now);

} // namespace savepoint::tools
