#include "discovery/internal/settings_tree.hpp"
#include "discovery/internal/tokens.hpp"

#include <algorithm>

namespace savepoint::discovery {
namespace {

constexpr std::size_t k_deepest_block = 40;

/// Finds settings in tokens.
class Settings {
public:
  Settings(const std::vector<Token>& tokens, Language language)
      : tokens_(tokens), language_(language), closings_(tokens.size(), tokens.size()) {
    std::vector<std::size_t> open;
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      if (tokens_[at].is_opening()) {
        open.push_back(at);
      } else if (tokens_[at].is_closing() && !open.empty()) {
        closings_[open.back()] = at;
        open.pop_back();
      }
    }
  }

  void read(Node& node, std::size_t begin, std::size_t end, std::size_t depth) {
    std::string label;
    for (std::size_t at = begin; at < end;) {
      if (tokens_[at].is_opening()) {
        at = read_block(node, std::move(label), at, end, depth, Arguments::unread);
        label.clear();
      } else if (const std::size_t key_end = key_at(at, begin, end, label)) {
        at = read_setting(node, label, key_end, end, depth);
        label.clear();
      } else {
        ++at;
      }
    }
  }

private:
  /// Whether what stands in parentheses was read as part of a value already.
  enum class Arguments { unread, read };

  /// Reads what is between brackets; returns where to go on.
  std::size_t read_block(Node& node, std::string label, std::size_t at, std::size_t end,
                         std::size_t depth, Arguments arguments) {
    const std::size_t closing = std::min(closings_[at], end);
    if (depth < k_deepest_block) {
      Node child{std::move(label), tokens_[at].line, {}, {}};
      read(child, at + 1, closing, depth + 1);
      if (arguments == Arguments::read && tokens_[at].is("(")) {
        child.settings.clear();
      }
      if (!child.settings.empty() || !child.children.empty()) {
        node.children.push_back(std::move(child));
      }
    }
    return closing + 1;
  }

  /// If a key begins at `at`, sets `label` and returns where its value or block begins; else 0.
  std::size_t key_at(std::size_t at, std::size_t begin, std::size_t end, std::string& label) const {
    const Token& token = tokens_[at];
    const bool is_name = token.kind == Token::Kind::word || token.kind == Token::Kind::string;
    if (!is_name || at + 1 >= end) {
      return 0;
    }
    const Token& next = tokens_[at + 1];
    const bool is_first = at == begin || tokens_[at - 1].is(",") || tokens_[at - 1].is(";") ||
                          tokens_[at - 1].kind == Token::Kind::line_end;
    if ((next.is(":") && is_first) || (next.is("=") && token.kind == Token::Kind::word)) {
      label = token.text;
      return at + 2;
    }
    // DATABASES["default"] = …
    if (at + 4 < end && next.is("[") && tokens_[at + 2].kind == Token::Kind::string &&
        tokens_[at + 3].is("]") && tokens_[at + 4].is("=")) {
      label = token.text + "." + tokens_[at + 2].text;
      return at + 5;
    }
    // Alembic's config.set_main_option("sqlalchemy.url", …)
    if (token.is_word("set_main_option") && at + 4 < end && next.is("(") &&
        tokens_[at + 2].kind == Token::Kind::string && tokens_[at + 3].is(",")) {
      label = tokens_[at + 2].text;
      return at + 4;
    }
    // datasource db { … }, env "local" { … }
    if (language_ == Language::blocks && at + 2 < end && tokens_[at + 2].is("{") &&
        next.kind != Token::Kind::sign && next.kind != Token::Kind::line_end) {
      label = token.text + "." + next.text;
      return at + 2;
    }
    return 0;
  }

  /// Where a value that begins at `at` ends.
  [[nodiscard]] std::size_t value_end(std::size_t at, std::size_t end) const {
    while (at < end) {
      const Token& token = tokens_[at];
      if (token.is(",") || token.is(";") || token.is_closing() ||
          token.kind == Token::Kind::line_end || begins_next_statement(at)) {
        return at;
      }
      at = token.is_opening() ? closings_[at] + 1 : at + 1;
    }
    return end;
  }

  /// JavaScript without semicolons.
  [[nodiscard]] bool begins_next_statement(std::size_t at) const {
    const Token& token = tokens_[at];
    return language_ == Language::javascript &&
           (token.is_word("const") || token.is_word("let") || token.is_word("var") ||
            token.is_word("export") || token.is_word("import") || token.is_word("module"));
  }

  std::size_t read_setting(Node& node, const std::string& label, std::size_t at, std::size_t end,
                           std::size_t depth) {
    const std::size_t stop = std::min(value_end(at, end), end);
    Value value = value_of(tokens_, at, stop, language_);
    if (!value.alternatives.empty() || !value.reference.empty()) {
      node.settings.emplace_back(label, std::move(value));
    }
    for (std::size_t inner = at; inner < stop;) {
      inner = tokens_[inner].is_opening()
                  ? read_block(node, label, inner, stop, depth, Arguments::read)
                  : inner + 1;
    }
    return stop;
  }

  const std::vector<Token>& tokens_;
  Language language_;
  std::vector<std::size_t> closings_; ///< Where the bracket at an index is closed.
};

} // namespace

Node read_source(std::string_view text, Language language) {
  const std::vector<Token> tokens = tokens_of(text, language);
  Node root;
  Settings(tokens, language).read(root, 0, tokens.size(), 0);
  return root;
}

} // namespace savepoint::discovery
