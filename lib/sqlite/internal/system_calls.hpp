#pragma once

namespace savepoint::sqlite {

/// Has SQLite open and remove files without following a symlink on the way to them. It resolves
/// those in a name before, so one that is met then has come since, and may lead anywhere.
///
/// Where the kernel cannot do so (before Linux 5.6), all stays as it is.
void refuse_new_symlinks();

} // namespace savepoint::sqlite
