#include "run/steps.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/place.hpp"
#include "cli/text.hpp"
#include "commands/variables.hpp"
#include "process/foreground.hpp"
#include "process/run.hpp"
#include "project/databases.hpp"
#include "project/interrupted.hpp"
#include "restore/logged.hpp"
#include "restore/restore.hpp"
#include "snapshot/logged.hpp"
#include "snapshot/snapshot.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace savepoint::tools {
namespace {

namespace filesystem = std::filesystem;

filesystem::path find_program(const cli::Session& session, const std::string& name) {
  if (name.find('/') != std::string::npos) {
    return name;
  }
  const auto path = session.environment.find("PATH");
  auto found = process::find_program(name, path == session.environment.end() ? "" : path->second);
  if (!found) {
    throw NotFoundError("cannot run " + quoted(name) + ": there is no such program",
                        "name it as you would in a shell; one of the project's own with its path");
  }
  return *std::move(found);
}

snapshot::Taken take(cli::Session& session, const project::Project& project,
                     const RunOptions& options) {
  store::Store store = cli::open_store_for_snapshot(session, project);
  if (options.restore_on_failure && project::find_due(project, store.root())) {
    throw RefusedError("a restore of this project was interrupted, so nothing could be put back",
                       "run 'savepoint recover' first");
  }
  cli::warn_if_interrupted(session, project, store.root());
  snapshot::Request request;
  request.only = options.only;
  request.trigger = "run:" + options.label.text;
  return snapshot::take(project, store, request);
}

void report_taken(cli::Session& session, const snapshot::Taken& taken, const RunOptions& options) {
  session.progress().clear();
  if (!session.terminal.quiet()) {
    session.terminal.err("savepoint: saved " + taken.manifest.id->text() + " before " +
                         quoted(options.label.text) + "\n");
    for (const std::string& note : taken.notes) {
      session.terminal.err("note: " + printable(note) + "\n");
    }
  }
  for (const manifest::LeftOut& left_out : taken.manifest.left_out) {
    if (left_out.is_error) {
      session.terminal.err("savepoint: left out " + quoted(left_out.path) + ": " +
                           printable(left_out.reason) + "\n");
    }
  }
}

restore::Restored put_back(cli::Session& session, const project::Project& project,
                           const SnapshotId& id, const RunOptions& options,
                           const std::vector<database::Target>& servers) {
  store::Store store = store::Store::open(project.store_path(), store::Access::shared,
                                          store::Store::k_patience, &session.cancellation());
  restore::Request request;
  request.only = options.only;
  request.with_config = options.only.config;
  request.git = options.only.code && project.repository() != nullptr;
  request.confirmed = options.confirmed;
  request.disconnect = options.disconnect;
  request.known_servers = servers;
  restore::Plan plan = restore::make_plan(project, store, store.load(id), request);
  session.begin_change();
  return restore::execute(project, store, std::move(plan));
}

std::string how_to_come_back(const project::Project& project, const manifest::Manifest& saved,
                             const RunOptions& options) {
  const std::string restore = " restore " + std::string(cli::short_id(saved.id->text()));
  if (project.repository() != nullptr &&
      !filesystem::exists(project.repository()->git_directory())) {
    return "the repository is gone; to write all files into a new directory: savepoint --store " +
           cli::shell_word(project.store_path().native()) + restore + " --with-config --to DIR";
  }
  return "to put everything back: savepoint" + restore + " --with-config" +
         (options.label.is_migration && !saved.databases.empty()
              ? "; only the databases: savepoint" + restore + " --only database"
              : "");
}

restore::Restored put_back_or_say_how(cli::Session& session, const project::Project& project,
                                      const manifest::Manifest& saved, const RunOptions& options,
                                      const std::vector<database::Target>& servers) {
  try {
    return put_back(session, project, *saved.id, options, servers);
  } catch (Error& error) {
    error.set_changed(Changed::yes);
    error.set_hint("what the command did is still there; do not run it again, but " +
                   how_to_come_back(project, saved, options) +
                   (error.hint().empty() ? "" : " (" + error.hint() + ")"));
    throw;
  }
}

/// Beside what the line says of the command.
void log_put_back(store::Operation& line, const restore::Restored& restored) {
  const std::string failure = line.error + ", everything was put back";
  restore::log_restored(line, restored);
  line.error = failure;
}

/// Variables that say where savepoint and git find what is theirs, not where databases are.
bool is_about_us(const std::string& name) {
  return name == "HOME" || name == "PATH" || name.starts_with("XDG_") ||
         name.starts_with("SAVEPOINT_") || name.starts_with("GIT_");
}

/// The project as the command sees it, databases that a leading `env` names included.
project::Project open_project_for(cli::Session& session, const RunOptions& options) {
  project::Context context = session.context();
  for (auto& [name, value] : commands::variables_set_by(options.command)) {
    if (!is_about_us(name)) {
      context.environment.insert_or_assign(name, std::move(value));
    }
  }
  return project::Project::open(session.common.directory, context);
}

} // namespace

ExitCode run_command(cli::Session& session, const RunOptions& options) {
  const filesystem::path program = find_program(session, options.command.front());
  session.begin_operation("run", "run:" + options.label.text);
  const project::Project project = open_project_for(session, options);
  // The command may take away what says where they are.
  const std::vector<database::Target> servers = options.restore_on_failure
                                                    ? project::DatabaseFinder(project).servers()
                                                    : std::vector<database::Target>();
  const snapshot::Taken taken = take(session, project, options);
  const SnapshotId& id = *taken.manifest.id;
  snapshot::log_taken(session.operation.line(), taken);
  report_taken(session, taken, options);

  // stdout has nothing but the document or the id then.
  const bool stdout_is_ours = session.terminal.json() || session.terminal.quiet();
  const int code = process::run_in_foreground(program, options.command,
                                              stdout_is_ours ? process::Output::to_our_errors
                                                             : process::Output::ours,
                                              session.cancellation());
  std::optional<restore::Restored> restored;
  if (code != 0) {
    session.operation.line().error = quoted(options.label.text) + " failed";
    session.terminal.err("savepoint: " + quoted(options.label.text) + " failed with exit code " +
                         std::to_string(code) +
                         (options.restore_on_failure
                              ? "; putting everything back\n"
                              : "; " + how_to_come_back(project, taken.manifest, options) + "\n"));
    if (options.restore_on_failure) {
      restored = put_back_or_say_how(session, project, taken.manifest, options, servers);
      log_put_back(session.operation.line(), *restored);
      session.progress().clear();
      session.terminal.err("savepoint: restored " + id.text() + ": " +
                           cli::counted(restored->changes.size(), "change") +
                           (restored->safety ? " — to go back: savepoint undo\n" : "\n"));
    }
  }
  json::Value document = cli::Session::new_document();
  document.set("id", id.text());
  document.set("label", options.label.text);
  document.set("exit_code", code);
  document.set("restored", restored.has_value());
  document.set("safety_snapshot", restored && restored->safety
                                      ? json::Value(restored->safety->text())
                                      : json::Value());
  session.terminal.document(document);
  session.terminal.id(id.text());
  return static_cast<ExitCode>(code);
}

} // namespace savepoint::tools
