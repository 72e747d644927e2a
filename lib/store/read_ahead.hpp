#pragma once

#include "base/bytes.hpp"
#include "store/content.hpp"

#include <functional>

namespace savepoint::store {

/// As `read_filled`: gives the bytes of a content in their order, with zeros for its holes.
/// Two threads of its own read, decompress and check what comes next while `visit` is at work, some
/// MiB ahead at the most.
void read_ahead(const ChunkSource& source, const manifest::Content& content,
                const std::function<void(ByteView)>& visit);

} // namespace savepoint::store
