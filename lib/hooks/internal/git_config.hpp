#pragma once

#include "hooks/installation.hpp"
#include "hooks/internal/surroundings.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace savepoint::hooks {

// Our lines in the configuration of the repository, between marks that name a part of ours
// ("hooks", "guard"). They stand at its end, so that they go before what others set there, and
// what they were is taken out again byte for byte. What git wrote between the marks for others
// stays.

/// The lines of a part; empty if there are none.
[[nodiscard]] std::string lines_in_config(const Surroundings& surroundings, std::string_view part);
/// Plans that the part has `lines`, which are ended, and nothing else.
void put_into_config(const Surroundings& surroundings, std::string_view part,
                     const std::string& lines, Plan& plan);
void take_out_of_config(const Surroundings& surroundings, std::string_view part, Plan& plan);

/// What a value means where git wants a bool; nothing if it means neither.
[[nodiscard]] std::optional<bool> git_bool(std::string_view value);
/// As a value in git's configuration.
[[nodiscard]] std::string for_config(std::string_view text);
/// What includes `linked-config` of a directory of ours, and before it `config` in the work tree
/// that is not a linked one. At the end of git's configuration, so that it goes before what others
/// set there; included, so that nothing of theirs is changed and nothing stays behind if our
/// directory is deleted. Linked work trees, and files that are elsewhere (`git --work-tree`), need
/// an absolute path. Where that is not right any more, because the repository was moved, `config`
/// alone is included.
[[nodiscard]] std::string include_by_work_tree(const Surroundings& surroundings,
                                               std::string_view directory);
/// What includes a file in every work tree. Not a plain `[include]`: to set include.path would
/// replace ours.
[[nodiscard]] std::string include_always(const std::string& file);
inline constexpr std::string_view k_linked_config = "linked-config";
/// A directory of ours below git's common directory as the work tree that is not a linked one sees
/// it: relative where that is possible, so that the repository can be moved.
[[nodiscard]] std::string seen_from_main(const Surroundings& surroundings,
                                         std::string_view directory);

/// Whether there is a plain file with this content and mode.
[[nodiscard]] bool is_file_as(const std::filesystem::path& path, std::string_view content,
                              std::uint32_t mode);

} // namespace savepoint::hooks
