#include "config/dotenv.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>

namespace savepoint::config {
namespace {

/// Variables that are made of each other grow fast: what is longer than this is cut.
constexpr std::size_t k_longest_value = std::size_t{64} << 10U;

bool is_javascript(DotenvDialect dialect) {
  return dialect == DotenvDialect::javascript || dialect == DotenvDialect::expanding_javascript;
}

bool cuts_at_every_hash(DotenvDialect dialect) {
  return is_javascript(dialect) || dialect == DotenvDialect::ruby;
}

bool is_name_character(char c, bool is_first) {
  return is_letter(c) || c == '_' || (!is_first && is_digit(c));
}

std::size_t name_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && is_name_character(text[length], length == 0)) {
    ++length;
  }
  return length;
}

/// One value on its way from what is written to what it means.
class Expansion {
public:
  Expansion(DotenvDialect dialect, const DotenvLookup& look_up)
      : dialect_(dialect), look_up_(look_up) {}

  /// Replaces escapes (of double quotes only) and variables.
  std::string expand(std::string_view text, bool has_escapes) {
    std::string out;
    for (std::size_t at = 0; at < text.size() && out.size() < k_longest_value;) {
      if (text[at] == '\\' && at + 1 < text.size() && unescape(out, text[at + 1], has_escapes)) {
        at += 2;
      } else if (const std::size_t length = text[at] == '$' ? variable(out, text.substr(at)) : 0) {
        at += length;
      } else {
        out += text[at++];
      }
    }
    return out;
  }

  [[nodiscard]] std::vector<std::string>& missing() { return missing_; }

private:
  bool unescape(std::string& out, char c, bool has_escapes) const {
    constexpr std::string_view k_escapes = "nrt\"\\";
    constexpr std::string_view k_meanings = "\n\r\t\"\\";
    if (c == '$' && dialect_ != DotenvDialect::javascript) {
      out += '$';
      return true;
    }
    const std::size_t known = has_escapes ? k_escapes.find(c) : std::string_view::npos;
    if (known == std::string_view::npos) {
      return false;
    }
    out += k_meanings[known];
    return true;
  }

  /// Replaces the `$X`, `${X}`, `${X:-default}` or `${X-default}` that `text` begins with; returns
  /// its length, 0 if it stays as it is.
  std::size_t variable(std::string& out, std::string_view text) {
    if (dialect_ == DotenvDialect::javascript) {
      return 0;
    }
    if (!text.starts_with("${")) {
      const std::size_t length =
          dialect_ == DotenvDialect::python ? 0 : name_length(text.substr(1));
      if (length > 0) {
        append(out, text.substr(1, length), std::nullopt);
      }
      return length == 0 ? 0 : length + 1;
    }
    const std::size_t end = text.find('}');
    const std::size_t length = name_length(text.substr(2));
    if (end == std::string_view::npos || length == 0) {
      return 0;
    }
    std::string_view rest = text.substr(2 + length, end - 2 - length);
    if (rest.empty()) {
      append(out, text.substr(2, length), std::nullopt);
      return end + 1;
    }
    rest.remove_prefix(rest.starts_with(':') ? 1 : 0);
    if (!rest.starts_with('-')) {
      return 0;
    }
    append(out, text.substr(2, length), rest.substr(1));
    return end + 1;
  }

  void append(std::string& out, std::string_view name, std::optional<std::string_view> fallback) {
    const std::optional<std::string> value = look_up_(name);
    if (value && !(value->empty() && fallback)) {
      out += *value;
    } else if (fallback) {
      out += *fallback;
    } else {
      missing_.emplace_back(name);
    }
  }

  DotenvDialect dialect_;
  const DotenvLookup& look_up_;
  std::vector<std::string> missing_;
};

/// What stands before a comment.
std::string_view without_comment(std::string_view text, DotenvDialect dialect) {
  for (std::size_t at = text.find('#'); at != std::string_view::npos; at = text.find('#', at + 1)) {
    if (cuts_at_every_hash(dialect) || at == 0 ||
        k_blank.find(text[at - 1]) != std::string_view::npos) {
      return trimmed(text.substr(0, at));
    }
  }
  return trimmed(text);
}

std::string read_as(const DotenvSetting& setting, DotenvDialect dialect, Expansion& expansion) {
  const std::string quote(setting.quote == '\0' ? 0 : 1, setting.quote);
  const std::string_view behind = without_comment(setting.behind, dialect);
  if (setting.quote == '\0') {
    return expansion.expand(without_comment(setting.text, dialect), false);
  }
  if ((is_javascript(dialect) && !behind.empty()) ||
      (!is_javascript(dialect) && setting.quote == '`')) {
    return expansion.expand(quote + setting.text + quote + std::string(behind), false);
  }
  if (setting.quote == '\'') {
    return setting.text;
  }
  return expansion.expand(setting.text, setting.quote == '"');
}

} // namespace

DotenvValue dotenv_value(const DotenvSetting& setting, DotenvDialect dialect,
                         const DotenvLookup& look_up) {
  constexpr std::array<DotenvDialect, 6> k_dialects = {
      DotenvDialect::javascript, DotenvDialect::expanding_javascript,
      DotenvDialect::python,     DotenvDialect::go,
      DotenvDialect::ruby,       DotenvDialect::shell};
  DotenvValue result;
  Expansion expansion(dialect, look_up);
  result.value = read_as(setting, dialect, expansion);
  result.missing = std::move(expansion.missing());
  result.is_command = (setting.quote != '\'' && setting.text.find("$(") != std::string::npos) ||
                      (!is_javascript(dialect) &&
                       (setting.quote == '`' ||
                        (setting.quote != '\'' && setting.text.find('`') != std::string::npos)));
  for (const DotenvDialect other : k_dialects) {
    Expansion other_expansion(other, look_up);
    std::string value = read_as(setting, other, other_expansion);
    const bool is_known =
        value == result.value || std::ranges::find(result.others, value) != result.others.end();
    if (!is_known && other_expansion.missing().empty()) {
      result.others.push_back(std::move(value));
    }
  }
  return result;
}

} // namespace savepoint::config
