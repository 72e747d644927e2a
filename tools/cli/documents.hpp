#pragma once

#include "manifest/manifest.hpp"
#include "manifest/summary.hpp"
#include "store/operation_log.hpp"
#include "json/value.hpp"

namespace savepoint::cli {

/// All about one snapshot: what `show --json` prints.
[[nodiscard]] json::Value snapshot_document(const manifest::Manifest& manifest,
                                            const manifest::Marks& marks);

/// One of the `operations` of `log --json`.
[[nodiscard]] json::Value operation_document(const store::Operation& operation);

} // namespace savepoint::cli
