#pragma once

#include "drivers/mariadb/internal/scratch.hpp"
#include "drivers/mariadb/internal/session.hpp"
#include "drivers/mariadb/internal/stored_objects.hpp"

#include <string>
#include <vector>

namespace savepoint::drivers::mariadb {

/// Gives scratch names to those foreign keys of `fresh` whose names `tables` of `target` have. The
/// name of a foreign key is unique in its schema, so a table that has to stay there for a while
/// keeps others from coming under theirs. `taken` scratch names are in use already.
///
/// Returns what gives the names back once they are free: objects for `Intention::keys`.
[[nodiscard]] std::vector<StoredObject> lend_key_names(Session& session, const ScratchNames& names,
                                                       const std::string& target,
                                                       const std::vector<std::string>& tables,
                                                       std::size_t taken);

/// Gives a foreign key of `target` its name back. Does nothing the second time.
void give_key_name_back(Session& session, const std::string& target, const StoredObject& key);

} // namespace savepoint::drivers::mariadb
