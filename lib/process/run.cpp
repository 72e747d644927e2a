#include "process/run.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

// Boost 1.81's own headers do not pass -Wconversion and -Wshadow.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <boost/optional.hpp>
#include <boost/type_traits.hpp>
// The two above first: v2.hpp of 1.81 forgets them when it is told to use std::filesystem.
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/writable_pipe.hpp>
#include <boost/asio/write.hpp>
#include <boost/process/v2.hpp>
#include <boost/process/v2/src.hpp>
#pragma GCC diagnostic pop

#include <csignal>
#include <fcntl.h>
#if __has_include(<linux/close_range.h>)
#include <linux/close_range.h>
#endif
#include <sys/wait.h>
#include <unistd.h>

namespace savepoint::process {
namespace {

namespace asio = boost::asio;
namespace child = boost::process::v2;

constexpr std::size_t k_piece = std::size_t{64} << 10U;
constexpr std::size_t k_most_error_output = std::size_t{64} << 10U;
constexpr int k_ended_by_signal = 128;

/// Keeps this thread from dying of SIGPIPE while it writes to a child that may not read.
class PipeSignalBlocked {
public:
  PipeSignalBlocked() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending{};
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~PipeSignalBlocked() {
    const timespec at_once{};
    while (!was_pending_ && sigtimedwait(&pipe_, nullptr, &at_once) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  PipeSignalBlocked(const PipeSignalBlocked&) = delete;
  PipeSignalBlocked& operator=(const PipeSignalBlocked&) = delete;

private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

/// Marks every file but the standard ones to be closed by exec. Runs between fork and exec: system
/// calls only.
void close_others_on_exec() {
#if defined(CLOSE_RANGE_CLOEXEC)
  if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0) {
    return;
  }
#endif
  constexpr int k_enough = 4096;
  for (int file = STDERR_FILENO + 1; file < k_enough; ++file) {
    fcntl(file, F_SETFD, FD_CLOEXEC);
  }
}

/// What a child needs besides its streams: a session of its own, so that a timeout ends all that it
/// started and nothing in it waits for somebody to type; the signals as they are by default; none
/// of our files.
struct Separated {
  template <typename Launcher>
  boost::system::error_code on_exec_setup(Launcher&, const std::filesystem::path&,
                                          const char* const*) {
    setsid();
    close_others_on_exec();
    ::signal(SIGPIPE, SIG_DFL);
    sigset_t none{};
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
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

/// Reads a pipe, piece by piece, to its end or to that of the child.
template <typename Take> class PipeReader {
public:
  PipeReader(asio::readable_pipe& pipe, Take take) : pipe_(&pipe), take_(std::move(take)) {}

  void start() {
    pipe_->async_read_some(asio::buffer(piece_),
                           [this](const boost::system::error_code& trouble, std::size_t got) {
                             take_(ByteView(piece_).first(got));
                             if (child_ended_) {
                               take_what_is_left();
                             } else if (!trouble) {
                               start();
                             }
                           });
  }

  /// The child ended. What it wrote is in the pipe; the end of the pipe may never come, where the
  /// child left somebody behind who holds it open.
  void child_ended() {
    child_ended_ = true;
    boost::system::error_code ignored;
    pipe_->cancel(ignored);
  }

private:
  void take_what_is_left() {
    constexpr std::size_t k_largest_pipe = std::size_t{1} << 20U;
    const int file = pipe_->native_handle();
    fcntl(file, F_SETFL, O_RDONLY | O_NONBLOCK);
    for (std::size_t taken = 0; taken < k_largest_pipe;) {
      const ssize_t got = read(file, piece_.data(), piece_.size());
      if (got <= 0) {
        return;
      }
      take_(ByteView(piece_).first(static_cast<std::size_t>(got)));
      taken += static_cast<std::size_t>(got);
    }
  }

  asio::readable_pipe* pipe_;
  Take take_;
  Bytes piece_ = Bytes(k_piece);
  bool child_ended_ = false;
};

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

std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : command.environment) {
    lines.push_back(name + "=" + value);
  }
  return lines;
}

int exit_code_of(int status) {
  return WIFSIGNALED(status) ? k_ended_by_signal + WTERMSIG(status) : WEXITSTATUS(status);
}

} // namespace

Result run(const Command& command) {
  const std::string program = program_path(command);
  const std::vector<std::string> environment = environment_of(command);
  Result result;
  const PipeSignalBlocked blocked;
  try {
    asio::io_context loop;
    asio::readable_pipe output(loop);
    asio::readable_pipe error_output(loop);
    asio::writable_pipe input(loop);
    const bool has_input = !command.input.empty();

    const auto start = [&](auto&& standard_input) {
      child::process_stdio streams{standard_input, output, error_output};
      const std::string directory = command.directory.empty() ? "." : command.directory.native();
      return child::process(loop, program, command.arguments, std::move(streams),
                            child::process_environment(environment),
                            child::process_start_dir(directory), Separated{});
    };
    child::process running = has_input ? start(input) : start(nullptr);

    PipeReader read_output(output, [&](ByteView piece) {
      result.output.insert(result.output.end(), piece.begin(), piece.end());
    });
    PipeReader read_errors(error_output, [&](ByteView piece) {
      result.error_output += as_text(piece);
      if (result.error_output.size() > k_most_error_output) {
        result.error_output.erase(0, result.error_output.size() - k_most_error_output);
      }
    });
    read_output.start();
    read_errors.start();
    if (has_input) {
      // A child that does not want its input closes the pipe: its own business.
      asio::async_write(input, asio::buffer(command.input),
                        [&](const boost::system::error_code&, std::size_t) { input.close(); });
    }
    const auto group = static_cast<pid_t>(running.id());
    asio::steady_timer timer(loop);
    if (command.timeout) {
      timer.expires_after(*command.timeout);
      timer.async_wait([&](const boost::system::error_code& cancelled) {
        if (!cancelled) {
          result.timed_out = true;
          ::kill(-group, SIGKILL);
        }
      });
    }
    boost::system::error_code lost;
    running.async_wait([&](const boost::system::error_code& trouble, int) {
      lost = trouble;
      timer.cancel();
      read_output.child_ended();
      read_errors.child_ended();
      input.close();
    });
    loop.run();
    if (lost) {
      // As when SIGCHLD is ignored: without its exit code a child must not pass for a success.
      throw IoError("cannot learn how " + quoted(program) + " ended: " + lost.message(),
                    lost.value());
    }
    result.exit_code = exit_code_of(running.native_exit_code());
  } catch (const boost::system::system_error& error) {
    if (error.code().category() == boost::system::system_category()) {
      throw_io_error(error.code().value(), "run", program);
    }
    throw IoError("cannot run " + quoted(program) + ": " + error.code().message());
  }
  return result;
}

std::optional<std::filesystem::path> find_program(std::string_view name,
                                                  std::string_view path_variable) {
  while (!path_variable.empty()) {
    const std::size_t colon = path_variable.find(':');
    const std::string_view directory = path_variable.substr(0, colon);
    path_variable.remove_prefix(colon == std::string_view::npos ? path_variable.size() : colon + 1);
    if (!directory.starts_with('/')) {
      continue; // never a program of the project itself
    }
    const std::filesystem::path candidate = std::filesystem::path(directory) / name;
    std::error_code trouble;
    if (std::filesystem::is_regular_file(candidate, trouble) &&
        access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
  }
  return std::nullopt;
}

} // namespace savepoint::process
