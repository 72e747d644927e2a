#include "process/detached.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace savepoint;

namespace {

/// What a detached shell says into a pipe with a name, which it gets as $1. Waits for it.
std::string said_by(const std::string& script) {
  const test::TemporaryDirectory directory;
  const std::string pipe = (directory.path() / "pipe").string();
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  process::start_detached("/bin/sh", {"-c", "{ " + script + "; } > \"$1\"", "sh", pipe});
  std::ifstream file(pipe);
  return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

TEST_CASE("what is started detached has a session of its own and is nobody's child") {
  const std::string said = said_by("read -r line < /proc/$$/stat; echo \"$line\"");
  std::istringstream after_name(said.substr(said.rfind(')') + 1));
  char state = 0;
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  after_name >> state >> parent >> group >> session;

  CHECK(session == std::stoi(said));
  CHECK(group == session);
  CHECK(parent != getpid());
}

TEST_CASE("what is started detached gets none of our files") {
  const test::TemporaryDirectory directory;
  const std::string path = (directory.path() / "open").string();
  const int file = open(path.c_str(), O_RDWR | O_CREAT, 0600); // without O_CLOEXEC
  REQUIRE(file > STDERR_FILENO);

  const std::string said = said_by("ls -l /proc/$$/fd");

  close(file);
  CHECK(said.find("/dev/null") != std::string::npos);
  CHECK(said.find(path) == std::string::npos);
}

TEST_CASE("what cannot be started detached is no matter") {
  process::start_detached("/nothing/there", {});
  SUCCEED("we are still here, and only once");
}
