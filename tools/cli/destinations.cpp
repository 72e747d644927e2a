#include "cli/destinations.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "discovery/discovery.hpp"

#include <filesystem>
#include <optional>

namespace savepoint::cli {
namespace {

constexpr std::string_view k_by_variable = "env:";
constexpr const char* k_form =
    "write NAME=URL, or NAME=env:VARIABLE; a file of SQLite may be a path";

struct Parts {
  std::string name;
  std::string value;
};

std::optional<Parts> split(const std::string& typed) {
  const std::size_t equals = typed.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == typed.size()) {
    return std::nullopt;
  }
  return Parts{.name = typed.substr(0, equals), .value = typed.substr(equals + 1)};
}

discovery::Variable find_variable(const std::string& name, const Session& session,
                                  const project::Project* project) {
  if (project != nullptr) {
    if (auto found = discovery::look_up(project->root(), session.environment, name, std::nullopt)) {
      return std::move(*found);
    }
  } else if (const auto found = session.environment.find(name);
             found != session.environment.end()) {
    return {.value = found->second};
  }
  throw UsageError("cannot use --database: the variable " + quoted(name) + " is not set",
                   "set it to a URL, or give the URL itself");
}

/// A path is a file of SQLite.
database::Address address_of(const std::string& value) {
  const bool is_path =
      value.starts_with('/') || value.starts_with("./") || value.starts_with("../");
  if (!is_path) {
    return database::parse_url(value);
  }
  database::Address address;
  address.driver = "sqlite";
  address.database = value;
  return address;
}

} // namespace

std::map<std::string, database::Address> read_destinations(const std::vector<std::string>& typed,
                                                           const Session& session,
                                                           const project::Project* project) {
  std::map<std::string, database::Address> destinations;
  for (const std::string& word : typed) {
    const std::optional<Parts> parts = split(word);
    if (!parts) {
      throw UsageError("cannot use --database: it does not say which database goes where", k_form);
    }
    const discovery::Variable url =
        parts->value.starts_with(k_by_variable)
            ? find_variable(parts->value.substr(k_by_variable.size()), session, project)
            : discovery::Variable{.value = parts->value};
    database::Address address = address_of(url.value);
    address.is_own = url.file.empty();
    if (address.driver == "sqlite") {
      address.database = std::filesystem::absolute(address.database).lexically_normal();
    }
    if (!destinations.emplace(parts->name, std::move(address)).second) {
      throw UsageError("cannot restore " + quoted(parts->name) + " to two places at once",
                       "name each database once with --database");
    }
  }
  return destinations;
}

std::string showable_destination(const std::string& typed) {
  const std::optional<Parts> parts = split(typed);
  if (!parts || parts->value.starts_with(k_by_variable)) {
    return typed;
  }
  try {
    if (address_of(parts->value).password.empty()) {
      return typed;
    }
  } catch (const UsageError&) {
    return parts->name + "=env:VARIABLE"; // nobody knows what is in it
  }
  return parts->name + "=env:VARIABLE";
}

} // namespace savepoint::cli
