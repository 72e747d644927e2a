#include "web/browser.hpp"

#include "process/detached.hpp"
#include "process/run.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <stdlib.h> // NOLINT(modernize-deprecated-headers): mkostemps
#include <unistd.h>

namespace savepoint::web {
namespace {

std::string value_of(const config::Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

/// The program that opens what the desktop opens.
std::optional<std::filesystem::path> opener(const config::Environment& environment) {
#ifdef __APPLE__
  const std::string_view name = "open";
  const bool has_desktop = true;
#else
  const std::string_view name = "xdg-open";
  const bool has_desktop = !value_of(environment, "DISPLAY").empty() ||
                           !value_of(environment, "WAYLAND_DISPLAY").empty();
#endif
  return has_desktop ? process::find_program(name, value_of(environment, "PATH")) : std::nullopt;
}

/// Where a file is for this user alone, the best place first: browsers that come as snaps see
/// neither $XDG_RUNTIME_DIR nor /tmp, and of the home no hidden files.
std::array<std::filesystem::path, 3> places_for_page(const config::Environment& environment) {
  std::error_code trouble;
  return {value_of(environment, "HOME"), value_of(environment, "XDG_RUNTIME_DIR"),
          std::filesystem::temp_directory_path(trouble)};
}

/// A file that nobody else may read, and that leads to `address`; nothing if there can be none.
std::filesystem::path write_page(const std::string& address,
                                 const std::filesystem::path& directory) {
  constexpr std::string_view k_ending = ".html";
  std::string path = (directory / "savepoint-ui-XXXXXX").string() + std::string(k_ending);
  const int file = mkostemps(path.data(), static_cast<int>(k_ending.size()), O_CLOEXEC);
  if (file < 0) {
    return {};
  }
  const std::string page =
      "<!doctype html><meta http-equiv=\"refresh\" content=\"0;url=" + address +
      "\"><title>savepoint</title>\n";
  const bool is_written =
      write(file, page.data(), page.size()) == static_cast<ssize_t>(page.size());
  close(file);
  if (!is_written) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    return {};
  }
  return path;
}

} // namespace

Launch::Launch(const std::string& address, const config::Environment& environment) {
  const auto program = opener(environment);
  if (!program) {
    return; // the address was said
  }
  for (const std::filesystem::path& place : places_for_page(environment)) {
    if (file_.empty() && !place.empty()) {
      file_ = write_page(address, place);
    }
  }
  if (!file_.empty()) {
    process::start_detached(*program, {file_.string()});
  }
}

Launch::~Launch() {
  remove_file();
}

void Launch::remove_file() {
  std::call_once(is_removed_, [this] {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
  });
}

} // namespace savepoint::web
