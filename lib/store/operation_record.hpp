#pragma once

#include "base/timestamp.hpp"
#include "store/operation_log.hpp"

#include <chrono>
#include <filesystem>
#include <string>

namespace savepoint::store {

/// An operation while it is at work, for the line that it leaves in the operations log.
///
///   OperationRecord record;
///   record.begin("snapshot", "manual", now);
///   record.set_place(store, project, worktree);   // as soon as they are known
///   record.line().snapshot = ...;
///   record.end(0);
class OperationRecord {
public:
  /// Its time counts from here on.
  void begin(std::string name, std::string trigger, Timestamp now);
  [[nodiscard]] bool has_begun() const { return !line_.name.empty(); }
  /// Says on what it works; without this, nothing is written.
  void set_place(std::filesystem::path store, std::string project, std::string worktree);
  /// What else is to be said of it.
  [[nodiscard]] Operation& line() { return line_; }
  /// Says that nothing was done that would be worth a line.
  void forget() { line_ = {}; }
  /// Writes the line, if it has begun and has a place.
  void end(int exit_code);
  /// The same for an operation that throws: to be called where that is caught.
  void end_with_exception();

private:
  Operation line_;
  std::filesystem::path store_;
  std::chrono::steady_clock::time_point begin_;
};

} // namespace savepoint::store
