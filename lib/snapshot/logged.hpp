#pragma once

#include "snapshot/snapshot.hpp"
#include "store/operation_log.hpp"

namespace savepoint::snapshot {

/// Says in a line of the operations log what was taken, and what was left out of it.
void log_taken(store::Operation& line, const Taken& taken);

} // namespace savepoint::snapshot
