#include "discovery/internal/tokens.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>

namespace savepoint::discovery {
namespace {

/// Template strings in template strings; deeper ones are unknown.
constexpr std::size_t k_deepest_template = 3;
/// More than this is no file of settings: the rest is not looked at.
constexpr std::size_t k_most_tokens = 100'000;
constexpr std::size_t k_longest_pattern = 1'000;

bool is_word_character(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

class Scanner {
public:
  Scanner(std::string_view text, Language language, std::size_t line, std::size_t depth)
      : text_(text), language_(language), line_(line), depth_(depth) {}

  std::vector<Token> scan() {
    while (at_ < text_.size() && tokens_.size() < k_most_tokens) {
      scan_one();
    }
    return std::move(tokens_);
  }

private:
  [[nodiscard]] bool sees(std::string_view word) const {
    return text_.substr(at_).starts_with(word);
  }
  [[nodiscard]] bool is_javascript() const { return language_ == Language::javascript; }
  [[nodiscard]] bool is_python() const { return language_ == Language::python; }

  void scan_one() {
    const char c = text_[at_];
    if (c == '\n') {
      if (!is_javascript()) {
        add(Token::Kind::line_end, {});
      }
      ++line_;
      ++at_;
    } else if (c == ' ' || c == '\t' || c == '\r' || (c == '\\' && is_python())) {
      at_ += c == '\\' && text_.substr(at_ + 1, 1) == "\n" ? 2U : 1U; // a line that goes on
    } else if ((c == '#' && !is_javascript()) || (!is_python() && sees("//"))) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (!is_python() && sees("/*")) {
      skip_to_behind(text_.find("*/", at_ + 2), 2);
    } else if (is_digit(c)) {
      scan_number();
    } else if (is_word_character(c)) {
      scan_word();
    } else if (c == '"' || c == '\'' || (c == '`' && is_javascript())) {
      scan_string({});
    } else if (c == '/' && is_javascript() && expects_operand()) {
      scan_pattern();
    } else {
      scan_sign();
    }
  }

  void skip_to_behind(std::size_t end, std::size_t length) {
    const std::size_t next = end == std::string_view::npos ? text_.size() : end + length;
    line_ += static_cast<std::size_t>(std::ranges::count(text_.substr(at_, next - at_), '\n'));
    at_ = next;
  }

  void add(Token::Kind kind, std::string text) {
    tokens_.push_back({kind, std::move(text), {}, line_});
  }

  void scan_number() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_word_character(text_[at_]) || text_[at_] == '.')) {
      ++at_;
    }
    add(Token::Kind::number, std::string(text_.substr(begin, at_ - begin)));
  }

  void scan_word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word_character(text_[at_])) {
      ++at_;
    }
    const std::string_view word = text_.substr(begin, at_ - begin);
    constexpr std::size_t k_longest_prefix = 2; // rb"…", f'…'
    const bool is_prefix = is_python() && word.size() <= k_longest_prefix && at_ < text_.size() &&
                           (text_[at_] == '"' || text_[at_] == '\'') &&
                           word.find_first_not_of("rRbBfFuU") == std::string_view::npos;
    if (is_prefix) {
      scan_string(word);
    } else {
      add(Token::Kind::word, std::string(word));
    }
  }

  void scan_sign() {
    constexpr std::array<std::string_view, 8> k_signs = {"===", "!==", "??", "?.",
                                                         "||",  "&&",  "=>", "=="};
    const auto* const found =
        std::ranges::find_if(k_signs, [&](std::string_view sign) { return sees(sign); });
    const std::string_view sign = found == k_signs.end() ? text_.substr(at_, 1) : *found;
    add(Token::Kind::sign, std::string(sign));
    at_ += sign.size();
  }

  /// Whether a `/` here would begin a regular expression, and not divide.
  [[nodiscard]] bool expects_operand() const {
    if (tokens_.empty()) {
      return true;
    }
    const Token& last = tokens_.back();
    return last.kind == Token::Kind::sign && last.text != ")" && last.text != "]" &&
           last.text != "}";
  }

  void scan_pattern() {
    bool in_class = false;
    std::size_t at = at_ + 1;
    const std::size_t limit = std::min(text_.size(), at_ + k_longest_pattern);
    for (; at < limit && text_[at] != '\n' && (in_class || text_[at] != '/'); ++at) {
      in_class = text_[at] == '[' || (in_class && text_[at] != ']');
      at += text_[at] == '\\' ? 1U : 0U;
    }
    if (at >= limit || text_[at] == '\n') {
      scan_sign();
      return;
    }
    at_ = at + 1;
    add(Token::Kind::sign, "/…/");
  }

  void scan_string(std::string_view prefix) {
    const char quote = text_[at_];
    const std::string triple(3, quote);
    const bool is_triple = is_python() && sees(triple);
    const std::string_view end = is_triple ? std::string_view(triple) : text_.substr(at_, 1);
    const bool spans_lines = is_triple || quote == '`';
    const bool is_raw = prefix.find_first_of("rR") != std::string_view::npos;
    const bool is_formatted = prefix.find_first_of("fF") != std::string_view::npos;
    Token token{Token::Kind::string, {}, {}, line_};
    std::string literal;
    const auto flush = [&] {
      if (!literal.empty()) {
        token.parts.push_back({Part::Kind::text, literal, std::nullopt});
      }
      token.text += literal;
      literal.clear();
    };

    at_ += end.size();
    while (at_ < text_.size() && !sees(end) && (spans_lines || text_[at_] != '\n')) {
      const char c = text_[at_];
      if (c == '\\' && at_ + 1 < text_.size() && !is_raw) {
        append_escape(literal);
      } else if ((quote == '`' && sees("${")) || (is_formatted && c == '{' && !sees("{{"))) {
        flush();
        token.parts.push_back(scan_embedded(c == '$' ? 2 : 1));
      } else {
        at_ += is_formatted && (sees("{{") || sees("}}")) ? 1U : 0U;
        line_ += c == '\n' ? 1U : 0U;
        literal += text_[at_++];
      }
    }
    at_ += sees(end) ? end.size() : 0;
    flush();
    if (token.parts.empty()) {
      token.parts.emplace_back();
    }
    tokens_.push_back(std::move(token));
  }

  void append_escape(std::string& out) {
    const char c = text_[at_ + 1];
    line_ += c == '\n' ? 1U : 0U;
    if (c == 'n') {
      out += '\n';
    } else if (c == 't') {
      out += '\t';
    } else if (c != '\n') {
      out += c;
    }
    at_ += 2;
  }

  /// `${process.env.X ?? "default"}` in a string.
  Part scan_embedded(std::size_t opening) {
    at_ += opening;
    const std::size_t begin = at_;
    std::size_t open = 1;
    while (at_ < text_.size()) {
      open += text_[at_] == '{' ? 1U : 0U;
      open -= text_[at_] == '}' ? 1U : 0U;
      if (open == 0) {
        break;
      }
      ++at_;
    }
    const std::string_view inside = text_.substr(begin, at_ - begin);
    const std::size_t line = line_;
    line_ += static_cast<std::size_t>(std::ranges::count(inside, '\n'));
    at_ += at_ < text_.size() ? 1U : 0U;
    const Part unknown{Part::Kind::unknown, {}, std::nullopt};
    if (depth_ >= k_deepest_template) {
      return unknown;
    }
    const std::vector<Token> tokens = Scanner(inside, language_, line, depth_ + 1).scan();
    const Value value = value_of(tokens, 0, tokens.size(), language_);
    if (value.alternatives.empty() || value.alternatives[0].size() != 1) {
      return unknown;
    }
    Part part = value.alternatives[0][0];
    if (value.alternatives.size() > 1 && value.alternatives[1].size() == 1 &&
        value.alternatives[1][0].kind == Part::Kind::text) {
      part.fallback = value.alternatives[1][0].text;
    }
    return part;
  }

  std::string_view text_;
  Language language_;
  std::size_t line_;
  std::size_t depth_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

} // namespace

std::vector<Token> tokens_of(std::string_view text, Language language, std::size_t first_line) {
  return Scanner(text, language, first_line, 0).scan();
}

} // namespace savepoint::discovery
