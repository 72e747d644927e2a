#pragma once

#include "git/repository.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace savepoint::git {

/// The last thing that happened to HEAD, as git noted it in HEAD's reflog.
struct HeadMove {
  std::string from; ///< The commit before, in hex.
  std::string to;
  std::string message; ///< Such as "checkout: moving from main to topic".

  /// The branch (or commit) that a checkout came from; nothing if it was something else.
  [[nodiscard]] std::optional<std::string> checkout_from() const;
};

/// Nothing if git keeps no such notes here.
[[nodiscard]] std::optional<HeadMove> last_head_move(const Repository& repository);

/// What a branch is called by now that HEAD was on when it was renamed, as the last MiB of HEAD's
/// reflog says: `branch` itself if it was not, nothing if HEAD was never on it. Short names.
[[nodiscard]] std::optional<std::string> renamed_under_head(const Repository& repository,
                                                            const std::string& branch);

/// Reads one line of a reflog; nothing if it is none.
[[nodiscard]] std::optional<HeadMove> parse_head_move(std::string_view line);

} // namespace savepoint::git
