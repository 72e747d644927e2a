#include "process/run.hpp"

#include "shell.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

using namespace savepoint;
using process::Command;
using process::Result;
using process::shell;

TEST_CASE("a child's output, errors and exit code are what it gave") {
  const Result result = process::run(shell("echo out; echo err >&2; exit 7"));

  CHECK(as_text(result.output) == "out\n");
  CHECK(result.error_output == "err\n");
  CHECK(result.exit_code == 7);
}

TEST_CASE("a child that died by a signal says which") {
  CHECK(process::run(shell("kill -TERM $$")).exit_code == 128 + 15);
}

TEST_CASE("a child sees the environment it is given and nothing else") {
  Command command = shell("/usr/bin/env");
  command.environment = {{"ONLY", "this one"}};

  const Result result = process::run(command);

  CHECK(as_text(result.output).find("ONLY=this one\n") != std::string_view::npos);
  CHECK(as_text(result.output).find("HOME=") == std::string_view::npos);
}

TEST_CASE("large input goes in while large output comes out") {
  Command command = shell("cat");
  command.input = Bytes(3'000'000, std::byte{'x'});

  CHECK(process::run(command).output == command.input);
}

TEST_CASE("a child that ignores its input is no error") {
  Command command = shell("exit 0");
  command.input = Bytes(3'000'000, std::byte{'x'});

  CHECK(process::run(command).exit_code == 0);
}

TEST_CASE("without input a child reads nothing") {
  CHECK(process::run(shell("cat")).output.empty());
}

TEST_CASE("a child runs where it is told to") {
  const test::TemporaryDirectory directory;
  Command command = shell("pwd");
  command.directory = directory.path();

  CHECK(as_text(process::run(command).output) == directory.path().string() + "\n");
}

TEST_CASE("of endless complaints the last ones are kept") {
  const Result result =
      process::run(shell("head -c 300000 /dev/zero | tr '\\0' x >&2; echo end >&2"));

  CHECK(result.error_output.size() <= std::size_t{64} * 1024);
  CHECK(result.error_output.ends_with("xend\n"));
}

TEST_CASE("a child that takes too long is ended with all it started") {
  Command command = shell("sleep 100 & sleep 100");
  command.timeout = std::chrono::milliseconds(50);

  const Result result = process::run(command);

  CHECK(result.timed_out);
  CHECK(result.exit_code == 128 + 9);
}

TEST_CASE("a child is waited for, but not whom it leaves behind") {
  Command command = shell("echo before; sleep 100 & echo $!; exit 3");
  command.timeout = std::chrono::seconds(30);

  const Result result = process::run(command);

  const std::string output(as_text(result.output));
  REQUIRE(output.starts_with("before\n"));
  CHECK(kill(std::stoi(output.substr(7)), SIGKILL) == 0);
  CHECK(result.exit_code == 3);
  CHECK_FALSE(result.timed_out);
}

TEST_CASE("nothing that a child said is lost when it leaves somebody behind") {
  const Result result = process::run(shell("sleep 100 & head -c 50000 /dev/zero; echo $! >&2"));

  CHECK(kill(std::stoi(result.error_output), SIGKILL) == 0);
  CHECK(result.output == Bytes(50000));
}

TEST_CASE(
    "a child that hangs up on its input leaves us alive, and so does one whose heirs do not") {
  Command command = shell("exec 3<&0; sleep 100 & echo $!");
  command.input = Bytes(3'000'000, std::byte{'x'});

  const Result result = process::run(command);

  CHECK(kill(std::stoi(std::string(as_text(result.output))), SIGKILL) == 0);
}

TEST_CASE("a child has no terminal to ask on") {
  CHECK(process::run(shell("exec 3</dev/tty")).exit_code != 0);
}

TEST_CASE("a child is ended by a broken pipe, as by default, even if we are not") {
  const auto before = std::signal(SIGPIPE, SIG_IGN);

  const Result result = process::run(shell("kill -PIPE $$; echo survived"));
  (void)std::signal(SIGPIPE, before);

  CHECK(result.output.empty());
  CHECK(result.exit_code == 128 + SIGPIPE);
}

TEST_CASE("a child whose exit code is lost does not pass for a success") {
  const auto before = std::signal(SIGCHLD, SIG_IGN);

  CHECK_THROWS_AS(process::run(shell("exit 1")), IoError);

  (void)std::signal(SIGCHLD, before);
}

TEST_CASE("what cannot be started leaves no zombie and runs nothing that ends our program") {
  const test::TemporaryDirectory directory;
  test::write_file(directory / "no program", "\x7f"
                                             "ELF but not really");
  std::filesystem::permissions(directory / "no program", std::filesystem::perms(0755));
  static std::string witness;
  witness = directory / "ended";
  Command command;
  command.program = directory / "no program";

  // In a process of its own, because what runs at the end cannot be taken back.
  const pid_t tool = fork();
  if (tool == 0) {
    (void)std::atexit([] { (void)creat(witness.c_str(), 0600); });
    try {
      (void)process::run(command);
    } catch (const IoError&) {
      _exit(waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD ? 0 : 2);
    }
    _exit(1);
  }
  int how = 0;
  REQUIRE(waitpid(tool, &how, 0) == tool);

  CHECK(how == 0);
  CHECK_FALSE(std::filesystem::exists(witness));
}

TEST_CASE("a directory that does not exist is an error, not another place to run in") {
  Command command = shell("pwd");
  command.directory = "/no/such/directory";

  CHECK_THROWS_AS(process::run(command), IoError);
}

TEST_CASE("a program given by a relative path is the one that we see, wherever it runs") {
  const test::TemporaryDirectory place;
  test::write_file(place / "tool", "#!/bin/sh\necho ran in $(pwd)\n");
  std::filesystem::permissions(place / "tool", std::filesystem::perms(0755));
  Command command = shell("");
  command.program = std::filesystem::relative(place / "tool");
  command.directory = "/";

  CHECK(as_text(process::run(command).output) == "ran in /\n");
}

TEST_CASE("arguments reach a child as they are, whatever is in them") {
  Command command = shell("");
  command.arguments = {"-c", "printf '%s' \"$1\" \"$2\"", "sh", "$(x) 'a\n\xff *", ""};

  CHECK(as_text(process::run(command).output) == "$(x) 'a\n\xff *");
}

TEST_CASE("children of several threads do not hold each other up or mix their output") {
  std::array<std::string, 4> outputs;
  {
    std::vector<std::jthread> threads;
    for (std::size_t number = 0; number < outputs.size(); ++number) {
      threads.emplace_back([&outputs, number] {
        for (int round = 0; round < 20; ++round) {
          outputs[number] += as_text(process::run(shell("echo " + std::to_string(number))).output);
        }
      });
    }
  }

  for (std::size_t number = 0; number < outputs.size(); ++number) {
    std::string expected;
    for (int round = 0; round < 20; ++round) {
      expected += std::to_string(number) + "\n";
    }
    CHECK(outputs[number] == expected);
  }
}

TEST_CASE("open files do not leak into children") {
  const int leaked = open("/dev/null", O_RDONLY); // without O_CLOEXEC
  REQUIRE(leaked > 2);

  const Result result = process::run(shell("test -e /proc/self/fd/" + std::to_string(leaked)));
  close(leaked);

  CHECK(result.exit_code == 1);
}

TEST_CASE("a program that does not exist is an answer of its own") {
  Command command = shell("");
  command.program = "no-such-program-anywhere";
  CHECK_THROWS_AS(process::run(command), NotFoundError);
  command.program = "/no/such/program";
  CHECK_THROWS_AS(process::run(command), NotFoundError);
}

TEST_CASE("programs are never looked up relative to where we are") {
  const test::TemporaryDirectory directory;
  test::write_file(directory / "git", "#!/bin/sh\n");
  std::filesystem::permissions(directory / "git", std::filesystem::perms(0755));

  CHECK(process::find_program("git", directory.path().string()) == directory / "git");
  CHECK_FALSE(process::find_program("git", ".:"));
}
