#include "store/tree_diff.hpp"

#include "base/error.hpp"
#include "hash/sha256.hpp"
#include "support/catch.hpp"
#include "support/memory_chunks.hpp"

#include <algorithm>
#include <map>

using namespace savepoint;
using namespace savepoint::store;
using manifest::Content;
using test::MemoryChunks;

namespace {

/// A directory described in place. Files whose content begins with "-> " are symlinks.
struct Folder {
  std::map<std::string, std::string> files = {};
  std::map<std::string, Folder> folders = {};
  std::uint32_t mode = 0755;
};

TreeEntry file_entry(const std::string& name, const std::string& content) {
  TreeEntry entry;
  entry.name = name;
  entry.mode = 0644;
  if (content.starts_with("-> ")) {
    entry.kind = EntryKind::symlink;
    entry.mode = 0;
    entry.target = content.substr(3);
  } else if (!content.empty()) {
    entry.content = {.form = Content::Form::chunk,
                     .size = content.size(),
                     .id = hash::sha256(as_bytes(content))};
  }
  return entry;
}

hash::Digest put(MemoryChunks& chunks, const Folder& folder) {
  Tree tree;
  tree.mode = folder.mode;
  for (const auto& [name, content] : folder.files) {
    tree.entries.push_back(file_entry(name, content));
  }
  for (const auto& [name, below] : folder.folders) {
    TreeEntry entry;
    entry.name = name;
    entry.kind = EntryKind::directory;
    entry.tree = put(chunks, below);
    tree.entries.push_back(entry);
  }
  std::sort(tree.entries.begin(), tree.entries.end(),
            [](const TreeEntry& a, const TreeEntry& b) { return a.name < b.name; });
  return put_tree(chunks, tree);
}

/// Each change as a line: its kind's letter and its path.
std::vector<std::string> diff(const MemoryChunks& chunks, const std::optional<hash::Digest>& before,
                              const std::optional<hash::Digest>& after) {
  std::vector<std::string> lines;
  diff_trees(chunks, before, after, [&](const Change& change) {
    lines.push_back("+-*~"[static_cast<int>(change.kind)] + (" " + change.path));
  });
  return lines;
}

std::vector<std::string> walk(const MemoryChunks& chunks, const hash::Digest& root) {
  std::vector<std::string> paths;
  walk_tree(chunks, root, [&](const std::string& path, const TreeEntry& entry, const Tree* tree) {
    CHECK((tree != nullptr) == (entry.kind == EntryKind::directory));
    paths.push_back(path);
  });
  return paths;
}

using Lines = std::vector<std::string>;

const Folder k_project{
    .files = {{"a.txt", "a"}, {"link", "-> a.txt"}},
    .folders = {{"a", {.files = {{"x", "x"}}}},
                {"src", {.files = {{"m", "m"}}, .folders = {{"deep", {.files = {{"d", "d"}}}}}}}}};

/// `depth` directories, one in the other.
hash::Digest nested(MemoryChunks& chunks, std::size_t depth) {
  hash::Digest id = put_tree(chunks, Tree{});
  for (std::size_t i = 0; i < depth; ++i) {
    Tree tree;
    TreeEntry& entry = tree.entries.emplace_back();
    entry.name = "d";
    entry.kind = EntryKind::directory;
    entry.tree = id;
    id = put_tree(chunks, tree);
  }
  return id;
}

} // namespace

TEST_CASE("equal trees have no differences and are not even read") {
  MemoryChunks chunks;
  const hash::Digest id = put(chunks, k_project);

  CHECK(diff(chunks, id, id).empty());
  CHECK(diff(chunks, std::nullopt, std::nullopt).empty());
  CHECK(chunks.reads.empty());
}

TEST_CASE("a tree that is new or gone is listed whole, parents before children") {
  MemoryChunks chunks;
  const hash::Digest id = put(chunks, k_project);

  CHECK(diff(chunks, std::nullopt, id) == Lines{"+ ", "+ a", "+ a/x", "+ a.txt", "+ link", "+ src",
                                                "+ src/deep", "+ src/deep/d", "+ src/m"});
  CHECK(diff(chunks, id, std::nullopt) == Lines{"- ", "- a", "- a/x", "- a.txt", "- link", "- src",
                                                "- src/deep", "- src/deep/d", "- src/m"});
}

TEST_CASE("only what differs is listed, and only subtrees that differ are read") {
  MemoryChunks chunks;
  Folder changed = k_project;
  changed.files["a.txt"] = "b";
  changed.files["new"] = "";
  changed.files.erase("link");
  changed.folders["src"].folders["deep"].files["d"] = "other";
  const hash::Digest before = put(chunks, k_project);
  const hash::Digest after = put(chunks, changed);
  chunks.reads.clear();

  const Lines lines = diff(chunks, before, after);

  CHECK(lines == Lines{"* a.txt", "- link", "+ new", "* src/deep/d"});
  CHECK(chunks.reads.size() == 6); // root, src, src/deep, on both sides; never a
}

TEST_CASE("a new target of a symlink is a modification") {
  MemoryChunks chunks;
  Folder changed = k_project;
  changed.files["link"] = "-> a";

  CHECK(diff(chunks, put(chunks, k_project), put(chunks, changed)) == Lines{"* link"});
}

TEST_CASE("modes and times are told apart from content") {
  MemoryChunks chunks;
  const hash::Digest before = put(chunks, k_project);
  Tree tree = get_tree(chunks, before);
  tree.mtime_ns += 1;
  tree.entries[1].mode = 0600; // a.txt
  const hash::Digest after = put_tree(chunks, tree);

  CHECK(diff(chunks, before, after) == Lines{"~ ", "~ a.txt"});
}

TEST_CASE("a directory tells its own mode on either side") {
  MemoryChunks chunks;
  Folder changed = k_project;
  changed.folders["src"].mode = 0700;
  changed.folders["src"].files["m"] = "other";
  std::vector<Change> changes;

  diff_trees(chunks, put(chunks, k_project), put(chunks, changed),
             [&](const Change& change) { changes.push_back(change); });

  REQUIRE(changes.size() == 2);
  CHECK(changes[0].path == "src");
  CHECK(changes[0].kind == ChangeKind::metadata);
  CHECK(changes[0].directory_before->mode == 0755);
  CHECK(changes[0].directory_after->mode == 0700);
  CHECK(changes[0].directory_after->entries.empty());
  CHECK(changes[1].path == "src/m");
  CHECK(changes[1].before->content != changes[1].after->content);
}

TEST_CASE("a directory that became a file is modified, and what was in it is removed") {
  MemoryChunks chunks;
  Folder changed = k_project;
  changed.folders.erase("src");
  changed.files["src"] = "now a file";
  const hash::Digest before = put(chunks, k_project);
  const hash::Digest after = put(chunks, changed);

  CHECK(diff(chunks, before, after) == Lines{"* src", "- src/deep", "- src/deep/d", "- src/m"});
  CHECK(diff(chunks, after, before) == Lines{"* src", "+ src/deep", "+ src/deep/d", "+ src/m"});
}

TEST_CASE("walking visits every path once, parents before children") {
  MemoryChunks chunks;

  CHECK(walk(chunks, put(chunks, k_project)) ==
        Lines{"a", "a/x", "a.txt", "link", "src", "src/deep", "src/deep/d", "src/m"});
}

TEST_CASE("a path is found, or is not there") {
  MemoryChunks chunks;
  const hash::Digest root = put(chunks, k_project);

  REQUIRE(find_path(chunks, root, "src/deep/d"));
  CHECK(find_path(chunks, root, "src/deep/d")->name == "d");
  CHECK(find_path(chunks, root, "src")->kind == EntryKind::directory);
  for (const char* path :
       {"", "/", "nothing", "src/nothing", "a.txt/x", "../src", "src/", "/src"}) {
    CAPTURE(path);
    CHECK_FALSE(find_path(chunks, root, path));
  }
}

TEST_CASE(
    "thousands of directories in each other are walked; more than Linux can name are refused") {
  MemoryChunks chunks;
  const hash::Digest deep = nested(chunks, k_deepest_path - 1);
  const hash::Digest too_deep = nested(chunks, k_deepest_path);

  CHECK(walk(chunks, deep).size() == k_deepest_path - 1);
  CHECK(diff(chunks, deep, std::nullopt).size() == k_deepest_path);
  CHECK_THROWS_AS(walk(chunks, too_deep), CorruptionError);
  CHECK_THROWS_AS(diff(chunks, too_deep, std::nullopt), CorruptionError);
}

TEST_CASE("a missing subtree is reported, not passed over") {
  MemoryChunks chunks;
  const hash::Digest root = put(chunks, k_project);
  chunks.forget(find_path(chunks, root, "src/deep")->tree);

  CHECK_THROWS_AS(walk(chunks, root), CorruptionError);
  CHECK_THROWS_AS(diff(chunks, std::nullopt, root), CorruptionError);
}

TEST_CASE("a directory that is not entered need not be there") {
  MemoryChunks chunks;
  const hash::Digest below = put(chunks, k_project.folders.at("a"));
  Tree tree;
  for (const auto& [name, id] : {std::pair("a", below), std::pair("gone", hash::Digest{})}) {
    TreeEntry& entry = tree.entries.emplace_back();
    entry.name = name;
    entry.kind = EntryKind::directory;
    entry.tree = id;
  }
  const hash::Digest root = put_tree(chunks, tree);
  Lines paths;

  walk_tree(
      chunks, root,
      [&](const std::string& path, const TreeEntry&, const Tree*) { paths.push_back(path); },
      [](const std::string& path) { return path != "gone"; });

  CHECK(paths == Lines{"a", "a/x"});
  CHECK_THROWS_AS(walk(chunks, root), CorruptionError);
}
