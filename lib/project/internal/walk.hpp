#pragma once

#include "fs/descriptor.hpp"
#include "fs/status.hpp"
#include "git/blob.hpp"
#include "git/index.hpp"
#include "project/internal/capture_rules.hpp"
#include "project/internal/file_capture.hpp"
#include "project/internal/stat_cache.hpp"
#include "project/scan.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace savepoint::project {

/// A file that is config, or both config and code.
struct WalkedConfigFile {
  std::string path;
  bool in_code = false;
  std::uint64_t size = 0;
  std::uint32_t mode = 0;
  manifest::Content content; ///< If in code.
};

/// What a walk found, besides what it put into its sink.
struct Walked {
  hash::Digest tree;
  hash::Digest state;
  bool same_as_cache = false;
  std::uint64_t root_block = 0;
  std::uint64_t files = 0;
  std::uint64_t directories = 0;
  std::uint64_t bytes = 0;
  store::HardLinks hard_links;
  std::vector<WalkedConfigFile> config_files;
  std::vector<FoundDatabase> databases;
  std::vector<std::string> ignored_directories; ///< Worth searching for databases.
  std::vector<manifest::LeftOut> left_out;
  std::vector<git::FileChange> unstaged;
  std::vector<std::string> untracked;
  std::vector<std::string> conflicts;
};

/// The git index of the project, read when first needed: an unchanged and clean tree never needs
/// it.
class LazyIndex {
public:
  /// `project` must outlive it. Without git it has no entries.
  explicit LazyIndex(const Project& project) : project_(&project) {}
  [[nodiscard]] const git::Index* get();
  [[nodiscard]] std::optional<git::IndexStamp> stamp() const;

private:
  const Project* project_;
  std::once_flag read_;
  std::optional<git::Index> index_;
};

struct WalkNode;
struct WalkEntry;
struct WalkWorker;
using NodePointer = std::shared_ptr<WalkNode>; // owned by its task and by its unfinished children

/// One walk over a project: docs/scan.md. Directories are tasks for two threads; a directory is
/// complete when all below it are, so trees and cache blocks come to be from the leaves up.
class Walk {
public:
  /// All must outlive the walk; `cache` and `writer` may be null.
  Walk(const Project& project, const ScanOptions& options, const CaptureRules& rules,
       LazyIndex& index, const StatCache* cache, StatCacheWriter* writer, Timestamp now);
  ~Walk();
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  [[nodiscard]] Walked run();

private:
  void work(WalkWorker& worker);
  void process(WalkWorker& worker, const NodePointer& node);
  [[nodiscard]] bool open(WalkNode& node);
  void prepare_entries(WalkNode& node);
  [[nodiscard]] bool is_exception(const WalkNode& node, const WalkEntry& entry) const;
  void list(WalkNode& node, std::vector<fs::DirectoryEntry>& names);
  void find_repository(WalkNode& node);
  [[nodiscard]] bool is_tracked(const WalkNode& node, std::string_view path);
  void read_ignore_file(WalkNode& node);
  void decide(WalkNode& node, WalkEntry& entry);
  void decide_ignored(WalkNode& node, WalkEntry& entry, const std::string& path);
  [[nodiscard]] const std::shared_ptr<const git::IgnoreRules>& ignores(WalkNode& node);

  void look_at(WalkWorker& worker, const NodePointer& node, WalkEntry& entry);
  void look_at_file(WalkWorker& worker, WalkNode& node, WalkEntry& entry);
  void read_file(WalkWorker& worker, WalkNode& node, WalkEntry& entry);
  void look_for_database(WalkNode& node, WalkEntry& entry);
  void note_file(WalkWorker& worker, WalkNode& node, const WalkEntry& entry);
  void start_child(const NodePointer& node, WalkEntry& entry);

  void finish_one(WalkWorker& worker, NodePointer node);
  void complete(WalkWorker& worker, WalkNode& node);
  void complete_tree(WalkWorker& worker, WalkNode& node);
  void complete_cache(WalkNode& node);

  struct StatusLines {
    std::vector<git::FileChange> unstaged;
    std::vector<std::string> untracked;
    std::vector<std::string> conflicts;
  };
  void compare_with_index(WalkNode& node);
  void compare_tracked(WalkNode& node, std::span<const git::IndexEntry> left, StatusLines& lines);
  void compare_file(WalkNode& node, WalkEntry* entry, const git::IndexEntry& tracked,
                    StatusLines& lines);
  [[nodiscard]] char compare_entry(WalkNode& node, WalkEntry& entry,
                                   const git::IndexEntry& tracked);
  [[nodiscard]] std::optional<git::RawId> object_of(WalkNode& node, const WalkEntry& entry,
                                                    std::size_t id_length);
  [[nodiscard]] bool may_have_encodings(WalkNode& node);
  [[nodiscard]] bool attributes_mention_encodings(const WalkNode& node);
  [[nodiscard]] bool has_object_of(WalkNode& node, WalkEntry& entry,
                                   const git::IndexEntry& tracked);
  static void list_untracked(const WalkNode& node, StatusLines& lines);

  void lose(const WalkNode& node, WalkEntry& entry, std::string_view what, int error_number);
  void leave_out(const WalkNode& node, std::string_view name, std::string reason, bool is_error);
  [[nodiscard]] bool may_reuse(WalkWorker& worker, const CachedEntry& cached) const;

  const Project* project_;
  const ScanOptions* options_;
  const CaptureRules* rules_;
  LazyIndex* index_;
  const StatCache* cache_;
  StatCacheWriter* writer_;
  store::CuttingRules cutting_;
  bool compare_index_ = false;
  bool index_unchanged_ = false;
  bool compare_modes_ = true;
  bool trusted_ = false;      ///< All the cache refers to is in the store.
  std::int64_t young_ns_ = 0; ///< Times from here on are too young to trust.

  std::mutex queue_mutex_;
  std::condition_variable queue_changed_;
  std::vector<NodePointer> queue_;
  bool done_ = false;
  std::exception_ptr trouble_;

  std::mutex results_mutex_;
  Walked results_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::vector<std::string>> linked_;
  std::mutex cache_mutex_;
  std::mutex repository_mutex_;
};

} // namespace savepoint::project
