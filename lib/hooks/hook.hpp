#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace savepoint::hooks {

/// The hooks of git in which a snapshot may be taken.
enum class Hook {
  pre_commit,
  pre_merge_commit,
  pre_rebase,
  pre_push,
  post_checkout,
  post_merge,
  post_rewrite,
  guard, ///< No hook of git's: what it asks, or an agent, before a command that takes work away.
};

/// Those of git.
inline constexpr std::array k_hooks{Hook::pre_commit,  Hook::pre_merge_commit, Hook::pre_rebase,
                                    Hook::pre_push,    Hook::post_checkout,    Hook::post_merge,
                                    Hook::post_rewrite};

/// As git calls it: "pre-commit".
[[nodiscard]] std::string_view name_of(Hook hook);
[[nodiscard]] std::optional<Hook> find_hook(std::string_view name);
/// Whether it runs before something happens, and so can keep git from doing it.
[[nodiscard]] bool is_before(Hook hook);

} // namespace savepoint::hooks
