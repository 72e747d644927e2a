#include "web/jobs.hpp"

#include "base/bytes.hpp"
#include "base/cancellation.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/error_report.hpp"
#include "cli/executables.hpp"
#include "process/child.hpp"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <exception>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

namespace savepoint::web {
namespace {

constexpr std::string_view k_progress = "{\"progress\":";
constexpr std::size_t k_piece = std::size_t{64} << 10U;
/// Whoever follows a job may ask how it ended when others have been at work since.
constexpr std::size_t k_kept_jobs = 16;

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
  struct Job {
    std::uint64_t number = 0;
    std::string action;
    bool is_plan = false;
    json::Value progress;
    std::optional<Said> said; ///< Nothing as long as it is at work.
  };
  struct Shown {
    std::uint64_t job = 0;
    CommandLine plan;
    json::Value document;
  };

  CommandPlace place;
  mutable std::mutex mutex; // guards what follows
  Job last;
  std::deque<Job> ended;              ///< Before it, the last one first.
  std::optional<Shown> shown;         ///< The plan that was made last and not carried out.
  std::shared_ptr<Cancellation> stop; ///< Of the job at work.
  std::jthread worker;

  [[nodiscard]] bool is_running() const { return last.number != 0 && !last.said; }

  [[nodiscard]] const Job& find(std::uint64_t job) const {
    if (job != 0 && job == last.number) {
      return last;
    }
    const auto found = std::ranges::find(ended, job, &Job::number);
    if (found == ended.end()) {
      throw NotFoundError("there is no job " + std::to_string(job),
                          "look at the list of snapshots");
    }
    return *found;
  }

  /// Makes room for the next job. What is large and changed nothing, a plan, is not kept.
  void put_away_last() {
    if (last.said && !last.is_plan) {
      ended.push_front(std::move(last));
      ended.resize(std::min(ended.size(), k_kept_jobs));
    }
  }

  /// Takes the plan that somebody agreed to: each is carried out once.
  [[nodiscard]] json::Value take_shown(const Action& wanted) {
    if (!wanted.shown_by) {
      throw RefusedError("nobody was shown what this would do", "look at the plan first");
    }
    if (!shown || shown->job != *wanted.shown_by || shown->plan != *wanted.plan) {
      refuse_as_changed();
    }
    return std::exchange(shown, std::nullopt)->document;
  }

  [[noreturn]] static void refuse_as_changed() {
    throw RefusedError("the project or its snapshots changed since the plan was shown",
                       "look at the plan again");
  }

  void hear(const json::Value& told) {
    const std::lock_guard lock(mutex);
    last.progress = told;
  }

  /// The plan as it is now must be what somebody agreed to.
  void check_plan(const CommandLine& plan, const json::Value& agreed,
                  const Cancellation& wish) const {
    const Said now = run_command(place, plan, wish);
    wish.check();
    if (now.document.is_null()) {
      throw IoError(how_it_died(plan, now), 0, "look at the plan again");
    }
    if (essence_of(now.document) != essence_of(agreed)) {
      refuse_as_changed();
    }
  }

  void work(const Action& wanted, const json::Value& agreed, const Cancellation& wish) {
    Said result;
    try {
      if (wanted.plan) {
        check_plan(*wanted.plan, agreed, wish);
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
      shown = Shown{.job = last.number, .plan = wanted.command, .document = result.document};
    }
    last.said = std::move(result);
  }
};

Jobs::Jobs(CommandPlace place) : state_(std::make_unique<State>()) {
  state_->place = std::move(place);
}

Jobs::~Jobs() = default;

std::uint64_t Jobs::start(Action action) {
  const std::lock_guard lock(state_->mutex);
  if (state_->is_running()) {
    throw BusyError("something is at work already: " + state_->last.action,
                    "wait until it is done");
  }
  json::Value agreed = action.plan ? state_->take_shown(action) : json::Value();
  const std::uint64_t number = state_->last.number + 1;
  state_->put_away_last();
  state_->last = {.number = number,
                  .action = action.name,
                  .is_plan = action.is_plan,
                  .progress = {},
                  .said = std::nullopt};
  state_->stop = std::make_shared<Cancellation>();
  // The one before has ended, as is_running says: nothing is waited for here.
  state_->worker =
      std::jthread([state = state_.get(), action = std::move(action), agreed = std::move(agreed),
                    stop = state_->stop] { state->work(action, agreed, *stop); });
  return number;
}

void Jobs::stop(std::uint64_t job) {
  const std::lock_guard lock(state_->mutex);
  if (job != state_->last.number || !state_->is_running()) {
    throw NotFoundError("cannot stop job " + std::to_string(job) + ": it is not at work",
                        "look at the list of snapshots");
  }
  state_->stop->request();
}

json::Value Jobs::describe(std::uint64_t job) const {
  const std::lock_guard lock(state_->mutex);
  const State::Job& found = state_->find(job);
  json::Value document = json::Value::object({{"schema", 1},
                                              {"job", job},
                                              {"action", found.action},
                                              {"plan", found.is_plan},
                                              {"state", found.said ? "done" : "running"},
                                              {"progress", found.progress}});
  if (found.said) {
    document.set("exit_code", found.said->exit_code);
    document.set("document", found.said->document);
    document.set("messages", found.said->messages);
  }
  return document;
}

json::Value Jobs::running() const {
  const std::lock_guard lock(state_->mutex);
  const State::Job& last = state_->last;
  return !state_->is_running()
             ? json::Value()
             : json::Value::object(
                   {{"job", last.number}, {"action", last.action}, {"plan", last.is_plan}});
}

} // namespace savepoint::web
