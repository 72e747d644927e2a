#include "fs/lock.hpp"

#include "base/error.hpp"
#include "fs/files.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
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

TEST_CASE("a file is opened alone only while no process has it open, and others wait for it") {
  const TemporaryDirectory place;
  savepoint::test::write_file(place / "file", "content");
  const Descriptor directory = open_directory(place.path());
  const auto opened_by_another = [&] {
    const pid_t child = fork();
    if (child == 0) {
      _exit(open((place / "file").c_str(), O_RDONLY | O_NONBLOCK) < 0 ? errno : 0);
    }
    int how = 0;
    REQUIRE(waitpid(child, &how, 0) == child);
    return WEXITSTATUS(how);
  };
  {
    const Descriptor own = open_for_reading(place / "file");
    CHECK_FALSE(open_alone_at(directory, "file"));
  }
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t holder = fork();
  if (holder == 0) {
    const Descriptor own = open_for_reading(place / "file");
    _exit(own.is_open() && write(ends[1], "h", 1) == 1 ? pause() : 1);
  }
  char held = 0;
  REQUIRE(read(ends[0], &held, 1) == 1);
  CHECK_FALSE(open_alone_at(directory, "file"));
  kill(holder, SIGKILL);
  REQUIRE(waitpid(holder, nullptr, 0) == holder);

  {
    const auto alone = open_alone_at(directory, "file");
    REQUIRE(alone);
    CHECK(opened_by_another() == EWOULDBLOCK);
  }
  CHECK(opened_by_another() == 0);
  CHECK_FALSE(open_alone_at(directory, "missing"));
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("bytes of a file are locked against every other descriptor of it") {
  const TemporaryDirectory place;
  savepoint::test::write_file(place / "file", "content");
  const Descriptor other(open((place / "file").c_str(), O_RDWR | O_CLOEXEC));
  {
    const Descriptor first(open((place / "file").c_str(), O_RDWR | O_CLOEXEC));
    CHECK(try_lock_range(first, 10, 5));
    CHECK_FALSE(try_lock_range(other, 14, 5));
    CHECK(try_lock_range(other, 15, 5));
  }
  CHECK(try_lock_range(other, 10, 5));
}
