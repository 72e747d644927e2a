#pragma once

#include "manifest/manifest.hpp"
#include "manifest/summary.hpp"
#include "store/internal/layout.hpp"

#include <optional>

namespace savepoint::store {

/// The manifest of a snapshot, checked; nothing if there is none.
///
/// Throws CorruptionError if it is damaged or names another snapshot than its file does,
/// NotFoundError if it is of a newer version.
[[nodiscard]] std::optional<manifest::Manifest> read_manifest(const Layout& layout,
                                                              const SnapshotId& id);

/// The marks of a snapshot; nothing if it has none but those in its manifest. Throws
/// CorruptionError.
[[nodiscard]] std::optional<manifest::Marks> read_marks(const Layout& layout, const SnapshotId& id);

} // namespace savepoint::store
