#pragma once

#include "config/config.hpp"
#include "hooks/follow.hpp"
#include "hooks/hook.hpp"
#include "project/project.hpp"
#include "snapshot/snapshot.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace savepoint::hooks {

/// A hook as git calls it.
struct Call {
  Hook hook = Hook::pre_commit;
  std::vector<std::string> arguments;
  std::string input; ///< Of pre-push: what is to be pushed.
};

/// Why nothing is done.
struct Passed {
  std::string reason;
};

/// What a call came to.
struct Answered {
  snapshot::Taken taken;
  std::optional<Followed> followed; ///< Where databases were to follow a checkout.
};

/// Whether a checkout has not changed the commit: then it is of no concern, unless databases follow
/// the branch.
[[nodiscard]] bool stays_at_commit(const Call& call);
inline constexpr std::string_view k_same_commit = "the commit is the same";

/// Says why nothing is to be done, if the call alone or the environment say so. Asks nobody.
[[nodiscard]] std::optional<Passed> pass_at_once(const Call& call,
                                                 const config::Environment& environment);

/// Takes the snapshot that `call` asks for, unless nothing changed; or says why there is none:
/// because of what git is in the middle of, or because the call is of no concern. `waiting` is told
/// when files are read, and is asked whether it has gone on.
///
/// While an earlier snapshot of a hook still reads databases in the background, this one leaves
/// them out and says so. Where databases follow the branch, a checkout waits for it, and for all
/// that has to be put back.
///
/// Throws RefusedError while a restore waits for its recovery, and what `snapshot::take` throws.
[[nodiscard]] std::variant<Passed, Answered>
answer(const Call& call, const project::Project& project, snapshot::Waiting& waiting);

/// Whether a push with this standard input of pre-push goes to a ref that `deploy` names: the first
/// such ref of the remote.
[[nodiscard]] std::optional<std::string> find_deploy(const std::string& input,
                                                     const std::vector<std::string>& deploy);

} // namespace savepoint::hooks
