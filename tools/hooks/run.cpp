#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/parser.hpp"
#include "cli/place.hpp"
#include "cli/standard_input.hpp"
#include "cli/text.hpp"
#include "hooks/commands.hpp"
#include "hooks/companion.hpp"
#include "hooks/event.hpp"
#include "hooks/followed.hpp"
#include "snapshot/logged.hpp"

#include <utility>

namespace savepoint::tools {
namespace {

using hooks::Call;

constexpr std::size_t k_most_input = std::size_t{64} << 20U;
/// In a message: what people are told, and the document has not.
constexpr const char* k_said = "said";

hooks::Hook hook_called(const std::string& name) {
  const std::optional<hooks::Hook> hook = hooks::find_hook(name);
  if (!hook) {
    std::string known;
    for (const hooks::Hook one : hooks::k_hooks) {
      known += (known.empty() ? "" : ", ") + std::string(hooks::name_of(one));
    }
    throw UsageError("there is no hook " + quoted(name) + " in which a snapshot is taken",
                     "hooks are " + known);
  }
  return *hook;
}

Call parse(cli::Session& session, const Arguments& arguments) {
  std::string name;
  Call call;
  cli::Parser parser(session.common,
                     {.command = "savepoint hooks run",
                      .summary = "What an installed hook calls: takes a snapshot unless nothing "
                                 "changed. Never keeps git from\ngoing on, unless the settings say "
                                 "so: then exit code 3 does. SAVEPOINT=0 has it do nothing.",
                      .usage = "HOOK [ARGUMENT...]",
                      .exit_codes = {ExitCode::done, ExitCode::usage, ExitCode::refused},
                      .example = "savepoint hooks run pre-commit"});
  parser.required("HOOK", name, "as git calls it: pre-commit, post-checkout, ...");
  parser.several("ARGUMENT", call.arguments, "what git gave to the hook");
  parser.parse(arguments);
  session.terminal.set_options(session.common);
  call.hook = hook_called(name);
  return call;
}

json::Value message_of(const hooks::Answered& answered, Timestamp now) {
  const snapshot::Taken& taken = answered.taken;
  std::size_t gaps = 0;
  json::Value first;
  for (const manifest::LeftOut& left_out : taken.manifest.left_out) {
    if (left_out.is_error && gaps++ == 0) {
      first = json::text_or_bytes(left_out.path + ": " + left_out.reason);
    }
  }
  json::Value message = json::Value::object({{"action", taken.created ? "saved" : "unchanged"},
                                             {"id", taken.manifest.id->text()},
                                             {"note", json::text_or_bytes(taken.manifest.note)},
                                             {"gaps", taken.created ? gaps : 0},
                                             {"reason", std::move(first)}});
  if (answered.followed) {
    message.set("follow", to_json(*answered.followed));
    message.set(k_said, json::text_or_bytes(line_of(*answered.followed, now)));
  }
  return message;
}

json::Value message_of(const hooks::Passed& passed) {
  return json::Value::object({{"action", "skipped"}, {"reason", passed.reason}});
}

std::string trigger_of(const Call& call) {
  return call.hook == hooks::Hook::guard && !call.arguments.empty()
             ? "guard:" + call.arguments.front()
             : "hook:" + std::string(hooks::name_of(call.hook));
}

/// What passed, or found nothing new, leaves nothing in the operations log.
void log(cli::Session& session, const std::variant<hooks::Passed, hooks::Answered>& answer) {
  const auto* const answered = std::get_if<hooks::Answered>(&answer);
  if (answered == nullptr || (!answered->taken.created && !answered->followed)) {
    session.operation.forget();
    return;
  }
  snapshot::log_taken(session.operation.line(), answered->taken);
  if (answered->followed) {
    log_followed(session.operation.line(), *answered->followed);
  }
}

/// The work, in a process of its own.
ExitCode work(cli::Session& session, const Call& call, Line& line) {
  // An error is told as text, and shown by the one who waits. Nothing else is said.
  session.common.json = false;
  session.common.quiet = true;
  session.terminal.set_options(session.common);
  session.begin_operation("snapshot", trigger_of(call));
  const project::Project project = cli::open_project(session);
  const bool may_follow = call.hook == hooks::Hook::post_checkout &&
                          project.repository() != nullptr && hooks::follows(*project.repository());
  line.tell_settings(project.config().hooks, may_follow ? Patience::endless : Patience::limited);
  cli::log_at(session, &project, project.store_path());
  const auto answer = hooks::answer(call, project, line);
  log(session, answer);
  const auto* const answered = std::get_if<hooks::Answered>(&answer);
  line.tell(answered != nullptr ? message_of(*answered, session.now())
                                : message_of(std::get<hooks::Passed>(answer)));
  const bool is_refused =
      answered != nullptr && answered->followed && !answered->followed->is_settled;
  return is_refused ? ExitCode::failed : ExitCode::done; // for the operations log
}

/// What is said of it, and whether git may go on.
struct Verdict {
  json::Value document = cli::Session::new_document();
  std::string line; ///< Empty: nothing is said.
  bool is_failure = false;
  bool may_block = false;
};

std::string text_of(const json::Value& value) {
  return value.is_null() ? std::string() : json::bytes_of(value);
}

/// The first line of an error report, without who says it.
std::string first_line(const std::string& complaint) {
  constexpr std::string_view k_who = "savepoint: ";
  std::string line = complaint.substr(0, complaint.find('\n'));
  return line.starts_with(k_who) ? line.substr(k_who.size()) : line;
}

void judge_told(Verdict& verdict, const json::Value& message) {
  for (const auto& [key, value] : message.members()) {
    if (key == k_said) {
      verdict.line = text_of(value);
    } else {
      verdict.document.set(key, value);
    }
  }
  const std::string& action = message.at("action").as_string();
  if (action != "saved") {
    return;
  }
  const std::uint64_t gaps = message.at("gaps").as_unsigned();
  verdict.is_failure = gaps > 0;
  if (!verdict.line.empty()) {
    return; // what became of the databases says more
  }
  verdict.line = "saved " + message.at("id").as_string() + ": " + message.at("note").as_string() +
                 (gaps > 0 ? "; left out " + printable(text_of(message.at("reason"))) +
                                 (gaps > 1 ? " and " + std::to_string(gaps - 1) + " more" : "")
                           : "");
}

Verdict judge(const Waited& waited) {
  Verdict verdict;
  verdict.may_block = waited.block;
  const std::string budget = cli::human_duration(waited.budget);
  const auto end_as = [&verdict](std::string action, std::string line, bool is_failure) {
    verdict.document.set("action", std::move(action));
    verdict.document.set("reason", json::text_or_bytes(line));
    verdict.line = std::move(line);
    verdict.is_failure = is_failure;
  };
  switch (waited.end) {
  case Waited::End::told:
    judge_told(verdict, waited.message);
    break;
  case Waited::End::failed:
    end_as("failed",
           "nothing was saved" +
               std::string(waited.patience == Patience::endless
                               ? ", and the databases stay as they are: "
                               : ": ") +
               (waited.complaint.empty() ? "it was stopped before its end"
                                         : first_line(waited.complaint)),
           true);
    break;
  case Waited::End::background:
    end_as("background",
           "files are saved; databases take longer than " + budget +
               " and are being read in the background",
           false);
    break;
  case Waited::End::given_up:
    end_as("failed",
           "nothing was saved within " + budget +
               ", and files have to be before git goes on; for a first snapshot run 'savepoint "
               "snapshot', for more time set hooks.budget",
           true);
    break;
  }
  return verdict;
}

/// Starts no process, and opens a repository only where nothing else can tell.
std::optional<hooks::Passed> pass_at_once(const cli::Session& session, const Call& call) {
  auto passed = hooks::pass_at_once(call, session.environment);
  if (passed || !hooks::stays_at_commit(call)) {
    return passed;
  }
  const auto repository = git::Repository::discover(session.common.directory);
  if (repository && hooks::follows(*repository)) {
    return std::nullopt;
  }
  return hooks::Passed{std::string(hooks::k_same_commit)};
}

ExitCode show(cli::Session& session, const Call& call, Verdict verdict) {
  const bool blocks = verdict.may_block && verdict.is_failure && hooks::is_before(call.hook);
  verdict.document.set("hook", hooks::name_of(call.hook));
  verdict.document.set("blocked", blocks);
  session.terminal.document(verdict.document);
  if (!verdict.line.empty() && (!session.terminal.quiet() || blocks)) {
    session.terminal.err("savepoint: " + verdict.line + "\n");
  }
  if (blocks) {
    session.terminal.err("savepoint: git stops here because of \"on_failure\": \"block\"; to go on "
                         "all the same: SAVEPOINT=0 git ..., or git ... --no-verify\n");
  }
  return blocks ? ExitCode::refused : ExitCode::done;
}

} // namespace

ExitCode run_hook(cli::Session& session, const Arguments& arguments) {
  Call call = parse(session, arguments);
  if (const auto passed = pass_at_once(session, call)) {
    Verdict verdict;
    judge_told(verdict, message_of(*passed));
    return show(session, call, std::move(verdict));
  }
  if (call.hook == hooks::Hook::pre_push) {
    call.input = cli::read_standard_input(k_most_input);
  }
  Companion companion;
  if (companion.line()) {
    return work(session, call, *companion.line());
  }
  const auto say_what_is_waited_for = [&session] {
    if (!session.terminal.quiet()) {
      session.terminal.err("savepoint: waiting for the databases to follow the branch; Ctrl-C "
                           "leaves them as they are\n");
    }
  };
  const Waited waited =
      companion.wait(config::HookSettings(), session.cancellation(), say_what_is_waited_for);
  if (waited.patience == Patience::limited) {
    session.cancellation().check();
  }
  return show(session, call, judge(waited));
}

} // namespace savepoint::tools
