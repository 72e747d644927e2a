#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/executables.hpp"
#include "cli/parser.hpp"
#include "cli/place.hpp"
#include "cli/text.hpp"
#include "git/submodules.hpp"
#include "hooks/commands.hpp"
#include "hooks/follow.hpp"
#include "hooks/followed.hpp"
#include "json/value.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

namespace savepoint::tools {
namespace {

using hooks::Edit;
using hooks::Place;
using hooks::Plan;

const git::Repository& repository_of(const project::Project& project) {
  if (project.repository() == nullptr) {
    throw NotFoundError("cannot look for hooks in " + quoted(project.root().string()) +
                            ": it is not in the work tree of a git repository",
                        "hooks are git's: run 'git init' first, or name the repository with -C");
  }
  return *project.repository();
}

hooks::Request request_of(const cli::Session& session) {
  return {.executable =
              cli::find_executable("savepoint-hooks", session.environment).value_or(std::string()),
          .environment = session.environment};
}

std::string_view name_of(Place place) {
  switch (place) {
  case Place::files:
    return "files";
  case Place::leading_on:
    return "leading-on";
  case Place::configured:
    return "configured";
  }
  return {};
}

std::string_view name_of(hooks::State state) {
  switch (state) {
  case hooks::State::active:
    return "active";
  case hooks::State::outdated:
    return "outdated";
  case hooks::State::unused:
    return "unused";
  case hooks::State::missing:
    return "missing";
  }
  return {};
}

/// What an edit does, and to what, as people would say it.
std::pair<std::string_view, std::string> described(const Edit& edit) {
  switch (edit.kind) {
  case Edit::Kind::write:
  case Edit::Kind::set:
    return {"write", edit.path.string()};
  case Edit::Kind::link:
    return {"keep", edit.to.string()};
  case Edit::Kind::symlink:
    return {"write", edit.to.string()};
  case Edit::Kind::move:
    return {"put back", edit.to.string()};
  case Edit::Kind::remove:
    return {"remove", edit.path.string()};
  }
  return {};
}

json::Value changes_of(const Plan& plan) {
  json::Value changes = json::Value::array();
  for (const Edit& edit : plan.edits) {
    const auto [action, path] = described(edit);
    changes.push(json::Value::object({{"action", action}, {"path", json::text_or_bytes(path)}}));
  }
  return changes;
}

json::Value hooks_of(const hooks::Status& status) {
  json::Value items = json::Value::array();
  for (const hooks::HookStatus& one : status.hooks) {
    items.push(json::Value::object({{"hook", hooks::name_of(one.hook)},
                                    {"state", name_of(one.state)},
                                    {"file", json::text_or_bytes(one.file.string())},
                                    {"shared", one.is_shared}}));
  }
  return items;
}

json::Value follow_of(const hooks::Status& status, const git::Repository& repository) {
  const auto owner = hooks::owner_of_databases(repository);
  json::Value follow = json::Value::object(
      {{"active", status.follow.active}, {"installed", status.follow.installed}});
  follow.set("databases_of",
             owner && owner->branch ? json::text_or_bytes(*owner->branch) : json::Value());
  return follow;
}

json::Value document_of(const hooks::Status& status, const git::Repository& repository) {
  json::Value document = cli::Session::new_document();
  document.set("installed", status.place.has_value());
  document.set("active", status.place.has_value() && status.all_active());
  document.set("place",
               status.place ? json::Value(std::string(name_of(*status.place))) : json::Value());
  document.set("directory", json::text_or_bytes(status.directory.string()));
  document.set("hooks", hooks_of(status));
  document.set("guard",
               json::Value::object({{"active", status.guard.state == hooks::State::active},
                                    {"state", name_of(status.guard.state)},
                                    {"file", json::text_or_bytes(status.guard.file.string())}}));
  document.set("follow", follow_of(status, repository));
  return document;
}

/// Whose the databases are, for people; empty where they do not follow.
std::string whose(const git::Repository& repository, const hooks::Status& status) {
  const auto owner = hooks::owner_of_databases(repository);
  if (!status.follow.active || !owner) {
    return {};
  }
  return "databases are those of " + named(*owner);
}

std::string where(Place place) {
  switch (place) {
  case Place::files:
    return "in the repository's hooks directory";
  case Place::leading_on:
    return "before the hooks of core.hooksPath, which git runs as ever";
  case Place::configured:
    return "in the repository's configuration";
  }
  return {};
}

std::string table_of(const Plan& plan) {
  cli::Table table({cli::Table::Align::left, cli::Table::Align::left});
  for (const Edit& edit : plan.edits) {
    const auto [action, path] = described(edit);
    table.row({std::string(action), printable(path)});
  }
  std::string text;
  for (const std::string& line : table.lines(2)) {
    text += line + "\n";
  }
  return text;
}

/// What `install` and `uninstall` have in common: a plan, carried out or only shown.
struct Wanted {
  std::string verb;    ///< "installed"
  std::string nothing; ///< What is said if there is nothing to do.
  bool dry_run = false;
  bool recurses = false; ///< Into submodules as well.
};

/// Adds the submodules that are checked out, and theirs.
void add_submodules(const git::Repository& repository, std::vector<git::Repository>& found) {
  const git::Index index = git::Index::read(repository.index_file(), repository.work_tree());
  for (const std::string& path : git::submodules_of(index)) {
    if (auto submodule = git::open_submodule(repository.work_tree(), path)) {
      add_submodules(*submodule, found);
      found.push_back(*std::move(submodule));
    }
  }
}

using MakePlan = std::function<Plan(const git::Repository&)>;

/// A plan for a repository and its submodules, which nobody else of us changes meanwhile.
class PlanOfAll {
public:
  PlanOfAll(const git::Repository& repository, const Wanted& wanted, const MakePlan& make_plan) {
    add(repository, wanted, make_plan);
    std::vector<git::Repository> submodules;
    if (wanted.recurses) {
      add_submodules(repository, submodules);
    }
    for (const git::Repository& submodule : submodules) {
      add(submodule, wanted, make_plan);
    }
  }

  [[nodiscard]] const Plan& plan() const { return plan_; }

private:
  void add(const git::Repository& repository, const Wanted& wanted, const MakePlan& make_plan) {
    if (!wanted.dry_run) {
      locks_.push_back(hooks::lock_installation(repository));
    }
    Plan more = make_plan(repository);
    plan_.place = plan_.place ? plan_.place : more.place;
    std::ranges::move(more.edits, std::back_inserter(plan_.edits));
    std::ranges::move(more.notes, std::back_inserter(plan_.notes));
  }

  std::vector<fs::FileLock> locks_;
  Plan plan_;
};

/// What comes of it, and what does not.
std::string effect_of(const hooks::Status& status) {
  const std::string begin = "git takes snapshots before commits, merges and rebases,\n";
  return begin + (status.guard.installed ? "and" : "with 'savepoint hooks install --guard' also") +
         " before reset --hard, clean and the like\n";
}

void say(cli::Session& session, const Plan& plan, const Wanted& wanted,
         const hooks::Status& status) {
  if (plan.edits.empty()) {
    session.terminal.say(wanted.nothing + "\n");
  } else if (wanted.dry_run) {
    session.terminal.say("would be changed:\n" + table_of(plan));
  } else {
    session.terminal.say("hooks " + wanted.verb + (plan.place ? " " + where(*plan.place) : "") +
                         "\n" + (plan.place ? effect_of(status) : ""));
  }
  for (const std::string& note : plan.notes) {
    session.terminal.err("note: " + printable(note) + "\n");
  }
}

ExitCode carry_out(cli::Session& session, const git::Repository& repository, const Wanted& wanted,
                   const MakePlan& make_plan) {
  const PlanOfAll all(repository, wanted, make_plan);
  const Plan& plan = all.plan();
  if (!wanted.dry_run && !plan.edits.empty()) {
    session.begin_change();
    hooks::apply(plan);
    session.note_change("hooks were " + wanted.verb);
  } else {
    session.operation.forget();
  }
  const hooks::Status status = hooks::look(repository, request_of(session));
  json::Value document = document_of(status, repository);
  document.set("dry_run", wanted.dry_run);
  document.set("changes", changes_of(plan));
  json::Value notes = json::Value::array();
  for (const std::string& note : plan.notes) {
    notes.push(json::Value::object({{"text", json::text_or_bytes(note)}}));
  }
  document.set("notes", std::move(notes));
  session.progress().clear();
  session.terminal.document(document);
  say(session, plan, wanted, status);
  return ExitCode::done;
}

void begin_log(cli::Session& session, const project::Project& project, const Wanted& wanted,
               std::string name) {
  if (wanted.dry_run) {
    return;
  }
  session.begin_operation(std::move(name));
  cli::log_at(session, &project, project.store_path());
}

std::vector<ExitCode> exit_codes() {
  return {ExitCode::done,    ExitCode::failed,    ExitCode::usage,
          ExitCode::refused, ExitCode::not_found, ExitCode::busy};
}

void add_common(cli::Parser& parser, Wanted& wanted) {
  parser.flag("--recurse-submodules", wanted.recurses,
              "also in submodules that are checked out, and in theirs");
  parser.flag("--dry-run", wanted.dry_run, "only say what would be changed");
}

} // namespace

ExitCode install_hooks(cli::Session& session, const Arguments& arguments) {
  Wanted wanted{.verb = "installed", .nothing = "hooks are installed already, and up to date"};
  cli::Parser parser(session.common,
                     {.command = "savepoint hooks install",
                      .summary =
                          "Has git take snapshots by itself. Hooks that are there already go "
                          "on as ever, whatever\nthey are written in and whoever manages "
                          "them; installing twice changes nothing.",
                      .usage = "[--guard] [--follow] [--recurse-submodules] [--dry-run]",
                      .exit_codes = exit_codes(),
                      .example = "savepoint hooks install --guard"});
  bool guard = false;
  bool follow = false;
  parser.flag(
      "--guard", guard,
      "also before commands that git has no hook for: reset --hard, clean, checkout -- ...");
  parser.flag("--follow", follow,
              "have databases follow the branch: each branch gets its own back when it is entered");
  add_common(parser, wanted);
  parser.parse(arguments);
  session.terminal.set_options(session.common);

  const project::Project project = cli::open_project(session);
  const git::Repository& repository = repository_of(project);
  hooks::Request request = request_of(session);
  request.guard = guard;
  request.follow = follow;
  begin_log(session, project, wanted, "hooks install");
  return carry_out(session, repository, wanted,
                   [&](const git::Repository& one) { return hooks::plan_install(one, request); });
}

ExitCode uninstall_hooks(cli::Session& session, const Arguments& arguments) {
  Wanted wanted{.verb = "uninstalled", .nothing = "no hooks are installed"};
  cli::Parser parser(session.common,
                     {.command = "savepoint hooks uninstall",
                      .summary =
                          "Takes the hooks out: what was there before is as it was, byte for "
                          "byte.",
                      .usage = "[--recurse-submodules] [--dry-run]",
                      .exit_codes = exit_codes(),
                      .example = "savepoint hooks uninstall"});
  add_common(parser, wanted);
  parser.parse(arguments);
  session.terminal.set_options(session.common);

  const project::Project project = cli::open_project(session);
  const git::Repository& repository = repository_of(project);
  begin_log(session, project, wanted, "hooks uninstall");
  const hooks::Request request = request_of(session);
  return carry_out(session, repository, wanted,
                   [&](const git::Repository& one) { return hooks::plan_uninstall(one, request); });
}

ExitCode show_hooks(cli::Session& session, const Arguments& arguments) {
  cli::Parser parser(session.common,
                     {.command = "savepoint hooks status",
                      .summary = "Shows which hooks git really runs. Another tool that installs "
                                 "hooks may have overwritten\nthem; 'savepoint hooks install' puts "
                                 "them back.",
                      .usage = "[OPTIONS]",
                      .exit_codes = exit_codes(),
                      .example = "savepoint hooks status"});
  parser.parse(arguments);
  session.terminal.set_options(session.common);

  const project::Project project = cli::open_project(session);
  const git::Repository& repository = repository_of(project);
  cli::warn_if_interrupted(session, project, project.store_path());
  const hooks::Status status = hooks::look(repository, request_of(session));
  session.progress().clear();
  session.terminal.document(document_of(status, repository));
  using enum cli::Table::Align;
  cli::Table table({left, left, left});
  for (const hooks::HookStatus& one : status.hooks) {
    table.row({std::string(hooks::name_of(one.hook)), std::string(name_of(one.state)),
               printable(one.file.string()) + (one.is_shared ? " (with another hook)" : "")});
  }
  table.row(status.guard.installed
                ? std::vector<std::string>{"guard", std::string(name_of(status.guard.state)),
                                           printable(status.guard.file.string())}
                : std::vector<std::string>{"guard", "off", {}});
  table.row({"follow", status.follow.active ? "active" : "off", whose(repository, status)});
  std::string text;
  for (const std::string& line : table.lines()) {
    text += line + "\n";
  }
  session.terminal.say(
      text + "git looks for hooks in " + printable(status.directory.string()) + "\n" +
      (!status.place         ? "not installed: savepoint hooks install\n"
       : status.all_active() ? ""
                             : "to have all of them run: savepoint hooks install\n"));
  return ExitCode::done;
}

} // namespace savepoint::tools
