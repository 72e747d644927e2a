#pragma once

#include "database/address.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace savepoint::database {

/// Where a server is, seen from here: docs/guards.md has the table.
enum class Place {
  socket,    ///< A socket of this machine.
  loopback,  ///< 127.0.0.0/8, ::1, localhost.
  container, ///< A name without dots: a service of docker compose, or of the local network.
  local_net, ///< A private or link-local address, *.local, *.internal, *.test,
             ///< host.docker.internal.
  remote,    ///< Everything else.
};

/// Why a database must not be overwritten lightly.
struct Protection {
  bool is_protected = false;
  /// "its name looks like production", "RAILS_ENV is production" …; where it is not protected, why
  /// nothing more need be asked.
  std::string reason;
};

[[nodiscard]] Place place_of(const Address& address);

/// The port, or the usual one of its driver; 0 of what has none.
[[nodiscard]] std::uint16_t port_of(const Address& address);

/// Whether both are the same database on the same server, as far as addresses can tell.
[[nodiscard]] bool is_same_place(const Address& a, const Address& b);

/// Whether `text` (the name of a database, a host, a branch) has a word that says production:
/// prod, production, live, prd, delimited by anything but letters.
[[nodiscard]] bool looks_like_production(std::string_view text);

/// What can be said without asking the server: remote hosts, names that look like production,
/// RAILS_ENV, NODE_ENV, APP_ENV, DJANGO_ENV, FLASK_ENV and the like in `environment`.
[[nodiscard]] Protection classify(const Address& address,
                                  const std::map<std::string, std::string>& environment);

/// The name of the agent or automation that runs us, as its environment variables give it away;
/// nothing for a person. What is protected is never restored into by one.
[[nodiscard]] std::optional<std::string>
agent_in(const std::map<std::string, std::string>& environment);

} // namespace savepoint::database
