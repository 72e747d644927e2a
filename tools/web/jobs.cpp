#include "web/jobs.hpp"

#include "base/bytes.hpp"
#include "base/cancellation.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/error_report.hpp"
#include "cli/executables.hpp"
#include "process/child.hpp"

#include <array>
#include <cerrno>
#include <exception>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

namespace savepoint::web {
namespace {

constexpr std::string_view k_progress = "{\"progress\":";
constexpr std::size_t k_piece = std::size_t{64} << 10U;

/// Takes the lines of an error output apart: those that tell progress, and those for people.
class ErrorLines {
public:
  explicit ErrorLines(const std::function<void(const json::Value&)>& hears) : hears_(hears) {}

  void take(std::string_view piece) {
    text_ += piece;
    for (std::size_t end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
      take_line(text_.substr(0, end + 1));
      text_.erase(0, end + 1);
    }
  }
  [[nodiscard]] std::string messages() && {
    take_line(text_);
    return is_utf8(messages_) ? std::move(messages_) : printable(messages_);
  }

private:
  void take_line(const std::string& line) {
    if (!line.starts_with(k_progress)) {
      messages_ += line;
    } else if (hears_) {
      hears_(json::parse(line, "progress").at("progress"));
    }
  }

  const std::function<void(const json::Value&)>& hears_;
  std::string text_;
  std::string messages_;
};

/// What of a plan must not change: a snapshot that was taken meanwhile, and will stay, is no
/// matter.
const json::Value& essence_of(const json::Value& document) {
  const json::Value* const removed = document.find("removed");
  return removed == nullptr ? document : *removed;
}

/// Of a command that was killed, or died: the document that it could not print. Unless it only
/// looked, nobody knows how far it came.
json::Value last_words_of(const Action& wanted, const Said& said) {
  cli::ErrorReport report;
  report.code = "unexpected";
  report.message = how_it_died(wanted.command, said);
  report.changed = wanted.is_plan ? std::optional(false) : std::nullopt;
  report.hint = wanted.is_plan ? "try again"
                               : "see 'savepoint status' for a recovery that is due, "
                                 "and 'savepoint log' for how far it came";
  return report.document(false);
}

json::Value parse_if_whole(const std::string& output, const std::string& executable) {
  try {
    return output.empty() ? json::Value() : json::parse(output, executable);
  } catch (const Error&) { // it died while it printed
    return {};
  }
}

/// An error of ours, as the executables print theirs.
Said failure_of(std::exception_ptr error) {
  const cli::ErrorReport report = cli::ErrorReport::of(std::move(error), {});
  return {.exit_code = static_cast<int>(report.exit_code),
          .document = report.document(false),
          .messages = {}};
}

} // namespace

Said run_command(const CommandPlace& place, const CommandLine& line, const Cancellation& stop,
                 const std::function<void(const json::Value&)>& hears) {
  const auto path = cli::find_executable(line.executable, place.environment);
  if (!path) {
    throw IoError("cannot run " + quoted(line.executable) + ": it is not installed", ENOENT,
                  "install savepoint again: its executables belong side by side");
  }
  process::Command command{.program = *path,
                           .arguments = {},
                           .environment = place.environment,
                           .directory = {},
                           .input = {},
                           .timeout = {}};
  command.environment["SAVEPOINT_PROGRESS"] = "json";
  const std::vector<std::string> common =
      place.store
          ? std::vector<std::string>{"-C", place.directory.string(), "--store", *place.store}
          : std::vector<std::string>{"-C", place.directory.string()};
  // The name of the command, if it has one, stays in front.
  command.arguments = line.arguments;
  command.arguments.insert(command.arguments.begin() + 1, common.begin(), common.end());

  ErrorLines errors(hears);
  process::Child child(
      command, stop, [&](std::string_view piece) { errors.take(piece); },
      process::WhenCancelled::interrupt);
  std::string output;
  Bytes piece(k_piece);
  while (const std::size_t got = child.read(piece)) {
    output += as_text(ByteView(piece).first(got));
  }
  const process::Ended ended = child.finish();
  Said said{.exit_code = ended.exit_code, .document = {}, .messages = std::move(errors).messages()};
  said.document = parse_if_whole(output, line.executable);
  return said;
}

std::string how_it_died(const CommandLine& line, const Said& said) {
  constexpr int k_by_signal = 128;
  const bool is_killed = said.exit_code > k_by_signal;
  return quoted(line.executable) +
         (is_killed ? " was ended by signal " + std::to_string(said.exit_code - k_by_signal)
                    : " ended with exit code " + std::to_string(said.exit_code)) +
         " before it could say anything";
}

struct Jobs::State {
  CommandPlace place;
  mutable std::mutex mutex; // guards what follows
  std::uint64_t number = 0;
  Action action;
  bool is_running = false;
  json::Value progress;
  std::optional<Said> said;
  std::optional<CommandLine> shown; ///< The plan that was shown last, and what it said.
  json::Value shown_document;
  std::shared_ptr<Cancellation> stop; ///< Of the job at work.
  std::jthread worker;

  void hear(const json::Value& told) {
    const std::lock_guard lock(mutex);
    progress = told;
  }

  /// The plan as it is now must be what somebody agreed to.
  void check_plan(const Action& wanted, const Cancellation& wish) {
    const Said now = run_command(place, *wanted.plan, wish);
    wish.check();
    if (now.document.is_null()) {
      throw IoError(how_it_died(*wanted.plan, now), 0, "look at the plan again");
    }
    if (essence_of(now.document) != essence_of(shown_document)) {
      throw RefusedError("the project or its snapshots changed since the plan was shown",
                         "look at the plan again");
    }
  }

  void work(const Action& wanted, const Cancellation& wish) {
    Said result;
    try {
      if (wanted.plan) {
        check_plan(wanted, wish);
      }
      result =
          run_command(place, wanted.command, wish, [this](const json::Value& told) { hear(told); });
      if (result.document.is_null()) {
        result.document = last_words_of(wanted, result);
      }
    } catch (...) { // the end of a thread: as run_tool, whatever it is becomes words and a code
      result = failure_of(std::current_exception());
    }
    const std::lock_guard lock(mutex);
    if (wanted.is_plan && result.document.find("error") == nullptr) {
      shown = wanted.command;
      shown_document = result.document;
    } else {
      shown.reset();
    }
    said = std::move(result);
    is_running = false;
  }
};

Jobs::Jobs(CommandPlace place) : state_(std::make_unique<State>()) {
  state_->place = std::move(place);
}

Jobs::~Jobs() = default;

std::uint64_t Jobs::start(Action action) {
  const std::lock_guard lock(state_->mutex);
  if (state_->is_running) {
    throw BusyError("something is at work already: " + state_->action.name,
                    "wait until it is done");
  }
  if (action.plan && action.plan != state_->shown) {
    throw RefusedError("nobody was shown what this would do", "look at the plan first");
  }
  state_->is_running = true;
  state_->action = action;
  state_->progress = {};
  state_->said.reset();
  ++state_->number;
  state_->stop = std::make_shared<Cancellation>();
  // The one before has ended, as is_running says: nothing is waited for here.
  state_->worker = std::jthread([state = state_.get(), action = std::move(action),
                                 stop = state_->stop] { state->work(action, *stop); });
  return state_->number;
}

void Jobs::stop(std::uint64_t job) {
  const std::lock_guard lock(state_->mutex);
  if (job != state_->number || !state_->is_running) {
    throw NotFoundError("cannot stop job " + std::to_string(job) + ": it is not at work",
                        "look at the list of snapshots");
  }
  state_->stop->request();
}

json::Value Jobs::describe(std::uint64_t job) const {
  const std::lock_guard lock(state_->mutex);
  if (job != state_->number || job == 0) {
    throw NotFoundError("there is no job " + std::to_string(job), "look at the list of snapshots");
  }
  const std::optional<Said>& said = state_->said;
  json::Value document = json::Value::object({{"schema", 1},
                                              {"job", job},
                                              {"action", state_->action.name},
                                              {"plan", state_->action.is_plan},
                                              {"state", state_->is_running ? "running" : "done"},
                                              {"progress", state_->progress}});
  if (said) {
    document.set("exit_code", said->exit_code);
    document.set("document", said->document);
    document.set("messages", said->messages);
  }
  return document;
}

json::Value Jobs::running() const {
  const std::lock_guard lock(state_->mutex);
  return !state_->is_running ? json::Value()
                             : json::Value::object({{"job", state_->number},
                                                    {"action", state_->action.name},
                                                    {"plan", state_->action.is_plan}});
}

} // namespace savepoint::web
