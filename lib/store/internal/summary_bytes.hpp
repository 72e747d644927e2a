#pragma once

#include "base/bytes.hpp"
#include "manifest/summary.hpp"

namespace savepoint::store {

/// A summary as a row of the catalog keeps it (docs/formats/catalog.md).
[[nodiscard]] Bytes encode_summary(const manifest::Summary& summary);
/// Throws CorruptionError.
[[nodiscard]] manifest::Summary decode_summary(ByteView bytes);

} // namespace savepoint::store
