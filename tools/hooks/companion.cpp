#include "hooks/companion.hpp"

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#if __has_include(<linux/close_range.h>)
#include <linux/close_range.h>
#endif

namespace savepoint::tools {
namespace {

using Clock = std::chrono::steady_clock;

/// A database that hangs must not hold the store for ever: then SIGALRM ends us.
constexpr unsigned k_longest_work = 6 * 60 * 60;
constexpr std::chrono::milliseconds k_look{200};
constexpr std::size_t k_most_complaint = std::size_t{16} << 10U;

/// Closes every file that git left open in us, all but the standard ones and `kept`.
void close_others(int kept) {
#if defined(CLOSE_RANGE_CLOEXEC)
  const auto number = static_cast<unsigned int>(kept);
  if ((kept == STDERR_FILENO + 1 || close_range(STDERR_FILENO + 1, number - 1, 0) == 0) &&
      close_range(number + 1, ~0U, 0) == 0) {
    return;
  }
#endif
  const long most = sysconf(_SC_OPEN_MAX);
  for (int file = STDERR_FILENO + 1; file < (most < 0 ? 1024 : most); ++file) {
    if (file != kept) {
      close(file);
    }
  }
}

/// Appends what can be read from `from`; false at its end.
bool read_into(std::string& text, const fs::Descriptor& from) {
  std::array<char, 4096> piece{};
  const ssize_t got = read(from.number(), piece.data(), piece.size());
  if (got > 0) {
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return got > 0 || (got < 0 && errno == EINTR);
}

/// The same of a complaint. What is too much is read, too: it would stop who writes it.
bool hear(std::string& complaint, const fs::Descriptor& from) {
  const bool goes_on = read_into(complaint, from);
  complaint.resize(std::min(complaint.size(), k_most_complaint));
  return goes_on;
}

} // namespace

void Line::tell(const json::Value& message) {
  const std::string text = json::print_line(message);
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t sent = send(line_.number(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) {
      return;
    }
    rest.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
  }
}

void Line::tell_settings(const config::HookSettings& settings, Patience patience) {
  tell(json::Value::object(
      {{"budget_ms", std::uint64_t(std::chrono::milliseconds(settings.budget).count())},
       {"block", settings.block},
       {"endless", patience == Patience::endless}}));
}

void Line::files_are_read() {
  if (has_gone_on()) {
    throw Cancelled();
  }
  tell(json::Value::object({{"files_are_read", true}}));
}

bool Line::has_gone_on() {
  pollfd line{.fd = line_.number(), .events = POLLIN, .revents = 0};
  return poll(&line, 1, 0) != 0; // nobody ever writes to us: it is the other end that is closed
}

Companion::Companion() {
  std::array<int, 2> line{};
  std::array<int, 2> errors{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line.data()) != 0) {
    throw_io_error(errno, "make", "a socket");
  }
  if (pipe2(errors.data(), O_CLOEXEC) != 0) {
    throw_io_error(errno, "make", "a pipe");
  }
  copy_ = fork();
  if (copy_ < 0) {
    throw_io_error(errno, "make", "a process");
  }
  if (copy_ == 0) {
    become_copy(line[1], errors[1]);
    line_.emplace(fs::Descriptor(line[1]));
    return;
  }
  close(line[1]);
  close(errors[1]);
  heard_ = fs::Descriptor(line[0]);
  errors_ = fs::Descriptor(errors[0]);
}

void Companion::become_copy(int line, int errors) {
  setsid();
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0 ||
      dup2(errors, STDERR_FILENO) < 0) {
    _exit(static_cast<int>(ExitCode::failed));
  }
  close_others(line);
  alarm(k_longest_work);
}

void Companion::take(Waited& waited, std::string& text) {
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
    json::Value message = json::parse(text.substr(0, end), "a message of our own");
    text.erase(0, end + 1);
    if (const json::Value* const budget = message.find("budget_ms")) {
      waited.budget = std::chrono::milliseconds(budget->as_unsigned());
      waited.block = message.at("block").as_bool();
      waited.patience = message.at("endless").as_bool() ? Patience::endless : Patience::limited;
    } else if (message.find("files_are_read") != nullptr) {
      waited.end = Waited::End::background;
    } else {
      waited.end = Waited::End::told;
      waited.message = std::move(message);
    }
  }
}

Waited Companion::wait(const config::HookSettings& assumed, const Cancellation& cancellation,
                       const std::function<void()>& time_is_up) {
  const Clock::time_point begin = Clock::now();
  Waited waited{.end = Waited::End::given_up, .budget = assumed.budget, .block = assumed.block};
  std::string text;
  bool is_open = true;
  bool may_complain = true; // until the copy has ended: it never closes its stderr
  bool is_up = false;
  bool is_told_to_end = false;
  Clock::time_point end = begin + waited.budget;
  while (is_open || may_complain) {
    const bool is_endless =
        waited.patience == Patience::endless && is_open && waited.end != Waited::End::told;
    if (is_endless) {
      if (Clock::now() >= begin + waited.budget && !std::exchange(is_up, true)) {
        time_is_up();
      }
      if (cancellation.requested() && !std::exchange(is_told_to_end, true)) {
        kill(copy_, SIGTERM);
      }
      end = Clock::now() + waited.budget; // what is left once it has done its work
    } else if (waited.patience == Patience::limited) {
      end = begin + waited.budget;
    }
    // A signal may come just before we begin to wait.
    const auto left =
        is_endless ? k_look : std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    std::array<pollfd, 2> heard{
        {{.fd = is_open ? heard_.number() : -1, .events = POLLIN, .revents = 0},
         {.fd = may_complain ? errors_.number() : -1, .events = POLLIN, .revents = 0}}};
    const int ready =
        left.count() > 0 ? poll(heard.data(), heard.size(), static_cast<int>(left.count())) : 0;
    const bool is_cancelled = cancellation.requested() && waited.patience == Patience::limited;
    if (!is_endless && (is_cancelled || ready == 0)) {
      break;
    }
    if (heard[1].revents != 0) {
      may_complain = hear(waited.complaint, errors_);
    }
    if (heard[0].revents != 0) {
      is_open = read_into(text, heard_);
      take(waited, text);
    }
  }
  if (!is_open && waited.end != Waited::End::told) {
    waited.end = Waited::End::failed;
  }
  if (waited.end == Waited::End::given_up) {
    kill(copy_, SIGTERM);
  } else {
    waitpid(copy_, nullptr, may_complain ? WNOHANG : 0); // where nobody tends to orphans it stayed
  }
  return waited;
}

} // namespace savepoint::tools
