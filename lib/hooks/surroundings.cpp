#include "hooks/internal/surroundings.hpp"

#include <system_error>

namespace savepoint::hooks {
namespace {

namespace filesystem = std::filesystem;

constexpr std::string_view k_hooks_path = "core.hooksPath";
constexpr git::GitVersion k_configured_hooks{2, 54};

filesystem::path real(const filesystem::path& path) {
  std::error_code trouble;
  filesystem::path canonical = filesystem::weakly_canonical(path, trouble);
  return trouble ? path.lexically_normal() : canonical;
}

} // namespace

filesystem::path Surroundings::their_directory() const {
  return hooks_path ? top / *hooks_path : default_directory();
}

Place Surroundings::best_place() const {
  if (version >= k_configured_hooks) {
    return Place::configured;
  }
  return real(their_directory()) == real(default_directory()) ? Place::files : Place::leading_on;
}

std::optional<Surroundings> look_around(const git::Repository& repository, const Request& request) {
  const auto git = git::UserGit::find(repository.work_tree(), request.environment);
  if (!git) {
    return std::nullopt;
  }
  Surroundings surroundings;
  surroundings.top = repository.work_tree();
  surroundings.common = repository.common_directory();
  surroundings.version = git->version();
  surroundings.monitors = git->paths("core.fsmonitor");
  for (const git::UserGit::Setting& setting : git->paths(std::string(k_hooks_path))) {
    const filesystem::path path = setting.value;
    surroundings.looks_at_ours = path.filename() == k_our_directory;
    if (surroundings.looks_at_ours) {
      continue;
    }
    surroundings.hooks_path = path;
    surroundings.is_overridden = surroundings.is_overridden || setting.scope == "worktree";
  }
  return surroundings;
}

} // namespace savepoint::hooks
