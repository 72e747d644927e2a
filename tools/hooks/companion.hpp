#pragma once

#include "base/cancellation.hpp"
#include "config/config.hpp"
#include "fs/descriptor.hpp"
#include "snapshot/snapshot.hpp"
#include "json/value.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <sys/types.h>

namespace savepoint::tools {

/// How long it is waited for a companion: until the time is up, or until it has done its work.
enum class Patience { limited, endless };

/// The end of the line between two processes that the one at work holds.
class Line final : public snapshot::Waiting {
public:
  explicit Line(fs::Descriptor line) : line_(std::move(line)) {}

  /// Says how long to wait, before anything else that takes time.
  void tell_settings(const config::HookSettings& settings, Patience patience);
  /// Says what came of it; nobody hears it who has gone on.
  void tell(const json::Value& message);
  /// Throws Cancelled if nobody heard it: then nobody took care that files stayed as they were.
  void files_are_read() override;
  [[nodiscard]] bool has_gone_on() override;

private:
  fs::Descriptor line_;
};

/// What became of the work while it was waited for.
struct Waited {
  enum class End {
    told,       ///< `message` says what came of it.
    failed,     ///< It ended without a word; `complaint` is what it wrote to stderr.
    background, ///< Files are read, databases are not: it goes on by itself.
    given_up,   ///< Not even files were read in time: it was stopped.
  };
  End end = End::failed;
  std::chrono::milliseconds budget{0}; ///< How long that was, at most.
  bool block = false;                  ///< As the settings say.
  Patience patience = Patience::limited;
  json::Value message = {};
  std::string complaint = {};
};

/// A copy of this process that does the work, in a session of its own and with none of our open
/// files, so that whoever waits for those does not wait for it.
class Companion {
public:
  /// Forks. In the copy, `line()` is its end of the line; in the original it is nothing.
  /// Requires that there is only one thread.
  Companion();

  [[nodiscard]] std::optional<Line>& line() { return line_; }

  /// Waits for the copy, as long as its settings allow; until it has told them, `assumed` holds. A
  /// cancellation ends the waiting as if the time were up. With endless patience `time_is_up` is
  /// called then, once, and it is waited on; a cancellation is told to the copy, which ends soon.
  [[nodiscard]] Waited wait(const config::HookSettings& assumed, const Cancellation& cancellation,
                            const std::function<void()>& time_is_up);

private:
  static void become_copy(int line, int errors);
  static void take(Waited& waited, std::string& text);

  pid_t copy_ = 0;
  fs::Descriptor heard_;
  fs::Descriptor errors_;
  std::optional<Line> line_;
};

} // namespace savepoint::tools
