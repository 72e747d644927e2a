#pragma once

#include "project/internal/walk.hpp"
#include "project/scan.hpp"
#include "store/chunks.hpp"

namespace savepoint::project {

/// Reads the config files that a walk met: contents into `sink` (unless secrets stay out of the
/// store), digests and keys into the component. What cannot be read lands in `left_out`.
[[nodiscard]] manifest::ConfigComponent capture_config(const Project& project,
                                                       const std::vector<WalkedConfigFile>& files,
                                                       const store::CuttingRules& rules,
                                                       store::ChunkSink& sink,
                                                       std::vector<manifest::LeftOut>& left_out);

} // namespace savepoint::project
