#pragma once

#include "cli/common.hpp"
#include "config/config.hpp"
#include "json/value.hpp"

#include <cstddef>
#include <limits>
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
  /// Nothing but lines of text is wanted, as of --plain: for screen readers and terminals that can
  /// no more. Then there is no colour, no line that is drawn, no pager and no list to move in.
  [[nodiscard]] bool plain() const { return plain_; }

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

  /// `text` in a style, where stdout shows styles, or where stderr does.
  [[nodiscard]] std::string paint(Style style, std::string_view text) const;
  [[nodiscard]] std::string paint_stderr(Style style, std::string_view text) const;

  [[nodiscard]] bool can_ask() const; ///< Somebody sits there who can be asked.
  [[nodiscard]] bool stdout_is_terminal() const { return stdout_is_terminal_; }
  /// Whoever started us reads progress from stderr: SAVEPOINT_PROGRESS=json.
  [[nodiscard]] bool tells_progress() const { return tells_progress_; }
  /// Writes a line to stderr at once. Safe from any thread, as draw_line.
  void write_line(std::string_view text) const noexcept;
  /// stderr is a terminal on which a line can be written over.
  [[nodiscard]] bool can_draw() const { return stderr_is_terminal_ && !plain_ && !quiet_; }
  /// stdout is a terminal on which text may be arranged in its width, with lines drawn beside it.
  [[nodiscard]] bool can_arrange() const {
    return stdout_is_terminal_ && !plain_ && !json_ && !quiet_;
  }
  /// What is written is read as UTF-8, so that lines may be drawn with its letters.
  [[nodiscard]] bool is_utf8() const { return utf8_; }
  [[nodiscard]] std::size_t width() const { return size_.width; }
  [[nodiscard]] std::size_t height() const { return size_.height; }
  /// So wide lines on stdout may be: without end where nobody arranges them.
  [[nodiscard]] std::size_t room() const {
    return can_arrange() ? width() : std::numeric_limits<std::size_t>::max();
  }
  /// Looks again how large it is.
  void measure();

private:
  struct Size {
    std::size_t width = 80;
    std::size_t height = 24;
  };
  [[nodiscard]] static Size find_size(const config::Environment& environment);

  std::string pending_;
  Size size_;
  bool stdin_is_terminal_;
  bool stdout_is_terminal_;
  bool stderr_is_terminal_;
  bool utf8_;
  bool plain_wanted_; ///< By the environment.
  bool plain_;
  bool colour_wanted_;
  bool tells_progress_;
  bool json_ = false;
  bool quiet_ = false;
  bool reader_left_ = false;
};

} // namespace savepoint::cli
