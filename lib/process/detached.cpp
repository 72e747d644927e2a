#include "process/detached.hpp"

#include "process/internal/separate.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace savepoint::process {
namespace {

/// The child's child: whoever tends to orphans will tend to it.
[[noreturn]] void become(const char* program, char** words) {
  if (const pid_t id = fork(); id != 0) {
    _exit(0);
  }
  const int nothing = open("/dev/null", O_RDWR);
  for (const int file : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    dup2(nothing, file);
  }
  separate();
  execv(program, words);
  _exit(1);
}

} // namespace

void start_detached(const std::filesystem::path& program,
                    const std::vector<std::string>& arguments) noexcept {
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), program.string());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);
  const pid_t id = fork();
  if (id == 0) {
    become(program.c_str(), pointers.data());
  }
  if (id > 0) {
    waitpid(id, nullptr, 0);
  }
}

} // namespace savepoint::process
