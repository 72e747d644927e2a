#pragma once

#include "manifest/manifest.hpp"
#include "project/context.hpp"
#include "store/store.hpp"

#include <string>

namespace savepoint::verify {

/// Loads a database into scratch and checks it there; returns what is wrong, empty if nothing is.
[[nodiscard]] std::string rehearse(const store::Store& store,
                                   const manifest::DatabaseComponent& database,
                                   const project::Context& context);

} // namespace savepoint::verify
