// Completing directories, from the leaves up: their tree, their cache block, their parent.

#include "project/internal/walk.hpp"
#include "project/internal/walk_node.hpp"

#include <algorithm>
#include <cstring>

namespace savepoint::project {
namespace {

store::TreeEntry tree_entry(const WalkEntry& entry, const std::optional<store::Tree>& old_tree) {
  store::TreeEntry result;
  result.name = entry.name;
  switch (entry.kind) {
  case fs::FileKind::directory:
    result.kind = store::EntryKind::directory;
    result.tree = entry.tree;
    return result;
  case fs::FileKind::symlink:
    result.kind = store::EntryKind::symlink;
    result.mtime_ns = entry.status.mtime_ns;
    result.target = entry.target;
    return result;
  case fs::FileKind::fifo:
    result.kind = store::EntryKind::fifo;
    break;
  case fs::FileKind::regular:
  case fs::FileKind::socket:
  case fs::FileKind::device:
    result.kind = store::EntryKind::file;
    result.content = entry.content;
    break;
  }
  result.mode = entry.status.mode;
  result.mtime_ns = entry.status.mtime_ns;
  result.attributes = entry.attributes;
  if (entry.attributes_in_old_tree && old_tree) {
    if (const store::TreeEntry* old = old_tree->find(entry.name)) {
      result.attributes = old->attributes;
    }
  }
  return result;
}

bool belongs_to_tree(const WalkEntry& entry) {
  return entry.in_code() && (entry.flags & k_database) == 0;
}

} // namespace

void Walk::finish_one(WalkWorker& worker, NodePointer node) {
  while (node && node->pending.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    complete(worker, *node);
    node->directory.close();
    NodePointer parent = node->parent;
    if (!parent) {
      const std::lock_guard guard(queue_mutex_);
      done_ = true;
      queue_changed_.notify_all();
    }
    node = std::move(parent);
  }
}

void Walk::complete(WalkWorker& worker, WalkNode& node) {
  WalkEntry* in_parent = node.parent ? &node.parent->entries[node.slot] : nullptr;
  if (node.unreadable && !node.directory.is_open()) {
    if (in_parent != nullptr) {
      in_parent->gone = true;
    }
    return;
  }
  ++worker.directories;
  // What is left out now may be there next time without a change of the directory's own times.
  if (std::erase_if(node.entries, [](const WalkEntry& entry) { return entry.gone; }) > 0) {
    node.flags |= k_racy_listing;
  }
  if (compare_index_) {
    compare_with_index(node);
  }
  complete_tree(worker, node);
  complete_cache(node);
  if (in_parent != nullptr) {
    in_parent->tree = node.tree;
    in_parent->state = node.state;
    for (const WalkEntry& entry : node.entries) {
      const bool shown = (entry.flags & k_ignored) == 0 && entry.kind != fs::FileKind::fifo;
      in_parent->files_below += entry.is_directory() ? entry.files_below : (shown ? 1U : 0U);
    }
  }
}

void Walk::complete_tree(WalkWorker& worker, WalkNode& node) {
  const auto child_is_same = [](const WalkEntry& entry) {
    return entry.cached != nullptr && entry.cached->id == entry.tree;
  };
  node.tree_is_old =
      trusted_ && node.same_directory && node.entries.size() == node.cached->entries().size() &&
      std::ranges::all_of(node.entries, [&](const WalkEntry& entry) {
        return entry.is_directory() && entry.in_code() ? child_is_same(entry) : entry.same;
      });
  if (node.tree_is_old) {
    node.tree = node.cached->header().tree;
    node.state = node.cached->header().state;
    return;
  }
  const bool needs_old_tree =
      node.cached && (((node.flags & k_own_attributes) != 0 && node.attributes.empty()) ||
                      std::ranges::any_of(node.entries, &WalkEntry::attributes_in_old_tree));
  std::optional<store::Tree> old_tree;
  if (needs_old_tree) {
    old_tree = store::get_tree(*options_->source, node.cached->header().tree);
  }
  store::Tree tree;
  tree.mode = node.status.mode;
  tree.mtime_ns = node.status.mtime_ns;
  tree.attributes = old_tree && node.attributes.empty() && (node.flags & k_own_attributes) != 0
                        ? old_tree->attributes
                        : node.attributes;
  std::vector<hash::Digest> child_states;
  for (const WalkEntry& entry : node.entries) {
    if (!belongs_to_tree(entry)) {
      continue;
    }
    tree.entries.push_back(tree_entry(entry, old_tree));
    if (entry.is_directory()) {
      child_states.push_back(entry.state);
    }
  }
  node.tree = store::put_tree(*worker.sink, tree);
  node.state = store::state_digest(tree, child_states);
}

void Walk::complete_cache(WalkNode& node) {
  const CachedDirectoryHeader* old = node.cached ? &node.cached->header() : nullptr;
  const bool block_is_old =
      node.tree_is_old && old->rules == node.rules_identity && old->flags == node.flags &&
      std::ranges::all_of(node.entries, [](const WalkEntry& entry) {
        return entry.flags == entry.cached->flags &&
               (!entry.in_code() || !entry.is_directory() || entry.block_is_old);
      });
  WalkEntry* in_parent = node.parent ? &node.parent->entries[node.slot] : nullptr;
  if (block_is_old) {
    if (in_parent != nullptr) {
      in_parent->block = node.cached_block;
      in_parent->block_is_old = true;
    } else {
      results_.same_as_cache = true;
    }
    return;
  }
  if (writer_ == nullptr) {
    return;
  }
  NewDirectory block;
  block.header.rules = node.rules_identity;
  block.header.mtime_ns = node.status.mtime_ns;
  block.header.ctime_ns = node.status.ctime_ns;
  block.header.inode = node.status.inode;
  block.header.mode = node.status.mode;
  block.header.flags = node.unreadable ? node.flags | k_racy_listing : node.flags;
  block.header.tree = node.tree;
  block.header.state = node.state;
  const std::lock_guard guard(cache_mutex_);
  for (const WalkEntry& entry : node.entries) {
    CachedEntry record{};
    record.kind = static_cast<std::uint8_t>(entry.kind);
    record.flags = entry.flags;
    record.driver = entry.driver;
    if (entry.is_directory()) {
      if (entry.in_code()) {
        record.id = entry.tree;
        record.child = entry.block_is_old ? writer_->copy(*cache_, entry.block) : entry.block;
      }
    } else {
      record.size = entry.status.size;
      record.mtime_ns = entry.status.mtime_ns;
      record.ctime_ns = entry.status.ctime_ns;
      record.inode = entry.status.inode;
      record.mode = entry.status.mode;
      record.form = static_cast<std::uint8_t>(entry.content.form);
      record.id = entry.content.id;
      record.object = entry.object;
      record.has_attributes = entry.attributes.empty() && !entry.attributes_in_old_tree ? 0 : 1;
      if (std::max(entry.status.mtime_ns, entry.status.ctime_ns) >= young_ns_) {
        record.flags |= k_racy;
      }
    }
    block.entries.push_back(record);
    block.names.push_back(entry.name);
  }
  const std::uint64_t offset = writer_->add(block);
  if (in_parent != nullptr) {
    in_parent->block = offset;
  } else {
    results_.root_block = offset;
  }
}

} // namespace savepoint::project
