#include "cli/terminal.hpp"

#include "base/error.hpp"

#include <cerrno>
#include <charconv>
#include <system_error>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace savepoint::cli {
namespace {

constexpr std::size_t k_piece = std::size_t{64} << 10U;

bool has_value(const config::Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found != environment.end() && !found->second.empty();
}

std::string value_of(const config::Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

bool is_dumb(const config::Environment& environment) {
  return !has_value(environment, "TERM") || value_of(environment, "TERM") == "dumb";
}

/// The first of these variables that has a value decides, as for every program.
bool reads_utf8(const config::Environment& environment) {
  for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (has_value(environment, name)) {
      std::string value = value_of(environment, name);
      std::erase(value, '-');
      return value.find("UTF8") != std::string::npos || value.find("utf8") != std::string::npos;
    }
  }
  return false;
}

/// Writes all of `text`; returns 0 or the errno that stopped it.
int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd waiting{.fd = file, .events = POLLOUT, .revents = 0};
      poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

std::string_view code_of(Style style) {
  switch (style) {
  case Style::plain:
    return "";
  case Style::bold:
    return "\x1b[1m";
  case Style::dim:
    return "\x1b[2m";
  case Style::red:
    return "\x1b[31m";
  case Style::green:
    return "\x1b[32m";
  case Style::yellow:
    return "\x1b[33m";
  case Style::cyan:
    return "\x1b[36m";
  }
  return "";
}

std::string painted(bool with_colour, Style style, std::string_view text) {
  if (!with_colour || style == Style::plain || text.empty()) {
    return std::string(text);
  }
  return std::string(code_of(style)) + std::string(text) + "\x1b[0m";
}

} // namespace

Terminal::Terminal(const config::Environment& environment)
    : size_(find_size(environment)), stdin_is_terminal_(isatty(STDIN_FILENO) == 1),
      stdout_is_terminal_(isatty(STDOUT_FILENO) == 1),
      stderr_is_terminal_(isatty(STDERR_FILENO) == 1), utf8_(reads_utf8(environment)),
      plain_wanted_(is_dumb(environment) || has_value(environment, "SAVEPOINT_PLAIN")),
      plain_(plain_wanted_), colour_wanted_(!has_value(environment, "NO_COLOR")),
      tells_progress_(value_of(environment, "SAVEPOINT_PROGRESS") == "json") {}

Terminal::Size Terminal::find_size(const config::Environment& environment) {
  for (const int file : {STDOUT_FILENO, STDERR_FILENO}) {
    winsize size{};
    if (ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
      return {.width = size.ws_col, .height = size.ws_row > 0 ? size.ws_row : Size{}.height};
    }
  }
  const std::string columns = value_of(environment, "COLUMNS");
  Size size;
  const auto read = std::from_chars(columns.data(), columns.data() + columns.size(), size.width);
  return read.ec == std::errc() && size.width > 0 ? size : Size{};
}

void Terminal::measure() {
  size_ = find_size({});
}

void Terminal::set_options(const Common& options) {
  json_ = options.json;
  quiet_ = options.quiet;
  plain_ = plain_wanted_ || options.plain;
}

void Terminal::say(std::string_view text) {
  if (!json_ && !quiet_) {
    out(text);
  }
}

void Terminal::id(std::string_view id) {
  if (quiet_ && !json_) {
    out(id);
    out("\n");
  }
}

void Terminal::document(const json::Value& value) {
  if (json_) {
    out(json::print(value));
  }
}

void Terminal::out(std::string_view text) {
  pending_ += text;
  if (pending_.size() >= k_piece) {
    flush();
  }
}

void Terminal::err(std::string_view text) {
  flush();
  // There is no one left to tell that stderr is gone.
  static_cast<void>(write_all(STDERR_FILENO, text));
}

void Terminal::draw_line(std::string_view text) const noexcept {
  static_cast<void>(write_all(STDERR_FILENO, "\r\x1b[K"));
  static_cast<void>(write_all(STDERR_FILENO, text));
}

void Terminal::write_line(std::string_view text) const noexcept {
  static_cast<void>(write_all(STDERR_FILENO, text));
}

void Terminal::flush() {
  const std::string text = std::move(pending_);
  pending_.clear();
  if (text.empty() || reader_left_) {
    return;
  }
  const int error_number = write_all(STDOUT_FILENO, text);
  if (error_number == EPIPE) {
    reader_left_ = true;
  } else if (error_number != 0) {
    reader_left_ = true;
    throw IoError("cannot write to standard output: " +
                      std::generic_category().message(error_number),
                  error_number, "see where the output goes, then run the command again");
  }
}

std::string Terminal::paint(Style style, std::string_view text) const {
  return painted(can_arrange() && colour_wanted_, style, text);
}

std::string Terminal::paint_stderr(Style style, std::string_view text) const {
  return painted(can_draw() && colour_wanted_, style, text);
}

bool Terminal::can_ask() const {
  return stdin_is_terminal_ && stderr_is_terminal_;
}

} // namespace savepoint::cli
