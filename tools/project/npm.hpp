#pragma once

#include "cli/session.hpp"
#include "npm/scripts.hpp"
#include "project/project.hpp"

#include <filesystem>
#include <string>

namespace savepoint::tools {

/// The package.json that `init --npm` is about: the nearest one, from the directory of -C up to the
/// top of the project.
struct Package {
  std::filesystem::path file;
  npm::Edit edit;
};

enum class PackageStep { add, remove };

/// Reads it and plans the edit.
///
/// Throws NotFoundError if there is none, UsageError if it cannot be read.
[[nodiscard]] Package plan_package(const cli::Session& session, const project::Project& project,
                                   PackageStep step);

/// Writes what was planned, if that is anything.
void write_package(cli::Session& session, const Package& package);

[[nodiscard]] json::Value to_json(const Package& package);
[[nodiscard]] std::string text_of(const Package& package);

} // namespace savepoint::tools
