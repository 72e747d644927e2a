#pragma once

#include "manifest/manifest.hpp"
#include "manifest/summary.hpp"
#include "store/operation_log.hpp"
#include "json/value.hpp"

#include <string>
#include <vector>

namespace savepoint::cli {

/// All about one snapshot: what `show --json` prints.
[[nodiscard]] json::Value snapshot_document(const manifest::Manifest& manifest,
                                            const manifest::Marks& marks);

/// One of the `operations` of `log --json`.
[[nodiscard]] json::Value operation_document(const store::Operation& operation);

/// A list of names, each text or, where it is no UTF-8, bytes.
[[nodiscard]] json::Value names_document(const std::vector<std::string>& names);

} // namespace savepoint::cli
