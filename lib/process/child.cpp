#include "process/child.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "process/internal/start.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

namespace savepoint::process {
namespace {

namespace asio = boost::asio;

/// How often a wait is interrupted to look for a cancellation, or for the end of a child who left
/// somebody behind that holds its streams open.
constexpr std::chrono::milliseconds k_tick(50);

/// How long more output is waited for where there is some already: who writes in small pieces would
/// wake us for each of them otherwise. The pipe takes what comes meanwhile.
constexpr std::chrono::milliseconds k_gathering(1);

template <typename Pipe> pollfd watched(Pipe& pipe, short events) {
  return {pipe.is_open() ? pipe.native_handle() : -1, events, 0};
}

template <typename Pipe> void close(Pipe& pipe) {
  boost::system::error_code ignored;
  pipe.close(ignored);
}

} // namespace

struct Child::State {
  State(const Command& command, const Cancellation& wish, ErrorListener hears,
        WhenCancelled when_wished)
      : cancellation(wish), when_cancelled(when_wished), listener(std::move(hears)),
        program(program_path(command)) {
    try {
      // Whose end it is, is learnt here and not by Boost: until then its id stays reserved.
      auto running = start(loop, program, command, &input, output, error_output);
      id = static_cast<pid_t>(running.id());
      static_cast<void>(running.detach());
    } catch (const boost::system::system_error& error) {
      throw_start_error(error, program);
    }
    fcntl(input.native_handle(), F_SETFL, O_WRONLY | O_NONBLOCK);
    is_roomy = fcntl(output.native_handle(), F_SETPIPE_SZ, static_cast<int>(k_largest_pipe)) > 0;
  }

  ~State() { kill(); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// Ends it and all it started, and waits for it.
  void kill() noexcept {
    if (id > 0 && !has_ended_unseen()) {
      ::kill(-id, SIGKILL);
      reap();
    }
    id = 0;
  }

  void check_cancellation() {
    if (!cancellation.requested() || is_interrupted) {
      return;
    }
    if (when_cancelled == WhenCancelled::kill) {
      kill();
      throw Cancelled();
    }
    is_interrupted = true;
    if (!has_ended_unseen()) {
      ::kill(id, SIGINT);
    }
  }

  /// Says whether the child has ended. It is not reaped: its id stays its own.
  [[nodiscard]] bool has_ended() {
    siginfo_t info{};
    int result = 0;
    do {
      result = waitid(P_PID, static_cast<id_t>(id), &info, WEXITED | WNOHANG | WNOWAIT);
    } while (result != 0 && errno == EINTR);
    return result != 0 || info.si_pid == id;
  }

  /// Says whether somebody else took the news of its end, so that its id may be another's by now.
  [[nodiscard]] bool has_ended_unseen() const {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(id), &info, WEXITED | WNOHANG | WNOWAIT) != 0 &&
           errno == ECHILD;
  }

  /// How it ended; nothing if that cannot be learnt.
  std::optional<int> reap() {
    int status = 0;
    pid_t reaped = 0;
    do {
      reaped = waitpid(id, &status, 0);
    } while (reaped < 0 && errno == EINTR);
    id = 0;
    return reaped > 0 ? std::optional(status) : std::nullopt;
  }

  /// Waits until something can be done with its streams, or for a tick.
  void wait() {
    std::array<pollfd, 3> files{watched(input, POLLOUT), watched(output, POLLIN),
                                watched(error_output, POLLIN)};
    static_cast<void>(poll(files.data(), files.size(), static_cast<int>(k_tick.count())));
  }

  /// Takes what is in a pipe now, up to a piece, and closes it at its end or, once the child
  /// `ended`, where it is empty.
  std::size_t take(asio::readable_pipe& pipe, std::span<std::byte> into, bool ended) {
    if (!pipe.is_open()) {
      return 0;
    }
    const std::ptrdiff_t got = read_at_once(pipe, into);
    if (got > 0) {
      const auto taken = static_cast<std::size_t>(got);
      taken_since_its_end += ended ? taken : 0;
      if (taken_since_its_end > 2 * k_largest_pipe) {
        close(pipe); // whom it left behind goes on writing
      }
      return taken;
    }
    if (got == 0 || ended || (errno != EAGAIN && errno != EINTR)) {
      close(pipe);
    }
    return 0;
  }

  void take_errors(bool ended) {
    const std::size_t got = take(error_output, piece, ended);
    append_error_output(errors, ByteView(piece).first(got));
    if (listener && got > 0) {
      listener(as_text(ByteView(piece).first(got)));
    }
  }

  void throw_away_output(bool ended) { static_cast<void>(take(output, piece, ended)); }

  const Cancellation& cancellation;
  WhenCancelled when_cancelled;
  bool is_interrupted = false;
  ErrorListener listener;
  std::string program;
  asio::io_context loop;
  asio::writable_pipe input{loop};
  asio::readable_pipe output{loop};
  asio::readable_pipe error_output{loop};
  pid_t id = 0;
  Bytes piece = Bytes(k_piece);
  std::string errors;
  std::size_t taken_since_its_end = 0;
  bool is_roomy = false; ///< What it writes while we look away does not stop it.
};

Child::Child(const Command& command, const Cancellation& cancellation, ErrorListener listener,
             WhenCancelled when_cancelled)
    : state_(std::make_unique<State>(command, cancellation, std::move(listener), when_cancelled)) {}

Child::~Child() = default;

std::size_t Child::read(std::span<std::byte> into) {
  State& state = *state_;
  close(state.input);
  for (std::size_t got = 0;;) {
    state.check_cancellation();
    const bool ended = state.has_ended(); // asked first: what it said before is in the pipe then
    const std::size_t more = state.take(state.output, into.subspan(got), ended);
    state.take_errors(ended);
    got += more;
    if (got == into.size() || !state.output.is_open()) {
      return got;
    }
    if (more > 0 && state.is_roomy) {
      static_cast<void>(poll(nullptr, 0, static_cast<int>(k_gathering.count())));
    } else if (got > 0) {
      return got;
    } else {
      state.wait();
    }
  }
}

bool Child::write(ByteView bytes) {
  State& state = *state_;
  const PipeSignalBlocked blocked;
  while (!bytes.empty()) {
    state.check_cancellation();
    const bool ended = state.has_ended();
    state.throw_away_output(ended);
    state.take_errors(ended);
    if (ended || !state.input.is_open()) {
      close(state.input);
      return false;
    }
    const ssize_t written = ::write(state.input.native_handle(), bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN || errno == EINTR) {
      state.wait();
    } else if (errno == EPIPE) {
      close(state.input);
    } else {
      throw_io_error(errno, "write to", state.program);
    }
  }
  return true;
}

Ended Child::finish() {
  State& state = *state_;
  close(state.input);
  for (auto pause = std::chrono::milliseconds(1);;) {
    state.check_cancellation();
    const bool ended = state.has_ended();
    state.throw_away_output(ended);
    state.take_errors(ended);
    const bool is_silent = !state.output.is_open() && !state.error_output.is_open();
    if (ended && is_silent) {
      break;
    }
    if (!is_silent) {
      state.wait();
    } else { // its streams are closed: it is ending, or wants to be heard no more
      static_cast<void>(poll(nullptr, 0, static_cast<int>(pause.count())));
      pause = std::min(2 * pause, k_tick);
    }
  }
  const std::optional<int> status = state.reap();
  if (!status) {
    // As when SIGCHLD is ignored: without its exit code a child must not pass for a success.
    throw IoError("cannot learn how " + savepoint::quoted(state.program) + " ended");
  }
  return {exit_code_of(*status), std::move(state.errors)};
}

} // namespace savepoint::process
