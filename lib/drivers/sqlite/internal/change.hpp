#pragma once

#include "drivers/sqlite/internal/header.hpp"
#include "drivers/sqlite/internal/image.hpp"
#include "drivers/sqlite/internal/place.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace savepoint::drivers::sqlite {

/// What a snapshot says of the file that held the database.
struct FileDetails {
  std::uint32_t mode = 0600;
  std::optional<std::int64_t> mtime_ns;
  Header::Journal journal = Header::Journal::rollback;
  WriterFields writer;
};

/// A database that was put in place, and the way back.
class Change {
public:
  virtual ~Change() = default;
  /// Puts back what was there before.
  virtual void undo() = 0;
};

/// Puts `staged` in the place of a file that is not there or is no database. What SQLite kept
/// beside it goes out of the way first, so that it can never be replayed over the new file.
///
/// After any exception the place is as it was.
[[nodiscard]] std::unique_ptr<Change> replace_file(const Place& place, const ImageFile& staged,
                                                   const FileDetails& details);

/// Writes the content of `staged` into the live database at `place`, as one transaction to
/// everybody who has it open. Nothing if what is there is no database that SQLite would open.
///
/// Throws BusyError if others kept it locked for longer than `wait`. After any exception the
/// content is as it was.
[[nodiscard]] std::unique_ptr<Change> overwrite_database(const Place& place,
                                                         const ImageFile& staged,
                                                         const FileDetails& details,
                                                         std::chrono::milliseconds wait);

/// The prefix of everything that a restoration puts beside its destination.
inline constexpr std::string_view k_restore_prefix = ".savepoint-restore-";

} // namespace savepoint::drivers::sqlite
