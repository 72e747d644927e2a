#include "process/running.hpp"

#include "support/catch.hpp"

#include <unistd.h>

using savepoint::process::find_running;

TEST_CASE("a running process is known by its parent, its beginning and its command line") {
  const auto self = find_running(getpid());

  REQUIRE(self);
  CHECK(self->id == getpid());
  CHECK(self->parent == getppid());
  CHECK(self->started > 0);
  REQUIRE_FALSE(self->words.empty());
  CHECK(self->words.front().ends_with("process_tests"));
  CHECK(find_running(getpid())->started == self->started);
}

TEST_CASE("a process that does not exist is not found") {
  CHECK_FALSE(find_running(0));
  CHECK_FALSE(find_running(-1));
}
