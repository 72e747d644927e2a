#include "discovery/internal/evidence.hpp"

#include "base/printable.hpp"
#include "database/protection.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>

namespace savepoint::discovery {
namespace {

using database::Address;
using database::Place;

bool is_server_driver(std::string_view driver) {
  return driver == "postgres" || driver == "mariadb";
}

std::string role_refusal(Role role) {
  switch (role) {
  case Role::main:
    return {};
  case Role::test:
    return "it is for tests";
  case Role::shadow:
    return "it is a shadow database, which tools fill and empty";
  case Role::production:
    return "it is for production";
  case Role::other:
    return "it is for another environment";
  }
  return {};
}

/// Whether names of services are names of hosts here.
bool is_in_container(const config::Environment& environment) {
  return std::ranges::any_of(std::array{"REMOTE_CONTAINERS", "CODESPACES", "DEVCONTAINER"},
                             [&](const char* name) { return environment.contains(name); });
}

/// Where a server is, by one name whatever the form.
std::string server_key(const Address& address) {
  const Place place = database::place_of(address);
  const bool is_usual_socket = address.host == "/run/postgresql" || address.host == "/tmp" ||
                               address.host == "/var/run/postgresql" ||
                               address.host == "/var/run/mysqld/mysqld.sock" ||
                               address.host == "/run/mysqld/mysqld.sock";
  const bool is_here = place == Place::loopback || address.host.empty() || is_usual_socket;
  std::uint16_t port = address.port;
  if (port == 0) {
    constexpr std::array<std::pair<std::string_view, std::uint16_t>, 4> k_ports = {
        {{"postgres", 5432}, {"mariadb", 3306}, {"mongodb", 27017}, {"redis", 6379}}};
    const auto* const usual = std::ranges::find(k_ports, std::string_view(address.driver),
                                                [](const auto& pair) { return pair.first; });
    port = usual == k_ports.end() ? std::uint16_t{0} : usual->second;
  }
  return address.driver + "\n" + (is_here ? std::string() : address.host) + "\n" +
         std::to_string(port);
}

std::string database_key(const Address& address) {
  return address.driver == "sqlite" ? "sqlite\n" + address.database
                                    : server_key(address) + "\n" + address.database;
}

class Judgement {
public:
  Judgement(std::vector<Evidence> found, const std::vector<Service>& services, ProjectFiles& files,
            const config::Environment& environment)
      : found_(std::move(found)), services_(services), files_(files), environment_(environment) {}

  std::vector<Candidate> judge() {
    std::erase_if(found_, [](const Evidence& evidence) {
      const Address& address = evidence.candidate.address;
      return address.driver == "sqlite" &&
             (address.database.empty() || address.database.find(":memory:") != std::string::npos);
    });
    for (Evidence& evidence : found_) {
      decide(evidence);
    }
    std::ranges::stable_sort(found_, [](const Evidence& a, const Evidence& b) {
      return std::pair(!a.candidate.is_taken, a.rank) < std::pair(!b.candidate.is_taken, b.rank);
    });
    leave_out_doubles();
    leave_out_other_ways();
    std::vector<Candidate> candidates;
    for (Evidence& evidence : found_) {
      candidates.push_back(std::move(evidence.candidate));
    }
    std::stable_partition(candidates.begin(), candidates.end(),
                          [](const Candidate& candidate) { return candidate.is_taken; });
    return candidates;
  }

private:
  void decide(Evidence& evidence) {
    Candidate& candidate = evidence.candidate;
    const Address& address = candidate.address;
    std::string trouble;
    if (address.driver == "sqlite") {
      trouble = find_file(evidence);
    } else if (is_server_driver(address.driver)) {
      trouble = find_server(candidate);
    } else {
      trouble = "there is no driver for " + printable(address.driver) +
                ": name it in the config with \"dump\" and \"restore\" commands";
    }
    const std::string role = role_refusal(evidence.role);
    const database::Protection protection = database::classify(address, environment_);
    const bool has_driver = address.driver == "sqlite" || is_server_driver(address.driver);
    if (!has_driver) {
      candidate.reason = trouble;
    } else if (!role.empty()) {
      candidate.reason = role;
    } else if (!evidence.refusal.empty()) {
      candidate.reason = evidence.refusal;
    } else if (address.database.empty()) {
      candidate.reason = "its URL names no database";
    } else if (protection.is_protected) {
      candidate.reason = protection.reason;
    } else if (!trouble.empty()) {
      candidate.reason = trouble;
    } else {
      candidate.is_taken = true;
      candidate.reason = candidate.reason.empty() ? reason_to_take(address) : candidate.reason;
    }
    candidate.is_missed = !candidate.is_taken && role.empty() && evidence.refusal.empty() &&
                          evidence.rank != Rank::service && keeps_data(evidence);
  }

  /// Whether people would miss it: no cache, nothing in memory, no file that is not there.
  [[nodiscard]] bool keeps_data(const Evidence& evidence) const {
    constexpr std::array<std::string_view, 4> k_others{"mongodb", "sqlserver", "oracle",
                                                       "cockroachdb"};
    const Address& address = evidence.candidate.address;
    if (address.driver != "sqlite") {
      return is_server_driver(address.driver) ||
             std::ranges::find(k_others, address.driver) != k_others.end();
    }
    std::error_code ignored;
    return std::ranges::any_of(evidence.bases, [&](const std::string& base) {
      return std::filesystem::exists(files_.root() / base / address.database, ignored);
    });
  }

  static std::string reason_to_take(const Address& address) {
    if (address.driver == "sqlite") {
      return "its file is in the project";
    }
    switch (database::place_of(address)) {
    case Place::socket:
    case Place::loopback:
      return "it is on this machine";
    case Place::container:
      return "it is beside this container";
    case Place::local_net:
      return "it is in the local network";
    case Place::remote:
      break;
    }
    return {};
  }

  /// Makes the path of a SQLite database one below the root; says why, if that cannot be done.
  std::string find_file(Evidence& evidence) {
    std::string& path = evidence.candidate.address.database;
    const std::string root = files_.root().string() + "/";
    if (path.starts_with(root) && root.size() > 1) {
      path.erase(0, root.size());
      evidence.bases = {""};
    }
    bool leads_out = true;
    std::set<std::string> existing;
    std::string first;
    for (const std::string& base : evidence.bases) {
      if (const std::optional<std::string> inner = inner_path(base, path)) {
        leads_out = false;
        if (files_.has(*inner)) {
          first = existing.empty() ? *inner : first;
          existing.insert(*inner);
        }
      }
    }
    if (existing.size() > 1) {
      files_.note(quoted(std::string_view(path)) + " of " + source_of(evidence.candidate) +
                  " may be any of " + std::to_string(existing.size()) + " files, such as " +
                  quoted(std::string_view(first)));
    }
    if (!existing.empty()) {
      path = first;
      return {};
    }
    return leads_out ? "its file is outside of the project" : "its file does not exist";
  }

  /// Replaces names that only containers know; says why, if that cannot be done.
  std::string find_server(Candidate& candidate) {
    Address& address = candidate.address;
    if (is_in_container(environment_)) {
      return {};
    }
    if (address.host == "host.docker.internal") {
      address.host = "127.0.0.1";
      return {};
    }
    if (database::place_of(address) != Place::container) {
      return {};
    }
    const std::string name = address.host;
    const auto service = std::ranges::find_if(services_, [&](const Service& known) {
      return known.name == name && (address.port == 0 || address.port == known.port);
    });
    if (service == services_.end()) {
      return "its host " + quoted(std::string_view(name)) +
             " is no service of a compose file here: name it in the config";
    }
    if (service->published == 0) {
      return "service " + quoted(std::string_view(name)) + " of " + printable(service->file) +
             " publishes no port: " +
             (address.driver == "postgres"
                  ? "name it in the config with \"client\": [\"docker\", \"compose\", \"exec\", "
                    "\"-T\", \"" +
                        printable(name) + "\"]"
                  : "publish one, or name it in the config with \"dump\" and \"restore\" commands");
    }
    address.host = service->host;
    address.port = service->published;
    address.is_own = false;
    candidate.reason = "service " + quoted(std::string_view(name)) + " of " +
                       printable(service->file) + " publishes it at port " +
                       std::to_string(service->published);
    return {};
  }

  [[nodiscard]] static bool counts(const Candidate& candidate) {
    return candidate.is_taken || candidate.is_missed;
  }

  /// Each database once, from the source that counts most.
  void leave_out_doubles() {
    std::map<std::string, std::size_t> first;
    std::vector<Evidence> once;
    for (Evidence& evidence : found_) {
      const auto [at, is_new] =
          first.emplace(database_key(evidence.candidate.address), once.size());
      if (is_new) {
        once.push_back(std::move(evidence));
        continue;
      }
      Evidence& kept = once[at->second];
      if (!counts(kept.candidate) && kept.rank == evidence.rank && evidence.candidate.is_missed) {
        kept = std::move(evidence);
      }
    }
    found_ = std::move(once);
  }

  /// The same database through a pooler, and the one that a server starts with.
  void leave_out_other_ways() {
    std::set<std::string> servers_in_use;
    for (const Evidence& evidence : found_) {
      if (!evidence.is_server) {
        servers_in_use.insert(server_key(evidence.candidate.address));
      }
    }
    std::erase_if(found_, [&](const Evidence& evidence) {
      return evidence.is_server && !evidence.candidate.is_taken &&
             servers_in_use.contains(server_key(evidence.candidate.address));
    });
    for (Evidence& evidence : found_) {
      Candidate& candidate = evidence.candidate;
      const auto pooled = candidate.address.parameters.find("pgbouncer");
      const bool is_pooled =
          pooled != candidate.address.parameters.end() && pooled->second == "true";
      if (!counts(candidate) || (!is_pooled && !evidence.is_server)) {
        continue;
      }
      const bool has_better = std::ranges::any_of(found_, [&](const Evidence& other) {
        const Address& address = other.candidate.address;
        return &other != &evidence && !other.is_server &&
               (other.candidate.is_taken || (!candidate.is_taken && other.candidate.is_missed)) &&
               (is_pooled ? address.database == candidate.address.database &&
                                address.driver == candidate.address.driver
                          : server_key(address) == server_key(candidate.address));
      });
      if (has_better) {
        candidate.is_missed = false;
      }
      if (has_better && candidate.is_taken) {
        candidate.is_taken = false;
        candidate.reason = is_pooled ? "it is reached through a pooler, and directly by another URL"
                                     : "the project uses another database of this server";
      }
    }
  }

  std::vector<Evidence> found_;
  const std::vector<Service>& services_;
  ProjectFiles& files_;
  const config::Environment& environment_;
};

} // namespace

std::vector<Candidate> judge(std::vector<Evidence> found, const std::vector<Service>& services,
                             ProjectFiles& files, const config::Environment& environment) {
  return Judgement(std::move(found), services, files, environment).judge();
}

} // namespace savepoint::discovery
