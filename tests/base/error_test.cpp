#include "base/error.hpp"

#include "base/cancellation.hpp"
#include "base/version.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <type_traits>

using namespace savepoint;

TEST_CASE("a failure of the system says what, on which file and why, in one line") {
  try {
    throw_io_error(ENOENT, "open", "dir/line\nbreak");
  } catch (const IoError& error) {
    CHECK(std::string(error.what()) == "cannot open 'dir/line\\nbreak': No such file or directory");
    CHECK(error.error_number() == ENOENT);
    CHECK(error.exit_code() == ExitCode::failed);
    CHECK(error.changed() == Changed::no);
  }
}

TEST_CASE("no space left is for now, and comes with advice") {
  for (const int number : {ENOSPC, EDQUOT}) {
    try {
      throw_io_error(number, "write", "pack");
    } catch (const BusyError& error) {
      CHECK(error.exit_code() == ExitCode::busy);
      CHECK_FALSE(error.hint().empty());
    }
  }
}

TEST_CASE("every kind of error keeps the exit code that scripts rely on") {
  CHECK(static_cast<int>(UsageError("x").exit_code()) == 2);
  CHECK(static_cast<int>(RefusedError("x").exit_code()) == 3);
  CHECK(static_cast<int>(NotFoundError("x").exit_code()) == 4);
  CHECK(static_cast<int>(BusyError("x").exit_code()) == 5);
  CHECK(static_cast<int>(CorruptionError("x").exit_code()) == 6);
  CHECK(static_cast<int>(IoError("x").exit_code()) == 1);
  CHECK(static_cast<int>(DatabaseError("x").exit_code()) == 1);
  CHECK(NotFoundError("x").code() == "not_found");
}

TEST_CASE("an error remembers that something was changed, and better advice replaces worse") {
  CorruptionError error("x", "first");
  error.set_changed(Changed::yes);
  error.set_hint("second");

  CHECK(error.changed() == Changed::yes);
  CHECK(error.hint() == "second");
}

TEST_CASE("a wish to stop is heard, and no handler of errors swallows it") {
  Cancellation cancellation;
  CHECK_NOTHROW(cancellation.check());

  cancellation.request();

  CHECK(cancellation.requested());
  CHECK_THROWS_AS(cancellation.check(), Cancelled);
  CHECK_FALSE(std::is_base_of_v<Error, Cancelled>);
}

TEST_CASE("the version is three numbers") {
  CHECK(std::count(version().begin(), version().end(), '.') == 2);
}
