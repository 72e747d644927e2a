#pragma once

#include "cli/session.hpp"
#include "git/repository.hpp"
#include "hooks/installation.hpp"
#include "project/project.hpp"

namespace savepoint::tools {

/// The hooks of a repository, as git runs them.
[[nodiscard]] hooks::Status look_at_hooks(const cli::Session& session,
                                          const git::Repository& repository);

enum class InstallHooks { yes, no };

/// Installs hooks if that is wanted; says whether some are there then.
[[nodiscard]] bool tend_hooks(cli::Session& session, const project::Project& project,
                              InstallHooks wanted);

} // namespace savepoint::tools
