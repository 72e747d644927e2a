#include "discovery/internal/settings_tree.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <map>

namespace savepoint::discovery {
namespace {

constexpr std::string_view k_space = " \t\r";
constexpr std::size_t k_deepest_block = 40;
/// Of all that aliases repeat: more is an attack, or no settings.
constexpr std::size_t k_most_repeated = 20'000;

struct Line {
  std::size_t indent = 0;
  std::string_view text; ///< Without indentation and comment.
  std::size_t number = 0;
};

/// Where the quoted text that begins at `at` ends, behind its closing quote.
std::size_t quoted_end(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '\'' && text.substr(at + 1, 1) == "'") {
        ++at;
      } else {
        return at + 1;
      }
    }
  }
  return text.size();
}

bool begins_quote(std::string_view text, std::size_t at) {
  return (text[at] == '"' || text[at] == '\'') &&
         (at == 0 || std::string_view(" \t[{,:").find(text[at - 1]) != std::string_view::npos);
}

std::string_view without_comment(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (begins_quote(text, at)) {
      at = quoted_end(text, at);
    } else if (text[at] == '#' && (at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t')) {
      return text.substr(0, at);
    } else {
      ++at;
    }
  }
  return text;
}

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view raw = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    const std::size_t indent = std::min(raw.find_first_not_of(' '), raw.size());
    const std::string_view content = trimmed(without_comment(raw.substr(indent)));
    if (!content.empty() && !content.starts_with('%') &&
        !(content.starts_with("<%") && !content.starts_with("<%="))) {
      lines.push_back({indent, content, number});
    }
  }
  return lines;
}

std::string unquoted(std::string_view text) {
  text = trimmed(text);
  if (text.size() < 2 || (text[0] != '"' && text[0] != '\'') ||
      quoted_end(text, 0) != text.size()) {
    return std::string(text);
  }
  std::string out;
  for (std::size_t at = 1; at + 1 < text.size(); ++at) {
    if (text[0] == '"' && text[at] == '\\' && at + 2 < text.size()) {
      const char c = text[++at];
      out += c == 'n' ? '\n' : c == 't' ? '\t' : c;
    } else {
      out += text[at];
      at += text[0] == '\'' && text[at] == '\'' ? 1U : 0U;
    }
  }
  return out;
}

/// Where `key:` ends in `text`: the place of its colon; npos if it has none.
std::size_t colon_of(std::string_view text) {
  std::size_t at = !text.empty() && begins_quote(text, 0) ? quoted_end(text, 0) : 0;
  for (; at < text.size(); ++at) {
    if (text[at] == ':' && (at + 1 == text.size() || text[at + 1] == ' ' || text[at + 1] == '\t')) {
      return at;
    }
    if (text[at] == '{' || text[at] == '[') {
      return std::string_view::npos;
    }
  }
  return std::string_view::npos;
}

std::size_t size_of(const Node& node) {
  std::size_t size = 1 + node.settings.size();
  for (const Node& child : node.children) {
    size += size_of(child);
  }
  return size;
}

class Yaml {
public:
  Yaml(std::string_view text, Placeholders placeholders)
      : lines_(lines_of(text)), placeholders_(placeholders) {}

  Node read() {
    Node root;
    std::size_t documents = 0;
    while (at_ < lines_.size()) {
      if (lines_[at_].text.starts_with("---") || lines_[at_].text == "...") {
        ++at_;
        continue;
      }
      Node document{{}, lines_[at_].number, {}, {}};
      read_block(document, lines_[at_].indent, 0);
      ++documents;
      root.children.push_back(std::move(document));
    }
    return documents == 1 ? std::move(root.children[0]) : root;
  }

private:
  [[nodiscard]] bool is_at_end() const {
    return at_ >= lines_.size() || (lines_[at_].indent == 0 && lines_[at_].text.starts_with("---"));
  }

  /// All lines that are indented as much as `indent`, and what is below them.
  void read_block(Node& node, std::size_t indent, std::size_t depth) {
    while (!is_at_end() && lines_[at_].indent >= indent) {
      const Line line = lines_[at_];
      if (line.text == "-" || line.text.starts_with("- ")) {
        read_item(node, line, depth);
      } else {
        ++at_;
        read_entry(node, line.text, line.indent, line.number, depth);
      }
    }
  }

  /// `- …`: what follows the dash is indented as much as it stands to the right.
  void read_item(Node& node, const Line& line, std::size_t depth) {
    const std::string_view rest = trimmed(line.text.substr(1));
    const std::size_t indent =
        rest.empty() ? line.indent + 1
                     : line.indent + static_cast<std::size_t>(rest.data() - line.text.data());
    const bool is_collection = rest.empty() || colon_of(rest) != std::string_view::npos ||
                               rest.starts_with('{') || rest.starts_with("- ");
    if (!is_collection || depth >= k_deepest_block) {
      ++at_;
      set(node, {}, rest, line.number, depth);
      return;
    }
    Node item{{}, line.number, {}, {}};
    if (rest.empty()) {
      ++at_;
    } else {
      lines_[at_] = {indent, rest, line.number};
    }
    read_block(item, indent, depth + 1);
    node.children.push_back(std::move(item));
  }

  void read_entry(Node& node, std::string_view text, std::size_t indent, std::size_t number,
                  std::size_t depth) {
    const std::size_t colon = colon_of(text);
    if (colon == std::string_view::npos) {
      if (text.starts_with('{') || text.starts_with('*')) {
        set(node, {}, text, number, depth);
      }
      return;
    }
    const std::string key = unquoted(text.substr(0, colon));
    std::string_view value = trimmed(text.substr(colon + 1));
    const std::string anchor = take_anchor(value);
    if (value.starts_with('|') || value.starts_with('>')) {
      skip_deeper(indent);
    } else if (!value.empty()) {
      set(node, key, value, number, depth);
    } else if (!is_at_end() && depth < k_deepest_block &&
               (lines_[at_].indent > indent ||
                (lines_[at_].indent == indent && lines_[at_].text.starts_with('-')))) {
      Node child{key, number, {}, {}};
      read_children(child, indent, depth);
      if (!anchor.empty()) {
        anchors_.insert_or_assign(anchor, child);
      }
      node.children.push_back(std::move(child));
    } else {
      skip_deeper(indent);
    }
  }

  void read_children(Node& child, std::size_t indent, std::size_t depth) {
    if (lines_[at_].indent > indent) {
      read_block(child, lines_[at_].indent, depth + 1);
      return;
    }
    while (!is_at_end() && lines_[at_].indent == indent && lines_[at_].text.starts_with('-')) {
      read_item(child, Line(lines_[at_]), depth + 1);
    }
  }

  void skip_deeper(std::size_t indent) {
    while (at_ < lines_.size() && lines_[at_].indent > indent) {
      ++at_;
    }
  }

  static std::string take_anchor(std::string_view& value) {
    if (!value.starts_with('&')) {
      return {};
    }
    const std::size_t end = std::min(value.find_first_of(k_space), value.size());
    const std::string anchor(value.substr(1, end - 1));
    value = trimmed(value.substr(end));
    return anchor;
  }

  void set(Node& node, std::string key, std::string_view value, std::size_t number,
           std::size_t depth) {
    if (value.starts_with('*')) {
      repeat(node, key, value.substr(1), number);
    } else if ((value.starts_with('{') || value.starts_with('[')) && depth < k_deepest_block) {
      read_flow(node, std::move(key), value, number, depth);
    } else {
      node.settings.emplace_back(std::move(key),
                                 text_value(unquoted(value), placeholders_, number));
    }
  }

  void repeat(Node& node, const std::string& key, std::string_view anchor, std::size_t number) {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      return;
    }
    repeated_ += size_of(found->second);
    if (repeated_ > k_most_repeated) {
      return;
    }
    if (key != "<<") {
      Node copy = found->second;
      copy.label = key;
      copy.line = number;
      node.children.push_back(std::move(copy));
      return;
    }
    // What a merge brings holds less than what stands in the block itself: `find` takes the last.
    node.settings.insert(node.settings.begin(), found->second.settings.begin(),
                         found->second.settings.end());
    node.children.insert(node.children.end(), found->second.children.begin(),
                         found->second.children.end());
  }

  /// `{ a: b, c: [d] }` in one line.
  void read_flow(Node& node, std::string key, std::string_view text, std::size_t number,
                 std::size_t depth) {
    const bool is_map = text[0] == '{';
    if (key == "<<" && !is_map) { // a list of aliases
      for_each_item(text, [&](std::string_view item) { set(node, key, item, number, depth + 1); });
      return;
    }
    Node child{std::move(key), number, {}, {}};
    for_each_item(text, [&](std::string_view item) {
      const std::size_t colon = is_map ? colon_of(item) : std::string_view::npos;
      const bool has_key = colon != std::string_view::npos;
      set(child, has_key ? unquoted(item.substr(0, colon)) : std::string(),
          trimmed(has_key ? item.substr(colon + 1) : item), number, depth + 1);
    });
    node.children.push_back(std::move(child));
  }

  template <typename Visit> static void for_each_item(std::string_view text, Visit visit) {
    std::size_t begin = 1;
    std::size_t open = 0;
    for (std::size_t at = 0; at < text.size();) {
      if (begins_quote(text, at)) {
        at = quoted_end(text, at);
        continue;
      }
      const char c = text[at];
      open += c == '{' || c == '[' ? 1U : 0U;
      const bool closes = c == '}' || c == ']';
      if (open == 1 && (closes || c == ',')) {
        if (const std::string_view item = trimmed(text.substr(begin, at - begin)); !item.empty()) {
          visit(item);
        }
        begin = at + 1;
      }
      if (closes && --open == 0) {
        return;
      }
      ++at;
    }
  }

  std::vector<Line> lines_;
  std::size_t at_ = 0;
  Placeholders placeholders_;
  std::map<std::string, Node, std::less<>> anchors_;
  std::size_t repeated_ = 0;
};

} // namespace

Node read_yaml(std::string_view text, Placeholders placeholders) {
  return Yaml(text, placeholders).read();
}

} // namespace savepoint::discovery
