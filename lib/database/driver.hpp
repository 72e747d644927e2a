#pragma once

#include "base/bytes.hpp"
#include "base/cancellation.hpp"
#include "base/error.hpp"
#include "database/address.hpp"
#include "database/protection.hpp"
#include "manifest/manifest.hpp"
#include "json/value.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Adding a driver is five things:
//   1. lib/drivers/x/ with one public function make_x_driver();
//   2. a line in lib/drivers/all.cpp and a savepoint_room line in lib/CMakeLists.txt;
//   3. tests/drivers/x_conformance_test.cpp, which hands the driver to tests/conformance;
//   4. docs/drivers/x.md: what a capture guarantees, what it locks, what it cannot do;
//   5. an entry in CHANGELOG.md.

namespace savepoint::database {

/// How a project wants a database to be treated: its entry in the config.
struct Settings {
  std::string strategy = "dump"; ///< Or "template": docs/drivers/postgres.md.
  bool keep_owner = false;       ///< Restore who owns what.
  bool keep_privileges = false;  ///< Restore who may do what.
  /// What stands before client programs, such as `docker compose exec -T db`; empty: they run here.
  std::vector<std::string> client = {};
  std::string dump = {};    ///< Of the command driver: shell command whose output is the database.
  std::string restore = {}; ///< Of the command driver: shell command that takes it as its input.
};

/// One database of a project, as discovery or the config found it.
struct Target {
  std::string name = {};           ///< Unique in the project.
  std::string driver = {};         ///< "sqlite", "postgres", "mariadb", "command".
  std::filesystem::path file = {}; ///< Absolute, for databases that are files.
  std::string path = {};           ///< The same below the project's root, as bytes.
  Address address = {};            ///< For databases that a server keeps.
  std::string source = {}; ///< Where it was found, for people: "DATABASE_URL in .env:3". No values.
  Protection protection = {};
  bool prohibits_restore = false; ///< Nothing may ever be restored into it.
  Settings settings = {};
  std::filesystem::path project = {};                  ///< Where commands run.
  std::map<std::string, std::string> environment = {}; ///< For finding and running client programs.
};

/// What a driver can do: read before work starts.
struct Capabilities {
  bool captures_online = false;      ///< While others write, as one committed state.
  bool restores_in_place = false;    ///< Into a database that others have open.
  bool recognises_unchanged = false; ///< `fingerprint` gives something.
  bool is_server = false;            ///< A server keeps it: `address` counts, `file` does not.
  bool restores_tables = false;      ///< RestorationOptions::tables.
  bool rehearses = true;             ///< `open_rehearsal` works.
  bool keeps_copies = false;         ///< `tend_copies` does something.
};

/// How a restoration is to go about it.
struct RestorationOptions {
  std::filesystem::path scratch = {};         ///< A directory for temporary files.
  std::chrono::milliseconds wait{10'000};     ///< For locks and sessions of others.
  bool disconnect = false;                    ///< End the sessions of others.
  bool create = false;                        ///< Make the database if there is none.
  bool takes_damage = false;                  ///< It was there before: comes back sound or not.
  std::vector<std::string> tables = {};       ///< Only these; empty: all.
  const Cancellation* cancellation = nullptr; ///< Must outlive the restoration.
};

/// How the bytes of a capture want to be cut.
struct StreamShape {
  std::size_t block_size = 0; ///< 0: content-defined. Else a power of two: blocks at multiples.
  /// Where content-defined, how large pieces are on average; 0: as files. Dumps want small ones.
  std::size_t average_chunk = 0;
  std::uint64_t expected_size = 0; ///< About; what a server says counts indexes. 0: not known.
};

/// One committed state of a database, as a stream of bytes. Holds no lock that others would feel
/// for longer than docs/drivers/ says.
class Capture {
public:
  virtual ~Capture() = default;
  [[nodiscard]] virtual StreamShape shape() const = 0;
  /// The next bytes of the image; 0 at its end.
  [[nodiscard]] virtual std::size_t read(std::span<std::byte> into) = 0;
  /// All of the component but `name` and `image`. Valid once everything was read.
  [[nodiscard]] virtual manifest::DatabaseComponent describe() = 0;
};

/// Others changed the database after `Restoration::hold`: nothing was done, and holding it again
/// may succeed.
class MovedError : public BusyError {
public:
  using BusyError::BusyError;
};

/// A database on its way back. Build it, `write` the image, `check` it, then `swap`.
///
///   staged    after `write`: beside the destination, nothing changed; the destructor removes it.
///   swapped   after `swap`: the new state is in place; `undo` puts the old one back.
///   closed    after `close`: there is no way back but the safety snapshot.
class Restoration {
public:
  virtual ~Restoration() = default;
  /// False if what it needs is on the server already: then nothing is to be written.
  [[nodiscard]] virtual bool needs_image() const { return true; }
  virtual void write(ByteView bytes) = 0;
  /// Compares what was staged with what the snapshot says (integrity, tables, row counts).
  /// Throws CorruptionError.
  virtual void check(const manifest::DatabaseComponent& expected) = 0;
  /// What of the snapshot could not be staged, such as "extension 'postgis'". Valid after `check`.
  [[nodiscard]] virtual std::vector<std::string> left_out() const { return {}; }
  /// From now until `swap`, `let_go` or the end of this object nobody else can commit, or else
  /// `swap` will throw MovedError: so what is captured now is all that `swap` will replace. Null if
  /// there is nothing that could be captured, or if the driver cannot do this.
  ///
  /// Throws BusyError if others kept it locked for too long.
  [[nodiscard]] virtual std::unique_ptr<Capture> hold() { return nullptr; }
  /// Ends what `hold` began, which is then to be called again before `swap`.
  virtual void let_go() {}
  /// Puts the staged database in place, as one step to everybody who has it open.
  /// Throws BusyError if others kept it locked for too long; then nothing was changed.
  virtual void swap() = 0;
  virtual void undo() = 0;
  virtual void close() = 0;
};

/// What came of `Driver::tend_copies`.
struct Tended {
  std::string fingerprint; ///< By what the database is known from now on.
  std::string note = {};   ///< Why there is no copy although there should be one; for people.
};

/// What a database driver must be. Stateless: one object serves all targets and threads.
class Driver {
public:
  virtual ~Driver() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual Capabilities capabilities() const = 0;

  /// Something that is equal only if the database has not changed in between, got without reading
  /// it; nothing if that cannot be said now. `now` guards against times too young to trust.
  [[nodiscard]] virtual std::optional<std::string> fingerprint(const Target& target,
                                                               Timestamp now) const = 0;

  /// Whether there is a database of this kind at `target`, and not only what looks like one. Throws
  /// as `open_capture`, but waits for nobody.
  [[nodiscard]] virtual bool is_database(const Target&) const { return true; }

  /// Opens a capture. `scratch` is a directory for temporary files.
  ///
  /// Nothing if the target only looks like a database of this kind: it is then kept as a file.
  /// Throws BusyError if others kept it locked longer than `wait`, DatabaseError or IoError
  /// otherwise.
  [[nodiscard]] virtual std::unique_ptr<Capture>
  open_capture(const Target& target, const std::filesystem::path& scratch,
               std::chrono::milliseconds wait, const Cancellation& cancellation) const = 0;

  /// Has the server of `target` keep a copy that makes restoring `component` quick, if the settings
  /// say so (Settings::strategy), and removes those that nobody wants any more. `component` is what
  /// the database was when it had `fingerprint` (empty: it had none).
  ///
  /// A copy is a convenience: what stands in its way is told, and not thrown. What this does on the
  /// server never makes a database that has not changed look as if it had.
  [[nodiscard]] virtual Tended tend_copies(const Target&, const manifest::DatabaseComponent&,
                                           std::string fingerprint) const {
    return {std::move(fingerprint), {}};
  }

  /// What was in a captured database and is not in its image, by what `Capture::describe` said of
  /// it; such as "view 'dear'".
  [[nodiscard]] virtual std::vector<manifest::LeftOut>
  left_out(const manifest::DatabaseComponent&) const {
    return {};
  }

  /// Begins to restore into `target`. `expected` is the component as the snapshot has it.
  ///
  /// Throws NotFoundError where the server or the client programs cannot take it, BusyError for
  /// sessions that stayed (they are listed), RefusedError for rights that are missing (the hint has
  /// the GRANT). Then nothing was touched.
  [[nodiscard]] virtual std::unique_ptr<Restoration>
  open_restoration(const Target& target, const manifest::DatabaseComponent& expected,
                   const RestorationOptions& options) const = 0;

  /// Begins a rehearsal: the same staging and checking, with nothing to swap into. What is a file
  /// is made in `options.scratch`; what a server keeps, in a database of its own on the server of
  /// `target`, which is gone afterwards.
  [[nodiscard]] virtual std::unique_ptr<Restoration>
  open_rehearsal(const Target& target, const manifest::DatabaseComponent& expected,
                 const RestorationOptions& options) const = 0;

  /// What in the database itself says that it is production (`ar_internal_metadata` of Rails), if
  /// something does. Throws as `open_capture` where it cannot be asked.
  [[nodiscard]] virtual std::optional<std::string> production_marker(const Target&) const {
    return std::nullopt;
  }
  /// What the server of `target` calls itself: "PostgreSQL 15.5"; empty if it has no name for it.
  /// Throws as `open_capture` where it cannot be asked.
  [[nodiscard]] virtual std::string server_version(const Target&) const { return {}; }
  /// Whether there is a database at `target`, and something in it.
  enum class Presence { missing, empty, filled };
  [[nodiscard]] virtual Presence presence(const Target& target) const = 0;

  /// The names of files beside a database file that belong to it and are never captured or restored
  /// as files (`app.db-wal` …), given the name of the database file.
  [[nodiscard]] virtual std::vector<std::string> companions(std::string_view) const { return {}; }
  /// Those of them that may hold what is nowhere else when the database file is gone.
  [[nodiscard]] virtual std::vector<std::string> logs(std::string_view) const { return {}; }
  /// Whether a file that begins with `head` (up to 100 bytes) may be a database of this kind.
  [[nodiscard]] virtual bool recognises(ByteView) const { return false; }
  /// Whether a file of this name is worth looking into where git ignores it (`*.db`, `*.sqlite3`
  /// …).
  [[nodiscard]] virtual bool is_likely_name(std::string_view) const { return false; }
};

} // namespace savepoint::database
