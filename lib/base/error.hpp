#pragma once

#include "base/export.hpp"

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace savepoint {

/// What a process ends with. Scripts rely on the numbers: never change one.
enum class ExitCode {
  done = 0,
  failed = 1,
  usage = 2,
  refused = 3,
  not_found = 4,
  busy = 5,
  corrupt = 6,
  saved_with_gaps = 7,
  cancelled = 130,
};

/// Whether an operation that failed had already changed the project or the store.
enum class Changed { no, yes };

/// The root of everything this library throws on purpose, `Cancelled` apart.
///
/// `what()` says what failed, in one line without a full stop. `hint()` says what to do next and
/// may be empty. A class exists only where a handler or an exit code treats it differently.
class SAVEPOINT_EXPORT Error : public std::runtime_error {
public:
  [[nodiscard]] ExitCode exit_code() const noexcept { return exit_code_; }
  /// The word for this kind of error in JSON, such as "not_found".
  [[nodiscard]] std::string_view code() const noexcept { return code_; }
  [[nodiscard]] Changed changed() const noexcept { return changed_; }
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

  /// Records that something had been changed before this error. Used by those who changed it.
  void set_changed(Changed changed) noexcept { changed_ = changed; }
  /// Replaces the hint, where a caller knows better what to do next.
  void set_hint(std::string hint) { hint_ = std::move(hint); }

protected:
  Error(ExitCode exit_code, std::string_view code, const std::string& message, std::string hint)
      : std::runtime_error(message), hint_(std::move(hint)), code_(code), exit_code_(exit_code) {}

private:
  std::string hint_;
  std::string_view code_; // refers to a literal
  ExitCode exit_code_;
  Changed changed_ = Changed::no;
};

/// The command line or the configuration is wrong.
class SAVEPOINT_EXPORT UsageError : public Error {
public:
  explicit UsageError(const std::string& message, std::string hint = {})
      : Error(ExitCode::usage, "usage", message, std::move(hint)) {}
};

/// A guard said no, or a confirmation is missing.
class SAVEPOINT_EXPORT RefusedError : public Error {
public:
  explicit RefusedError(const std::string& message, std::string hint = {})
      : Error(ExitCode::refused, "refused", message, std::move(hint)) {}
};

/// No such snapshot, project or path; or versions that do not fit each other.
class SAVEPOINT_EXPORT NotFoundError : public Error {
public:
  explicit NotFoundError(const std::string& message, std::string hint = {})
      : Error(ExitCode::not_found, "not_found", message, std::move(hint)) {}
};

/// Somebody else holds a lock, or there is no space left. Trying again later can succeed.
class SAVEPOINT_EXPORT BusyError : public Error {
public:
  explicit BusyError(const std::string& message, std::string hint = {})
      : Error(ExitCode::busy, "busy", message, std::move(hint)) {}
};

/// Stored data is not what was written.
class SAVEPOINT_EXPORT CorruptionError : public Error {
public:
  explicit CorruptionError(const std::string& message, std::string hint = {})
      : Error(ExitCode::corrupt, "corrupt", message, std::move(hint)) {}
};

/// The operating system refused something the operation cannot do without.
class SAVEPOINT_EXPORT IoError : public Error {
public:
  explicit IoError(const std::string& message, int error_number = 0, std::string hint = {})
      : Error(ExitCode::failed, "io", message, std::move(hint)), error_number_(error_number) {}
  /// The errno of the failing call, 0 if there was none.
  [[nodiscard]] int error_number() const noexcept { return error_number_; }

private:
  int error_number_;
};

/// A database refused something the operation cannot do without.
class SAVEPOINT_EXPORT DatabaseError : public Error {
public:
  explicit DatabaseError(const std::string& message, std::string hint = {})
      : Error(ExitCode::failed, "database", message, std::move(hint)) {}
};

/// The user said stop. Not an `Error`, so that no handler of errors swallows it.
class SAVEPOINT_EXPORT Cancelled : public std::exception {
public:
  [[nodiscard]] const char* what() const noexcept override { return "cancelled"; }
};

/// Throws what `error_number` means: `BusyError` when space or quota is used up, else `IoError`.
/// The message reads "cannot <action> '<subject>': <reason>", the subject made printable.
[[noreturn]] void throw_io_error(int error_number, std::string_view action,
                                 std::string_view subject);

/// Ends the program: an invariant of ours does not hold. Never caught.
[[noreturn]] void bug(std::string_view what) noexcept;

} // namespace savepoint
