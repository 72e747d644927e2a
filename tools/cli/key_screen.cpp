#include "cli/key_screen.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>

#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace savepoint::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A key such as ↑ sends an escape and more at once; somebody who presses Escape nothing more.
constexpr milliseconds k_rest_of_key{40};
/// A signal that comes just before a wait is noticed so late.
constexpr milliseconds k_look_up{200};

constexpr std::string_view k_enter_screen = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J";
constexpr std::string_view k_leave_screen = "\x1b[?25h\x1b[?1049l";

// A signal handler reaches nothing but what is global.
termios terminal_before;
volatile std::sig_atomic_t is_open = 0;
volatile std::sig_atomic_t is_resized = 0;

/// Safe in a signal handler.
void write_out(std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
    if (written < 0 && errno != EINTR && errno != EAGAIN) {
      return;
    }
    text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
}

/// Safe in a signal handler.
void put_back() noexcept {
  if (is_open != 0) {
    is_open = 0;
    write_out(k_leave_screen);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_before);
  }
}

extern "C" void note_new_size(int) {
  is_resized = 1;
}

struct Handled {
  int signal;
  struct sigaction before;
};
// Those that nobody handles, and would leave the terminal as it is.
std::array<Handled, 3> deadly{{{SIGQUIT, {}}, {SIGABRT, {}}, {SIGSEGV, {}}}};
// Those that ask to stop. The second one must not end us before the terminal is as it was.
std::array<Handled, 3> asking{{{SIGINT, {}}, {SIGTERM, {}}, {SIGHUP, {}}}};
Handled resizing{SIGWINCH, {}};

extern "C" void put_back_and_die(int signal) {
  put_back();
  for (const Handled& handled : deadly) {
    if (handled.signal == signal) {
      sigaction(signal, &handled.before, nullptr);
    }
  }
  std::raise(signal); // comes as soon as this handler is left
}

void take(Handled& handled, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(handled.signal, &action, &handled.before);
}

void take_signals() {
  for (Handled& handled : deadly) {
    take(handled, put_back_and_die);
  }
  for (Handled& handled : asking) {
    sigaction(handled.signal, nullptr, &handled.before);
    struct sigaction action = handled.before;
    action.sa_flags &= ~static_cast<int>(SA_RESETHAND);
    sigaction(handled.signal, &action, nullptr);
  }
  take(resizing, note_new_size);
}

void give_signals_back() {
  for (const auto* const all : {&deadly, &asking}) {
    for (const Handled& handled : *all) {
      sigaction(handled.signal, &handled.before, nullptr);
    }
  }
  sigaction(resizing.signal, &resizing.before, nullptr);
}

/// What stands behind "\x1b[" or "\x1bO", up to the letter that ends it.
Key::Kind kind_of(std::string_view code) {
  using Kind = Key::Kind;
  struct Known {
    std::string_view code;
    Kind kind;
  };
  static constexpr std::array k_known{Known{"A", Kind::up},       Known{"B", Kind::down},
                                      Known{"H", Kind::home},     Known{"F", Kind::end},
                                      Known{"1~", Kind::home},    Known{"7~", Kind::home},
                                      Known{"4~", Kind::end},     Known{"8~", Kind::end},
                                      Known{"5~", Kind::page_up}, Known{"6~", Kind::page_down}};
  const auto* const found = std::ranges::find(k_known, code, &Known::code);
  return found == k_known.end() ? Kind::other : found->kind;
}

Key key_of_control(char letter) {
  constexpr auto k_control = [](char name) { return static_cast<char>(name & 0x1F); };
  using Kind = Key::Kind;
  switch (letter) {
  case '\r':
  case '\n':
    return {.kind = Kind::enter};
  case '\x7f':
  case '\b':
    return {.kind = Kind::backspace};
  case k_control('N'):
    return {.kind = Kind::down};
  case k_control('P'):
    return {.kind = Kind::up};
  case k_control('U'):
    return {.kind = Kind::clear};
  case k_control('D'):
    return {.kind = Kind::escape};
  default:
    return {.kind = Kind::other};
  }
}

} // namespace

KeyScreen::KeyScreen(const Cancellation& cancellation) : cancellation_(&cancellation) {
  if (tcgetattr(STDIN_FILENO, &terminal_before) != 0) {
    throw_io_error(errno, "read keys from", "the terminal");
  }
  termios keys = terminal_before;
  keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  keys.c_iflag &= ~static_cast<tcflag_t>(ICRNL | IXON);
  keys.c_oflag |= OPOST | ONLCR;
  keys.c_cc[VMIN] = 1;
  keys.c_cc[VTIME] = 0;
  keys.c_cc[VSUSP] = _POSIX_VDISABLE;
  keys.c_cc[VQUIT] = _POSIX_VDISABLE;
  take_signals();
  is_open = 1;
  if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &keys) != 0) {
    is_open = 0;
    give_signals_back();
    throw_io_error(errno, "read keys from", "the terminal");
  }
  write_out(k_enter_screen);
}

KeyScreen::~KeyScreen() {
  put_back();
  give_signals_back();
}

bool KeyScreen::has_input(std::optional<milliseconds> patience) {
  const auto end = steady_clock::now() + patience.value_or(milliseconds(0));
  while (true) {
    cancellation_->check();
    milliseconds wait = k_look_up;
    if (patience) {
      const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
      wait = std::clamp(left, milliseconds(0), k_look_up);
    }
    pollfd waiting{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, static_cast<int>(wait.count())) > 0) {
      return true;
    }
    if (is_resized != 0 || (patience && steady_clock::now() >= end)) {
      return false;
    }
  }
}

std::optional<char> KeyScreen::letter() {
  char letter = 0;
  return read(STDIN_FILENO, &letter, 1) == 1 ? std::optional(letter) : std::nullopt;
}

Key KeyScreen::after_escape() {
  if (!has_input(k_rest_of_key)) {
    return {.kind = Key::Kind::escape};
  }
  const std::optional<char> second = letter();
  if (second != '[' && second != 'O') {
    return {.kind = Key::Kind::other};
  }
  std::string code;
  while (has_input(k_rest_of_key)) {
    const std::optional<char> next = letter();
    if (!next) {
      break;
    }
    code += *next;
    if (*next >= '@' && *next <= '~') {
      break;
    }
  }
  return {.kind = kind_of(code)};
}

std::optional<Key> KeyScreen::key(std::optional<milliseconds> patience) {
  const bool has_come = has_input(patience);
  if (is_resized != 0) {
    is_resized = 0;
    return Key{.kind = Key::Kind::resized};
  }
  if (!has_come) {
    return std::nullopt;
  }
  const std::optional<char> first = letter();
  if (!first) {
    return Key{.kind = Key::Kind::gone};
  }
  const auto byte = static_cast<unsigned char>(*first);
  if (*first == '\x1b') {
    return after_escape();
  }
  if (byte < 0x20 || byte == 0x7f) {
    return key_of_control(*first);
  }
  std::string text(1, *first);
  const std::size_t length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
  while (text.size() < length && has_input(k_rest_of_key)) {
    const std::optional<char> next = letter();
    if (!next) {
      break;
    }
    text += *next;
  }
  return Key{.kind = Key::Kind::text, .text = std::move(text)};
}

void KeyScreen::draw(const std::vector<std::string>& lines) {
  std::string text = "\x1b[H";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += (i == 0 ? "" : "\n") + lines[i] + "\x1b[K";
  }
  write_out(text + "\x1b[J");
}

} // namespace savepoint::cli
