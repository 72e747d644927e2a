#pragma once

#include "base/snapshot_id.hpp"
#include "git/repository.hpp"
#include "hooks/follow.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::hooks {

/// What is noted of an owner in the git directory of the work tree, since git does not always run
/// hooks.
struct OwnerNote {
  /// A restore that was about to give the databases to a branch.
  struct Change {
    Owner to;
    SnapshotId target;
    SnapshotId kept; ///< The snapshot taken just before.
  };
  Owner owner;
  std::optional<Change> change = std::nullopt;
};

[[nodiscard]] std::filesystem::path owner_file(const std::filesystem::path& git_directory);
/// What the file has: docs/follow.md.
[[nodiscard]] std::string to_text(const OwnerNote& note);
/// Nothing if it is none.
[[nodiscard]] std::optional<OwnerNote> parse_owner_note(std::string_view text);

[[nodiscard]] std::optional<OwnerNote> read_owner(const git::Repository& repository);
void write_owner(const git::Repository& repository, const OwnerNote& note);
void forget_owner(const git::Repository& repository);

/// Whose they are where every hook was run: HEAD's.
[[nodiscard]] Owner owner_by_head(const git::Repository& repository);

} // namespace savepoint::hooks
