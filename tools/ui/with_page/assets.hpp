#pragma once

#include "web/api.hpp"

#include <span>

namespace savepoint::tools {

/// The files of the page, as tools/ui/page was bundled when this was built.
[[nodiscard]] std::span<const web::Asset> page_assets();

} // namespace savepoint::tools
