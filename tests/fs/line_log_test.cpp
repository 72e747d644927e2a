#include "fs/line_log.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace savepoint;
using fs::LineLog;
using test::TemporaryDirectory;

namespace {

/// All lines, from the file that is written to back to the oldest.
std::vector<std::string> lines_of(const LineLog& log) {
  std::vector<std::string> lines;
  log.read([&](ByteView content) {
    std::istringstream text{std::string(as_text(content))};
    for (std::string line; std::getline(text, line);) {
      lines.push_back(line);
    }
    return LineLog::Go::on;
  });
  return lines;
}

} // namespace

TEST_CASE("lines are read as they were appended") {
  const TemporaryDirectory place;
  const LineLog log(place / "log");

  log.append("one\n");
  log.append("two\n");

  CHECK(lines_of(log) == std::vector<std::string>{"one", "two"});
}

TEST_CASE("nobody else may read a log") {
  const TemporaryDirectory place;
  LineLog(place / "log").append("one\n");

  struct stat status {};
  REQUIRE(stat((place / "log").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
}

TEST_CASE("a log that has grown is put aside, and the oldest is lost") {
  const TemporaryDirectory place;
  const LineLog log(place / "log", {.size = 8, .kept = 2});
  for (const char* line : {"aaaaaaa\n", "bbbbbbb\n", "ccccccc\n", "d\n"}) {
    log.append(line);
  }

  CHECK(test::read_file(place / "log") == "d\n");
  CHECK(test::read_file(place / "log.1") == "ccccccc\n");
  CHECK(test::read_file(place / "log.2") == "bbbbbbb\n");
  CHECK_FALSE(std::filesystem::exists(place / "log.3"));
  CHECK(lines_of(log) == std::vector<std::string>{"d", "ccccccc", "bbbbbbb"});
}

TEST_CASE("half a line, left by a writer who died, harms no other line") {
  const TemporaryDirectory place;
  test::write_file(place / "log", "whole\nhal");
  const LineLog log(place / "log");

  log.append("next\n");

  CHECK(lines_of(log) == std::vector<std::string>{"whole", "hal", "next"});
}

TEST_CASE("a log is not written through a symlink") {
  const TemporaryDirectory place;
  test::write_file(place / "foreign", "");
  std::filesystem::create_symlink(place / "foreign", place / "log");

  CHECK_THROWS(LineLog(place / "log").append("one\n"));
  CHECK(test::read_file(place / "foreign").empty());
}

TEST_CASE("reading ends where the reader has enough") {
  const TemporaryDirectory place;
  const LineLog log(place / "log", {.size = 1, .kept = 3});
  log.append("old\n");
  log.append("new\n");
  int files = 0;

  log.read([&](ByteView content) {
    ++files;
    CHECK(as_text(content) == "new\n");
    return LineLog::Go::no_further;
  });

  CHECK(files == 1);
}

TEST_CASE("many who write at once lose no line and tear none, while the log is put aside") {
  constexpr int k_writers = 8;
  constexpr int k_lines = 200;
  const TemporaryDirectory place;
  constexpr LineLog::Limits k_limits{.size = 256, .kept = 300};
  const LineLog log(place / "log", k_limits);
  std::vector<pid_t> writers;
  for (int writer = 0; writer < k_writers; ++writer) {
    writers.push_back(fork());
    if (writers.back() == 0) {
      for (int line = 0; line < k_lines; ++line) {
        log.append(std::to_string(writer) + ":" + std::to_string(line) + std::string(20, '.') +
                   "\n");
      }
      _exit(0);
    }
  }
  for (const pid_t writer : writers) {
    int how = 0;
    REQUIRE(waitpid(writer, &how, 0) == writer);
    REQUIRE(how == 0);
  }

  std::vector<std::string> expected;
  for (int writer = 0; writer < k_writers; ++writer) {
    for (int line = 0; line < k_lines; ++line) {
      expected.push_back(std::to_string(writer) + ":" + std::to_string(line) +
                         std::string(20, '.'));
    }
  }
  std::vector<std::string> found = lines_of(log);
  std::erase(found, ""); // of one who saw another's line half way
  std::sort(found.begin(), found.end());
  std::sort(expected.begin(), expected.end());
  CHECK(found == expected);
  for (unsigned number = 1; std::filesystem::exists(place / ("log." + std::to_string(number)));
       ++number) {
    CAPTURE(number);
    CHECK(std::filesystem::file_size(place / ("log." + std::to_string(number))) >= k_limits.size);
  }
  CHECK(std::filesystem::exists(place / "log.1"));
}
