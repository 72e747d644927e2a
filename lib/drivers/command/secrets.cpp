#include "drivers/command/internal/secrets.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace savepoint::drivers::command {
namespace {

constexpr std::string_view k_hidden = "***";
constexpr std::array<std::string_view, 6> k_words = {"pass",  "pwd",        "secret",
                                                     "token", "credential", "apikey"};
constexpr std::array<std::string_view, 3> k_variable_words = {"key", "auth", "dsn"};
/// Shorter values are hidden nowhere: they would be found in every other word.
constexpr std::size_t k_shortest = 4;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// Where the password of the URL at `scheme` (the place of its `://`) begins and ends.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};
Span password_at(std::string_view text, std::size_t scheme) {
  const std::size_t begin = scheme + 3;
  const std::size_t end = std::min(text.find_first_of(" \t\"'<>", begin), text.size());
  const std::size_t at = text.substr(0, end).rfind('@');
  const std::size_t colon = text.find(':', begin);
  if (at == std::string_view::npos || at < begin || colon >= at) {
    return {};
  }
  return {colon + 1, at};
}

void hide_in_urls(std::string& text) {
  for (std::size_t at = 0; (at = text.find("://", at)) != std::string::npos; at += 3) {
    if (const Span password = password_at(text, at); password.end > password.begin) {
      text.replace(password.begin, password.end - password.begin, k_hidden);
    }
  }
}

/// Hides what follows `password=`, `"token": ` and the like.
void hide_after_words(std::string& text) {
  for (const std::string_view word : k_words) {
    for (std::size_t at = 0; (at = lower(text).find(word, at)) != std::string::npos;) {
      at += word.size();
      std::size_t begin = text.find_first_of("=: \t", at);
      while (begin < text.size() && is_blank(text[begin])) {
        ++begin;
      }
      if (begin >= text.size() || (text[begin] != '=' && text[begin] != ':')) {
        continue;
      }
      begin = std::min(text.find_first_not_of("=: \t", begin), text.size());
      const std::size_t end = std::min(text.find_first_of(" \t,;&", begin), text.size());
      text.replace(begin, end - begin, k_hidden);
    }
  }
}

bool has_secret_name(const std::string& name) {
  const std::string words = lower(name);
  const auto is_in = [&](std::string_view word) { return words.find(word) != std::string::npos; };
  return std::ranges::any_of(k_words, is_in) || std::ranges::any_of(k_variable_words, is_in);
}

std::vector<std::string> secrets_in(const std::map<std::string, std::string>& environment) {
  std::vector<std::string> secrets;
  for (const auto& [name, value] : environment) {
    if (has_secret_name(name)) {
      secrets.push_back(value);
    }
    for (std::size_t at = 0; (at = value.find("://", at)) != std::string::npos; at += 3) {
      const Span password = password_at(value, at);
      secrets.push_back(value.substr(password.begin, password.end - password.begin));
    }
  }
  std::erase_if(secrets, [](const std::string& secret) { return secret.size() < k_shortest; });
  // The longest first: a part of it, hidden before, would leave the rest to be seen.
  std::ranges::sort(secrets, std::ranges::greater(), &std::string::size);
  return secrets;
}

} // namespace

std::string without_secrets(std::string text,
                            const std::map<std::string, std::string>& environment) {
  for (const std::string& secret : secrets_in(environment)) {
    for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos;
         at += k_hidden.size()) {
      text.replace(at, secret.size(), k_hidden);
    }
  }
  hide_in_urls(text);
  hide_after_words(text);
  return text;
}

} // namespace savepoint::drivers::command
