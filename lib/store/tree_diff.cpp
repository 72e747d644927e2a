#include "store/tree_diff.hpp"

#include "base/error.hpp"
#include "fs/tree_writer.hpp"

#include <utility>

namespace savepoint::store {
namespace {

void require_depth(std::size_t depth) {
  if (depth > k_deepest_path) {
    throw CorruptionError("a tree is damaged: it nests too deep");
  }
}

/// Appends a component to `path`.
void descend(std::string& path, std::string_view name) {
  if (!path.empty()) {
    path += '/';
  }
  path += name;
}

bool is_directory(const TreeEntry* entry) {
  return entry != nullptr && entry->kind == EntryKind::directory;
}

/// The directory itself, without what is in it.
std::optional<Tree> without_entries(const std::optional<Tree>& tree) {
  if (!tree) {
    return std::nullopt;
  }
  return Tree{.mode = tree->mode,
              .mtime_ns = tree->mtime_ns,
              .attributes = tree->attributes,
              .entries = {}};
}

std::optional<TreeEntry> copy_of(const TreeEntry* entry) {
  return entry == nullptr ? std::nullopt : std::optional(*entry);
}

/// Two trees walked side by side. Keeps the way down in a vector, not on the stack: how deep it
/// goes is decided by what is in the store.
class Comparison {
public:
  Comparison(const ChunkSource& source, const std::function<void(const Change&)>& visit)
      : source_(&source), visit_(&visit) {}

  void run(const std::optional<hash::Digest>& before, const std::optional<hash::Digest>& after) {
    if (before == after) {
      return;
    }
    const TreeEntry old_root = root_entry(before);
    const TreeEntry new_root = root_entry(after);
    compare(before ? &old_root : nullptr, after ? &new_root : nullptr);
    while (!levels_.empty()) {
      path_.resize(levels_.back().path_size);
      step();
    }
  }

private:
  struct Side {
    Tree tree;
    std::size_t next = 0;

    [[nodiscard]] const TreeEntry* peek() const {
      return next < tree.entries.size() ? &tree.entries[next] : nullptr;
    }
  };
  struct Level {
    Side before;
    Side after;
    std::size_t path_size = 0;
  };

  static TreeEntry root_entry(const std::optional<hash::Digest>& tree) {
    TreeEntry entry;
    entry.kind = EntryKind::directory;
    entry.tree = tree.value_or(hash::Digest{});
    return entry;
  }

  void step() {
    Level& level = levels_.back();
    const TreeEntry* before = level.before.peek();
    const TreeEntry* after = level.after.peek();
    if (before == nullptr && after == nullptr) {
      levels_.pop_back();
      return;
    }
    if (before != nullptr && after != nullptr && before->name != after->name) {
      (before->name < after->name ? after : before) = nullptr;
    }
    level.before.next += before != nullptr ? 1U : 0U;
    level.after.next += after != nullptr ? 1U : 0U;
    descend(path_, before != nullptr ? before->name : after->name);
    compare(before, after);
  }

  // The entries belong to the level that is the last now: nothing may be pushed before the last
  // use of either.
  void compare(const TreeEntry* before, const TreeEntry* after) {
    if (before != nullptr && after != nullptr && *before == *after) {
      return;
    }
    const auto load = [&](const TreeEntry* entry) {
      return is_directory(entry) ? std::optional(get_tree(*source_, entry->tree)) : std::nullopt;
    };
    std::optional<Tree> old_tree = load(before);
    std::optional<Tree> new_tree = load(after);

    Change change;
    change.path = path_;
    change.directory_before = without_entries(old_tree);
    change.directory_after = without_entries(new_tree);
    if (const std::optional<ChangeKind> kind = kind_of(before, after, change)) {
      change.kind = *kind;
      change.before = copy_of(before);
      change.after = copy_of(after);
      (*visit_)(change);
    }
    if (old_tree || new_tree) {
      require_depth(levels_.size() + 1);
      levels_.push_back({.before = {.tree = std::move(old_tree).value_or(Tree{})},
                         .after = {.tree = std::move(new_tree).value_or(Tree{})},
                         .path_size = path_.size()});
    }
  }

  static std::optional<ChangeKind> kind_of(const TreeEntry* before, const TreeEntry* after,
                                           const Change& change) {
    if (before == nullptr || after == nullptr) {
      return before == nullptr ? ChangeKind::added : ChangeKind::removed;
    }
    if (before->kind != after->kind || before->content != after->content ||
        before->target != after->target) {
      return ChangeKind::modified;
    }
    if (is_directory(before) && change.directory_before == change.directory_after) {
      return std::nullopt;
    }
    return ChangeKind::metadata;
  }

  const ChunkSource* source_;
  const std::function<void(const Change&)>* visit_;
  std::vector<Level> levels_;
  std::string path_;
};

} // namespace

void diff_trees(const ChunkSource& source, const std::optional<hash::Digest>& before,
                const std::optional<hash::Digest>& after,
                const std::function<void(const Change&)>& visit) {
  Comparison(source, visit).run(before, after);
}

void walk_tree(const ChunkSource& source, const hash::Digest& root, const TreeVisitor& visit,
               const std::function<bool(const std::string& path)>& enters) {
  struct Level {
    Tree tree;
    std::size_t next = 0;
    std::size_t path_size = 0;
  };
  std::string path;
  std::vector<Level> levels;
  levels.push_back({.tree = get_tree(source, root)});
  while (!levels.empty()) {
    Level& level = levels.back();
    path.resize(level.path_size);
    if (level.next == level.tree.entries.size()) {
      levels.pop_back();
      continue;
    }
    const TreeEntry& entry = level.tree.entries[level.next++];
    descend(path, entry.name);
    if (entry.kind != EntryKind::directory) {
      visit(path, entry, nullptr);
      continue;
    }
    if (!enters(path)) {
      continue;
    }
    Tree tree = get_tree(source, entry.tree);
    visit(path, entry, &tree);
    require_depth(levels.size() + 1);
    levels.push_back({.tree = std::move(tree), .path_size = path.size()});
  }
}

std::optional<TreeEntry> find_path(const ChunkSource& source, const hash::Digest& root,
                                   std::string_view path) {
  if (!fs::is_safe_path(path)) {
    return std::nullopt;
  }
  Tree tree = get_tree(source, root);
  while (true) {
    const std::size_t slash = path.find('/');
    const TreeEntry* entry = tree.find(path.substr(0, slash));
    if (entry == nullptr || slash == std::string_view::npos) {
      return copy_of(entry);
    }
    if (entry->kind != EntryKind::directory) {
      return std::nullopt;
    }
    const hash::Digest child = entry->tree; // goes with the tree it is in
    tree = get_tree(source, child);
    path.remove_prefix(slash + 1);
  }
}

} // namespace savepoint::store
