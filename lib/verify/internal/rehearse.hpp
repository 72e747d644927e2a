#pragma once

#include "database/driver.hpp"
#include "manifest/manifest.hpp"
#include "project/context.hpp"
#include "store/store.hpp"

#include <map>
#include <string>

namespace savepoint::verify {

/// Loads a database into scratch and checks it there; returns what is wrong, empty if nothing is.
/// What a server keeps is loaded into a database of its own on the one that `servers` has for it.
[[nodiscard]] std::string rehearse(const store::Store& store,
                                   const manifest::DatabaseComponent& database,
                                   const std::map<std::string, database::Target>& servers,
                                   const project::Context& context);

} // namespace savepoint::verify
