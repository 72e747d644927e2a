#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/change_list.hpp"
#include "cli/parser.hpp"
#include "cli/snapshot_words.hpp"
#include "cli/text.hpp"
#include "project/commands.hpp"
#include "project/last_store.hpp"
#include "project/report.hpp"
#include "store/operation_log.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace savepoint::tools {
namespace {

using cli::Style;
using store::Operation;

/// A command that is of use now, and what it does.
struct Advice {
  std::string command;
  std::string help;
};

/// What somebody has made of this directory.
enum class Kind { project, no_project, never_a_project };

/// How things are, and what may be wanted next.
struct State {
  Report report;
  std::optional<Operation> restored; ///< The last thing that happened here, if it was a restore.
  Kind kind = Kind::project;
};

/// The newest operation of this project that changed files or took a snapshot.
std::optional<Operation> last_operation(const project::Project& project,
                                        const std::filesystem::path& store) {
  const std::string root = project.root().string();
  const auto counts = [&](const Operation& one) {
    const bool changes = one.name == "restore" || one.name == "undo" || one.name == "follow";
    return one.worktree == root && !one.has_failed() &&
           (changes || one.name == "snapshot" || one.name == "run");
  };
  const std::vector<Operation> all =
      store::OperationLog(store).read({.project = project.identity().id});
  const auto found = std::ranges::find_if(all, counts);
  return found == all.end() ? std::nullopt : std::optional(*found);
}

/// A restore that `undo` takes back.
bool is_restore(const Operation& operation) {
  return (operation.name == "restore" || operation.name == "undo") && !operation.safety.empty();
}

bool has_changed(const Report& report) {
  return report.since && (!report.since->difference.empty() || !report.since->unread.empty());
}

std::vector<Advice> advice_for(const State& state) {
  const Report& report = state.report;
  if (state.kind != Kind::project) {
    const Advice other{"savepoint -C DIR", "how things are with the project in DIR"};
    const Advice all{"savepoint --help", "all commands"};
    return state.kind == Kind::never_a_project
               ? std::vector<Advice>{other, all}
               : std::vector<Advice>{
                     other, {"savepoint init", "make this directory a project"}, all};
  }
  if (report.interrupted) {
    const std::string store =
        report.store.empty() ? " --store " + cli::shell_word(report.interrupted->store.string())
                             : "";
    return {{"savepoint recover --continue" + store, "finish that restore"},
            {"savepoint recover --rollback" + store, "go back to what was before it"},
            {"savepoint log" + store, "what was done, and how it ended"}};
  }
  if (!report.last) {
    return {{"savepoint snapshot", "take the first one"},
            {"savepoint doctor", "look at what it will hold"},
            report.project != nullptr && report.project->repository() != nullptr
                ? Advice{"savepoint hooks install", "have git take them by itself"}
                : Advice{"savepoint init", "write down what it shall hold"}};
  }
  if (state.restored) {
    return {{"savepoint undo", "go back to what was before the " + state.restored->name},
            {"savepoint diff latest", "what differs from the last snapshot"},
            {"savepoint list", "the snapshots there are"}};
  }
  if (has_changed(report)) {
    const std::string config = report.since->difference.config.empty() ? "" : " --with-config";
    return {{"savepoint snapshot", "keep what changed"},
            {"savepoint diff latest", "look at it"},
            {"savepoint restore latest" + config, "go back to the last snapshot"}};
  }
  return {{"savepoint list", "the snapshots there are"},
          {"savepoint restore", "choose one to go back to"},
          {"savepoint run -- COMMAND", "take one, then run a command"}};
}

std::string project_line(const cli::Session& session, const project::Project& project) {
  std::string text = session.terminal.paint(Style::bold, printable(project.identity().name));
  if (project.repository() != nullptr) {
    const git::Head head = project.repository()->head();
    const std::string place = cli::head_in_words(head.branch, head.commit);
    text += place.empty() ? "" : ", on " + place;
    const std::string operation = project.repository()->operation();
    text += operation.empty() ? "" : ", in the middle of a " + operation;
  }
  return text + "\n";
}

std::string last_lines(const cli::Session& session, const manifest::Summary& last) {
  std::string text = "last snapshot " + session.terminal.paint(Style::green, last.id.text()) +
                     ", " + cli::age(last.created_at, session.now()) + ", " +
                     printable(last.trigger);
  const std::string place = cli::head_in_words(last.branch, last.commit);
  text += place.empty() ? "" : ", on " + place;
  return text + (last.complete ? "" : " [incomplete]") +
         (last.marks.note.empty() ? "" : ": " + printable(last.marks.note)) + "\n";
}

std::string since_line(const cli::Session& session, const Report& report) {
  if (!report.since) {
    return {};
  }
  const std::string unread = unread_of(report);
  if (report.since->difference.empty()) {
    return unread.empty() ? "nothing changed since\n" : unread;
  }
  return session.terminal.paint(
             Style::yellow, "changed since: " + cli::changes_in_words(report.since->difference)) +
         "\n" + unread;
}

std::string text_of(const cli::Session& session, const State& state) {
  const Report& report = state.report;
  std::string text;
  if (state.kind == Kind::never_a_project) {
    return "no project here: '/' is never one\n";
  }
  if (state.kind == Kind::no_project) {
    return "no project here: " + quoted(report.project->root().string()) +
           " is not under git, and has neither a savepoint.json nor a snapshot\n";
  }
  if (report.project != nullptr) {
    text += project_line(session, *report.project);
  } else {
    text += "store " + printable(report.store.string()) + ": " +
            cli::counted(report.snapshots, "snapshot") + "\n";
  }
  if (report.interrupted) {
    text += session.terminal.paint(Style::red,
                                   "a restore of " + report.interrupted->journal.target.text() +
                                       " was interrupted, and the project is between two states") +
            "\n";
  }
  text += report.last          ? last_lines(session, *report.last)
          : report.interrupted ? "" // which was one of another store
                               : "no snapshot yet\n";
  if (state.restored) {
    text += "last " + state.restored->name + " " + cli::age(state.restored->at, session.now()) +
            ", to " + state.restored->snapshot + "\n";
  }
  return text + since_line(session, report);
}

/// Commands and what they do, side by side where there is room for that.
std::string advice_text(const cli::Session& session, const std::vector<Advice>& all) {
  cli::Table table({cli::Table::Align::left, cli::Table::Align::left});
  for (const Advice& advice : all) {
    table.row({advice.command, advice.help});
  }
  const std::vector<std::string> lines = table.lines(2);
  const bool fits =
      !session.terminal.can_arrange() || std::ranges::all_of(lines, [&](const std::string& line) {
        return cli::columns(line) <= session.terminal.width();
      });
  std::string text = "\n";
  for (std::size_t i = 0; i < all.size(); ++i) {
    text += fits ? lines[i] + "\n" : "  " + all[i].command + "\n      " + all[i].help + "\n";
  }
  return text;
}

void say(cli::Session& session, const State& state) {
  const std::vector<Advice> advice = advice_for(state);
  json::Value commands = json::Value::array();
  for (const Advice& one : advice) {
    commands.push(json::Value::object({{"command", one.command}, {"help", one.help}}));
  }
  json::Value document = document_of(state.report);
  document.set("commands", std::move(commands));
  session.progress().clear();
  session.terminal.document(document);
  if (state.report.last) {
    session.terminal.id(state.report.last->id.text());
  }
  session.terminal.say(text_of(session, state) + advice_text(session, advice));
}

/// Where its snapshots go; nothing if the store of all projects is below it.
std::optional<std::filesystem::path> usual_store(const project::Project& project) {
  try {
    return project.store_path();
  } catch (const UsageError&) {
    return std::nullopt;
  }
}

/// How things are in a directory such as somebody's home, that nobody has saved or means to save;
/// nothing where it is not such a one. It may have been restored from another store all the same.
std::optional<State> state_outside(const project::Project& project) {
  const std::optional<std::filesystem::path> usual = usual_store(project);
  if (cli::is_marked(project) || (usual && store::Store::exists(*usual))) {
    return std::nullopt;
  }
  State state{.report = {}, .restored = {}};
  state.report.project = &project;
  if (const auto store = usual ? usual : project::remembered_store(project)) {
    state.report.interrupted = project::find_due(project, *store);
  }
  state.kind = state.report.interrupted ? Kind::project : Kind::no_project;
  if (usual && state.report.interrupted) {
    state.report.store = *usual;
  }
  return state;
}

void say_without_store(cli::Session& session) {
  const project::Project project = cli::open_project(session);
  say(session, {.report = report_without_store(project), .restored = {}});
}

} // namespace

ExitCode state(cli::Session& session, const Arguments& arguments) {
  cli::Parser parser(session.common,
                     {.command = "savepoint project",
                      .summary = "Says how things are with this project, and what to do next.\n"
                                 "Has init, status, doctor, trust and completion; "
                                 "'savepoint COMMAND --help' says more about each.",
                      .usage = "[COMMAND] [OPTIONS]",
                      .exit_codes = {},
                      .example = "savepoint"});
  parser.parse(arguments);
  session.terminal.set_options(session.common);
  if (!session.common.store) {
    if (cli::is_top_of_disk(session.common.directory)) {
      say(session, {.report = {}, .restored = {}, .kind = Kind::never_a_project});
      return ExitCode::done;
    }
    const project::Project project = cli::open_project(session);
    if (const std::optional<State> outside = state_outside(project)) {
      say(session, *outside);
      return ExitCode::done;
    }
  }
  const bool is_said = !session.common.json && !session.common.quiet; // by the state itself
  std::optional<cli::Place> place =
      cli::open_place_if_any(session, store::Access::shared,
                             is_said ? cli::IfInterrupted::leave : cli::IfInterrupted::warn);
  if (!place) {
    say_without_store(session);
    return ExitCode::done;
  }
  State state{.report = report_of(*place), .restored = {}};
  if (place->project) {
    const bool is_project = cli::is_marked(*place->project) || !place->snapshots.empty() ||
                            state.report.interrupted.has_value();
    state.kind = is_project ? Kind::project : Kind::no_project;
    const auto last = last_operation(*place->project, place->store.root());
    state.restored = last && is_restore(*last) ? last : std::nullopt;
  }
  if (state.kind == Kind::project) {
    add_changes_since(state.report, *place);
  }
  say(session, state);
  return ExitCode::done;
}

} // namespace savepoint::tools
