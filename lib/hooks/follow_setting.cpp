#include "hooks/internal/follow_setting.hpp"

#include "fs/files.hpp"
#include "fs/status.hpp"
#include "hooks/follow.hpp"
#include "hooks/internal/git_config.hpp"
#include "hooks/internal/owner.hpp"

#include <string>

namespace savepoint::hooks {
namespace {

namespace filesystem = std::filesystem;

constexpr std::string_view k_part = "follow";
constexpr std::uint32_t k_readable = 0644;

std::string lines_for(bool is_on) {
  return std::string("[savepoint \"hooks\"]\n\tfollow = ") + (is_on ? "true" : "false") + "\n";
}

} // namespace

void put_follow(const Surroundings& surroundings, const git::Repository& repository,
                const Request& request, Plan& plan) {
  const bool was_on = follows(repository);
  put_into_config(surroundings, k_part, lines_for(request.follow || was_on), plan);
  const filesystem::path file = owner_file(repository.git_directory());
  if (request.follow && (!was_on || !fs::status(file))) {
    plan.edits.push_back({.kind = Edit::Kind::write,
                          .path = file,
                          .content = to_text({.owner = owner_by_head(repository)}),
                          .mode = k_readable});
  }
}

void take_follow_out(const Surroundings& surroundings, Plan& plan) {
  take_out_of_config(surroundings, k_part, plan);
  const auto forget = [&](const filesystem::path& git_directory) {
    const filesystem::path file = owner_file(git_directory);
    if (fs::status(file)) {
      plan.edits.push_back({.kind = Edit::Kind::remove, .path = file});
    }
  };
  forget(surroundings.common);
  const filesystem::path linked = surroundings.common / "worktrees";
  for (const std::string& name : fs::list_names(linked)) {
    forget(linked / name);
  }
}

FollowStatus look_at_follow(const Surroundings& surroundings, const git::Repository& repository) {
  return {.installed = !lines_in_config(surroundings, k_part).empty(),
          .active = follows(repository)};
}

} // namespace savepoint::hooks
