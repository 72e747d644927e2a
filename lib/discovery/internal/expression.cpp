#include "discovery/internal/tokens.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>

namespace savepoint::discovery {
namespace {

/// DATABASE_URL, and not `join` or `utf8`.
bool is_variable_name(std::string_view text) {
  return text.size() > 1 && is_upper(text[0]) &&
         std::ranges::all_of(text, [](char c) { return is_upper(c) || is_digit(c) || c == '_'; });
}

bool names_a_directory(const Token& token) {
  constexpr std::array<std::string_view, 10> k_names = {
      "BASE_DIR",     "ROOT_DIR",  "PROJECT_ROOT", "PROJECT_DIR", "APPS_DIR",
      "PROJECT_PATH", "BASE_PATH", "__dirname",    "__file__",    "basedir"};
  return token.kind == Token::Kind::word && std::ranges::find(k_names, token.text) != k_names.end();
}

bool joins_paths(const Token& token) {
  return token.is_word("join") || token.is_word("joinpath") || token.is_word("resolve");
}

/// Goes through the tokens of one expression.
class Expression {
public:
  Expression(const std::vector<Token>& tokens, std::size_t begin, std::size_t end,
             Language language)
      : tokens_(tokens), at_(begin), begin_(begin), end_(end), language_(language) {}

  Value read() {
    Value value;
    if (begin_ >= end_) {
      return value;
    }
    value.line = tokens_[begin_].line;
    if (depends_on_a_condition()) {
      value.alternatives.push_back({Part{Part::Kind::unknown, {}, std::nullopt}});
      return value;
    }
    if (end_ - begin_ == 1 && tokens_[begin_].kind == Token::Kind::word) {
      value.reference = tokens_[begin_].text;
      return value;
    }
    is_path_ = std::any_of(tokens_.begin() + static_cast<std::ptrdiff_t>(begin_),
                           tokens_.begin() + static_cast<std::ptrdiff_t>(end_),
                           [](const Token& t) { return names_a_directory(t) || joins_paths(t); });
    while (at_ < end_) {
      step(value);
    }
    if (!path_.empty()) {
      value.alternatives.push_back({Part{Part::Kind::text, path_, std::nullopt}});
    }
    return value;
  }

private:
  [[nodiscard]] const Token* ahead(std::size_t by) const {
    return at_ + by < end_ ? &tokens_[at_ + by] : nullptr;
  }
  [[nodiscard]] bool is_ahead(std::size_t by, std::string_view sign) const {
    const Token* const token = ahead(by);
    return token != nullptr && token->is(sign);
  }

  /// What depends on more than whether a variable is set is not known without running it.
  [[nodiscard]] bool depends_on_a_condition() const {
    std::size_t open = 0;
    for (std::size_t at = begin_; at < end_; ++at) {
      const Token& token = tokens_[at];
      open += token.is_opening() ? 1U : 0U;
      open -= token.is_closing() && open > 0 ? 1U : 0U;
      const bool is_conditional =
          (token.is("?") && language_ == Language::javascript) ||
          (language_ == Language::python && (token.is_word("if") || token.is("%"))) ||
          token.is("=>") || token.is_word("lambda");
      const bool is_sum = token.is("+") && at > begin_ && !tokens_[at - 1].is_opening();
      if (open == 0 && (is_conditional || is_sum || token.is_word("format"))) {
        return true;
      }
    }
    return false;
  }

  void step(Value& value) {
    const Token& token = tokens_[at_];
    if (token.is("{")) {
      skip_block();
      return;
    }
    if (token.kind == Token::Kind::string) {
      take_string(value, token);
    } else if (token.kind == Token::Kind::number) {
      value.alternatives.push_back({Part{Part::Kind::text, token.text, std::nullopt}});
    } else if (token.kind == Token::Kind::word && !take_variable(value, token)) {
      take_implied_variable(value, token);
    }
    ++at_;
  }

  void skip_block() {
    std::size_t open = 0;
    for (; at_ < end_; ++at_) {
      open += tokens_[at_].is_opening() ? 1U : 0U;
      if (tokens_[at_].is_closing() && --open == 0) {
        ++at_;
        return;
      }
    }
  }

  void take_string(Value& value, const Token& token) {
    if (is_path_) {
      path_ += path_.empty() || path_.ends_with('/') ? "" : "/";
      path_ += token.text;
    } else {
      value.alternatives.push_back(token.parts);
    }
  }

  /// `env.X`, `env["X"]`, `ENV["X"]`, `anything("X")`; leaves `at_` on its last token.
  bool take_variable(Value& value, const Token& token) {
    const bool is_environment =
        token.text == "env" || token.text == "environ" || token.text == "ENV";
    const Token* const second = ahead(2);
    if (is_environment && (is_ahead(1, ".") || is_ahead(1, "?.")) && second != nullptr &&
        second->kind == Token::Kind::word && is_variable_name(second->text)) {
      add_variable(value, second->text);
      at_ += 2;
      return true;
    }
    const bool is_index = is_environment && is_ahead(1, "[");
    if ((is_index || is_ahead(1, "(")) && second != nullptr &&
        second->kind == Token::Kind::string && is_variable_name(second->text)) {
      add_variable(value, second->text);
      at_ += 2;
      return true;
    }
    return false;
  }

  /// `dj_database_url.config(default=…)` and `env.db()` mean DATABASE_URL.
  void take_implied_variable(Value& value, const Token& token) const {
    const Token* const method = ahead(2);
    if (!is_ahead(1, ".") || method == nullptr || !is_ahead(3, "(")) {
      return;
    }
    const bool has_name = ahead(4) != nullptr && ahead(4)->kind == Token::Kind::string;
    if (!has_name && ((token.text == "dj_database_url" && method->text == "config") ||
                      (token.text == "env" && (method->text == "db" || method->text == "db_url" ||
                                               method->text == "dj_db_url")))) {
      add_variable(value, "DATABASE_URL");
    }
  }

  static void add_variable(Value& value, std::string name) {
    value.alternatives.push_back({Part{Part::Kind::variable, std::move(name), std::nullopt}});
  }

  const std::vector<Token>& tokens_;
  std::size_t at_;
  std::size_t begin_;
  std::size_t end_;
  Language language_;
  bool is_path_ = false;
  std::string path_;
};

} // namespace

Value value_of(const std::vector<Token>& tokens, std::size_t begin, std::size_t end,
               Language language) {
  return Expression(tokens, begin, end, language).read();
}

} // namespace savepoint::discovery
