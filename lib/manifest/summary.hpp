#pragma once

#include "base/snapshot_id.hpp"
#include "manifest/manifest.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::manifest {

/// What may change about a snapshot after it was taken; lives beside it, in marks/<id>.json
/// (docs/formats/marks.md).
struct Marks {
  std::string note;
  std::vector<std::string> tags; ///< Sorted, without duplicates.
  bool pinned = false;

  friend bool operator==(const Marks&, const Marks&) = default;
};

/// The document for `marks`, tags sorted and each once, with a checksum.
[[nodiscard]] std::string print_marks(const Marks& marks);
/// Reads what `print_marks` printed.
///
/// Throws CorruptionError; NotFoundError for marks of a newer version.
[[nodiscard]] Marks parse_marks(std::string_view text, std::string_view what);

/// A component in a list: `code`, `config`, or a database's name.
struct ComponentSummary {
  std::string kind; ///< "code", "config", "database".
  std::string name; ///< As kind for the first two.
  std::uint64_t bytes = 0;
};

/// What a list shows of a snapshot, its marks already applied.
struct Summary {
  SnapshotId id;
  std::uint64_t sequence = 0;
  Timestamp created_at{};
  std::string trigger;
  std::string project;
  std::string worktree;
  std::optional<std::string> branch;
  std::optional<std::string> commit;
  bool dirty = false;
  std::string state;
  std::uint64_t bytes = 0;
  std::uint64_t bytes_added = 0;
  bool complete = true; ///< False if something was left out that the user would want.
  std::vector<ComponentSummary> components;
  Marks marks;
};

/// How a snapshot calls what was in a database that is not the project's before a restore went
/// there instead of to the database `name`.
[[nodiscard]] std::string elsewhere_name(const std::string& name);
/// Whether a snapshot has nothing but such databases, and so nothing of the project itself.
[[nodiscard]] bool is_elsewhere(const Summary& summary);

/// What a list shows of `manifest`, its own note, tags and pin taken as marks. Requires that it is
/// sealed.
[[nodiscard]] Summary summarize(const Manifest& manifest);

/// The fields of one snapshot in `list --json`: id, created_at, trigger, note, tags, pinned,
/// branch, commit, dirty, components[{kind,name,bytes}], bytes, and sequence, project, worktree,
/// complete, bytes_added.
[[nodiscard]] json::Value to_json(const Summary& summary);

} // namespace savepoint::manifest
