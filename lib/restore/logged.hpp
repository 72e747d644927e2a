#pragma once

#include "restore/restore.hpp"
#include "store/operation_log.hpp"

namespace savepoint::restore {

/// Says in a line of the operations log what was restored, and what of it could not be given.
void log_restored(store::Operation& line, const Restored& restored);

} // namespace savepoint::restore
