#pragma once

#include "fs/status.hpp"
#include "manifest/content.hpp"
#include "store/chunks.hpp"
#include "store/content.hpp"
#include "store/tree.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace savepoint::project {

/// What reading one file gave.
struct CapturedFile {
  enum class Outcome {
    captured,
    kept_changing, ///< Captured as it was at the last reading.
    database,      ///< A driver recognised it: nothing was kept.
    failed,        ///< `error_number` says why: ENOENT if it vanished.
  };
  Outcome outcome = Outcome::captured;
  int error_number = 0;
  std::size_t driver = 0; ///< In drivers::all(), for `database`.
  fs::FileStatus status;  ///< As it was just before the content was read.
  manifest::Content content;
  store::Attributes attributes;
};

enum class LookForDatabases { no, yes };

/// Reads a regular file into `sink`. A file that changes while it is read is read again, up to
/// three times.
[[nodiscard]] CapturedFile capture_file(const fs::Descriptor& directory, const char* name,
                                        store::ChunkSink& sink, const store::CuttingRules& rules,
                                        LookForDatabases look);

/// Why something is left out that was met before: what failed, and the error; or that it vanished.
[[nodiscard]] std::string reason_of(std::string_view what, int error_number);

/// The extended attributes of an open file or directory, as trees keep them. Trouble reading them
/// counts as having none.
[[nodiscard]] store::Attributes read_attributes(const fs::Descriptor& file);

/// The driver (an index into drivers::all()) that recognises the first bytes of a file.
[[nodiscard]] std::optional<std::size_t> recognise(ByteView head);

/// The driver (an index into drivers::all()) that such a name is likely for.
[[nodiscard]] std::optional<std::size_t> driver_for_name(std::string_view name);

/// The driver that a file which git ignores may be for. An empty one goes by its name: many a
/// database begins so, and what turns out to be none is kept as a file.
[[nodiscard]] std::optional<std::size_t> recognise_ignored(std::string_view name, ByteView head);

} // namespace savepoint::project
