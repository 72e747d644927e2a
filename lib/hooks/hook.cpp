#include "hooks/hook.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace savepoint::hooks {

std::string_view name_of(Hook hook) {
  switch (hook) {
  case Hook::pre_commit:
    return "pre-commit";
  case Hook::pre_merge_commit:
    return "pre-merge-commit";
  case Hook::pre_rebase:
    return "pre-rebase";
  case Hook::pre_push:
    return "pre-push";
  case Hook::post_checkout:
    return "post-checkout";
  case Hook::post_merge:
    return "post-merge";
  case Hook::post_rewrite:
    return "post-rewrite";
  case Hook::guard:
    return "guard";
  }
  bug("a hook without a name");
}

std::optional<Hook> find_hook(std::string_view name) {
  if (name == name_of(Hook::guard)) {
    return Hook::guard;
  }
  const auto* const found = std::ranges::find(k_hooks, name, name_of);
  return found == k_hooks.end() ? std::nullopt : std::optional(*found);
}

bool is_before(Hook hook) {
  return hook == Hook::guard || name_of(hook).starts_with("pre-");
}

} // namespace savepoint::hooks
