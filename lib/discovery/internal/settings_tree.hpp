#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace savepoint::discovery {

/// A piece of a value: text as it is, a variable of the environment, or what only running the
/// program would tell.
struct Part {
  enum class Kind { text, variable, unknown };
  Kind kind = Kind::text;
  std::string text;                    ///< Of a variable, its name.
  std::optional<std::string> fallback; ///< Of a variable, what holds where it is not set.
};
using Template = std::vector<Part>;

/// What a setting is set to: the first of the alternatives that has a value.
struct Value {
  std::vector<Template> alternatives;
  std::string reference; ///< Another setting of the same file that holds it.
  std::size_t line = 0;  ///< Counted from 1.
};

/// What every file of settings becomes, whatever language it is written in: keys with values, and
/// blocks in blocks.
struct Node {
  std::string label; ///< The key in front of the block; empty if it has none.
  std::size_t line = 0;
  std::vector<std::pair<std::string, Value>> settings;
  std::vector<Node> children;

  /// The last setting called `key`; null if there is none.
  [[nodiscard]] const Value* find(std::string_view key) const;
  /// The first child called `label`; null if there is none.
  [[nodiscard]] const Node* child(std::string_view label) const;
};

/// Languages with blocks in braces and strings in quotes.
enum class Language {
  javascript, ///< TypeScript and JSON, too.
  python,
  blocks, ///< Prisma's schemas and HCL: `name "label" { key = value }`, one a line.
};

/// Reads whatever looks like settings in the source of a program, and passes over all the rest.
/// Nothing is executed, and no text is too broken for it.
[[nodiscard]] Node read_source(std::string_view text, Language language);

/// How a plain text refers to variables.
enum class Placeholders {
  none,
  compose, ///< `${X}`, `${X:-default}`, `$X`; `$$` is a dollar.
  spring,  ///< `${X}`, `${X:default}`.
  erb,     ///< `<%= ENV["X"] %>`, `<%= ENV.fetch("X") { "default" } %>`.
  python,  ///< `%(X)s`; `%%` is a percent sign.
  make,    ///< `$(X)`, `${X}`; `$$` is a dollar.
  supabase ///< `env(X)` is all of the value.
};
[[nodiscard]] Value text_value(std::string_view text, Placeholders placeholders, std::size_t line);

/// Reads the part of YAML that settings are written in: block and flow collections, quotes,
/// comments, anchors, aliases, merge keys, several documents. Items of a list are children without
/// a label; of a scalar, settings without a key.
[[nodiscard]] Node read_yaml(std::string_view text, Placeholders placeholders);

/// Reads `key = value` and `key: value` lines below `[section]` lines: INI, TOML, Java properties,
/// makefiles. `[a.b]` is a child `b` of a child `a`; dots in keys stay.
[[nodiscard]] Node read_lines(std::string_view text, Placeholders placeholders);

} // namespace savepoint::discovery
