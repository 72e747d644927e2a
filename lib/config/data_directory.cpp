#include "config/data_directory.hpp"

namespace savepoint::config {
namespace {

std::filesystem::path variable(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::filesystem::path()
                                    : std::filesystem::path(found->second);
}

} // namespace

std::optional<std::filesystem::path> data_directory(const Environment& environment) {
  // The specification has relative paths ignored.
  if (const auto data = variable(environment, "XDG_DATA_HOME"); data.is_absolute()) {
    return data / "savepoint";
  }
  if (const auto home = variable(environment, "HOME"); !home.empty()) {
    return home / ".local/share/savepoint";
  }
  return std::nullopt;
}

} // namespace savepoint::config
