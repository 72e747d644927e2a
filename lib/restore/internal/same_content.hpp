#pragma once

#include "fs/descriptor.hpp"
#include "store/chunks.hpp"
#include "store/tree.hpp"

namespace savepoint::restore {

/// Whether the file `name` in `directory` is of the kind of `wanted` and holds the same bytes or
/// target. Reads the file.
[[nodiscard]] bool is_same_content(const store::ChunkSource& source,
                                   const fs::Descriptor& directory, const char* name,
                                   const store::TreeEntry& wanted);

} // namespace savepoint::restore
