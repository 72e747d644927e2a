// Looking at the names of a directory: what is unchanged is not read.

#include "drivers/all.hpp"
#include "project/internal/walk.hpp"
#include "project/internal/walk_node.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace savepoint::project {
namespace {

bool same_status(const fs::FileStatus& status, const CachedEntry& cached) {
  return static_cast<std::uint8_t>(status.kind) == cached.kind && status.size == cached.size &&
         status.mtime_ns == cached.mtime_ns && status.ctime_ns == cached.ctime_ns &&
         status.inode == cached.inode && status.mode == cached.mode;
}

} // namespace

/// Gives up an entry that was listed. What snapshots do not keep may come and go.
void Walk::lose(const WalkNode& node, WalkEntry& entry, std::string_view what, int error_number) {
  entry.gone = true;
  if (error_number != ENOENT || entry.in_code() || (entry.flags & k_config) != 0) {
    leave_out(node, entry.name, reason_of(what, error_number), true);
  }
}

void Walk::look_at(WalkWorker& worker, const NodePointer& node, WalkEntry& entry) {
  if (std::ranges::count(node->companions, entry.name) > 0) {
    entry.gone = true;
    return;
  }
  if (entry.is_directory()) {
    if (entry.in_code()) {
      start_child(node, entry);
    } else {
      entry.same = entry.cached != nullptr && entry.cached->flags == entry.flags;
      const std::lock_guard guard(results_mutex_);
      results_.ignored_directories.push_back(node->path_of(entry.name));
    }
    return;
  }
  const fs::Attempt<fs::FileStatus> status =
      fs::try_status_at(node->directory.number(), entry.name.c_str());
  if (!status) {
    lose(*node, entry, "cannot be looked at", status.error_number);
    return;
  }
  entry.status = *status.value;
  entry.kind = entry.status.kind;
  entry.same = entry.cached != nullptr && same_status(entry.status, *entry.cached) &&
               (entry.cached->flags & k_racy) == 0 &&
               ((entry.flags ^ entry.cached->flags) & (k_in_code | k_config)) == 0;
  if (!entry.same) {
    entry.flags &= static_cast<std::uint8_t>(~(k_racy | k_has_object));
  } else {
    // What is known of the content holds, also where the rules for the name were asked anew.
    entry.flags |= entry.cached->flags & (k_database | k_has_object);
    entry.object = entry.cached->object;
  }
  switch (entry.kind) {
  case fs::FileKind::regular:
    look_at_file(worker, *node, entry);
    return;
  case fs::FileKind::symlink: {
    fs::Attempt<std::string> target =
        fs::try_read_link_at(node->directory.number(), entry.name.c_str());
    if (!target) {
      lose(*node, entry, "cannot be read", target.error_number);
      return;
    }
    entry.gone = !entry.in_code();
    entry.target = std::move(*target.value);
    break;
  }
  case fs::FileKind::fifo:
    entry.gone = !entry.in_code();
    break;
  case fs::FileKind::directory: // it took the place of a file since the directory was listed
    entry.cached = nullptr;
    entry.same = false;
    start_child(node, entry);
    return;
  case fs::FileKind::socket:
  case fs::FileKind::device:
    entry.gone = true;
    leave_out(*node, entry.name, entry.kind == fs::FileKind::socket ? "socket" : "device", false);
    return;
  }
  if (!entry.gone) {
    note_file(worker, *node, entry);
  }
}

void Walk::look_at_file(WalkWorker& worker, WalkNode& node, WalkEntry& entry) {
  if (entry.same) {
    const CachedEntry& cached = *entry.cached;
    const bool database = (cached.flags & k_database) != 0;
    if (!database || !rules_->is_no_database(node.path_of(entry.name))) {
      entry.driver = cached.driver;
      entry.object = cached.object;
      entry.content = {static_cast<manifest::Content::Form>(cached.form), cached.size, cached.id};
      entry.attributes_in_old_tree = cached.has_attributes != 0;
      const bool held = trusted_ || cached.has_attributes == 0; // attributes are in the old tree
      const bool nothing_to_read =
          database || !entry.in_code() || (held && may_reuse(worker, cached));
      if (nothing_to_read) {
        note_file(worker, node, entry);
        return;
      }
    }
    entry.same = false;
  }
  // What was known of the content does not hold for the file as it is now.
  entry.flags &= static_cast<std::uint8_t>(~(k_racy | k_has_object));
  if ((entry.flags & k_config) != 0) {
    note_file(worker, node, entry);
    return;
  }
  if (!entry.in_code() || options_->reading == Reading::names ||
      ((entry.flags & k_database) != 0 && !rules_->is_no_database(node.path_of(entry.name)))) {
    look_for_database(node, entry);
    if ((entry.flags & k_database) != 0 || !entry.in_code() ||
        options_->reading == Reading::names) {
      note_file(worker, node, entry);
      return;
    }
  }
  entry.flags &= static_cast<std::uint8_t>(~k_database);
  read_file(worker, node, entry);
}

/// Decides by its first bytes whether a file is a database; nothing else of it is read.
void Walk::look_for_database(WalkNode& node, WalkEntry& entry) {
  entry.flags &= static_cast<std::uint8_t>(~k_database);
  const fs::Attempt<fs::Descriptor> file =
      fs::try_open_file_at(node.directory.number(), entry.name.c_str());
  std::array<std::byte, 100> head{};
  const fs::Attempt<std::size_t> got =
      file ? fs::try_read_at(*file.value, head, 0)
           : fs::Attempt<std::size_t>{std::nullopt, file.error_number};
  if (!got) {
    // Code is read next, and named then. The next scan must ask again: what hinders us may go
    // without a change of the file.
    entry.flags |= k_racy;
    const bool is_read_next = entry.in_code() && options_->reading == Reading::contents;
    if (!is_read_next && got.error_number != ENOENT) {
      leave_out(node, entry.name, reason_of("cannot be read", got.error_number), true);
    }
    return;
  }
  const ByteView seen = ByteView(head).first(*got.value);
  if (const auto driver = entry.in_code() ? recognise(seen) : recognise_ignored(entry.name, seen)) {
    entry.flags |= k_database;
    entry.driver = static_cast<std::uint8_t>(*driver);
  }
}

void Walk::read_file(WalkWorker& worker, WalkNode& node, WalkEntry& entry) {
  const LookForDatabases look = rules_->is_no_database(node.path_of(entry.name))
                                    ? LookForDatabases::no
                                    : LookForDatabases::yes;
  CapturedFile captured =
      capture_file(node.directory, entry.name.c_str(), *worker.sink, cutting_, look);
  switch (captured.outcome) {
  case CapturedFile::Outcome::failed:
    lose(node, entry, "cannot be read", captured.error_number);
    return;
  case CapturedFile::Outcome::database:
    entry.flags |= k_database;
    entry.driver = static_cast<std::uint8_t>(captured.driver);
    break;
  case CapturedFile::Outcome::kept_changing:
    entry.flags |= k_racy;
    leave_out(node, entry.name, "kept changing while it was read; kept as last read", true);
    break;
  case CapturedFile::Outcome::captured:
    break;
  }
  entry.status = captured.status;
  entry.content = captured.content;
  entry.attributes = std::move(captured.attributes);
  entry.attributes_in_old_tree = false;
  note_file(worker, node, entry);
}

/// Counts a captured file and notes what else is to be known of it.
void Walk::note_file(WalkWorker& worker, WalkNode& node, const WalkEntry& entry) {
  project_->context().progress->advance(1, entry.same ? 0 : entry.status.size);
  const std::string path = node.path_of(entry.name);
  if ((entry.flags & k_database) != 0) {
    const database::Driver& driver = *drivers::all()[entry.driver];
    for (std::string& companion : driver.companions(entry.name)) {
      node.companions.push_back(std::move(companion));
    }
    const std::lock_guard guard(results_mutex_);
    results_.databases.push_back({path, std::string(driver.name()), entry.status.size == 0});
    return;
  }
  if ((entry.flags & (k_config | k_known_config)) != 0) {
    const std::lock_guard guard(results_mutex_);
    results_.config_files.push_back(
        {path, entry.in_code(), entry.status.size, entry.status.mode, entry.content});
  }
  if (!entry.in_code()) {
    return;
  }
  ++worker.files;
  worker.bytes += entry.kind == fs::FileKind::regular ? entry.status.size : 0;
  if (entry.status.links > 1 && entry.kind == fs::FileKind::regular) {
    const std::lock_guard guard(results_mutex_);
    linked_[{entry.status.device, entry.status.inode}].push_back(path);
  }
}

void Walk::start_child(const NodePointer& node, WalkEntry& entry) {
  const auto child = std::make_shared<WalkNode>();
  child->parent = node;
  child->slot = static_cast<std::size_t>(&entry - node->entries.data());
  child->name = entry.name;
  child->path = node->path_of(entry.name);
  child->depth = node->depth + 1;
  if (node->mode == WalkNode::Mode::included || rules_->included(child->path, true)) {
    child->mode = WalkNode::Mode::included;
  } else if ((entry.flags & k_ignored) != 0) {
    child->mode = WalkNode::Mode::ignored;
  }
  const bool known = entry.cached != nullptr && (entry.cached->flags & k_in_code) != 0 &&
                     entry.cached->kind == static_cast<std::uint8_t>(fs::FileKind::directory);
  if (known) {
    child->cached_block = entry.cached->child;
    child->cached = cache_->directory(entry.cached->child);
  }
  node->pending.fetch_add(1, std::memory_order_relaxed);
  const std::lock_guard guard(queue_mutex_);
  queue_.push_back(child);
  queue_changed_.notify_one();
}

} // namespace savepoint::project
