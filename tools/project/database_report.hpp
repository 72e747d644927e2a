#pragma once

#include "project/databases.hpp"
#include "project/project.hpp"
#include "project/scan.hpp"
#include "json/value.hpp"

#include <optional>
#include <string>
#include <vector>

namespace savepoint::tools {

/// What is in the project, without reading more than tells a database from a file.
[[nodiscard]] project::Scan look_around(const project::Project& project);

/// What a server says of a database; `trouble` says why it says nothing.
struct Reached {
  const database::Target* target = nullptr;
  std::string version; ///< "PostgreSQL 15.5"; empty where the server has no name for it.
  bool is_there = false;
  std::string trouble;
};

/// Asks the servers of all databases that are not files.
[[nodiscard]] std::vector<Reached> reach(const project::Databases& databases);

/// Where it is and where that was found, for people: never with a password.
[[nodiscard]] std::string place_of(const database::Target& target);
[[nodiscard]] std::string place_of(const project::PassedDatabase& passed);

/// All of them, for --json: taken or not, where, and why.
[[nodiscard]] json::Value to_json(const project::Databases& databases,
                                  const std::vector<Reached>& reached);

} // namespace savepoint::tools
