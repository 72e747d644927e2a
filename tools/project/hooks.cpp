#include "project/hooks.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/executables.hpp"
#include "cli/place.hpp"

namespace savepoint::tools {
namespace {

hooks::Request request_of(const cli::Session& session) {
  return {.executable =
              cli::find_executable("savepoint-hooks", session.environment).value_or(std::string()),
          .environment = session.environment};
}

} // namespace

hooks::Status look_at_hooks(const cli::Session& session, const git::Repository& repository) {
  return hooks::look(repository, request_of(session));
}

bool tend_hooks(cli::Session& session, const project::Project& project, InstallHooks wanted) {
  if (project.repository() == nullptr) {
    if (wanted == InstallHooks::yes) {
      throw NotFoundError("cannot install hooks in " + quoted(project.root().string()) +
                              ": it is not in the work tree of a git repository",
                          "hooks are git's: run 'git init' first");
    }
    return false;
  }
  if (wanted == InstallHooks::yes) {
    const fs::FileLock lock = hooks::lock_installation(*project.repository());
    hooks::apply(hooks::plan_install(*project.repository(), request_of(session)));
    session.note_change("hooks were installed");
    session.begin_operation("hooks install");
    cli::log_at(session, &project, project.store_path());
  }
  return look_at_hooks(session, *project.repository()).place.has_value();
}

} // namespace savepoint::tools
