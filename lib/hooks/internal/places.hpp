#pragma once

#include "hooks/installation.hpp"
#include "hooks/internal/surroundings.hpp"

#include <filesystem>
#include <optional>

namespace savepoint::hooks {

// Each place, by itself. What is planned for one touches no file of the other.

/// What a hook of somebody else is called where ours has its name.
[[nodiscard]] std::filesystem::path aside(const std::filesystem::path& path);
/// Plans that what is called `path` is called `aside(path)` as well, for ours to take its place.
void keep_aside(const std::filesystem::path& path, Plan& plan);

/// In the repository's hooks directory.
void put_into_files(const Surroundings& surroundings, const Request& request, Plan& plan);
void take_out_of_files(const Surroundings& surroundings, Plan& plan);
[[nodiscard]] bool is_in_files(const Surroundings& surroundings);
[[nodiscard]] HookStatus look_at_file(const Surroundings& surroundings, const Request& request,
                                      Hook hook);

/// In our own directory, to which the repository's configuration leads: both `leading_on` and
/// `configured`.
void put_into_directory(Place place, const Surroundings& surroundings, const Request& request,
                        Plan& plan);
void take_out_of_directory(const Surroundings& surroundings, Plan& plan);
/// Which of the two it is, if any.
[[nodiscard]] std::optional<Place> place_of_directory(const Surroundings& surroundings);
[[nodiscard]] HookStatus look_into_directory(Place place, const Surroundings& surroundings,
                                             const Request& request, Hook hook);

} // namespace savepoint::hooks
