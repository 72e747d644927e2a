#include "config/dotenv.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace savepoint::config {
namespace {

constexpr std::string_view k_space = " \t";
constexpr std::string_view k_quotes = "\"'`";

bool starts_key(char c) {
  return is_letter(c) || c == '_';
}

bool continues_key(char c) {
  return starts_key(c) || is_digit(c) || c == '.' || c == '-';
}

/// Reads statements one after the other.
class Reader {
public:
  explicit Reader(std::string_view text) : rest_(text) {
    if (rest_.starts_with("\xEF\xBB\xBF")) {
      rest_.remove_prefix(3);
    }
  }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  /// The statement of the next line, if it has one; goes on behind its value.
  std::optional<DotenvSetting> next() {
    DotenvSetting setting;
    skip(k_space);
    skip_export();
    setting.line = line_;
    setting.key = take_key();
    const bool is_statement = !setting.key.empty() && take_separator();
    if (is_statement) {
      take_quoted_value(setting);
    }
    (setting.quote == '\0' ? setting.text : setting.behind) = take_rest_of_line();
    return is_statement ? std::optional(std::move(setting)) : std::nullopt;
  }

private:
  void skip(std::string_view characters) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
  }

  void skip_export() {
    constexpr std::string_view k_export = "export";
    if (rest_.starts_with(k_export) && rest_.size() > k_export.size() &&
        k_space.find(rest_[k_export.size()]) != std::string_view::npos) {
      const std::string_view before = rest_;
      rest_.remove_prefix(k_export.size());
      skip(k_space);
      if (rest_.empty() || !starts_key(rest_[0])) {
        rest_ = before; // `export = 1` sets a key of that name
      }
    }
  }

  std::string_view take_key() {
    if (rest_.empty() || !starts_key(rest_[0])) {
      return {};
    }
    const auto end = std::ranges::find_if_not(rest_, continues_key);
    const auto length = static_cast<std::size_t>(end - rest_.begin());
    const std::string_view key = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return key;
  }

  /// `=` with spaces around it, or `:` with a space behind it.
  bool take_separator() {
    if (rest_.size() > 1 && rest_[0] == ':' && k_space.find(rest_[1]) != std::string_view::npos) {
      rest_.remove_prefix(2);
    } else {
      skip(k_space);
      if (!rest_.starts_with('=')) {
        return false;
      }
      rest_.remove_prefix(1);
    }
    skip(k_space);
    return true;
  }

  /// Goes behind the closing quote, lines further down if need be. A quote that is never closed is
  /// an ordinary character.
  void take_quoted_value(DotenvSetting& setting) {
    if (rest_.empty() || k_quotes.find(rest_[0]) == std::string_view::npos) {
      return;
    }
    const char quote = rest_[0];
    for (std::size_t at = 1; at < rest_.size(); ++at) {
      if (rest_[at] == '\\' && quote == '"') {
        ++at;
      } else if (rest_[at] == quote) {
        setting.quote = quote;
        setting.text = rest_.substr(1, at - 1);
        for (std::size_t i = 0; i < setting.text.size(); ++i) {
          line_ += ends_line(setting.text, i) ? 1U : 0U;
        }
        rest_.remove_prefix(at + 1);
        return;
      }
    }
  }

  /// A PEM block without quotes is many lines, and its last may look like `KEY=`.
  std::string take_rest_of_line() {
    constexpr std::string_view k_pem_begin = "-----BEGIN ";
    constexpr std::string_view k_pem_end = "-----END ";
    std::string_view line = take_line();
    const std::string first(line);
    const std::size_t begin = line.rfind(k_pem_begin);
    if (begin == std::string_view::npos || line.find(k_pem_end, begin) != std::string_view::npos) {
      return first;
    }
    do {
      line = take_line();
    } while (!at_end() && line.find(k_pem_end) == std::string_view::npos);
    return first;
  }

  /// Whether a line ends at `at`: CR LF are one end, and a carriage return alone is one too, as old
  /// editors write it.
  static bool ends_line(std::string_view text, std::size_t at) {
    return text[at] == '\n' || (text[at] == '\r' && text.substr(at + 1, 1) != "\n");
  }

  std::string_view take_line() {
    const std::size_t end = std::min(rest_.find_first_of("\r\n"), rest_.size());
    const std::string_view line = rest_.substr(0, end);
    line_ += end < rest_.size() && ends_line(rest_, end) ? 1U : 0U;
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return line;
  }

  std::string_view rest_;
  std::size_t line_ = 1;
};

} // namespace

std::vector<std::string> dotenv_keys(std::string_view text) {
  std::vector<std::string> keys;
  std::unordered_set<std::string> seen;
  Reader reader(text);
  while (!reader.at_end()) {
    std::optional<DotenvSetting> setting = reader.next();
    if (setting && seen.insert(setting->key).second) {
      keys.push_back(std::move(setting->key));
    }
  }
  return keys;
}

std::vector<DotenvSetting> dotenv_settings(std::string_view text) {
  std::vector<DotenvSetting> settings;
  Reader reader(text);
  while (!reader.at_end()) {
    if (std::optional<DotenvSetting> setting = reader.next()) {
      settings.push_back(std::move(*setting));
    }
  }
  return settings;
}

bool is_dotenv_name(std::string_view file_name) {
  constexpr std::array<std::string_view, 4> k_examples = {".example", ".sample", ".template",
                                                          ".dist"};
  if (file_name == ".env" || file_name == ".envrc") {
    return true;
  }
  return file_name.starts_with(".env.") &&
         std::ranges::none_of(k_examples,
                              [&](std::string_view ending) { return file_name.ends_with(ending); });
}

} // namespace savepoint::config
