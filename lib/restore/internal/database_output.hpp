#pragma once

#include "base/cancellation.hpp"
#include "base/progress.hpp"
#include "database/driver.hpp"
#include "manifest/manifest.hpp"
#include "store/chunks.hpp"

#include <filesystem>

namespace savepoint::restore {

/// Feeds the image of `component` to `restoration`, if it needs it, and has it checked.
void write_image(const store::ChunkSource& source, const manifest::DatabaseComponent& component,
                 database::Restoration& restoration, const Cancellation& cancellation,
                 Progress& progress);

/// Makes the database as a file of its own at `file`, which must not exist, in a directory that
/// nobody else uses.
void make_database_file(const store::ChunkSource& source,
                        const manifest::DatabaseComponent& component,
                        const std::filesystem::path& file, const Cancellation& cancellation,
                        Progress& progress);

} // namespace savepoint::restore
