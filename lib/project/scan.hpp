#pragma once

#include "fs/status.hpp"
#include "manifest/manifest.hpp"
#include "project/project.hpp"
#include "store/chunks.hpp"
#include "store/store.hpp"
#include "store/tree.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::project {

/// A database file that the walk met, recognised by a driver.
struct FoundDatabase {
  std::string path; ///< Below the root.
  std::string driver;
  bool is_empty = false; ///< Nothing speaks for a database but its name.
};

/// What one walk over a project saw.
struct Scan {
  manifest::CodeComponent code;
  manifest::ConfigComponent config;
  std::optional<manifest::GitState> git; ///< Missing without git.
  std::vector<FoundDatabase> databases;  ///< Sorted by path.
  std::vector<manifest::LeftOut> left_out;
  /// True if no file had to be read and no directory differed from the last scan.
  bool unchanged = false;

  /// Keeps what the walk saw for the next one: to be called once everything it refers to is
  /// durable. `snapshot` is what made it so. Does nothing if the cache is up to date already.
  std::function<void(const SnapshotId& snapshot)> remember;
};

/// What the stat cache is for in a scan. Only scans whose findings end up in the store may renew
/// it.
enum class CacheUse { none, read, renew };

/// What a scan reads of files.
enum class Reading {
  contents,
  names, ///< Only what tells a database from a file; trees and digests then mean nothing.
};

/// How to scan.
struct ScanOptions {
  /// Where the bytes of changed files go; called once per thread.
  std::function<std::unique_ptr<store::ChunkSink>()> make_sink;
  /// The same for config files, where they go elsewhere.
  std::function<std::unique_ptr<store::ChunkSink>()> make_config_sink;
  /// Reads trees of earlier scans and of this one.
  const store::ChunkSource* source = nullptr;
  /// The store whose cutting rules apply and whose cache/ has the stat cache; null: neither.
  const store::Store* store = nullptr;
  CacheUse cache = CacheUse::read;
  Reading reading = Reading::contents; ///< With `names`, the cache is not renewed.
  bool git_status = true;              ///< False saves the comparison with the index.
  /// Called once when the threads of the walk are there. Whoever loads a library earlier, on
  /// another thread, keeps the walk from beginning until it is loaded.
  std::function<void()> when_begun;
  /// Paths to be kept as plain files although they are ignored, or a driver recognised them: they
  /// only look like databases.
  std::vector<std::string> not_databases;
};

/// Walks the project once, by directory descriptors, on two threads. A file whose status is what
/// the stat cache knows is not read. Trouble with single files lands in `left_out`; an error of the
/// store throws and nothing of the scan is of use.
[[nodiscard]] Scan scan(const Project& project, const ScanOptions& options);

/// The prefix of our own directories inside a project (staging of a restore): never captured.
inline constexpr std::string_view k_own_prefix = ".savepoint-restore-";

} // namespace savepoint::project
