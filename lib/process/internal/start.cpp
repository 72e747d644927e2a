#include "process/internal/start.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "process/internal/separate.hpp"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <boost/process/v2/src.hpp>
#pragma GCC diagnostic pop

#include <cstdlib>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace savepoint::process {
namespace {

namespace asio = boost::asio;
namespace child = boost::process::v2;

constexpr std::size_t k_most_error_output = std::size_t{64} << 10U;
constexpr int k_ended_by_signal = 128;

struct Separated {
  template <typename Launcher>
  boost::system::error_code on_exec_setup(Launcher&, const std::filesystem::path&,
                                          const char* const*) {
    separate();
    return {};
  }

  // Boost calls these two with fewer arguments than it looks for, hence any.

  /// In the child: Boost would go on to exit, which runs our destructors and prints our buffers.
  template <typename... Any> [[noreturn]] void on_exec_error(Any&&...) { _exit(EXIT_FAILURE); }

  /// In the parent: Boost would leave the child that could not start as a zombie.
  template <typename Launcher, typename... Any> void on_error(Launcher& launcher, Any&&...) {
    if (launcher.pid > 0) {
      (void)waitpid(launcher.pid, nullptr, 0);
    }
  }
};

std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : command.environment) {
    lines.push_back(name + "=" + value);
  }
  return lines;
}

} // namespace

PipeSignalBlocked::PipeSignalBlocked() {
  sigemptyset(&pipe_);
  sigaddset(&pipe_, SIGPIPE);
  sigset_t pending{};
  sigpending(&pending);
  was_pending_ = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
}

PipeSignalBlocked::~PipeSignalBlocked() {
  const timespec at_once{};
  while (!was_pending_ && sigtimedwait(&pipe_, nullptr, &at_once) > 0) {
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void append_error_output(std::string& output, ByteView piece) {
  output += as_text(piece);
  if (output.size() > k_most_error_output) {
    output.erase(0, output.size() - k_most_error_output);
  }
}

std::ptrdiff_t read_at_once(asio::readable_pipe& pipe, std::span<std::byte> into) {
  const int file = pipe.native_handle();
  fcntl(file, F_SETFL, O_RDONLY | O_NONBLOCK);
  return read(file, into.data(), into.size());
}

int exit_code_of(int status) {
  return WIFSIGNALED(status) ? k_ended_by_signal + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string program_path(const Command& command) {
  const std::string& name = command.program.native();
  if (name.find('/') != std::string::npos) {
    if (access(name.c_str(), X_OK) != 0) {
      throw NotFoundError("cannot run " + quoted(name) + ": it does not exist or may not be run");
    }
    return std::filesystem::absolute(command.program).native(); // it is run in another directory
  }
  const auto path = command.environment.find("PATH");
  const auto found =
      path == command.environment.end() ? std::nullopt : find_program(name, path->second);
  if (!found) {
    throw NotFoundError("cannot run " + quoted(name) + ": there is no such program in PATH");
  }
  return found->native();
}

void throw_start_error(const boost::system::system_error& error, std::string_view program) {
  if (error.code().category() == boost::system::system_category()) {
    throw_io_error(error.code().value(), "run", program);
  }
  throw IoError("cannot run " + quoted(program) + ": " + error.code().message());
}

child::process start(asio::io_context& loop, const std::string& program, const Command& command,
                     asio::writable_pipe* input, asio::readable_pipe& output,
                     asio::readable_pipe& error_output) {
  const std::vector<std::string> environment = environment_of(command);
  const std::string directory = command.directory.empty() ? "." : command.directory.native();
  const auto start_with = [&](auto&& standard_input) {
    child::process_stdio streams{standard_input, output, error_output};
    return child::process(loop, program, command.arguments, std::move(streams),
                          child::process_environment(environment),
                          child::process_start_dir(directory), Separated{});
  };
  return input == nullptr ? start_with(nullptr) : start_with(*input);
}

} // namespace savepoint::process
