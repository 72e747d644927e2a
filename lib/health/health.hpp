#pragma once

#include "config/config.hpp"
#include "manifest/summary.hpp"
#include "store/operation_log.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::health {

/// What a store tells about whether the next restore will find what it needs.
struct Health {
  std::optional<manifest::Summary> last; ///< The newest that somebody wanted, as `latest` means it.
  bool is_recent = false;                ///< It is no older than the settings want.
  /// The newest attempt to take one that failed, if none succeeded since.
  std::optional<store::Operation> failed;
  /// The newest verification that found damage, if all of the store was found whole never since.
  std::optional<store::Operation> damage;
  std::optional<Timestamp> verified_at; ///< When all of the store was found whole last.
  bool is_verified = true;              ///< As lately as the settings want.
  std::uint64_t free_bytes = 0;         ///< On the file system of the store.
  std::uint64_t needed_bytes = 0;       ///< So many should be free.
  bool had_hooks = false; ///< Hooks were installed, and not uninstalled since, as the log has it.

  [[nodiscard]] bool has_room() const { return free_bytes >= needed_bytes; }
};

/// Looks at a store. `snapshots` are those that are meant, the newest first; `project` is the id of
/// their project, empty for all of the store.
[[nodiscard]] Health examine(const store::Store& store,
                             const std::vector<manifest::Summary>& snapshots,
                             const std::string& project, const config::HealthSettings& settings,
                             Timestamp now);

} // namespace savepoint::health
