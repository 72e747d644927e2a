#include "cli/error_report.hpp"

#include "base/cancellation.hpp"

#include "support/catch.hpp"

#include <stdexcept>

using namespace savepoint;
using cli::ErrorReport;

namespace {

template <typename E>
ErrorReport report_of(const E& error, const ErrorReport::Progress& progress = {}) {
  return ErrorReport::of(std::make_exception_ptr(error), progress);
}

} // namespace

TEST_CASE("an error says what failed, that nothing was changed, and what to do") {
  const ErrorReport report =
      report_of(NotFoundError("there is no snapshot 'x'", "look at the list"));
  CHECK(report.exit_code == ExitCode::not_found);
  CHECK(report.text(false) == "savepoint: there is no snapshot 'x'\n"
                              "nothing was changed\n"
                              "hint: look at the list\n");
}

TEST_CASE("every kind of error has a hint, even if who threw it knew none") {
  CHECK_FALSE(report_of(UsageError("a")).hint.empty());
  CHECK_FALSE(report_of(RefusedError("a")).hint.empty());
  CHECK_FALSE(report_of(BusyError("a")).hint.empty());
  CHECK_FALSE(report_of(CorruptionError("a")).hint.empty());
  CHECK_FALSE(report_of(IoError("a")).hint.empty());
  CHECK_FALSE(report_of(std::runtime_error("a")).hint.empty());
}

TEST_CASE("what was changed before an error is said") {
  CHECK(report_of(IoError("a"), {.change = "snapshot x was taken", .change_begun = true})
            .text(false)
            .find("something was changed: snapshot x was taken\n") != std::string::npos);
  IoError error("a");
  error.set_changed(Changed::yes);
  CHECK(report_of(error).changed == true);
}

TEST_CASE("the document of an error has the promised fields") {
  const json::Value document = report_of(BusyError("locked", "wait")).document(false);
  CHECK(document.at("schema").as_integer() == 1);
  const json::Value& error = document.at("error");
  CHECK(error.at("code").as_string() == "busy");
  CHECK(error.at("message").as_string() == "locked");
  CHECK(error.at("changed").as_bool() == false);
  CHECK(error.at("hint").as_string() == "wait");
}

TEST_CASE("stopping is no error of ours and has an exit code of its own") {
  CHECK(report_of(Cancelled()).exit_code == ExitCode::cancelled);
  CHECK(report_of(Cancelled()).changed == false);
  const ErrorReport in_the_middle = report_of(Cancelled(), {.change = {}, .change_begun = true});
  CHECK(in_the_middle.document(false).at("error").at("changed").is_null());
}

TEST_CASE("messages of others cannot write on the terminal or break the document") {
  const ErrorReport report = report_of(std::runtime_error("bad \xff\x1b[31m\nname"));
  CHECK(report.exit_code == ExitCode::failed);
  CHECK(report.message == "cannot go on: bad \\xff\\x1b[31m\\nname");
  CHECK_FALSE(json::print(report.document(true)).empty());
}
