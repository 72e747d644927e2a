#pragma once

#include "base/bytes.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::git {

/// One file of a git directory.
struct StateFile {
  std::string path; ///< Below the git directory.
  Bytes content;
};

/// The names, below the git directory of a work tree, that say what git is in the middle of: a
/// merge, a rebase, a cherry-pick, a revert, a bisection, a squash; and what a sparse checkout
/// leaves out. Each is a file or a directory. What is not there is not listed. Sorted.
[[nodiscard]] std::vector<std::string>
present_state_names(const std::filesystem::path& git_directory);

/// Whether `path` is one of those names, or below one.
[[nodiscard]] bool is_state_path(std::string_view path);

/// The name that `path` is or is below. Requires a state path.
[[nodiscard]] std::string state_name_of(std::string_view path);

/// All files of all these names, sorted by path. Links and other special files are passed over.
[[nodiscard]] std::vector<StateFile> read_state_files(const std::filesystem::path& git_directory);

/// What the file HEAD says; nothing if it is not there.
[[nodiscard]] std::optional<std::string> read_head_file(const std::filesystem::path& git_directory);

/// The reference or the id that the text of a HEAD names; nothing if git could not read it.
struct HeadText {
  std::optional<std::string> reference; ///< Whole, such as "refs/heads/main".
  std::optional<std::string> commit;    ///< Hex, where HEAD is detached.
};
[[nodiscard]] std::optional<HeadText> parse_head(std::string_view text);

/// Every run of hex digits in `text` that is as long as an id, each once, in their order.
[[nodiscard]] std::vector<std::string> ids_in(std::string_view text, std::size_t id_length);

} // namespace savepoint::git
