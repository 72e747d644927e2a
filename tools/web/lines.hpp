#pragma once

#include "git/text_diff.hpp"
#include "web/look.hpp"
#include "json/value.hpp"

#include <optional>
#include <string>
#include <vector>

namespace savepoint::web {

/// Adds what contents are ("text", "binary", "too large"), and says whether they are text, whose
/// lines can be shown.
[[nodiscard]] bool add_kind(json::Value& document, const std::optional<git::TextDiff>& text);

/// Adds a part of the lines, and how many there are.
void add_lines(json::Value& document, const std::vector<std::string>& lines, const Page& page);

} // namespace savepoint::web
