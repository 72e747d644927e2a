#include "cli/picker.hpp"

#include "base/ascii.hpp"
#include "base/printable.hpp"
#include "cli/key_screen.hpp"
#include "cli/text.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <system_error>
#include <utility>

namespace savepoint::cli {
namespace {

constexpr std::size_t k_least_for_preview = 10; // lines of a screen
constexpr std::size_t k_around = 3;             // question, rule above the preview, keys
/// So long nobody presses a key before the preview is looked for.
constexpr std::chrono::milliseconds k_pause{60};
constexpr std::size_t k_numbered = 20;

/// A list to move in, and what is typed to filter it.
class List {
public:
  explicit List(const std::vector<Choice>& choices) : choices_(&choices) { filter({}); }

  [[nodiscard]] const std::vector<std::size_t>& shown() const { return shown_; }
  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] std::optional<std::size_t> chosen() const {
    return shown_.empty() ? std::nullopt : std::optional(shown_[position_]);
  }
  [[nodiscard]] const std::string& typed() const { return typed_; }

  void move(std::ptrdiff_t by) {
    const auto last = static_cast<std::ptrdiff_t>(shown_.size()) - 1;
    const auto to = static_cast<std::ptrdiff_t>(position_) + by;
    position_ = static_cast<std::size_t>(
        std::clamp<std::ptrdiff_t>(to, 0, std::max<std::ptrdiff_t>(last, 0)));
  }
  void go_to_first() { position_ = 0; }
  void go_to_last() { position_ = shown_.empty() ? 0 : shown_.size() - 1; }

  void type(const std::string& text) { filter(typed_ + text); }
  void take_back() {
    std::string typed = typed_;
    while (!typed.empty() && (static_cast<unsigned char>(typed.back()) & 0xC0U) == 0x80) {
      typed.pop_back();
    }
    if (!typed.empty()) {
      typed.pop_back();
    }
    filter(std::move(typed));
  }
  void clear() { filter({}); }

private:
  /// Each word that is typed must be found.
  [[nodiscard]] bool matches(const Choice& choice) const {
    const std::string all = lower(choice.words);
    std::string_view rest = typed_;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      if (all.find(lower(rest.substr(0, end))) == std::string::npos) {
        return false;
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return true;
  }
  /// What was chosen stays so, if it is still there.
  void filter(std::string typed) {
    const std::optional<std::size_t> before = chosen();
    typed_ = std::move(typed);
    shown_.clear();
    position_ = 0;
    for (std::size_t i = 0; i < choices_->size(); ++i) {
      if (matches((*choices_)[i])) {
        position_ = before == i ? shown_.size() : position_;
        shown_.push_back(i);
      }
    }
  }

  const std::vector<Choice>* choices_;
  std::vector<std::size_t> shown_;
  std::size_t position_ = 0;
  std::string typed_;
};

/// The screen of a list, with the preview below.
class Picking {
public:
  Picking(Session& session, const std::string& question, const std::vector<Choice>& choices,
          const Preview& preview)
      : session_(&session), question_(&question), choices_(&choices), preview_(&preview),
        list_(choices), screen_(session.cancellation()) {}

  std::optional<std::size_t> run() {
    while (true) {
      draw();
      const std::optional<std::size_t> chosen = list_.chosen();
      const bool is_waited_for = chosen && preview_lines() > 0 && !previews_.contains(*chosen);
      const std::optional<Key> key =
          screen_.key(is_waited_for ? std::optional(k_pause) : std::nullopt);
      if (!key && is_waited_for) {
        previews_[*chosen] = (*preview_)(*chosen, preview_lines());
        session_->progress().clear();
      } else if (key) {
        if (const auto end = obey(*key)) {
          return *end;
        }
      }
    }
  }

private:
  using End = std::optional<std::size_t>;

  /// The end, if the key was one.
  std::optional<End> obey(const Key& key) {
    const auto page = static_cast<std::ptrdiff_t>(list_lines());
    switch (key.kind) {
    case Key::Kind::up:
      list_.move(-1);
      break;
    case Key::Kind::down:
      list_.move(1);
      break;
    case Key::Kind::page_up:
      list_.move(-page);
      break;
    case Key::Kind::page_down:
      list_.move(page);
      break;
    case Key::Kind::home:
      list_.go_to_first();
      break;
    case Key::Kind::end:
      list_.go_to_last();
      break;
    case Key::Kind::enter:
      return list_.chosen() ? std::optional<End>(list_.chosen()) : std::nullopt;
    case Key::Kind::escape:
      if (!is_filtering_) {
        return End();
      }
      is_filtering_ = false;
      list_.clear();
      break;
    case Key::Kind::gone:
      return End();
    case Key::Kind::backspace:
      list_.take_back();
      is_filtering_ = !list_.typed().empty();
      break;
    case Key::Kind::clear:
      list_.clear();
      is_filtering_ = false;
      break;
    case Key::Kind::text:
      return type(key.text);
    case Key::Kind::resized:
      session_->terminal.measure();
      previews_.clear();
      break;
    case Key::Kind::other:
      break;
    }
    return std::nullopt;
  }

  /// Letters move until something is typed that does not; from then on all are for the filter.
  std::optional<End> type(const std::string& text) {
    if (is_filtering_) {
      list_.type(text);
    } else if (text == "j") {
      list_.move(1);
    } else if (text == "k") {
      list_.move(-1);
    } else if (text == "g") {
      list_.go_to_first();
    } else if (text == "G") {
      list_.go_to_last();
    } else if (text == "q") {
      return End();
    } else {
      is_filtering_ = true;
      list_.type(text == "/" ? "" : text);
    }
    return std::nullopt;
  }

  [[nodiscard]] std::size_t height() const {
    return std::max<std::size_t>(session_->terminal.height(), 4);
  }
  [[nodiscard]] std::size_t preview_lines() const {
    return height() < k_least_for_preview ? 0 : (height() - k_around) / 2;
  }
  [[nodiscard]] std::size_t list_lines() const {
    return height() - preview_lines() - (preview_lines() == 0 ? k_around - 1 : k_around);
  }
  [[nodiscard]] std::string fit(const std::string& text) const {
    return shortened(text, session_->terminal.width() - 1);
  }

  void draw() {
    const Terminal& terminal = session_->terminal;
    std::vector<std::string> lines;
    const std::string typed = is_filtering_ ? "  /" + printable(list_.typed()) + "  " +
                                                  std::to_string(list_.shown().size()) + " of " +
                                                  std::to_string(choices_->size())
                                            : "";
    lines.push_back(terminal.paint_stderr(Style::bold, fit(*question_ + typed)));
    first_ = std::min(first_, list_.position());
    if (list_.position() >= first_ + list_lines()) {
      first_ = list_.position() - list_lines() + 1;
    }
    for (std::size_t i = first_; i < first_ + list_lines(); ++i) {
      const bool is_there = i < list_.shown().size();
      const bool is_chosen = is_there && i == list_.position();
      const std::string line = is_there ? (*choices_)[list_.shown()[i]].line : "";
      lines.push_back(terminal.paint_stderr(is_chosen ? Style::green : Style::plain,
                                            fit((is_chosen ? "> " : "  ") + line)));
    }
    if (preview_lines() > 0) {
      draw_preview(lines);
    }
    lines.push_back(terminal.paint_stderr(
        Style::dim,
        fit(is_filtering_ ? "Enter choose   Esc all of them"
                          : "arrows move   type to filter   Enter choose   Esc leave")));
    screen_.draw(lines);
  }

  void draw_preview(std::vector<std::string>& lines) const {
    const std::size_t width = session_->terminal.width() - 1;
    std::string rule;
    for (std::size_t i = 0; i < width; ++i) {
      rule += session_->terminal.is_utf8() ? "─" : "-";
    }
    lines.push_back(session_->terminal.paint_stderr(Style::dim, rule));
    std::vector<std::string> preview;
    if (const auto chosen = list_.chosen()) {
      const auto found = previews_.find(*chosen);
      preview = found == previews_.end() ? std::vector<std::string>{"..."} : found->second;
    } else {
      preview = {"nothing has that in it"};
    }
    preview.resize(preview_lines());
    for (const std::string& line : preview) {
      lines.push_back(fit(line));
    }
  }

  Session* session_;
  const std::string* question_;
  const std::vector<Choice>* choices_;
  const Preview* preview_;
  List list_;
  bool is_filtering_ = false;
  std::size_t first_ = 0; ///< Of those that are shown, at the top.
  std::map<std::size_t, std::vector<std::string>> previews_;
  KeyScreen screen_;
};

/// The same for those who cannot see a list that moves.
std::optional<std::size_t> pick_by_number(Session& session, const std::string& question,
                                          const std::vector<Choice>& choices) {
  std::string text;
  const std::size_t listed = std::min(choices.size(), k_numbered);
  for (std::size_t i = 0; i < listed; ++i) {
    text += std::to_string(i + 1) + ". " + choices[i].line + "\n";
  }
  if (listed < choices.size()) {
    text += "and " + std::to_string(choices.size() - listed) +
            " more, which have numbers too: 'savepoint list' shows them in this order\n";
  }
  session.terminal.err(text);
  while (true) {
    const std::string answer = session.ask(question + " [number, or nothing to leave] ");
    std::size_t number = 0;
    const char* const end = answer.data() + answer.size();
    const auto read = std::from_chars(answer.data(), end, number);
    if (answer.empty()) {
      return std::nullopt;
    }
    if (read.ec == std::errc() && read.ptr == end && number >= 1 && number <= choices.size()) {
      return number - 1;
    }
    session.terminal.err("there is no number " + quoted(answer) + " in the list\n");
  }
}

} // namespace

std::optional<std::size_t> pick(Session& session, const std::string& question,
                                const std::vector<Choice>& choices, const Preview& preview) {
  session.progress().clear();
  session.terminal.flush();
  if (session.terminal.plain()) {
    return pick_by_number(session, question, choices);
  }
  session.terminal.measure();
  return Picking(session, question, choices, preview).run();
}

} // namespace savepoint::cli
