#pragma once

#include "discovery/internal/settings_tree.hpp"

#include <string_view>
#include <vector>

namespace savepoint::discovery {

struct Token {
  enum class Kind { word, string, number, sign, line_end };
  Kind kind = Kind::sign;
  std::string text; ///< Of a string, what it holds, `${…}` left out.
  Template parts;   ///< Of a string, all that it is made of.
  std::size_t line = 0;

  [[nodiscard]] bool is(std::string_view sign) const { return kind == Kind::sign && text == sign; }
  [[nodiscard]] bool is_word(std::string_view word) const {
    return kind == Kind::word && text == word;
  }
  [[nodiscard]] bool is_opening() const { return is("{") || is("[") || is("("); }
  [[nodiscard]] bool is_closing() const { return is("}") || is("]") || is(")"); }
};

/// Cuts source text into tokens, comments left out. Ends of lines are tokens in all languages but
/// JavaScript.
[[nodiscard]] std::vector<Token> tokens_of(std::string_view text, Language language,
                                           std::size_t first_line = 1);

/// What an expression of these tokens may come to; see `Value::alternatives`.
[[nodiscard]] Value value_of(const std::vector<Token>& tokens, std::size_t begin, std::size_t end,
                             Language language);

} // namespace savepoint::discovery
