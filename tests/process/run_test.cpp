#include "process/run.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <chrono>
#include <fcntl.h>
#include <unistd.h>

using namespace savepoint;
using process::Command;
using process::Result;

namespace {

Command shell(const std::string& script) {
  Command command;
  command.program = "/bin/sh";
  command.arguments = {"-c", script};
  command.environment = {{"PATH", "/usr/bin:/bin"}};
  return command;
}

} // namespace

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

  CHECK(result.error_output.size() <= 64 * 1024);
  CHECK(result.error_output.ends_with("xend\n"));
}

TEST_CASE("a child that takes too long is ended with all it started") {
  Command command = shell("sleep 100 & sleep 100");
  command.timeout = std::chrono::milliseconds(50);

  const Result result = process::run(command);

  CHECK(result.timed_out);
  CHECK(result.exit_code == 128 + 9);
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
