#include "discovery/internal/settings_tree.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace savepoint::discovery {
namespace {

constexpr std::size_t k_deepest_section = 20;
/// More than this is no file of settings: the rest is not looked at.
constexpr std::size_t k_most_lines = 20'000;

/// `"value" # comment`, `value # comment`, and values that have a `#` themselves.
std::string_view unquoted(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('"') || text.starts_with('\'')) {
    const std::size_t end = text.find(text[0], 1);
    if (end != std::string_view::npos) {
      return text.substr(1, end - 1);
    }
  }
  for (std::size_t at = 1; at < text.size(); ++at) {
    if ((text[at] == '#' || text[at] == ';') &&
        k_blank.find(text[at - 1]) != std::string_view::npos) {
      return trimmed(text.substr(0, at));
    }
  }
  return text;
}

/// The child at the end of `path`, made where it is missing.
Node& section_at(Node& root, std::string_view path, std::size_t line) {
  Node* node = &root;
  for (std::size_t depth = 0; !path.empty() && depth < k_deepest_section; ++depth) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    const std::string_view label = unquoted(path.substr(0, dot));
    auto found = std::ranges::find(node->children, label, &Node::label);
    if (found == node->children.end()) {
      node->children.push_back({std::string(label), line, {}, {}});
      found = node->children.end() - 1;
    }
    node = &*found;
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return *node;
}

/// Where the key of `line` ends, and where its value begins.
struct Split {
  std::size_t key_end = 0;
  std::size_t value_begin = 0;
};

Split split(std::string_view line) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '=' || (line[at] == ':' && line.substr(at + 1, 1) != "=")) {
      return {at, at + 1};
    }
    // ?= and := and += of make
    if ((line[at] == '?' || line[at] == ':' || line[at] == '+') && line.substr(at + 1, 1) == "=") {
      return {at, at + 2};
    }
  }
  return {};
}

} // namespace

Node read_lines(std::string_view text, Placeholders placeholders) {
  Node root;
  Node* section = &root;
  std::size_t number = 0;
  std::string continued;
  while (!text.empty() && number < k_most_lines) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.ends_with('\\') && !line.starts_with('#')) {
      continued += line.substr(0, line.size() - 1);
      continue;
    }
    const std::string whole = continued + std::string(line);
    continued.clear();
    line = whole;
    if (line.empty() || line[0] == '#' || line[0] == ';' || line[0] == '!') {
      continue;
    }
    if (line.starts_with('[')) {
      const std::size_t begin = line.starts_with("[[") ? 2 : 1;
      section = &section_at(root, line.substr(begin, line.find(']') - begin), number);
      continue;
    }
    if (placeholders == Placeholders::make && line.starts_with("export ")) {
      line = trimmed(line.substr(7));
    }
    const Split parts = split(line);
    const std::string_view key = unquoted(line.substr(0, parts.key_end));
    if (!key.empty() && key.find_first_of(" \t") == std::string_view::npos) {
      section->settings.emplace_back(
          key, text_value(unquoted(line.substr(parts.value_begin)), placeholders, number));
    }
  }
  return root;
}

} // namespace savepoint::discovery
