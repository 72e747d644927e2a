#pragma once

#include "base/bytes.hpp"
#include "sqlite/connection.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace savepoint::sqlite {

/// A whole database, as the bytes of its file.
struct DatabaseBytes {
  std::uint64_t size = 0;
  /// Fills `into` with what stands at `offset`. Throws if it cannot.
  std::function<void(std::uint64_t offset, std::span<std::byte> into)> read;
};

/// Gives `take` the bytes of the database that the read transaction of `source` sees, in order, if
/// its file alone is that: in rollback mode nobody can write to the file meanwhile. The backup API
/// gives the same, page by page.
///
/// False, with nothing given, if there is a log, or the file is not the pages that its header says.
[[nodiscard]] bool read_pages(Connection& source, const std::function<void(ByteView)>& take);

enum class PagesWritten {
  all,
  moved,     ///< Somebody has committed; nothing was done.
  impossible ///< Not this way: the target has a log, other pages, or none; nothing was done.
};

/// Makes `target` what `image` is, as one committed state, by writing the pages that differ and no
/// others: the backup API would write them all, and each of them to the journal first. Everybody
/// who has it open sees the old content or the new one, never a mix. The fields of the header that
/// count writers' doings count on.
///
/// The old pages are in a rollback journal as SQLite makes them
/// (https://sqlite.org/fileformat2.html#the_rollback_journal) before the first one is overwritten,
/// under the lock with which SQLite itself would write: so after a crash it is SQLite that puts
/// them back, whoever opens the database next. The end of the journal is the commit; it lasts once
/// the directory is synced, which is left to the caller.
///
/// `version`: only if nobody has committed since the `seen_version` of `target` was that. Waits for
/// locks as `backup` does. After any exception the content is unchanged.
[[nodiscard]] PagesWritten overwrite_pages(Connection& target, const DatabaseBytes& image,
                                           std::optional<std::uint32_t> version,
                                           std::chrono::milliseconds timeout);

} // namespace savepoint::sqlite
