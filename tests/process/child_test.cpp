#include "process/child.hpp"

#include "shell.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/syscall_faults.hpp"
#include "support/temporary_directory.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>

using namespace savepoint;
using process::Child;
using process::Command;
using process::Ended;
using process::shell;

namespace {

constexpr std::size_t k_large = 20'000'000;

/// All that a child says.
std::string everything(Child& child) {
  std::string text;
  Bytes piece(10'000);
  while (const std::size_t got = child.read(piece)) {
    text += as_text(ByteView(piece).first(got));
  }
  return text;
}

/// Returns once this thread of ours waits for something.
void wait_until_blocked(pid_t thread) {
  for (char state = 'R'; state != 'S';) {
    std::this_thread::yield();
    std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
    std::string line;
    std::getline(file, line);
    state = line.at(line.rfind(") ") + 2);
  }
}

bool is_gone(pid_t process) {
  return kill(process, 0) == -1 && errno == ESRCH;
}

/// Waits until a process that was killed is no more, which init may take a moment to see to.
bool ends(pid_t process) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  const std::string status = "/proc/" + std::to_string(process) + "/stat";
  while (!is_gone(process) && std::filesystem::exists(status) &&
         test::read_file(status).find(") Z ") == std::string::npos) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    std::this_thread::yield();
  }
  return true;
}

std::chrono::milliseconds since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               begin);
}

} // namespace

TEST_CASE("what a child complains of is heard while it runs") {
  const Cancellation never;
  std::string heard;
  Child child(shell("echo one >&2; read line; echo two >&2; echo done"), never,
              [&](std::string_view piece) { heard += piece; });

  CHECK(everything(child) == "done\n");
  const Ended ended = child.finish();

  CHECK(heard == "one\ntwo\n");
  CHECK(ended.error_output == heard);
}

TEST_CASE("a large output is read while the child writes it") {
  const Cancellation never;
  Child child(shell("head -c 20000000 /dev/zero; echo end; echo err >&2; exit 7"), never);

  const std::string output = everything(child);
  const Ended ended = child.finish();

  CHECK(output.size() == k_large + 4);
  CHECK(output.ends_with(std::string("\0end\n", 5)));
  CHECK(ended.exit_code == 7);
  CHECK(ended.error_output == "err\n");
}

TEST_CASE("a large input is written while the child reads it") {
  const test::TemporaryDirectory place;
  const Cancellation never;
  Child child(shell("wc -c > " + (place / "size").native()), never);

  const Bytes piece(100'000, std::byte{'x'});
  for (std::size_t done = 0; done < k_large; done += piece.size()) {
    REQUIRE(child.write(piece));
  }

  CHECK(child.finish().exit_code == 0);
  CHECK(std::stoul(test::read_file(place / "size")) == k_large);
}

TEST_CASE("a child that answers at length while it gets its input holds nobody up") {
  const Cancellation never;
  Child child(shell("tee /dev/stderr"), never);

  CHECK(child.write(Bytes(k_large, std::byte{'x'})));

  const Ended ended = child.finish();
  CHECK(ended.exit_code == 0);
  CHECK(ended.error_output == std::string(std::size_t{64} * 1024, 'x'));
}

TEST_CASE(
    "a child that floods its error output is read all the same, and its last words are kept") {
  const Cancellation never;
  Child child(shell("head -c 3000000 /dev/zero | tr '\\0' x >&2; echo end >&2; echo out"), never);

  CHECK(everything(child) == "out\n");
  const Ended ended = child.finish();

  CHECK(ended.error_output.size() <= std::size_t{64} * 1024);
  CHECK(ended.error_output.ends_with("xend\n"));
}

TEST_CASE("a child that ends while it is written to says so, and leaves us alive") {
  const Cancellation never;
  Child child(shell("head -c 5 > /dev/null; echo 'cannot go on' >&2; exit 3"), never);

  bool wants_more = true;
  const Bytes piece(100'000);
  for (std::size_t done = 0; done < k_large && wants_more; done += piece.size()) {
    wants_more = child.write(piece);
  }

  CHECK_FALSE(wants_more);
  CHECK_FALSE(child.write(piece));
  const Ended ended = child.finish();
  CHECK(ended.exit_code == 3);
  CHECK(ended.error_output == "cannot go on\n");
}

TEST_CASE("a child that closed its input and lives on is told from one that ended") {
  const Cancellation never;
  Child child(shell("exec <&-; cat /dev/null; exit 4"), never);

  bool wants_more = true;
  while (wants_more) {
    wants_more = child.write(Bytes(100'000));
  }

  CHECK(child.finish().exit_code == 4);
}

TEST_CASE("a child that reads its input while we read its output finds an end") {
  const Cancellation never;
  Child child(shell("cat; echo done"), never);

  CHECK(everything(child) == "done\n");
  CHECK(child.finish().exit_code == 0);
}

TEST_CASE("what is not read of a child is thrown away at its end") {
  const Cancellation never;
  Child child(shell("head -c 20000000 /dev/zero; exit 5"), never);

  CHECK(child.finish().exit_code == 5);
}

TEST_CASE("a streaming child that died by a signal says which") {
  const Cancellation never;
  Child child(shell("echo before; kill -TERM $$"), never);

  CHECK(everything(child) == "before\n");
  CHECK(child.finish().exit_code == 128 + SIGTERM);
}

TEST_CASE("a child that is given up is ended with all it started, and leaves no zombie") {
  const Cancellation never;
  pid_t grandchild = 0;
  {
    Child child(shell("sleep 1000 & echo $!; sleep 1000"), never);
    Bytes piece(100);
    const std::size_t got = child.read(piece);
    grandchild = std::stoi(std::string(as_text(ByteView(piece).first(got))));
    REQUIRE_FALSE(is_gone(grandchild));
  }

  CHECK(ends(grandchild));
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
}

TEST_CASE("whom a child left behind is ended too when the child is given up") {
  const Cancellation never;
  pid_t grandchild = 0;
  {
    Child child(shell("sleep 1000 & echo $!"), never);
    grandchild = std::stoi(everything(child));
    REQUIRE_FALSE(is_gone(grandchild));
  }

  CHECK(ends(grandchild));
}

TEST_CASE("a streaming child is waited for, but not whom it leaves behind") {
  const Cancellation never;
  Child child(shell("head -c 50000 /dev/zero; sleep 1000 & echo $! >&2; exit 3"), never);

  const std::string output = everything(child);
  const Ended ended = child.finish();

  CHECK(kill(std::stoi(ended.error_output), SIGKILL) == 0);
  CHECK(output == std::string(50'000, '\0'));
  CHECK(ended.exit_code == 3);
}

TEST_CASE("somebody left behind who goes on talking is not listened to for ever") {
  const Cancellation never;
  Child child(shell("yes & echo $! >&2"), never);

  static_cast<void>(everything(child)); // comes to an end

  const Ended ended = child.finish();
  (void)kill(std::stoi(ended.error_output), SIGKILL); // unless the closed pipe ended it already
  CHECK(ended.exit_code == 0);
}

TEST_CASE("a wish to stop ends a child within a moment, whatever we wait for") {
  Cancellation wish;
  Child child(shell("trap '' TERM INT; sleep 1000"), wish);
  const std::jthread user([&wish, waiting = gettid()] {
    wait_until_blocked(waiting);
    wish.request();
  });
  const auto begin = std::chrono::steady_clock::now();
  Bytes piece(k_large);

  SECTION("its output") {
    CHECK_THROWS_AS(child.read(piece), Cancelled);
  }
  SECTION("its input") {
    CHECK_THROWS_AS(child.write(piece), Cancelled);
  }
  SECTION("its end") {
    CHECK_THROWS_AS(child.finish(), Cancelled);
  }

  CHECK(since(begin) < std::chrono::seconds(20)); // it would sleep for a thousand
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
}

TEST_CASE("a wish to stop is heard while a child talks without end") {
  Cancellation wish;
  Child child(shell("yes & yes >&2"), wish);
  Bytes piece(k_large);
  REQUIRE(child.read(piece) > 0);
  wish.request();

  CHECK_THROWS_AS(everything(child), Cancelled);
}

TEST_CASE("a child that is only interrupted ends as it wants to, and is heard to its end") {
  Cancellation wish;
  Child child(shell("trap 'echo stopping; exit 9' INT; echo begun; while :; do :; done"), wish, {},
              process::WhenCancelled::interrupt);
  Bytes piece(100);
  const std::size_t got = child.read(piece);
  REQUIRE(as_text(ByteView(piece).first(got)) == "begun\n");
  wish.request();

  CHECK(everything(child) == "stopping\n");
  CHECK(child.finish().exit_code == 9);
}

TEST_CASE("a streaming child whose exit code is lost does not pass for a success") {
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  const Cancellation never;

  CHECK_THROWS_AS(Child(shell("exit 0"), never).finish(), IoError);
  CHECK_THROWS_AS(Child(shell("cat; exec sleep 0.05"), never).finish(), IoError);

  (void)std::signal(SIGCHLD, before);
}

TEST_CASE("what cannot be streamed to is an answer of its own") {
  const test::TemporaryDirectory place;
  const Cancellation never;
  Command command = shell("");
  command.program = "no-such-program-anywhere";
  CHECK_THROWS_AS(Child(command, never), NotFoundError);

  test::write_file(place / "no program", "\x7f"
                                         "ELF but not really");
  std::filesystem::permissions(place / "no program", std::filesystem::perms(0755));
  command.program = place / "no program";
  CHECK_THROWS_AS(Child(command, never), IoError);
}

TEST_CASE("two children at once do not hold each other's streams open") {
  const Cancellation never;
  Child first(shell("cat > /dev/null; echo first"), never);
  Child second(shell("cat > /dev/null; echo second"), never);

  CHECK(everything(first) == "first\n"); // would wait for ever if the second had its input
  CHECK(everything(second) == "second\n");
  CHECK(first.finish().exit_code + second.finish().exit_code == 0);
}

TEST_CASE("input that cannot be written is not taken for input that is not wanted") {
  const test::FaultOutcome outcome = test::run_with_fault(
      [] {
        const Cancellation cancellation;
        Child child(shell("cat"), cancellation);
        try {
          static_cast<void>(child.write(as_bytes("input")));
        } catch (const BusyError&) {
          _exit(0);
        }
        _exit(1);
      },
      {.effect = test::Fault::Effect::fail_from_now, .at = 1, .error = ENOSPC, .calls = {"write"}});

  CHECK(outcome.struck);
  CHECK(outcome.status == 0);
}
