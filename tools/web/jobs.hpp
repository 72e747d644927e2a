#pragma once

#include "base/cancellation.hpp"
#include "web/commands.hpp"
#include "json/value.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace savepoint::web {

/// Where commands run, and what they are told of the project.
struct CommandPlace {
  std::map<std::string, std::string> environment;
  std::filesystem::path directory;  ///< -C
  std::optional<std::string> store; ///< --store, absolute.
};

/// What a command said.
struct Said {
  int exit_code = 0;
  json::Value document; ///< What --json printed; null if it ended before it could say anything.
  std::string messages; ///< For people, from stderr.
};

/// Runs a command to its end. `hears` gets the progress that it tells: an object with stage, files,
/// bytes and total. Once `stop` is requested it is told so, as by Ctrl-C, and ends when it may.
///
/// Throws IoError if the executable is not installed.
[[nodiscard]] Said run_command(const CommandPlace& place, const CommandLine& line,
                               const Cancellation& stop,
                               const std::function<void(const json::Value&)>& hears = {});

/// What is to be said of a command that said nothing itself: "'savepoint-prune' was ended by signal
/// 9 before it could say anything".
[[nodiscard]] std::string how_it_died(const CommandLine& line, const Said& said);

/// The work that the page has started. Each is done by the executable that does it on a terminal,
/// in a process of its own with a session of its own: the same guards, locks, log and words, and a
/// page that is killed leaves no restore half way. One at a time.
class Jobs {
public:
  explicit Jobs(CommandPlace place);
  /// Waits for what is at work.
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  /// Starts an action and returns the number of its job. Throws BusyError while another is at work,
  /// RefusedError for one whose plan nobody was shown, or is not the last one that was.
  std::uint64_t start(Action action);
  /// Tells the job to stop. What becomes of it is in its document. Throws NotFoundError for one
  /// that is not at work.
  void stop(std::uint64_t job);
  /// How far it is, or how it ended: {job, action, state, plan, progress, exit_code, document,
  /// messages}. Throws NotFoundError for one that is not among the last ones, or an earlier plan.
  [[nodiscard]] json::Value describe(std::uint64_t job) const;
  /// {job, action, plan} of what is at work, null if nothing is.
  [[nodiscard]] json::Value running() const;

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace savepoint::web
