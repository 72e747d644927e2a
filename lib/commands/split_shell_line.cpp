#include "commands/shell_line.hpp"

#include <algorithm>
#include <utility>

namespace savepoint::commands {
namespace {

using std::string_view;

class Splitter {
public:
  explicit Splitter(string_view line) : line_(line) {}

  std::vector<ShellCommand> split() {
    while (at_ < line_.size()) {
      take(line_[at_]);
    }
    end_command();
    return std::move(commands_);
  }

private:
  void take(char letter) {
    switch (letter) {
    case '\\':
      take_escaped();
      break;
    case '\'':
      take_quoted();
      break;
    case '"':
      begin_word();
      in_double_quotes_ = !in_double_quotes_;
      ++at_;
      break;
    case '`':
      in_backticks_ = !in_backticks_;
      in_backticks_ ? enter() : leave();
      ++at_;
      break;
    case '$':
      if (line_.substr(at_).starts_with("$(")) {
        enter();
        at_ += 2;
        break;
      }
      add(letter);
      break;
    default:
      in_double_quotes_ ? add(letter) : take_plain(letter);
    }
  }

  void take_plain(char letter) {
    switch (letter) {
    case ' ':
    case '\t':
      end_word();
      ++at_;
      break;
    case '#':
      if (is_word_) {
        add(letter);
      } else {
        at_ = std::min(line_.find('\n', at_), line_.size());
      }
      break;
    case '>':
      take_redirection();
      break;
    case '<':
      take_here_document();
      break;
    case '&':
      if (line_.substr(at_).starts_with("&>")) {
        ++at_;
        take_redirection();
        break;
      }
      [[fallthrough]];
    case ';':
    case '|':
      end_command();
      ++at_;
      break;
    case '\n':
      end_command();
      ++at_;
      pass_here_documents();
      break;
    case '(':
      enter();
      ++at_;
      break;
    case ')':
      leave();
      ++at_;
      break;
    default:
      add(letter);
    }
  }

  /// What stands in parentheses is quoted by itself.
  void enter() {
    end_command();
    outside_.push_back(in_double_quotes_);
    in_double_quotes_ = false;
  }
  void leave() {
    end_command();
    in_double_quotes_ = !outside_.empty() && outside_.back();
    if (!outside_.empty()) {
      outside_.pop_back();
    }
  }

  void begin_word() {
    word_begin_ = is_word_ ? word_begin_ : at_;
    is_word_ = true;
  }

  void add(char letter) {
    begin_word();
    word_ += letter;
    ++at_;
  }

  void take_escaped() {
    const bool is_of_word = at_ + 1 < line_.size() && line_[at_ + 1] != '\n';
    if (is_of_word) {
      begin_word();
      ++at_;
      add(line_[at_]);
    } else {
      at_ = std::min(at_ + 2, line_.size());
    }
  }

  void take_quoted() {
    if (in_double_quotes_) {
      add('\'');
      return;
    }
    begin_word();
    const std::size_t end = std::min(line_.find('\'', at_ + 1), line_.size());
    word_ += line_.substr(at_ + 1, end - at_ - 1);
    at_ = std::min(end + 1, line_.size());
  }

  void take_redirection() {
    // The number of a descriptor in front of it is no word.
    if (std::ranges::all_of(word_, [](char letter) { return letter >= '0' && letter <= '9'; })) {
      word_.clear();
      is_word_ = false;
    }
    end_word();
    ++at_;
    const string_view rest = line_.substr(at_);
    if (rest.starts_with('>') || rest.starts_with('&')) {
      at_ += 1; // appended, or another descriptor
      names_target_ = Target::kept;
      return;
    }
    at_ += rest.starts_with('|') ? std::size_t{1} : 0;
    names_target_ = Target::overwritten;
  }

  /// `<<WORD`: the text begins on the next line, and is no command.
  void take_here_document() {
    const string_view rest = line_.substr(at_);
    if (!rest.starts_with("<<") || rest.starts_with("<<<")) {
      for (std::size_t i = std::min(rest.find_first_not_of('<'), rest.size()); i > 0; --i) {
        add('<');
      }
      return;
    }
    end_word();
    at_ += 2;
    const bool may_be_indented = at_ < line_.size() && line_[at_] == '-';
    at_ = std::min(line_.find_first_not_of(" \t", at_ + (may_be_indented ? 1 : 0)), line_.size());
    std::string end;
    for (; at_ < line_.size() && string_view(" \t\n;|&()<>").find(line_[at_]) == string_view::npos;
         ++at_) {
      if (string_view("'\"\\").find(line_[at_]) == string_view::npos) {
        end += line_[at_];
      }
    }
    here_documents_.push_back({std::move(end), may_be_indented});
  }

  void pass_here_documents() {
    for (const HereDocument& document : std::exchange(here_documents_, {})) {
      for (std::size_t at = at_; at < line_.size();) {
        const std::size_t line_ends = std::min(line_.find('\n', at), line_.size());
        string_view line = line_.substr(at, line_ends - at);
        if (document.may_be_indented) {
          line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
        }
        at = std::min(line_ends + 1, line_.size());
        if (line == document.end) { // else it was none: 1 << 2
          at_ = at;
          break;
        }
      }
    }
  }

  void end_word() {
    if (is_word_ && names_target_ == Target::overwritten) {
      command_.overwritten.push_back(std::move(word_));
    } else if (is_word_ && names_target_ == Target::none) {
      command_.words.push_back(std::move(word_));
      command_.begins.push_back(word_begin_);
    }
    names_target_ = is_word_ ? Target::none : names_target_;
    word_.clear();
    is_word_ = false;
  }

  void end_command() {
    end_word();
    names_target_ = Target::none;
    command_.is_nested = !outside_.empty();
    if (!command_.words.empty() || !command_.overwritten.empty()) {
      commands_.push_back(std::move(command_));
    }
    command_ = {};
  }

  enum class Target { none, overwritten, kept };
  struct HereDocument {
    std::string end;
    bool may_be_indented;
  };

  string_view line_;
  std::size_t at_ = 0;
  std::string word_;
  bool is_word_ = false;
  std::size_t word_begin_ = 0;
  bool in_double_quotes_ = false;
  bool in_backticks_ = false;
  std::vector<bool> outside_;          ///< Whether there were double quotes around the parentheses.
  Target names_target_ = Target::none; ///< What the next word is, if not one of the command.
  std::vector<HereDocument> here_documents_;
  ShellCommand command_;
  std::vector<ShellCommand> commands_;
};

} // namespace

std::vector<ShellCommand> split_shell_line(string_view line) {
  return Splitter(line).split();
}

} // namespace savepoint::commands
