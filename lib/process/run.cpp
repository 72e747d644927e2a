#include "process/run.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "process/internal/start.hpp"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#pragma GCC diagnostic pop

#include <csignal>
#include <unistd.h>

namespace savepoint::process {
namespace {

namespace asio = boost::asio;
namespace child = boost::process::v2;

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
    for (std::size_t taken = 0; taken < k_largest_pipe;) {
      const std::ptrdiff_t got = read_at_once(*pipe_, piece_);
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

} // namespace

Result run(const Command& command) {
  const std::string program = program_path(command);
  Result result;
  const PipeSignalBlocked blocked;
  try {
    asio::io_context loop;
    asio::readable_pipe output(loop);
    asio::readable_pipe error_output(loop);
    asio::writable_pipe input(loop);
    const bool has_input = !command.input.empty();

    child::process running =
        start(loop, program, command, has_input ? &input : nullptr, output, error_output);

    PipeReader read_output(output, [&](ByteView piece) {
      result.output.insert(result.output.end(), piece.begin(), piece.end());
    });
    PipeReader read_errors(
        error_output, [&](ByteView piece) { append_error_output(result.error_output, piece); });
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
    throw_start_error(error, program);
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
