#include "database/address.hpp"

#include "base/ascii.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "database/driver_names.hpp"
#include "database/internal/server_url.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace savepoint::database {
namespace {

constexpr std::size_t k_longest_url = std::size_t{16} << 10U;

/// What stands before the first `:`, if that can be a scheme.
std::optional<std::string_view> scheme_of(std::string_view text) {
  constexpr std::size_t k_longest_scheme = 40;
  const std::size_t end = text.find(':');
  if (end == std::string_view::npos || end == 0 || end > k_longest_scheme || !is_letter(text[0])) {
    return std::nullopt;
  }
  const std::string_view scheme = text.substr(0, end);
  const bool fits = std::ranges::all_of(scheme, [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.' || c == '_';
  });
  return fits ? std::optional(scheme) : std::nullopt;
}

/// `rest` is what follows `sqlite:` or `file:`.
Address parse_file(std::string_view scheme, std::string_view rest) {
  Address address;
  address.driver = "sqlite";
  const std::size_t query = rest.find('?');
  std::string_view path = rest.substr(0, query);
  if (path.starts_with("//")) {
    path.remove_prefix(2);
    // sqlite:///a is the relative a and sqlite:////a the absolute /a; file:///a is absolute.
    path.remove_prefix(scheme != "file" && path.starts_with('/') ? 1 : 0);
  }
  address.database = path;
  if (query != std::string_view::npos) {
    apply_query(address, rest.substr(query + 1));
  }
  return address;
}

/// `rest` is what follows `jdbc:`.
Address parse_jdbc(std::string_view rest) {
  const std::optional<std::string_view> scheme = scheme_of(rest);
  if (!scheme) {
    refuse_url("jdbc", "it does not say which kind of database it is");
  }
  const std::string driver = driver_of_scheme(*scheme);
  if (driver == "sqlite") {
    return parse_file("jdbc:sqlite", rest.substr(scheme->size() + 1));
  }
  const std::size_t begin = rest.find("//");
  Address address;
  if (begin != std::string_view::npos && rest[begin - 1] == ':') {
    address = parse_server(driver, rest.substr(begin + 2));
  } else if (driver == "postgres") { // jdbc:postgresql:shop
    const std::string_view database = rest.substr(scheme->size() + 1);
    address = parse_server(driver, "/" + std::string(database));
  } else {
    address.driver = driver;
    return address;
  }
  if (address.host.empty()) {
    address.host = "localhost";
  }
  return address;
}

/// libpq's `host=localhost dbname='my shop'`. Nothing if it is something else.
std::optional<Address> parse_keywords(std::string_view text) {
  constexpr std::array<std::string_view, 7> k_telling = {"host",     "hostaddr", "dbname", "user",
                                                         "password", "port",     "service"};
  Address address;
  address.driver = "postgres";
  bool is_telling = false;
  std::size_t at = 0;
  const auto skip_blank = [&] { at = std::min(text.find_first_not_of(k_blank, at), text.size()); };
  for (skip_blank(); at < text.size(); skip_blank()) {
    const std::size_t begin = at;
    while (at < text.size() && (is_letter(text[at]) || text[at] == '_')) {
      ++at;
    }
    const std::string_view key = text.substr(begin, at - begin);
    skip_blank();
    if (key.empty() || at == text.size() || text[at] != '=') {
      return std::nullopt;
    }
    ++at;
    skip_blank();
    const bool is_quoted = at < text.size() && text[at] == '\'';
    at += is_quoted ? 1U : 0U;
    std::string value;
    while (at < text.size() &&
           (is_quoted ? text[at] != '\'' : k_blank.find(text[at]) == std::string_view::npos)) {
      if (text[at] == '\\' && at + 1 < text.size()) {
        ++at;
      }
      value += text[at++];
    }
    if (is_quoted && at++ == text.size()) {
      return std::nullopt;
    }
    is_telling = is_telling || std::ranges::find(k_telling, key) != k_telling.end();
    apply_parameter(address, key, std::move(value));
  }
  return is_telling ? std::optional(std::move(address)) : std::nullopt;
}

/// Go's `user:password@tcp(host:3306)/shop?parseTime=true`.
bool is_go_address(std::string_view text) {
  const std::size_t at = text.rfind("@tcp");
  const std::size_t socket = text.rfind("@unix(");
  return (at != std::string_view::npos && text.find('(', at) != std::string_view::npos) ||
         socket != std::string_view::npos || text.starts_with("tcp(") ||
         text.starts_with("unix(") || text.find("@/") != std::string_view::npos;
}

std::string percent_encoded(std::string_view text, std::string_view special) {
  constexpr std::string_view k_digits = "0123456789ABCDEF";
  const bool is_text = is_utf8(text);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7F || (byte >= 0x80 && !is_text) ||
        special.find(c) != std::string_view::npos) {
      out += '%';
      out += k_digits[byte >> 4U];
      out += k_digits[byte & 15U];
    } else {
      out += c;
    }
  }
  return out;
}

} // namespace

Address parse_url(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) {
    throw UsageError("the connection URL is empty");
  }
  if (text.size() > k_longest_url || text.find('\0') != std::string_view::npos) {
    throw UsageError("the connection URL is too long, or has a zero byte in it");
  }
  if (const std::optional<std::string_view> scheme = scheme_of(text)) {
    const std::string_view rest = text.substr(scheme->size() + 1);
    const std::string driver = driver_of_scheme(*scheme);
    if (driver == "jdbc") {
      return parse_jdbc(rest);
    }
    if (driver == "sqlite") {
      return parse_file(*scheme, rest);
    }
    if (rest.starts_with("//")) {
      return parse_server(driver, rest.substr(2));
    }
  }
  if (std::optional<Address> address = parse_keywords(text)) {
    return std::move(*address);
  }
  if (is_go_address(text)) {
    return parse_server("mariadb", text);
  }
  throw UsageError("this is not a connection URL",
                   "it looks like postgres://user:password@host:5432/database; a variable that has "
                   "one is named in the settings by {\"env\": \"DATABASE_URL\"}");
}

std::string display(const Address& address) {
  constexpr std::string_view k_special = "%@:/?#[];";
  if (address.driver == "sqlite") {
    return "sqlite:" + printable(address.database);
  }
  std::string out = address.driver + "://";
  if (!address.user.empty()) {
    out += percent_encoded(address.user, k_special) + "@";
  }
  const bool is_socket = address.host.starts_with('/');
  if (address.host.find(',') != std::string::npos) {
    out += percent_encoded(address.host, "%@/?#[]");
  } else if (address.host.find(':') != std::string::npos && !is_socket) {
    out += "[" + percent_encoded(address.host, "%@/?#[]") + "]";
  } else if (!is_socket) {
    out += percent_encoded(address.host, k_special);
  }
  if (address.port != 0 && !is_socket) {
    out += ":" + std::to_string(address.port);
  }
  out += "/" + percent_encoded(address.database, k_special);
  if (is_socket) {
    out += address.driver == "mariadb" ? "?socket=" : "?host=";
    out += percent_encoded(address.host, "%&#+");
    // A server's socket in a directory is told from others by its port.
    out += address.port == 0 ? "" : "&port=" + std::to_string(address.port);
  }
  return out;
}

} // namespace savepoint::database
