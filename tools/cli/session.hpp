#pragma once

#include "base/cancellation.hpp"
#include "base/timestamp.hpp"
#include "cli/common.hpp"
#include "cli/progress_line.hpp"
#include "cli/terminal.hpp"
#include "config/config.hpp"
#include "project/context.hpp"
#include "store/operation_record.hpp"
#include "json/value.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace savepoint::cli {

/// The schema number of every document that --json prints.
inline constexpr int k_schema = 1;

/// One run of a tool: what it was given, and whom it talks to.
class Session {
public:
  /// `cancellation` must outlive the session.
  Session(std::vector<std::string> arguments, config::Environment environment,
          const Cancellation& cancellation);

  std::vector<std::string> arguments; ///< Without the tool's own name.
  Common common;
  config::Environment environment;
  Terminal terminal;
  store::OperationRecord operation; ///< What the operations log is to say of this run.

  [[nodiscard]] Timestamp now() const { return clock_.now(); }
  [[nodiscard]] const Cancellation& cancellation() const { return *cancellation_; }
  [[nodiscard]] ProgressLine& progress() { return progress_; }
  /// What the library gets from outside. Valid as long as the session.
  [[nodiscard]] project::Context context();
  /// Whether the environment has `name` with the value true, yes or 1.
  [[nodiscard]] bool is_set(const std::string& name) const;

  /// Asks on the terminal; nothing but y or yes is a yes. Requires `terminal.can_ask()`.
  [[nodiscard]] bool confirm(std::string_view question);

  /// Asks for a word on the terminal. Requires `terminal.can_ask()`.
  [[nodiscard]] std::string ask(std::string_view question);

  /// Says that this run is an operation; `trigger` is what started it, where that is not plain.
  void begin_operation(std::string name, std::string trigger = {}) {
    operation.begin(std::move(name), std::move(trigger), now());
  }
  /// Says that from here on an interruption may leave something changed.
  void begin_change() { change_begun_ = true; }
  [[nodiscard]] bool change_begun() const { return change_begun_; }
  /// Says what was changed, for the error that may still come: "the snapshot X was taken".
  void note_change(std::string what) { change_ = std::move(what); }
  [[nodiscard]] const std::string& change() const { return change_; }

  /// A document of --json, to be filled.
  [[nodiscard]] static json::Value new_document();

private:
  SystemClock clock_;
  const Cancellation* cancellation_;
  ProgressLine progress_;
  std::string change_;
  bool change_begun_ = false;
};

} // namespace savepoint::cli
