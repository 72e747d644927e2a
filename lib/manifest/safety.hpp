#pragma once

#include "manifest/manifest.hpp"
#include "manifest/summary.hpp"

#include <string>
#include <vector>

namespace savepoint::manifest {

/// The trigger of snapshots that restores take of what they replace.
inline constexpr std::string_view k_safety_trigger = "safety";

/// The note of the safety snapshot that is taken before `target` is restored.
[[nodiscard]] std::string safety_note(const Manifest& target);

/// The tag that such a snapshot gets when a restore of `target` takes the place of its own, which
/// was interrupted.
[[nodiscard]] std::string then_restored_tag(const SnapshotId& target);

/// The snapshots that were restored after a safety snapshot was taken, by its note and its tags.
[[nodiscard]] std::vector<SnapshotId> restored_after(const Manifest& safety, const Marks& marks);

} // namespace savepoint::manifest
