#include "database/internal/server_url.hpp"

#include "base/ascii.hpp"
#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace savepoint::database {
namespace {

constexpr std::size_t k_most_readings = 64;

bool is_host_character(char c) {
  return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_port(std::string_view text) {
  return text.size() <= 5 && std::ranges::all_of(text, is_digit);
}

bool has_driver(std::string_view driver) {
  return driver == "postgres" || driver == "mariadb";
}

/// `text` up to the first of `ends`, which is removed from it.
std::string_view take_until(std::string_view& text, std::string_view ends) {
  const std::size_t length = std::min(text.find_first_of(ends), text.size());
  const std::string_view taken = text.substr(0, length);
  text.remove_prefix(length);
  return taken;
}

/// What was read of one way to cut a URL into parts, or why it cannot be cut like that.
struct Reading {
  Address address;
  std::string_view trouble;
};

/// `host`, `host:port`, `[::1]:port`, `a,b` (of drivers we do not have).
std::string_view read_host(Address& address, std::string_view text) {
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) {
      return "a bracket is not closed";
    }
    address.host = percent_decoded(text.substr(1, end - 1));
    if (address.host.find_first_not_of("0123456789abcdefABCDEF:.%") < address.host.find('%')) {
      return "its host is no IPv6 address";
    }
    port = text.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) {
      return "something unexpected follows its host";
    }
    port.remove_prefix(port.empty() ? 0 : 1);
  } else {
    if (text.find(',') != std::string_view::npos) {
      if (has_driver(address.driver)) {
        return "it names more than one server";
      }
      address.host = text;
      return {};
    }
    const std::size_t colon = text.find(':');
    port = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    address.host = percent_decoded(text.substr(0, colon));
    if (!address.host.starts_with('/') && !std::ranges::all_of(address.host, is_host_character)) {
      return "its host has characters that no host has";
    }
  }
  if (!is_port(port)) {
    return "its port is not a number";
  }
  address.port = port_of(port, address.driver);
  return {};
}

/// Go's `tcp(host:3306)` and `unix(/path)`; removes it from `rest`.
std::optional<std::string_view> read_protocol(Address& address, std::string_view& rest) {
  constexpr std::array<std::string_view, 4> k_protocols = {"tcp(", "tcp4(", "tcp6(", "unix("};
  for (const std::string_view protocol : k_protocols) {
    const std::size_t end = rest.find(')');
    if (!rest.starts_with(protocol) || end == std::string_view::npos) {
      continue;
    }
    const std::string_view inside = rest.substr(protocol.size(), end - protocol.size());
    rest.remove_prefix(end + 1);
    if (protocol == "unix(") {
      address.host = inside;
      return std::string_view();
    }
    return read_host(address, inside);
  }
  return std::nullopt;
}

/// Reads `rest` with the name and password before `at`, without any if that is npos.
Reading read_with_user_before(const std::string& driver, std::string_view rest, std::size_t at) {
  Reading reading;
  Address& address = reading.address;
  address.driver = driver;
  if (at != std::string_view::npos) {
    const std::string_view user_info = rest.substr(0, at);
    const std::size_t colon = user_info.find(':');
    const std::string_view user = user_info.substr(0, colon);
    if (user.find_first_of("/?#") != std::string_view::npos) {
      reading.trouble = "its user name has characters that must be encoded";
      return reading;
    }
    address.user = percent_decoded(user);
    if (colon != std::string_view::npos) {
      address.password = Secret(percent_decoded(user_info.substr(colon + 1)));
    }
    rest.remove_prefix(at + 1);
  }

  const std::optional<std::string_view> by_protocol = read_protocol(address, rest);
  // `;` ends the host of SQL Server's URLs.
  reading.trouble = by_protocol ? *by_protocol : read_host(address, take_until(rest, "/?#;"));
  if (!reading.trouble.empty()) {
    return reading;
  }

  std::string_view path = take_until(rest, "?#");
  const std::string_view query = take_until(rest, "#");
  const std::string_view first_parameter = query.substr(0, query.find_first_of("=&"));
  if (path.find('@') != std::string_view::npos || rest.find('@') != std::string_view::npos ||
      first_parameter.find('@') != std::string_view::npos) {
    reading.trouble = "an @ stands where none can";
    return reading;
  }
  path.remove_prefix(path.starts_with('/') ? 1 : 0);
  path.remove_suffix(path.ends_with('/') ? 1 : 0);
  if (has_driver(driver) && path.find_first_of("/;") != std::string_view::npos) {
    reading.trouble = "its database name has characters that must be encoded";
    return reading;
  }
  address.database = percent_decoded(path.substr(0, path.find(';')));
  apply_query(address, query.substr(query.empty() ? 0 : 1));
  return reading;
}

} // namespace

std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_value(text[i + 2]);
    if (low < 0) {
      out += text[i];
    } else {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::uint16_t port_of(std::string_view text, std::string_view driver) {
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (!text.empty() && (failure != std::errc() || end != text.data() + text.size())) {
    refuse_url(driver, "its port is not a number from 0 to 65535");
  }
  return port;
}

void apply_parameter(Address& address, std::string_view key, std::string value) {
  const bool is_socket =
      key == "socket" || key == "unix_socket" || key == "unixSocket" || key == "socketPath";
  if (key == "password" || key == "passwd" || key == "pwd") {
    address.password = Secret(std::move(value));
  } else if (key == "sslpassword") {
    return; // client programs would take it from their arguments only, where everybody sees it
  } else if (key == "user" || key == "username") {
    address.user = std::move(value);
  } else if (address.driver == "postgres" && (key == "host" || key == "hostaddr")) {
    if (value.find(',') != std::string::npos) {
      refuse_url(address.driver, "it names more than one server");
    }
    if (!value.empty() && (key == "host" || address.host.empty())) {
      address.host = value;
    }
    if (key == "hostaddr" &&
        !value.empty()) { // where it is, while `host` says whose certificate it shows
      address.parameters.insert_or_assign(std::string(key), std::move(value));
    }
  } else if (address.driver == "postgres" && key == "dbname") {
    address.database = std::move(value);
  } else if (address.driver == "postgres" && key == "port") {
    address.port = port_of(value, address.driver);
  } else if (address.driver == "mariadb" && is_socket) {
    // Some write the path in parentheses.
    const bool has_parentheses = value.size() > 1 && value.front() == '(' && value.back() == ')';
    address.host = has_parentheses ? value.substr(1, value.size() - 2) : std::move(value);
  } else {
    address.parameters.insert_or_assign(std::string(key), std::move(value));
  }
}

void apply_query(Address& address, std::string_view query) {
  while (!query.empty()) {
    const std::string_view parameter = take_until(query, "&");
    query.remove_prefix(query.empty() ? 0 : 1);
    const std::size_t equals = parameter.find('=');
    if (equals != std::string_view::npos) {
      apply_parameter(address, percent_decoded(parameter.substr(0, equals)),
                      percent_decoded(parameter.substr(equals + 1)));
    }
  }
}

void refuse_url(std::string_view driver, std::string_view why) {
  throw UsageError("cannot read the " + std::string(driver) + " URL: " + std::string(why),
                   "in names and passwords, write % @ : / ? # as %25 %40 %3A %2F %3F %23");
}

Address parse_server(const std::string& driver, std::string_view rest) {
  const std::size_t authority = std::min(rest.find_first_of("/?#"), rest.size());
  const std::size_t usual = rest.substr(0, authority).rfind('@');
  Reading first = read_with_user_before(driver, rest, usual);
  if (first.trouble.empty()) {
    return std::move(first.address);
  }
  // A password with / ? # or @ in it: the reading that makes sense, if it is the only one.
  std::optional<Reading> other;
  std::size_t readings = 0;
  for (std::size_t at = rest.find('@'); at != std::string_view::npos && readings < k_most_readings;
       at = rest.find('@', at + 1)) {
    ++readings;
    Reading reading = read_with_user_before(driver, rest, at);
    if (at == usual || !reading.trouble.empty() || reading.address.database.empty()) {
      continue;
    }
    if (other) {
      refuse_url(driver, "it can be read in more than one way");
    }
    other = std::move(reading);
  }
  if (!other) {
    refuse_url(driver, first.trouble);
  }
  return std::move(other->address);
}

} // namespace savepoint::database
