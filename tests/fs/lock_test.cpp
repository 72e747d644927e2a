#include "fs/lock.hpp"

#include "base/error.hpp"
#include "fs/files.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

using namespace savepoint;
using namespace savepoint::fs;
using namespace std::chrono_literals;
using test::TemporaryDirectory;
using Mode = FileLock::Mode;

TEST_CASE("readers share a lock, a writer has it alone") {
  const TemporaryDirectory place;
  const auto first = FileLock::acquire(place / "lock", Mode::shared, 0ms);
  const auto second = FileLock::acquire(place / "lock", Mode::shared, 0ms);

  CHECK(first);
  CHECK(second);
  CHECK_FALSE(FileLock::acquire(place / "lock", Mode::exclusive, 0ms));
}

TEST_CASE("a lock is free again when its holder lets go") {
  const TemporaryDirectory place;
  {
    const auto writer = FileLock::acquire(place / "lock", Mode::exclusive, 0ms);
    REQUIRE(writer);
    CHECK_FALSE(FileLock::acquire(place / "lock", Mode::exclusive, 0ms));
    CHECK_FALSE(FileLock::acquire(place / "lock", Mode::shared, 0ms));
  }

  CHECK(FileLock::acquire(place / "lock", Mode::exclusive, 0ms));
}

TEST_CASE("a lock is free again when its holder was killed") {
  const TemporaryDirectory place;
  const pid_t child = fork();
  if (child == 0) {
    const auto held = FileLock::acquire(place / "lock", Mode::exclusive, 0ms);
    kill(getpid(), SIGKILL);
  }
  int how = 0;
  REQUIRE(waitpid(child, &how, 0) == child);
  REQUIRE(WIFSIGNALED(how));

  CHECK(FileLock::acquire(place / "lock", Mode::exclusive, 0ms));
}

TEST_CASE("waiting for a lock ends when the time is up") {
  const TemporaryDirectory place;
  const auto writer = FileLock::acquire(place / "lock", Mode::exclusive, 0ms);
  const auto start = std::chrono::steady_clock::now();

  CHECK_FALSE(FileLock::acquire(place / "lock", Mode::exclusive, 30ms));

  CHECK(std::chrono::steady_clock::now() - start >= 30ms);
}

TEST_CASE("who waits gets the lock as soon as it is free") {
  const TemporaryDirectory place;
  int ready[2];
  int release[2];
  REQUIRE(pipe(ready) == 0);
  REQUIRE(pipe(release) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto held = FileLock::acquire(place / "lock", Mode::exclusive, 0ms);
    char byte = held ? 'y' : 'n';
    (void)!write(ready[1], &byte, 1);
    (void)!read(release[0], &byte, 1);
    _exit(0);
  }
  char locked = 'n';
  REQUIRE(read(ready[0], &locked, 1) == 1);
  REQUIRE(locked == 'y');
  CHECK_FALSE(FileLock::acquire(place / "lock", Mode::shared, 1ms));
  REQUIRE(write(release[1], "x", 1) == 1);

  CHECK(FileLock::acquire(place / "lock", Mode::exclusive, 10s));

  REQUIRE(waitpid(child, nullptr, 0) == child);
}

TEST_CASE("a directory can be locked, and a lock file is for us alone") {
  const TemporaryDirectory place;
  const auto held = FileLock::acquire(open_directory(place.path()), Mode::exclusive, 0ms);
  const auto lock = FileLock::acquire(place / "lock", Mode::exclusive, 0ms);

  CHECK(held);
  CHECK_FALSE(FileLock::acquire(open_directory(place.path()), Mode::shared, 0ms));
  CHECK(fs::status(place / "lock")->mode == 0600U);
}

TEST_CASE("a lock in a missing directory is an error") {
  const TemporaryDirectory place;

  CHECK_THROWS_AS(FileLock::acquire(place / "missing/lock", Mode::shared, 0ms), IoError);
}
