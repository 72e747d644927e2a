#pragma once

#include "cli/common.hpp"
#include "config/config.hpp"
#include "json/value.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace savepoint::cli {

enum class Style { plain, bold, dim, red, green, yellow, cyan };

/// stdout and stderr as a tool sees them: who may read what, and in which colours.
///
/// What goes to stdout is collected and written in large pieces. A reader who has gone away
/// (`| head`) had enough: the rest is dropped and the work goes on to its own exit code.
class Terminal {
public:
  explicit Terminal(const config::Environment& environment);

  /// Tells what the options say; until then the output is for people.
  void set_options(const Common& options);
  [[nodiscard]] bool json() const { return json_; }
  [[nodiscard]] bool quiet() const { return quiet_; }

  /// Writes text for people to stdout; nothing with --json or --quiet.
  void say(std::string_view text);
  /// Writes one id and a newline with --quiet, else nothing.
  void id(std::string_view id);
  /// Writes the one document of --json; nothing without it.
  void document(const json::Value& value);
  /// Writes to stdout whatever the options are, such as a text that was asked for.
  void out(std::string_view text);
  /// Writes to stderr, after everything that stdout still holds.
  void err(std::string_view text);

  /// Writes over the last line of stderr. Safe from any thread: touches nothing that is collected.
  void draw_line(std::string_view text) const noexcept;

  /// Throws IoError if stdout cannot take what was written to it.
  void flush();
  /// Forgets what was not flushed yet, because an error takes its place.
  void discard() { pending_.clear(); }

  /// `text` in a style, where stdout shows styles. `for_stderr` asks the same of stderr.
  [[nodiscard]] std::string paint(Style style, std::string_view text) const;
  [[nodiscard]] std::string paint_stderr(Style style, std::string_view text) const;

  [[nodiscard]] bool can_ask() const; ///< Somebody sits there who can be asked.
  [[nodiscard]] bool stdout_is_terminal() const { return stdout_is_terminal_; }
  /// stderr is a terminal on which a line can be written over.
  [[nodiscard]] bool can_draw() const { return stderr_is_terminal_ && !dumb_ && !quiet_; }
  [[nodiscard]] std::size_t width() const { return width_; }

private:
  std::string pending_;
  std::size_t width_ = 80;
  bool stdin_is_terminal_;
  bool stdout_is_terminal_;
  bool stderr_is_terminal_;
  bool dumb_;
  bool colour_wanted_;
  bool json_ = false;
  bool quiet_ = false;
  bool reader_left_ = false;
};

} // namespace savepoint::cli
