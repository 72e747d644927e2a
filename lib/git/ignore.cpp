#include "git/ignore.hpp"

#include <algorithm>
#include <utility>

namespace savepoint::git {
namespace {

using std::string_view;

constexpr string_view k_wildcards = "*?[\\";

/// Without the spaces at its end, unless a backslash protects them.
string_view without_trailing_spaces(string_view line) {
  std::size_t end = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '\\') {
      if (++at == line.size()) {
        return line;
      }
      end = at + 1;
    } else if (line[at] != ' ') {
      end = at + 1;
    }
  }
  return line.substr(0, end);
}

} // namespace

IgnorePatterns::IgnorePatterns(string_view text) {
  constexpr string_view k_byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(k_byte_order_mark)) {
    text.remove_prefix(k_byte_order_mark.size());
  }
  while (!text.empty()) {
    const std::size_t length = std::min(text.find('\n'), text.size());
    string_view line = text.substr(0, length);
    text.remove_prefix(std::min(length + 1, text.size()));
    if (line.starts_with('#')) {
      continue;
    }
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    add(without_trailing_spaces(line.substr(0, line.find('\0'))));
  }
}

void IgnorePatterns::add(string_view line) {
  Pattern pattern;
  if (line.starts_with('!')) {
    pattern.negated = true;
    line.remove_prefix(1);
  }
  const std::size_t wildcard = line.find_first_of(k_wildcards);
  const bool suffix = line.starts_with('*') && line.find_first_of(k_wildcards, 1) == line.npos;
  if (line.ends_with('/')) {
    pattern.directories_only = true;
    line.remove_suffix(1);
  }
  pattern.literal_length = std::min(wildcard, line.size());
  pattern.anchored = line.find('/') != line.npos;
  if (line.starts_with('/')) {
    line.remove_prefix(1);
    --pattern.literal_length;
  }
  if (line.empty()) {
    return;
  }
  if (pattern.literal_length == line.size()) {
    pattern.form = Form::literal;
  } else if (suffix && !pattern.anchored) {
    pattern.form = Form::suffix;
    line.remove_prefix(1);
  }
  pattern.text = line;

  const auto position = static_cast<std::uint32_t>(patterns_.size());
  if (pattern.form == Form::literal) {
    (pattern.anchored ? paths_ : names_)[pattern.text].push_back(position);
  } else if (pattern.form == Form::suffix && pattern.text.rfind('.') == 0) {
    extensions_[pattern.text].push_back(position);
  } else {
    others_.push_back(position);
  }
  patterns_.push_back(std::move(pattern));
}

bool IgnorePatterns::Pattern::matches(string_view path, string_view name) const {
  if (form == Form::suffix) {
    return name.ends_with(text);
  }
  if (!anchored) {
    return wild_match(text, name);
  }
  const string_view pattern = text;
  if (!path.starts_with(pattern.substr(0, literal_length))) {
    return false;
  }
  // git, too, gives its matcher only what follows the literal part: `a**/b` therefore means more
  // than gitignore(5) says.
  return wild_match(pattern.substr(literal_length), path.substr(literal_length));
}

/// The strongest of those patterns in `table` that are nothing but `key`; null if there is none.
const IgnorePatterns::Pattern* IgnorePatterns::look_up(const Table& table, string_view key,
                                                       bool is_directory) const {
  const auto found = table.empty() ? table.end() : table.find(key);
  if (found == table.end()) {
    return nullptr;
  }
  const Pattern* strongest = nullptr;
  for (const std::uint32_t position : found->second) {
    const Pattern& pattern = patterns_[position];
    if (is_directory || !pattern.directories_only) {
      strongest = &pattern;
    }
  }
  return strongest;
}

std::optional<bool> IgnorePatterns::match(string_view path, bool is_directory) const {
  const string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  const string_view extension = dot == name.npos ? string_view() : name.substr(dot);
  // All of them are in one array, the stronger ones later.
  const Pattern* strongest =
      std::max({look_up(names_, name, is_directory), look_up(paths_, path, is_directory),
                look_up(extensions_, extension, is_directory)},
               std::less<>());
  for (auto position = others_.rbegin(); position != others_.rend(); ++position) {
    const Pattern& pattern = patterns_[*position];
    if (strongest != nullptr && &pattern < strongest) {
      break;
    }
    if ((is_directory || !pattern.directories_only) && pattern.matches(path, name)) {
      strongest = &pattern;
      break;
    }
  }
  if (strongest == nullptr) {
    return std::nullopt;
  }
  return !strongest->negated;
}

std::shared_ptr<const IgnoreRules> IgnoreRules::root(std::vector<IgnorePatterns> global,
                                                     std::string directory) {
  auto rules = std::make_shared<IgnoreRules>();
  rules->directory_ = std::move(directory);
  rules->patterns_ = std::move(global);
  return rules;
}

std::shared_ptr<const IgnoreRules> IgnoreRules::enter(std::shared_ptr<const IgnoreRules> parent,
                                                      std::string directory,
                                                      IgnorePatterns patterns) {
  auto rules = std::make_shared<IgnoreRules>();
  rules->parent_ = std::move(parent);
  rules->directory_ = std::move(directory);
  rules->patterns_.push_back(std::move(patterns));
  return rules;
}

bool IgnoreRules::ignores(string_view path, bool is_directory) const {
  for (const IgnoreRules* rules = this; rules != nullptr; rules = rules->parent_.get()) {
    string_view below = path;
    if (!rules->directory_.empty()) {
      const std::size_t length = rules->directory_.size();
      if (path.size() <= length || path[length] != '/' || !path.starts_with(rules->directory_)) {
        continue;
      }
      below.remove_prefix(length + 1);
    }
    for (auto patterns = rules->patterns_.rbegin(); patterns != rules->patterns_.rend();
         ++patterns) {
      if (const std::optional<bool> answer = patterns->match(below, is_directory)) {
        return *answer;
      }
    }
  }
  return false;
}

} // namespace savepoint::git
