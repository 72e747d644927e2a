#pragma once

#include "database/driver.hpp"
#include "drivers/sqlite/internal/image.hpp"
#include "drivers/sqlite/internal/place.hpp"
#include "sqlite/header.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace savepoint::drivers::sqlite {

/// What a snapshot says of the file that held the database.
struct FileDetails {
  std::uint32_t mode = 0600;
  std::optional<std::int64_t> mtime_ns;
  savepoint::sqlite::Header::Journal journal = savepoint::sqlite::Header::Journal::rollback;
  savepoint::sqlite::WriterFields writer;
};

/// A database that was put in place, and the way back.
class Change {
public:
  virtual ~Change() = default;
  /// Puts back what was there before. If it throws, the files that were there before stay under
  /// names that the message tells.
  virtual void undo() = 0;
};

/// A live database to which nobody else can commit, and a copy of what it holds.
class HeldDatabase : public Change {
public:
  /// The state that is held. Null if it is an empty file: SQLite takes it for a database, and
  /// whoever saves it for a file.
  [[nodiscard]] virtual std::unique_ptr<database::Capture> capture() const = 0;
  /// Writes the content of `staged` into it, as one transaction to everybody who has it open, and
  /// lets go of it.
  ///
  /// Throws MovedError if somebody has committed all the same, BusyError if others kept it locked.
  /// After any exception the content is as it was.
  virtual void overwrite(const ImageFile& staged, const FileDetails& details) = 0;
};

/// Takes hold of the database at `place`, waiting for the locks of others up to `wait`; the same
/// goes for what is done with it. Nothing if what is there is no database that SQLite would open.
[[nodiscard]] std::unique_ptr<HeldDatabase> hold_database(const Place& place,
                                                          std::chrono::milliseconds wait);

/// Puts `staged` in the place of a file that is not there or is no database. What SQLite kept
/// beside it goes out of the way first, so that it can never be replayed over the new file. `seen`
/// is what was known to be there.
///
/// Throws MovedError if something else is there. After any exception the place is as it was, unless
/// the exception says that something was changed.
[[nodiscard]] std::unique_ptr<Change> replace_file(const Place& place, ImageFile& staged,
                                                   const FileDetails& details,
                                                   const std::optional<fs::FileStatus>& seen);

/// Others were at work at `place`.
[[noreturn]] void throw_moved(const Place& place);

/// The prefix of everything that a restoration puts beside its destination.
inline constexpr std::string_view k_restore_prefix = ".savepoint-restore-";

} // namespace savepoint::drivers::sqlite
