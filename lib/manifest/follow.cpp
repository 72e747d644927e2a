#include "manifest/follow.hpp"

namespace savepoint::manifest {
namespace {

constexpr std::string_view k_follow = "follow:";

} // namespace

std::string follow_trigger(std::string_view branch) {
  return std::string(k_follow) + std::string(branch);
}

std::optional<std::string> followed_branch(std::string_view trigger) {
  const bool is_one = trigger.starts_with(k_follow) && trigger.size() > k_follow.size();
  return is_one ? std::optional(std::string(trigger.substr(k_follow.size()))) : std::nullopt;
}

} // namespace savepoint::manifest
