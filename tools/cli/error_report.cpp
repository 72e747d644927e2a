#include "cli/error_report.hpp"

#include "base/printable.hpp"

#include <filesystem>
#include <new>
#include <typeinfo>

#include <cxxabi.h>

namespace savepoint::cli {
namespace {

std::string type_of(const std::exception& error) {
  int status = 0;
  char* const name = abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status);
  std::string text = status == 0 ? name : typeid(error).name();
  std::free(name);
  return text;
}

/// What to do next where the error itself knows nothing better.
std::string usual_hint(ExitCode code) {
  switch (code) {
  case ExitCode::usage:
    return "see 'savepoint --help'";
  case ExitCode::refused:
    return "look at what would happen with --dry-run, then say --yes";
  case ExitCode::not_found:
    return "'savepoint list' shows the snapshots there are";
  case ExitCode::busy:
    return "try again when the other program is done";
  case ExitCode::corrupt:
    return "'savepoint verify' shows what is affected; other snapshots may still be whole";
  case ExitCode::done:
  case ExitCode::failed:
  case ExitCode::saved_with_gaps:
  case ExitCode::cancelled:
    break;
  }
  return "set right what the message names, then run the command again";
}

/// One line of well-formed text, whatever an outside library wrote.
std::string as_line(const char* message) {
  const std::string_view text(message);
  const bool has_control = text.find_first_of("\n\r\x1b") != std::string_view::npos;
  return is_utf8(text) && !has_control ? std::string(text) : printable(text);
}

ErrorReport describe(const Error& error) {
  ErrorReport report;
  report.exit_code = error.exit_code();
  report.code = error.code();
  report.message = as_line(error.what());
  report.changed = error.changed() == Changed::yes;
  report.hint = error.hint().empty() ? usual_hint(error.exit_code()) : error.hint();
  report.details = "type " + type_of(error);
  if (const auto* io = dynamic_cast<const IoError*>(&error); io != nullptr) {
    report.details += ", errno " + std::to_string(io->error_number());
  }
  return report;
}

ErrorReport describe_cancelled() {
  ErrorReport report;
  report.exit_code = ExitCode::cancelled;
  report.code = "cancelled";
  report.message = "stopped on request";
  report.hint = "run the same command again; nothing was left half done";
  report.details = "type savepoint::Cancelled";
  return report;
}

/// Errors that are none of ours: the standard library's, and what slipped through a wrapper.
ErrorReport describe_foreign(const std::exception& error) {
  ErrorReport report;
  report.code = "unexpected";
  report.message = "cannot go on: " + as_line(error.what());
  report.hint = usual_hint(ExitCode::failed);
  report.details = "type " + type_of(error);
  if (const auto* file = dynamic_cast<const std::filesystem::filesystem_error*>(&error)) {
    report.code = "io";
    report.details += ", errno " + std::to_string(file->code().value());
  } else if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    report.message = "cannot go on: out of memory";
    report.hint = "close other programs, then run the command again";
  }
  return report;
}

} // namespace

ErrorReport ErrorReport::of(std::exception_ptr error, const Progress& progress) {
  ErrorReport report;
  try {
    std::rethrow_exception(std::move(error));
  } catch (const Cancelled&) {
    report = describe_cancelled();
  } catch (const Error& known) {
    report = describe(known);
  } catch (const std::exception& foreign) {
    report = describe_foreign(foreign);
  }
  if (!progress.change.empty()) {
    report.changed = true;
    report.change = progress.change;
  } else if (!report.changed && !progress.change_begun) {
    report.changed = false;
  }
  return report;
}

std::string ErrorReport::text(bool debug) const {
  std::string text = "savepoint: " + message + "\n";
  if (!changed) {
    text += "it is not known whether anything was changed\n";
  } else if (*changed) {
    text += "something was changed" + (change.empty() ? "" : ": " + change) + "\n";
  } else {
    text += "nothing was changed\n";
  }
  text += "hint: " + hint + "\n";
  if (debug) {
    text += "debug: " + details + ", code " + code + ", exit code " +
            std::to_string(static_cast<int>(exit_code)) + "\n";
  }
  return text;
}

json::Value ErrorReport::document(bool debug) const {
  json::Value error = json::Value::object();
  error.set("code", code);
  error.set("message", message);
  error.set("changed", changed ? json::Value(*changed) : json::Value());
  error.set("hint", hint);
  if (!change.empty()) {
    error.set("change", change);
  }
  if (debug) {
    error.set("details", details);
  }
  return json::Value::object({{"schema", 1}, {"error", std::move(error)}});
}

} // namespace savepoint::cli
