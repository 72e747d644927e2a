#include "database/protection.hpp"

#include "base/ascii.hpp"
#include "base/printable.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <vector>

namespace savepoint::database {
namespace {

using Environment = std::map<std::string, std::string>;

bool is_of_a_word(char c) {
  return is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
}

/// Four decimal numbers with dots between them and nothing else.
std::optional<std::uint32_t> ipv4(std::string_view text) {
  std::uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    std::uint8_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc()) {
      return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    address = (address << 8U) | number;
    if (part < 3) {
      if (!text.starts_with('.')) {
        return std::nullopt;
      }
      text.remove_prefix(1);
    }
  }
  return text.empty() ? std::optional(address) : std::nullopt;
}

Place place_of_ipv4(std::uint32_t address) {
  struct Network {
    std::uint32_t prefix;
    unsigned length;
    Place place;
  };
  constexpr std::array<Network, 6> k_networks = {{{0x7F000000, 8, Place::loopback},
                                                  {0x00000000, 32, Place::loopback},
                                                  {0x0A000000, 8, Place::local_net},
                                                  {0xAC100000, 12, Place::local_net},
                                                  {0xC0A80000, 16, Place::local_net},
                                                  {0xA9FE0000, 16, Place::local_net}}};
  const auto* const found = std::ranges::find_if(k_networks, [&](const Network& network) {
    return ((address ^ network.prefix) >> (32U - network.length)) == 0;
  });
  return found == k_networks.end() ? Place::remote : found->place;
}

/// `host` has a colon. Forms that are rare enough to be read wrongly count as remote.
Place place_of_ipv6(std::string_view host) {
  constexpr std::string_view k_mapped = "::ffff:";
  if (host == "::1" || host == "0:0:0:0:0:0:0:1" || host == "::") {
    return Place::loopback;
  }
  if (host.starts_with(k_mapped)) {
    const std::optional<std::uint32_t> inner = ipv4(host.substr(k_mapped.size()));
    return inner ? place_of_ipv4(*inner) : Place::remote;
  }
  const std::string_view first = host.substr(0, host.find(':'));
  std::uint16_t group = 0;
  const auto [end, failure] = std::from_chars(first.data(), first.data() + first.size(), group, 16);
  const bool is_group = failure == std::errc() && end == first.data() + first.size();
  const bool is_link_local = (group & 0xFFC0U) == 0xFE80U;
  const bool is_unique_local = (group & 0xFE00U) == 0xFC00U;
  return is_group && (is_link_local || is_unique_local) ? Place::local_net : Place::remote;
}

template <std::size_t N>
bool ends_with_one_of(std::string_view host, const std::array<std::string_view, N>& endings) {
  return std::ranges::any_of(endings,
                             [&](std::string_view ending) { return host.ends_with(ending); });
}

Place place_of_name(std::string_view host) {
  constexpr std::array<std::string_view, 2> k_here = {".localhost", ".localdomain"};
  // Names that only the inside of a hosting network or a cluster knows.
  constexpr std::array<std::string_view, 4> k_hosted = {".compute.internal", ".ec2.internal",
                                                        ".railway.internal", ".cluster.local"};
  constexpr std::array<std::string_view, 5> k_local = {".local", ".internal", ".test", ".lan",
                                                       ".home.arpa"};
  if (host == "localhost" || host == "ip6-localhost" || ends_with_one_of(host, k_here)) {
    return Place::loopback;
  }
  if (host.find('.') == std::string_view::npos) {
    // A number is an IPv4 address in a form that hides which.
    const bool is_number =
        host.starts_with("0x") || host.find_first_not_of("0123456789") == std::string_view::npos;
    return is_number ? Place::remote : Place::container;
  }
  return ends_with_one_of(host, k_local) && !ends_with_one_of(host, k_hosted) ? Place::local_net
                                                                              : Place::remote;
}

Place place_of_host(std::string_view host) {
  constexpr std::string_view k_proxy_sockets = "/cloudsql/"; // lead to a server far away
  if (host.starts_with('/') || host.empty()) {
    return host.starts_with(k_proxy_sockets) ? Place::remote : Place::socket;
  }
  std::string name = lower(host);
  if (name.ends_with('.')) {
    name.pop_back();
  }
  if (name.find(':') != std::string::npos) {
    return place_of_ipv6(std::string_view(name).substr(0, name.find('%')));
  }
  const std::optional<std::uint32_t> address = ipv4(name);
  return address ? place_of_ipv4(*address) : place_of_name(name);
}

/// The variable that says that this is production; nothing if none does.
std::optional<std::string> production_variable(const Environment& environment) {
  constexpr std::array<std::string_view, 18> k_variables = {"RAILS_ENV",
                                                            "RACK_ENV",
                                                            "NODE_ENV",
                                                            "APP_ENV",
                                                            "DJANGO_ENV",
                                                            "FLASK_ENV",
                                                            "MIX_ENV",
                                                            "GO_ENV",
                                                            "ENVIRONMENT",
                                                            "APP_ENVIRONMENT",
                                                            "DEPLOY_ENV",
                                                            "VERCEL_ENV",
                                                            "RAILWAY_ENVIRONMENT_NAME",
                                                            "RAILWAY_ENVIRONMENT",
                                                            "ASPNETCORE_ENVIRONMENT",
                                                            "DOTNET_ENVIRONMENT",
                                                            "SPRING_PROFILES_ACTIVE",
                                                            "DJANGO_SETTINGS_MODULE"};
  for (const std::string_view variable : k_variables) {
    const auto found = environment.find(std::string(variable));
    if (found != environment.end() && looks_like_production(found->second)) {
      return found->first;
    }
  }
  return std::nullopt;
}

/// Where a path leads to says nothing about a database that is a file; its name does.
std::string_view name_of(const Address& address) {
  const std::string_view database = address.database;
  return address.driver == "sqlite" ? database.substr(database.rfind('/') + 1) : database;
}

constexpr std::uint16_t k_postgres_port = 5432;
constexpr std::uint16_t k_mariadb_port = 3306;

std::string host_of(const Address& address) {
  return place_of(address) == Place::loopback ? "localhost" : address.host;
}

} // namespace

Place place_of(const Address& address) {
  if (address.driver == "sqlite") {
    return Place::socket;
  }
  Place farthest = Place::socket;
  std::string_view hosts = address.host;
  do {
    const std::size_t length = std::min(hosts.find(','), hosts.size());
    farthest = std::max(farthest, place_of_host(hosts.substr(0, length)));
    hosts.remove_prefix(std::min(length + 1, hosts.size()));
  } while (!hosts.empty());
  return farthest;
}

std::uint16_t port_of(const Address& address) {
  if (address.port != 0) {
    return address.port;
  }
  return address.driver == "postgres"  ? k_postgres_port
         : address.driver == "mariadb" ? k_mariadb_port
                                       : std::uint16_t{0};
}

bool is_same_place(const Address& a, const Address& b) {
  return a.driver == b.driver && host_of(a) == host_of(b) && port_of(a) == port_of(b) &&
         a.database == b.database;
}

bool looks_like_production(std::string_view text) {
  constexpr std::array<std::string_view, 4> k_words = {"prod", "production", "live", "prd"};
  std::size_t at = 0;
  while (at < text.size()) {
    if (!is_of_a_word(text[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at++;
    // shopProd are two words
    while (at < text.size() && is_of_a_word(text[at]) &&
           !(is_upper(text[at]) && !is_upper(text[at - 1]))) {
      ++at;
    }
    if (std::ranges::find(k_words, lower(text.substr(begin, at - begin))) != k_words.end()) {
      return true;
    }
  }
  return false;
}

namespace {

/// Where a client of the database ends up: libpq takes from the environment what an address does
/// not say, and `hostaddr` in place of the host.
std::vector<Address> reached_by(const Address& address, const Environment& environment) {
  if (address.driver != "postgres") {
    return {address};
  }
  const auto value_of = [&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  };
  const auto or_else = [](const std::string& one, const std::string& other) {
    return one.empty() ? other : one;
  };
  Address named = address;
  named.host = or_else(named.host, value_of("PGHOST"));
  named.user = or_else(named.user, value_of("PGUSER"));
  named.database = or_else(or_else(named.database, value_of("PGDATABASE")), named.user);
  std::vector<Address> reached{named};
  const auto number = address.parameters.find("hostaddr");
  const std::string host_number =
      number == address.parameters.end() ? value_of("PGHOSTADDR") : number->second;
  if (!host_number.empty()) {
    reached.push_back(named);
    reached.back().host = host_number;
  }
  return reached;
}

/// Whether libpq looks into a service file, which may lead anywhere, even past a host that is
/// given. PGSERVICE is not for an address that says its host.
bool asks_a_service_file(const Address& address, const Environment& environment) {
  if (address.driver != "postgres") {
    return false;
  }
  const auto service = environment.find("PGSERVICE");
  const bool names_host = !address.host.empty() || address.parameters.contains("hostaddr");
  return (!names_host && service != environment.end() && !service->second.empty()) ||
         address.parameters.contains("service");
}

} // namespace

Protection classify(const Address& address, const Environment& environment) {
  Protection protection;
  const auto add = [&](const std::string& reason) {
    protection.reason += (protection.is_protected ? " and " : "") + reason;
    protection.is_protected = true;
  };
  const std::vector<Address> reached = reached_by(address, environment);
  if (std::ranges::count(reached, Place::remote, place_of) > 0) {
    add("its host is remote");
  }
  if (asks_a_service_file(address, environment)) {
    add("a service file of PostgreSQL says where it is");
  }
  if (looks_like_production(name_of(reached.front()))) {
    add("its name looks like production");
  }
  if (std::ranges::any_of(reached, looks_like_production, &Address::host)) {
    add("its host looks like production");
  }
  if (looks_like_production(reached.front().user)) {
    add("its user looks like production");
  }
  if (const std::optional<std::string> variable = production_variable(environment)) {
    add(*variable + " is production");
  }
  return protection;
}

std::optional<std::string> agent_in(const Environment& environment) {
  constexpr std::size_t k_longest_name = 40;
  constexpr std::array<std::pair<std::string_view, std::string_view>, 15> k_agents = {{
      {"CLAUDECODE", "Claude Code"},
      {"CLAUDE_CODE", "Claude Code"},
      {"GEMINI_CLI", "Gemini CLI"},
      {"QWEN_CODE", "Qwen Code"},
      {"CURSOR_AGENT", "Cursor"},
      {"COPILOT_CLI", "Copilot"},
      {"COPILOT_AGENT", "Copilot"},
      {"OPENCODE", "opencode"},
      {"OPENCODE_CLIENT", "opencode"},
      {"CLINE_ACTIVE", "Cline"},
      {"CRUSH", "Crush"},
      {"AUGMENT_AGENT", "Augment"},
      {"ANTIGRAVITY_AGENT", "Antigravity"},
      {"GOOSE_TERMINAL", "goose"},
      {"ROO_ACTIVE", "Roo Code"},
  }};
  const auto is_on = [](std::string_view value) {
    return !value.empty() && value != "0" && lower(value) != "false";
  };
  const auto value_of = [&](std::string_view name) -> std::string_view {
    const auto found = environment.find(std::string(name));
    return found == environment.end() ? std::string_view() : std::string_view(found->second);
  };

  for (const auto& [variable, name] : k_agents) {
    if (is_on(value_of(variable))) {
      return std::string(name);
    }
  }
  for (auto at = environment.lower_bound("CODEX_");
       at != environment.end() && at->first.starts_with("CODEX_"); ++at) {
    if (at->first != "CODEX_HOME" && is_on(at->second)) { // that one people set for themselves
      return "Codex";
    }
  }
  if (value_of("REPLIT_SESSION").starts_with("agent-")) {
    return "Replit Agent";
  }
  for (const std::string_view variable : {"AI_AGENT", "AGENT"}) {
    const std::string_view value = value_of(variable);
    if (is_on(value)) {
      const bool is_name = value != "1" && lower(value) != "true" && lower(value) != "yes";
      return is_name ? printable(value.substr(0, k_longest_name)) : "an agent";
    }
  }
  return std::nullopt;
}

} // namespace savepoint::database
