#pragma once

#include "drivers/mariadb/internal/session.hpp"

namespace savepoint::drivers::mariadb {

/// Begins a transaction of `session` that sees one committed state of all InnoDB tables.
///
/// MariaDB since 10.3 does not promise that by itself: it collects the numbers of the running
/// transactions one after the other (`trx_sys_t::snapshot_ids` in its storage/innobase/include/
/// trx0sys.h). If A is noted as running, and then A commits, B goes on with the row that A has let
/// go of and commits too before its turn comes, the view has B with its row, in which A's change
/// is, but not A's other rows. That takes others two commits, and us no more than microseconds
/// unless the server's thread loses its processor meanwhile; so a view that took long to open is
/// given up and another one opened.
void open_consistent_view(Session& session);

} // namespace savepoint::drivers::mariadb
