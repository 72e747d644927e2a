#pragma once

#include "base/error.hpp"
#include "base/timestamp.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::store {

/// A line of the operations log: what was done with a store, or tried. Texts that are empty, and
/// numbers that are missing, have nothing to say about the operation.
struct Operation {
  Timestamp at;         ///< When it began.
  std::string name;     ///< "snapshot", "restore", "prune" …
  std::string trigger;  ///< What started it: "manual", "hook:pre-commit".
  std::string project;  ///< The project's id.
  std::string worktree; ///< Its root.
  std::string snapshot; ///< The id of the one that was taken, restored or marked.
  std::string safety;   ///< The id of the safety snapshot that was taken.
  std::optional<std::uint64_t> bytes_added;
  std::optional<std::uint64_t> bytes_freed;
  std::optional<std::uint64_t> changes; ///< What a restore changed: files and databases.
  std::optional<std::uint64_t> removed; ///< Snapshots that prune removed.
  int exit_code = 0;
  std::string error; ///< What failed, or what was left out.
  std::chrono::milliseconds duration{0};

  [[nodiscard]] bool has_failed() const { return exit_code != static_cast<int>(ExitCode::done); }
};

/// Which operations are wanted.
struct OperationFilter {
  std::optional<std::size_t> limit = {};
  bool failed = false;                 ///< Only those that did not end with exit code 0.
  std::optional<Timestamp> since = {}; ///< Only those that began then or later.
  std::string project = {};            ///< Only those of this project, or of none; empty: all.
  std::string name = {};               ///< Only those called so; empty: all.
};

/// The operations log of a store (docs/formats/log.md).
class OperationLog {
public:
  /// The log of the store at `root`, which need not be there.
  explicit OperationLog(std::filesystem::path root) : root_(std::move(root)) {}

  /// Adds a line, without any fsync. Does nothing where there is no store, and nothing where it
  /// fails: no operation fails because of what is said about it.
  void append(const Operation& operation) const noexcept;

  /// The newest first. Lines that are damaged or of a newer version are passed over.
  [[nodiscard]] std::vector<Operation> read(const OperationFilter& filter = {}) const;

private:
  std::filesystem::path root_;
};

} // namespace savepoint::store
