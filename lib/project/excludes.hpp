#pragma once

#include "git/repository.hpp"
#include "project/context.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace savepoint::project {

/// What a project without git leaves out, since nobody says what can be made again: ignore
/// patterns.
inline constexpr std::string_view k_default_excludes =
    "node_modules/\n.next/\ndist/\nbuild/\ntarget/\n.venv/\n__pycache__/\n*.log\n";

/// The ignore patterns of a repository that are in none of its .gitignore files, weakest first.
[[nodiscard]] std::vector<std::string> exclude_texts(const git::Repository& repository,
                                                     const Context& context);

} // namespace savepoint::project
