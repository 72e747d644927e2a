#pragma once

#include "cli/session.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::cli {

/// Something to choose.
struct Choice {
  std::string line;  ///< Printable.
  std::string words; ///< What a filter looks into.
};

/// What is shown of a choice below the list, at most so many lines; none of them is painted.
using Preview = std::function<std::vector<std::string>(std::size_t choice, std::size_t lines)>;

/// Has somebody choose one of several things: with keys in a list that can be filtered by typing,
/// or, where the terminal is plain, by typing its number. Nothing if nothing was
/// chosen. Requires `terminal.can_ask()` and at least one choice.
[[nodiscard]] std::optional<std::size_t> pick(Session& session, const std::string& question,
                                              const std::vector<Choice>& choices,
                                              const Preview& preview);

} // namespace savepoint::cli
