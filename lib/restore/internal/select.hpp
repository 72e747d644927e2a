#pragma once

#include "manifest/manifest.hpp"
#include "restore/internal/paths.hpp"
#include "restore/restore.hpp"
#include "store/chunks.hpp"

#include <initializer_list>
#include <string_view>
#include <vector>

namespace savepoint::restore {

/// Throws NotFoundError if `target` has nothing of what is asked for.
void require_components(const manifest::Manifest& target, const Request& request);

/// The databases of `target` that are asked for.
[[nodiscard]] std::vector<manifest::DatabaseComponent>
selected_databases(const manifest::Manifest& target, const Request& request,
                   const PathFilter& filter);

/// The paths of code that are asked for: with code itself those of `filter`, with config alone the
/// known configuration files that one of `manifests` lists.
[[nodiscard]] PathFilter code_filter(const Request& request, const PathFilter& filter,
                                     std::initializer_list<const manifest::Manifest*> manifests);

/// Whether the filter names a database: by its name, by its path, or by a directory above it.
[[nodiscard]] bool names_database(const PathFilter& filter,
                                  const manifest::DatabaseComponent& database);

/// Throws CorruptionError if a database would be written where no database can have been: outside
/// the project, or below something that the snapshot's own code says is no directory.
void require_sound_databases(const store::ChunkSource& trees, const manifest::Manifest& target,
                             const std::vector<manifest::DatabaseComponent>& databases);

/// Whether code or config of `manifest` hold something at `path`.
[[nodiscard]] bool holds_path(const store::ChunkSource& trees, const manifest::Manifest& manifest,
                              std::string_view path);

} // namespace savepoint::restore
