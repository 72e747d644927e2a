#include "verify/internal/snapshot_walk.hpp"

#include "base/error.hpp"
#include "store/content.hpp"
#include "store/tree_diff.hpp"

#include <utility>

namespace savepoint::verify {

using manifest::Content;

SnapshotWalk::SnapshotWalk(const store::Store& store, ChunkChecks& chunks,
                           const Cancellation& cancellation, Report& report)
    : store_(&store), chunks_(&chunks), cancellation_(&cancellation), report_(&report) {}

void SnapshotWalk::check(const manifest::Manifest& snapshot) {
  snapshot_ = snapshot.id->text();
  named_.clear();
  if (snapshot.code) {
    check_tree("", snapshot.code->tree);
    if (snapshot.code->hard_links) {
      try {
        static_cast<void>(store::get_hard_links(*store_, *snapshot.code->hard_links));
      } catch (const CorruptionError& error) {
        add("", std::string("its list of hard links: ") + error.what(), "");
      }
    }
  }
  if (snapshot.config && snapshot.config->tree) {
    check_tree("", *snapshot.config->tree);
  }
  if (snapshot.git && snapshot.git->tree) {
    check_tree(".git", *snapshot.git->tree);
  }
  for (const manifest::DatabaseComponent& database : snapshot.databases) {
    if (!check_content(database.name, database.image)) {
      damaged_contents_.insert(database.image);
    }
  }
}

// Goes down by a stack of its own: how deep a tree is, is decided by what is in the store.
bool SnapshotWalk::check_tree(const std::string& root_path, const hash::Digest& root) {
  struct Level {
    std::string path;
    hash::Digest id;
    store::Tree tree;
    std::size_t next = 0;
    bool good = true;
  };
  std::vector<Level> levels;
  bool last_good = true;
  const auto enter = [&](std::string path, const hash::Digest& id) {
    if (good_trees_.contains(id)) {
      return;
    }
    cancellation_->check();
    Level level{.path = std::move(path), .id = id, .tree = {}};
    try {
      if (levels.size() >= store::k_deepest_path) {
        throw CorruptionError("directories nest too deep");
      }
      store::for_each_tree_chunk(*store_, id, [&](const hash::Digest& chunk) {
        level.good = check_chunk(level.path, chunk) && level.good;
      });
      level.tree = store::get_tree(*store_, id);
    } catch (const CorruptionError& error) {
      add(level.path, error.what(), chunks_->check(id).file);
      level.good = false;
    }
    levels.push_back(std::move(level));
  };
  enter(root_path, root);
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.next == level.tree.entries.size()) {
      last_good = level.good;
      if (level.good) {
        good_trees_.insert(level.id);
      }
      levels.pop_back();
      if (!levels.empty()) {
        levels.back().good = levels.back().good && last_good;
      }
      continue;
    }
    const store::TreeEntry& entry = level.tree.entries[level.next++];
    const std::string path =
        level.path.empty() ? entry.name : std::string(level.path).append("/").append(entry.name);
    if (entry.kind == store::EntryKind::directory) {
      const hash::Digest below = entry.tree; // goes when the levels grow
      enter(path, below);
    } else if (entry.kind == store::EntryKind::file) {
      level.good = check_content(path, entry.content) && level.good;
    }
  }
  return last_good;
}

bool SnapshotWalk::check_content(const std::string& path, const Content& content) {
  if (content.form == Content::Form::empty) {
    return true;
  }
  if (content.form == Content::Form::chunk) {
    return check_chunk(path, content.id);
  }
  if (good_lists_.contains(content.id)) {
    return true;
  }
  bool good = true;
  const auto look_at = [&](const hash::Digest& id) {
    good = good && check_chunk(path, id); // the first is enough to say of a path
  };
  try {
    store::for_each_list(*store_, content, look_at);
    store::for_each_extent(*store_, content, [&](const store::Extent& extent) {
      if (extent.chunk) {
        look_at(*extent.chunk);
      }
    });
  } catch (const CorruptionError& error) {
    if (good) {
      add(path, error.what(), chunks_->check(content.id).file);
    }
    good = false;
  }
  if (good) {
    good_lists_.insert(content.id);
  }
  return good;
}

bool SnapshotWalk::check_chunk(const std::string& path, const hash::Digest& id) {
  const ChunkChecks::Answer& answer = chunks_->check(id);
  if (!answer.good) {
    add(path, answer.what, answer.file);
  }
  return answer.good;
}

void SnapshotWalk::add(const std::string& path, std::string what, std::string file) {
  if (named_.insert(path).second) {
    report_->problems.push_back(
        {.snapshot = snapshot_, .path = path, .file = std::move(file), .what = std::move(what)});
  }
}

} // namespace savepoint::verify
