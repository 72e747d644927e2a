#include "cli/executables.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace savepoint::cli {
namespace {

bool is_plain_word(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '-';
  });
}

bool is_executable(const std::filesystem::path& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         access(path.c_str(), X_OK) == 0;
}

/// The directory of this executable, if it can be told.
std::optional<std::filesystem::path> own_directory() {
  std::error_code trouble;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", trouble);
  return trouble ? std::nullopt : std::optional(self.parent_path());
}

std::vector<std::filesystem::path> places(const config::Environment& environment) {
  std::vector<std::filesystem::path> places;
  if (const auto own = own_directory()) {
    places.push_back(*own);
    places.push_back(own->parent_path() / "libexec" / "savepoint");
  }
  const auto found = environment.find("PATH");
  std::string_view path = found == environment.end() ? std::string_view() : found->second;
  while (!path.empty()) {
    const std::size_t colon = std::min(path.find(':'), path.size());
    // An empty or relative entry would run what the project happens to hold.
    if (path.starts_with('/')) {
      places.emplace_back(path.substr(0, colon));
    }
    path.remove_prefix(std::min(colon + 1, path.size()));
  }
  return places;
}

} // namespace

std::optional<std::string> find_executable(const std::string& name,
                                           const config::Environment& environment) {
  if (!is_plain_word(name)) {
    return std::nullopt;
  }
  for (const std::filesystem::path& place : places(environment)) {
    if (is_executable(place / name)) {
      return (place / name).string();
    }
  }
  return std::nullopt;
}

std::optional<std::string> find_template(std::string_view name) {
  if (const auto own = own_directory()) {
    const auto path = own->parent_path() / "share" / "savepoint" / "templates" / name;
    std::error_code trouble;
    if (std::filesystem::is_regular_file(path, trouble)) {
      return path.string();
    }
  }
  return std::nullopt;
}

} // namespace savepoint::cli
