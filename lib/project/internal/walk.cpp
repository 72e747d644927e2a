#include "project/internal/walk.hpp"

#include "base/printable.hpp"
#include "config/dotenv.hpp"
#include "drivers/all.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"
#include "hash/checksum.hpp"
#include "project/internal/walk_node.hpp"
#include "store/tree_diff.hpp"

#include <algorithm>
#include <cerrno>
#include <thread>

namespace savepoint::project {
namespace {

/// A file changed within this time before the scan may change again without its times showing it:
/// file systems count in ticks, some in whole seconds, FAT in two.
constexpr std::int64_t k_racy_window_ns = 2'000'000'000;
constexpr unsigned k_fewest_threads = 2;
constexpr unsigned k_most_threads = 8;
constexpr std::string_view k_ignore_file_name = ".gitignore";
constexpr std::string_view k_git_name = ".git";

unsigned thread_count() {
  return std::clamp(std::thread::hardware_concurrency(), k_fewest_threads, k_most_threads);
}

} // namespace

const git::Index* LazyIndex::get() {
  std::call_once(read_, [this] {
    if (git::Repository* repository = project_->repository()) {
      index_ = git::Index::read(repository->index_file(), repository->work_tree());
    }
  });
  return index_ ? &*index_ : nullptr;
}

std::optional<git::IndexStamp> LazyIndex::stamp() const {
  const git::Repository* repository = project_->repository();
  return repository == nullptr ? std::nullopt : git::Index::stamp(repository->index_file());
}

Walk::Walk(const Project& project, const ScanOptions& options, const CaptureRules& rules,
           LazyIndex& index, const StatCache* cache, StatCacheWriter* writer, Timestamp now)
    : project_(&project), options_(&options), rules_(&rules), index_(&index), cache_(cache),
      writer_(writer), young_ns_(now.time_since_epoch().count() - k_racy_window_ns) {
  if (options.store != nullptr) {
    cutting_ = options.store->cutting_rules();
  }
  compare_index_ = rules.uses_git() && options.git_status;
  if (cache != nullptr) {
    index_unchanged_ = index.stamp() == cache->facts().index;
    const auto snapshot = SnapshotId::parse(cache->facts().snapshot);
    trusted_ = snapshot && options.store != nullptr && options.store->has_snapshot(*snapshot);
  }
  if (compare_index_) {
    compare_modes_ = project.repository()->config("core.filemode").value_or("true") != "false";
  }
}

Walk::~Walk() = default;

Walked Walk::run() {
  const auto root = std::make_shared<WalkNode>();
  root->rules_identity = rules_->identity();
  if (cache_ != nullptr) {
    root->cached_block = cache_->root_block();
    root->cached = cache_->directory(root->cached_block);
  }
  queue_.push_back(root);

  std::vector<WalkWorker> workers(thread_count());
  for (WalkWorker& worker : workers) {
    worker.sink = options_->make_sink();
  }
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < workers.size(); ++i) {
      threads.emplace_back([this, &workers, i] { work(workers[i]); });
    }
    if (options_->when_begun) {
      options_->when_begun();
    }
    work(workers[0]);
  }
  if (trouble_) {
    std::rethrow_exception(trouble_);
  }
  if (root->unreadable) {
    throw IoError("cannot read the project's directory " + quoted(project_->root().native()));
  }
  for (const WalkWorker& worker : workers) {
    results_.files += worker.files;
    results_.directories += worker.directories;
    results_.bytes += worker.bytes;
  }
  for (auto& [file, paths] : linked_) {
    if (paths.size() > 1) {
      std::ranges::sort(paths);
      results_.hard_links.push_back(std::move(paths));
    }
  }
  std::ranges::sort(results_.hard_links);
  results_.tree = root->tree;
  results_.state = root->state;
  return std::move(results_);
}

void Walk::work(WalkWorker& worker) {
  std::unique_lock lock(queue_mutex_);
  for (;;) {
    queue_changed_.wait(lock, [this] { return done_ || !queue_.empty(); });
    if (done_) {
      return;
    }
    NodePointer node =
        std::move(queue_.back()); // the last: depth first, so that few are open at once
    queue_.pop_back();
    lock.unlock();
    try {
      project_->context().cancellation->check();
      process(worker, node);
    } catch (...) { // carried to the thread that called run()
      const std::lock_guard guard(queue_mutex_);
      if (!trouble_) {
        trouble_ = std::current_exception();
      }
      done_ = true;
      queue_changed_.notify_all();
    }
    lock.lock();
  }
}

void Walk::process(WalkWorker& worker, const NodePointer& node) {
  if (open(*node)) {
    prepare_entries(*node);
    for (WalkEntry& entry : node->entries) {
      look_at(worker, node, entry);
    }
  }
  finish_one(worker, node);
}

bool Walk::open(WalkNode& node) {
  fs::Attempt<fs::Descriptor> opened;
  if (node.parent) {
    opened = fs::try_open_directory_at(node.parent->directory.number(), node.name.c_str());
  } else {
    opened.value = fs::open_directory(project_->root());
  }
  if (!opened) {
    node.unreadable = true;
    const bool is_replaced = opened.error_number == ENOTDIR || opened.error_number == ELOOP;
    leave_out(*node.parent, node.name,
              reason_of("cannot be read", is_replaced ? ENOENT : opened.error_number), true);
    return false;
  }
  node.directory = std::move(*opened.value);
  node.status = fs::status_of(node.directory);
  return true;
}

void Walk::prepare_entries(WalkNode& node) {
  const CachedDirectoryHeader* old = node.cached ? &node.cached->header() : nullptr;
  node.same_directory = old != nullptr && old->mtime_ns == node.status.mtime_ns &&
                        old->ctime_ns == node.status.ctime_ns && old->inode == node.status.inode &&
                        old->mode == node.status.mode;
  // Names without flags are not in the cache; one of them may be wanted now.
  const bool same_names =
      node.same_directory && (old->flags & k_racy_listing) == 0 && !rules_->names_no_databases();
  std::vector<fs::DirectoryEntry> names;
  if (same_names) {
    node.flags = old->flags & (k_skipped_names | k_ignore_file | k_own_attributes | k_repository);
  } else {
    list(node, names);
  }
  find_repository(node);
  read_ignore_file(node);
  const bool same_rules = old != nullptr && old->rules == node.rules_identity &&
                          (index_unchanged_ || (old->flags & k_skipped_names) == 0);
  if (same_names && !trusted_ && (node.flags & k_own_attributes) != 0) {
    node.attributes = read_attributes(node.directory);
  }
  if (same_names && same_rules) {
    node.entries.reserve(node.cached->entries().size());
    for (const CachedEntry& cached : node.cached->entries()) {
      WalkEntry& entry = node.entries.emplace_back();
      entry.name = node.cached->name_of(cached);
      entry.cached = &cached;
      entry.kind = static_cast<fs::FileKind>(cached.kind);
      entry.flags = cached.flags;
    }
    return;
  }
  if (same_names) {
    list(node, names);
  }
  node.entries.reserve(names.size());
  for (fs::DirectoryEntry& listed : names) {
    WalkEntry entry;
    entry.name = std::move(listed.name);
    entry.cached = node.cached ? node.cached->find(entry.name) : nullptr;
    if (!listed.kind) {
      const fs::Attempt<fs::FileStatus> status =
          fs::try_status_at(node.directory.number(), entry.name.c_str());
      if (!status) {
        node.flags |= k_racy_listing;
        if (status.error_number != ENOENT) {
          leave_out(node, entry.name, reason_of("cannot be looked at", status.error_number), true);
        }
        continue;
      }
      listed.kind = status.value->kind;
    }
    entry.kind = *listed.kind;
    if (!fs::is_component(entry.name) ||
        (entry.is_directory() && node.depth >= store::k_deepest_path)) {
      leave_out(node, entry.name, "its name is too long, or it lies too deep", true);
      node.flags |= k_racy_listing;
      continue;
    }
    if (same_rules && entry.cached != nullptr && !is_exception(node, entry) &&
        entry.cached->kind == static_cast<std::uint8_t>(entry.kind)) {
      entry.flags = entry.cached->flags;
    } else {
      decide(node, entry);
    }
    if (entry.flags != 0) {
      node.entries.push_back(std::move(entry));
    }
  }
  if (same_rules) {
    node.flags |= old->flags & k_skipped_names;
  }
}

/// Whether the rules say of this very entry what the cache cannot know.
bool Walk::is_exception(const WalkNode& node, const WalkEntry& entry) const {
  if (!rules_->names_no_databases()) {
    return false;
  }
  const std::string path = node.path_of(entry.name);
  return entry.is_directory() ? rules_->has_no_database_below(path) : rules_->is_no_database(path);
}

void Walk::list(WalkNode& node, std::vector<fs::DirectoryEntry>& names) {
  fs::Attempt<std::vector<fs::DirectoryEntry>> listed = fs::try_list(node.directory);
  if (!listed) {
    node.unreadable = true;
    leave_out(node, "", reason_of("cannot be listed", listed.error_number), true);
    return;
  }
  names = std::move(*listed.value);
  std::ranges::sort(names, {}, &fs::DirectoryEntry::name);
  node.flags = 0;
  const bool has_no_time = node.status.mtime_ns == 0; // the root of a FAT file system never has one
  if (has_no_time || std::max(node.status.mtime_ns, node.status.ctime_ns) >= young_ns_) {
    node.flags |= k_racy_listing;
  }
  const auto has = [&](std::string_view name) {
    return rules_->uses_git() &&
           std::ranges::binary_search(names, name, {}, &fs::DirectoryEntry::name);
  };
  node.flags |= has(k_ignore_file_name) ? std::uint32_t{k_ignore_file} : 0U;
  node.flags |= node.parent && has(k_git_name) ? std::uint32_t{k_repository} : 0U;
  node.attributes = read_attributes(node.directory);
  if (!node.attributes.empty()) {
    node.flags |= k_own_attributes;
  }
}

void Walk::find_repository(WalkNode& node) {
  node.repository = node.parent ? node.parent->repository : nullptr;
  if ((node.flags & k_repository) == 0) {
    return;
  }
  if (auto nested = NestedRepository::open(*project_, node.path)) {
    // A submodule is tracked as a whole; within it the rules above say nothing.
    if (node.mode == WalkNode::Mode::ignored && is_tracked(*node.parent, node.path)) {
      node.mode = WalkNode::Mode::by_rules;
    }
    node.repository = std::move(nested);
  }
}

bool Walk::is_tracked(const WalkNode& node, std::string_view path) {
  return node.repository ? node.repository->tracks(path)
                         : rules_->uses_git() && index_->get()->tracks(path);
}

void Walk::read_ignore_file(WalkNode& node) {
  node.rules_identity = node.parent ? node.parent->rules_identity : rules_->identity();
  if (node.begins_repository()) {
    const std::uint64_t parts[] = {rules_->identity(), node.repository->identity(),
                                   static_cast<std::uint64_t>(node.mode)};
    node.rules_identity = hash::checksum64(std::as_bytes(std::span(parts)));
  }
  if ((node.flags & k_ignore_file) == 0) {
    return;
  }
  const fs::Attempt<fs::Descriptor> file =
      fs::try_open_file_at(node.directory.number(), std::string(k_ignore_file_name).c_str());
  if (!file) {
    return;
  }
  constexpr std::size_t k_largest_ignore_file = std::size_t{16} << 20U;
  const std::uint64_t size = fs::status_of(*file.value).size;
  Bytes text(static_cast<std::size_t>(std::min<std::uint64_t>(size, k_largest_ignore_file)));
  const fs::Attempt<std::size_t> got = fs::try_read_at(*file.value, text, 0);
  if (!got) {
    return;
  }
  node.ignore_text.assign(as_text(ByteView(text).first(*got.value)));
  const std::uint64_t parts[] = {node.rules_identity, hash::checksum64(as_bytes(node.ignore_text))};
  node.rules_identity = hash::checksum64(std::as_bytes(std::span(parts)));
}

const std::shared_ptr<const git::IgnoreRules>& Walk::ignores(WalkNode& node) {
  std::call_once(node.ignores_made, [&] {
    node.ignores = node.begins_repository() ? node.repository->ignores()
                   : node.parent            ? ignores(*node.parent)
                                            : rules_->root_ignores();
    if (!node.ignore_text.empty()) {
      node.ignores =
          git::IgnoreRules::enter(node.ignores, node.path, git::IgnorePatterns(node.ignore_text));
    }
  });
  return node.ignores;
}

void Walk::decide(WalkNode& node, WalkEntry& entry) {
  if (is_reserved_name(entry.name)) {
    return;
  }
  const std::string path = node.path_of(entry.name);
  const bool directory = entry.is_directory();
  if (rules_->excluded(path, directory)) {
    return;
  }
  const bool regular = entry.kind == fs::FileKind::regular;
  const bool has_config_name = rules_->is_config_file(path, entry.name);
  const bool config_file = regular && has_config_name;
  const bool ignored =
      node.mode == WalkNode::Mode::ignored || ignores(node)->ignores(path, directory);
  if (config_file) {
    node.flags |= k_skipped_names; // whether it is code depends on the index
    const bool tracked = is_tracked(node, path);
    const int untracked_flags = k_config | (ignored ? k_ignored : 0);
    entry.flags = static_cast<std::uint8_t>(tracked ? int{k_in_code} : untracked_flags);
    return;
  }
  const bool config_link = entry.kind == fs::FileKind::symlink && has_config_name; // no secret
  const bool wanted = node.mode == WalkNode::Mode::included || rules_->included(path, directory) ||
                      rules_->is_no_database(path) || config_link;
  if (wanted || !ignored) {
    entry.flags = static_cast<std::uint8_t>(k_in_code | (ignored ? k_ignored : 0));
  } else {
    decide_ignored(node, entry, path);
  }
  if (regular && entry.in_code() && config::is_known_config_file(path)) {
    entry.flags |= k_known_config;
  }
}

void Walk::decide_ignored(WalkNode& node, WalkEntry& entry, const std::string& path) {
  node.flags |= k_skipped_names;
  if (is_tracked(node, path) || (entry.is_directory() && rules_->may_include_below(path))) {
    entry.flags = k_in_code | k_ignored;
    return;
  }
  if (entry.is_directory()) {
    entry.flags = is_tool_directory(entry.name) ? std::uint8_t{0} : std::uint8_t{k_ignored};
    return;
  }
  const bool likely = entry.kind == fs::FileKind::regular && driver_for_name(entry.name);
  entry.flags = likely ? std::uint8_t{k_ignored} : std::uint8_t{0};
}

void Walk::leave_out(const WalkNode& node, std::string_view name, std::string reason,
                     bool is_error) {
  const std::lock_guard guard(results_mutex_);
  results_.left_out.push_back(
      {name.empty() ? node.path : node.path_of(name), std::move(reason), is_error});
}

bool Walk::may_reuse(WalkWorker& worker, const CachedEntry& cached) const {
  if (trusted_) {
    return true;
  }
  const auto form = static_cast<manifest::Content::Form>(cached.form);
  return form == manifest::Content::Form::empty ||
         (form == manifest::Content::Form::chunk && worker.sink->contains(cached.id));
}

} // namespace savepoint::project
