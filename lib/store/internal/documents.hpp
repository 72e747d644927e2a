#pragma once

#include "base/bytes.hpp"
#include "manifest/manifest.hpp"
#include "manifest/summary.hpp"
#include "store/internal/layout.hpp"
#include "store/store.hpp"

#include <filesystem>
#include <optional>
#include <string_view>

namespace savepoint::store {

/// The bytes of a document; nothing if there is none. Throws CorruptionError if the disk does not
/// give them any more.
[[nodiscard]] std::optional<Bytes> read_document(const Layout& layout,
                                                 const std::filesystem::path& path);

/// The name `path` appears with all of `text` behind it, durably, or the call throws. Its directory
/// is made if it is missing.
void write_document(Store::State& state, const std::filesystem::path& path, std::string_view text);

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
