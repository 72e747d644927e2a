#include "restore/internal/git_target.hpp"

#include "base/binary.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/tree_writer.hpp"
#include "git/state_files.hpp"
#include "restore/internal/paths.hpp"
#include "store/content.hpp"
#include "store/tree.hpp"
#include "store/tree_diff.hpp"

#include <algorithm>
#include <tuple>

namespace savepoint::restore {
namespace {

constexpr std::uint64_t k_longest_text = std::uint64_t{1} << 20U;
constexpr std::size_t k_deepest = 32; // of submodules in submodules
constexpr std::string_view k_branches = "branches";

[[noreturn]] void damaged(const std::string& why) {
  throw CorruptionError("the git state of the snapshot is damaged: " + why);
}

bool is_id(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string text_of(const store::ChunkSource& source, const manifest::Content& content) {
  return std::string(as_text(store::read_whole(source, content, k_longest_text)));
}

class Reader {
public:
  explicit Reader(const store::ChunkSource& source) : source_(&source) {}

  std::vector<GitTarget> run(const hash::Digest& tree) {
    read("", tree, 0);
    return std::move(targets_);
  }

private:
  void read(const std::string& path, const hash::Digest& id, std::size_t depth) {
    if (depth > k_deepest) {
      damaged("submodules nest too deep");
    }
    GitTarget target;
    target.path = path;
    std::optional<hash::Digest> submodules;
    for (const store::TreeEntry& entry : store::get_tree(*source_, id).entries) {
      const bool is_file = entry.kind == store::EntryKind::file;
      if (is_file && entry.name == "HEAD") {
        target.head = text_of(*source_, entry.content);
      } else if (is_file && entry.name == "commit") {
        target.commit = commit_in(text_of(*source_, entry.content));
      } else if (is_file && entry.name == "index") {
        target.index = entry.content;
      } else if (is_file && entry.name == k_branches && path.empty()) {
        branches_ = text_of(*source_, entry.content);
      } else if (!is_file && entry.name == "blobs") {
        target.blobs = blobs_in(entry.tree);
      } else if (!is_file && entry.name == "state") {
        target.files = files_in(entry.tree);
      } else if (!is_file && entry.name == "submodules") {
        submodules = entry.tree;
      } else {
        damaged("it has " + quoted(entry.name));
      }
    }
    targets_.push_back(std::move(target));
    if (submodules) {
      for (const store::TreeEntry& entry : store::get_tree(*source_, *submodules).entries) {
        read_submodule(path, entry, depth);
      }
    }
    if (path.empty()) {
      add_branches_to_targets();
    }
  }

  void read_submodule(const std::string& above, const store::TreeEntry& entry, std::size_t depth) {
    if (entry.kind != store::EntryKind::directory) {
      damaged("a submodule is none");
    }
    const store::Tree tree = store::get_tree(*source_, entry.tree);
    const store::TreeEntry* const path = tree.find("path");
    const store::TreeEntry* const repository = tree.find("repository");
    if (path == nullptr || path->kind != store::EntryKind::file || repository == nullptr ||
        repository->kind != store::EntryKind::directory || tree.entries.size() != 2) {
      damaged("a submodule is none");
    }
    const std::string below = text_of(*source_, path->content);
    require_writable_path(below);
    read(join(above, below), repository->tree, depth + 1);
  }

  static std::string commit_in(std::string text) {
    if (!text.ends_with('\n') || !is_id(std::string_view(text).substr(0, text.size() - 1))) {
      damaged("its commit is none");
    }
    text.pop_back();
    return text;
  }

  [[nodiscard]] std::vector<std::pair<std::string, manifest::Content>>
  blobs_in(const hash::Digest& tree) const {
    std::vector<std::pair<std::string, manifest::Content>> blobs;
    for (const store::TreeEntry& entry : store::get_tree(*source_, tree).entries) {
      if (entry.kind != store::EntryKind::file || !is_id(entry.name)) {
        damaged("a blob is none");
      }
      blobs.emplace_back(entry.name, entry.content);
    }
    return blobs;
  }

  [[nodiscard]] std::vector<std::pair<std::string, manifest::Content>>
  files_in(const hash::Digest& tree) const {
    std::vector<std::pair<std::string, manifest::Content>> files;
    store::walk_tree(
        *source_, tree,
        [&](const std::string& path, const store::TreeEntry& entry, const store::Tree* directory) {
          if (directory != nullptr) {
            return;
          }
          if (entry.kind != store::EntryKind::file || !git::is_state_path(path)) {
            damaged(quoted(path) + " is not of the state of git");
          }
          files.emplace_back(path, entry.content);
        });
    return files;
  }

  void add_branches_to_targets() {
    if (branches_.empty()) {
      return;
    }
    BinaryReader in(as_bytes(branches_), "the list of branches");
    const std::size_t count = in.count(3);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string path(in.string());
      std::string name(in.string());
      const std::string commit(in.string());
      const auto head = git::parse_head("ref: " + name);
      if (!head || !name.starts_with("refs/heads/") || !(commit.empty() || is_id(commit))) {
        damaged("a branch is none");
      }
      pending_.push_back(
          {path, std::move(name), commit.empty() ? std::nullopt : std::optional(commit)});
    }
    in.expect_end();
    for (MovedBranch& branch : pending_) {
      const auto target = std::ranges::find(targets_, branch.path, &GitTarget::path);
      if (target != targets_.end()) {
        target->branches.emplace_back(std::move(branch.name), std::move(branch.commit));
      }
    }
  }

  const store::ChunkSource* source_;
  std::vector<GitTarget> targets_;
  std::string branches_;
  std::vector<MovedBranch> pending_;
};

} // namespace

std::vector<GitTarget> read_git_targets(const store::ChunkSource& source,
                                        const hash::Digest& tree) {
  return Reader(source).run(tree);
}

bool is_same_state(const GitTarget& a, const GitTarget& b) {
  return std::tie(a.head, a.commit, a.index, a.files) ==
         std::tie(b.head, b.commit, b.index, b.files);
}

hash::Digest add_branches(const store::ChunkSource& source, store::ChunkSink& sink,
                          const hash::Digest& tree, const std::vector<MovedBranch>& branches) {
  BinaryWriter out;
  out.varint(branches.size());
  for (const MovedBranch& branch : branches) {
    out.string(branch.path);
    out.string(branch.name);
    out.string(branch.commit.value_or(""));
  }
  store::Tree with = store::get_tree(source, tree);
  store::TreeEntry entry;
  entry.name = k_branches;
  entry.mode = 0644;
  entry.content = {.form = manifest::Content::Form::chunk,
                   .size = out.size(),
                   .id = sink.put(out.view(), store::ChunkKind::meta)};
  std::erase_if(with.entries, [](const store::TreeEntry& one) { return one.name == k_branches; });
  with.entries.push_back(std::move(entry));
  std::ranges::sort(with.entries, {}, &store::TreeEntry::name);
  return store::put_tree(sink, with);
}

} // namespace savepoint::restore
