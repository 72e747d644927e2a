#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::commands {

/// Whether a path, as written on a command line, exists.
using Exists = std::function<bool(const std::string&)>;

/// What a git command line that can take work away is called, such as "reset --hard"; nothing for
/// one that cannot. `words` begin with git itself.
///
/// Work is what the work tree, the index, branches and stashes hold and no commit of a branch has.
/// In doubt a command can: a snapshot too many costs little. `exists` tells a path from a branch in
/// `git checkout NAME`.
[[nodiscard]] std::optional<std::string>
destructive_git_command(const std::vector<std::string>& words, const Exists& exists);

/// The directory that `-C` of such a line leads to, as seen from where git is started; empty
/// without one.
[[nodiscard]] std::filesystem::path directory_of_git(const std::vector<std::string>& words);

/// The work tree that such a line removes, as seen from `directory_of_git(words)`; empty if none.
[[nodiscard]] std::filesystem::path removed_work_tree(const std::vector<std::string>& words);

/// Whether such a line makes a work tree, which git then fills by commands of its own.
[[nodiscard]] bool adds_work_tree(const std::vector<std::string>& words);

} // namespace savepoint::commands
