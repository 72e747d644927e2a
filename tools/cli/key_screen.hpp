#pragma once

#include "base/cancellation.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::cli {

/// A key that was pressed, or something else that a list to move in must know of.
struct Key {
  enum class Kind {
    text, ///< `text` is what it types.
    up,
    down,
    page_up,
    page_down,
    home,
    end,
    enter,
    escape,
    backspace,
    clear,   ///< Ctrl-U.
    resized, ///< The terminal has another size now.
    gone,    ///< Nobody is there any more.
    other,
  };
  Kind kind = Kind::other;
  std::string text = {};
};

/// A terminal on which keys come one by one and are not shown, and which has a screen of its own on
/// stderr. However it ends, by its destructor or by a signal that ends the process, the terminal is
/// as it was. There can be one at a time.
///
/// Ctrl-C asks to stop, as ever; Ctrl-Z and Ctrl-\ do nothing meanwhile.
class KeyScreen {
public:
  /// `cancellation` must outlive it. Throws IoError if stdin is no terminal.
  explicit KeyScreen(const Cancellation& cancellation);
  ~KeyScreen();
  KeyScreen(const KeyScreen&) = delete;
  KeyScreen& operator=(const KeyScreen&) = delete;

  /// Waits for a key, `patience` at most. Throws Cancelled.
  [[nodiscard]] std::optional<Key> key(std::optional<std::chrono::milliseconds> patience);
  /// Shows these lines from the top, and nothing else. None of them may be wider than the screen.
  void draw(const std::vector<std::string>& lines);

private:
  [[nodiscard]] bool has_input(std::optional<std::chrono::milliseconds> patience);
  [[nodiscard]] std::optional<char> letter();
  [[nodiscard]] Key after_escape();

  const Cancellation* cancellation_;
};

} // namespace savepoint::cli
