#include "config/internal/url_password.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace savepoint::config {
namespace {

constexpr std::array<std::string_view, 5> k_words = {"password", "passwd", "pass", "pwd", "secret"};
constexpr std::string_view k_space = " \t";

/// `user:password@`, however many of the characters in it should have been encoded.
bool has_user_password(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) {
    url.remove_prefix(scheme + 3);
  }
  const std::size_t at = url.find('@');
  const std::size_t colon = url.find(':');
  return at != std::string_view::npos && colon < at && colon + 1 < at;
}

/// `password=` and its kin, as in `?password=…`, `;Pwd=…`, `host=… password = …`.
bool has_password_parameter(std::string_view url) {
  for (const std::string_view word : k_words) {
    for (std::size_t at = url.find(word); at != std::string_view::npos;
         at = url.find(word, at + 1)) {
      std::string_view rest = url.substr(at + word.size());
      rest.remove_prefix(std::min(rest.find_first_not_of(k_space), rest.size()));
      if (rest.size() > 1 && rest[0] == '=' && rest[1] != '&' && rest[1] != ';') {
        return true;
      }
    }
  }
  return false;
}

} // namespace

bool has_password(std::string_view url) {
  return has_user_password(url) || has_password_parameter(lower(url));
}

} // namespace savepoint::config
