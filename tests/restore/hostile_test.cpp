#include "base/error.hpp"
#include "hash/sha256.hpp"
#include "support/catch.hpp"
#include "support/restoring.hpp"

using namespace savepoint;
using store::EntryKind;
using store::Tree;
using store::TreeEntry;
using test::ScratchProject;

namespace {

TreeEntry file(store::ChunkSink& sink, std::string name) {
  const std::string text = "evil";
  TreeEntry entry;
  entry.name = std::move(name);
  entry.mode = 0644;
  entry.content.form = manifest::Content::Form::chunk;
  entry.content.size = text.size();
  entry.content.id = sink.put(as_bytes(text), store::ChunkKind::data);
  return entry;
}

TreeEntry link_to(std::string name, std::string target) {
  TreeEntry entry;
  entry.name = std::move(name);
  entry.kind = EntryKind::symlink;
  entry.target = std::move(target);
  return entry;
}

Tree tree_of(std::vector<TreeEntry> entries) {
  Tree tree;
  tree.entries = std::move(entries);
  return tree;
}

TreeEntry directory(store::ChunkSink& sink, std::string name, std::vector<TreeEntry> entries) {
  TreeEntry entry;
  entry.name = std::move(name);
  entry.kind = EntryKind::directory;
  entry.tree = store::put_tree(sink, tree_of(std::move(entries)));
  return entry;
}

/// Bytes of a tree as nobody who checks names would write them.
std::string with_name(const Tree& tree, std::string_view honest, std::string_view evil) {
  std::string bytes(as_text(store::encode(tree)));
  bytes.replace(bytes.find(honest), honest.size(), evil);
  return bytes;
}

/// Seals a snapshot with this tree of code and whatever else `change` puts into it.
manifest::Manifest seal(ScratchProject& project, store::Batch& batch, const hash::Digest& tree,
                        const std::function<void(manifest::Manifest&)>& change = {}) {
  manifest::Manifest manifest;
  manifest.project = project.project().identity();
  manifest.state = std::string(64, '0');
  manifest.code.emplace();
  manifest.code->tree = tree;
  manifest.code->state = tree;
  if (change) {
    change(manifest);
  }
  return project.store().seal(batch, std::move(manifest));
}

/// Neither in place nor into a directory is anything written.
void require_refused(ScratchProject& project, const manifest::Manifest& snapshot) {
  const std::string before = project.sh("cd .. && find . -path ./store -prune -o -print | sort");
  CHECK_THROWS_AS(test::put_back(project, snapshot), CorruptionError);
  CHECK_THROWS_AS(restore::restore_to(project.store(), snapshot, project.beside("target"), {},
                                      project.context()),
                  CorruptionError);
  CHECK(project.sh("cd .. && find . -path ./store -prune -o -print | sort") == before);
}

} // namespace

TEST_CASE("a tree that leads out of the project is refused before the first write") {
  ScratchProject project;
  store::Batch batch(project.store());
  auto sink = batch.writer();
  const Tree honest = tree_of({file(*sink, "AA"), file(*sink, "name")});
  const std::string evil = GENERATE("..", "a/", "/b", ".\0");
  CAPTURE(evil);
  const hash::Digest tree =
      sink->put(as_bytes(with_name(honest, "AA", evil)), store::ChunkKind::meta);
  sink.reset();

  require_refused(project, seal(project, batch, tree));
}

TEST_CASE("nothing is ever written into a .git") {
  ScratchProject project(ScratchProject::Git::yes);
  store::Batch batch(project.store());
  auto sink = batch.writer();
  const TreeEntry hook = directory(*sink, ".git", {file(*sink, "config")});
  const bool below = GENERATE(false, true);
  const hash::Digest tree = store::put_tree(
      *sink, tree_of({below ? directory(*sink, "sub", {hook}) : hook, file(*sink, "z")}));
  sink.reset();

  require_refused(project, seal(project, batch, tree));
}

TEST_CASE("a symlink with something below it is refused") {
  ScratchProject project;
  store::Batch batch(project.store());
  auto sink = batch.writer();
  const hash::Digest code = store::put_tree(*sink, tree_of({link_to("out", "/tmp")}));
  const hash::Digest config =
      store::put_tree(*sink, tree_of({directory(*sink, "out", {file(*sink, ".env")})}));
  sink.reset();
  const manifest::Manifest snapshot = seal(project, batch, code, [&](manifest::Manifest& manifest) {
    manifest.config = manifest::ConfigComponent{.tree = config, .files = {}};
  });
  restore::Request request;
  request.with_config = true;

  CHECK_THROWS_AS(test::put_back(project, snapshot, request), Error);
  CHECK_THROWS_AS(restore::restore_to(project.store(), snapshot, project.beside("target"), {},
                                      project.context()),
                  Error);

  CHECK_FALSE(project.has("out"));
  CHECK_FALSE(fs::status("/tmp/.env"));
  CHECK_FALSE(test::has_leftovers(project));
}

TEST_CASE("a database below a symlink of the snapshot is refused") {
  ScratchProject project;
  project.sh("sqlite3 app.db 'CREATE TABLE t(a)'");
  manifest::Manifest honest = project.take();
  store::Batch batch(project.store());
  auto sink = batch.writer();
  const hash::Digest code = store::put_tree(*sink, tree_of({link_to("out", "/tmp")}));
  sink.reset();
  const std::string path = GENERATE("out/app.db", "../app.db", ".git/app.db", "/tmp/app.db");
  CAPTURE(path);

  CHECK_THROWS_AS(
      [&] {
        // Whether the manifest itself or the restore notices does not matter.
        const manifest::Manifest snapshot =
            seal(project, batch, code, [&](manifest::Manifest& manifest) {
              manifest.databases = honest.databases;
              manifest.databases.at(0).path = path;
            });
        test::put_back(project, snapshot);
      }(),
      CorruptionError);

  CHECK_FALSE(project.has("out"));
}

TEST_CASE("a symlink planted in the project is replaced and not followed") {
  ScratchProject project;
  project.write("dir/file", "then");
  const manifest::Manifest snapshot = project.take();
  std::filesystem::create_directory(project.beside("outside"));
  project.sh("printf outside > ../outside/file; rm -r dir; ln -s ../outside dir");

  test::put_back(project, snapshot);

  CHECK(project.read("dir/file") == "then");
  CHECK(test::read_file(project.beside("outside") / "file") == "outside");
  CHECK_FALSE(std::filesystem::is_symlink(project / "dir"));
}

TEST_CASE("a damaged chunk stops a restore before anything is changed") {
  ScratchProject project;
  project.write("file", "precious content");
  project.write("other", "then");
  const manifest::Manifest snapshot = project.take();
  project.write("file", "now");
  project.write("other", "now");
  // Other bytes of the same length in every pack: the frames cannot be read any more.
  project.sh("for p in ../store/packs/*/*.pack; do chmod 600 $p; printf '%064d' 0 | dd of=$p bs=1 "
             "seek=20 conv=notrunc status=none; done");

  CHECK_THROWS_AS(test::put_back(project, snapshot), CorruptionError);

  CHECK(project.read("other") == "now");
  CHECK_FALSE(test::has_leftovers(project));
}

TEST_CASE("a directory that cannot be read is named, and nothing is taken away because of it") {
  ScratchProject project;
  project.sh("rm savepoint.json; mkdir lost; printf now > lost/inside; printf now > extra; "
             "chmod 750 lost; touch -d 2020-01-01 lost");
  const std::string looks = project.sh("stat -c '%a %Y' lost");
  store::Batch batch(project.store());
  auto sink = batch.writer();
  TreeEntry lost = directory(*sink, "lost", {});
  lost.tree = hash::sha256(as_bytes("a tree that nobody stored"));
  const hash::Digest tree = store::put_tree(*sink, tree_of({lost, file(*sink, "z")}));
  sink.reset();
  const manifest::Manifest snapshot = seal(project, batch, tree);
  restore::Request partial;
  partial.partial = true;

  CHECK_THROWS_AS(test::put_back(project, snapshot), CorruptionError);
  CHECK_FALSE(project.has("z"));
  const restore::Restored restored = test::put_back(project, snapshot, partial);

  CHECK(restored.missing == std::vector<std::string>{"lost"});
  CHECK(project.read("z") == "evil");
  CHECK(project.read("lost/inside") == "now");
  CHECK(project.read("extra") == "now");
  CHECK(project.sh("stat -c '%a %Y' lost") == looks);
}

TEST_CASE(
    "a few trees that stand for more files than there can be are refused before the first write") {
  ScratchProject project;
  store::Batch batch(project.store());
  auto sink = batch.writer();
  const int levels = GENERATE(17, 60); // 2^18 files: within reach; 2^61: not
  CAPTURE(levels);
  hash::Digest tree = store::put_tree(*sink, tree_of({file(*sink, "a"), file(*sink, "b")}));
  for (int level = 0; level < levels; ++level) {
    TreeEntry one;
    one.name = "a";
    one.kind = EntryKind::directory;
    one.tree = tree;
    TreeEntry other = one;
    other.name = "b";
    tree = store::put_tree(*sink, tree_of({one, other}));
  }
  sink.reset();

  require_refused(project, seal(project, batch, tree));
}

TEST_CASE("names in a tree are refused unless they are in order, each once") {
  ScratchProject project;
  store::Batch batch(project.store());
  auto sink = batch.writer();
  const Tree honest = tree_of({file(*sink, "AA"), file(*sink, "CC")});
  const std::string evil = GENERATE("CC", "DD"); // twice the same, and not in order
  CAPTURE(evil);
  const hash::Digest tree =
      sink->put(as_bytes(with_name(honest, "AA", evil)), store::ChunkKind::meta);
  sink.reset();

  require_refused(project, seal(project, batch, tree));
}

TEST_CASE("a count of entries beyond what is there is refused, and no memory is taken for it") {
  ScratchProject project;
  store::Batch batch(project.store());
  auto sink = batch.writer();
  std::string bytes(as_text(store::encode(Tree{})));
  bytes.back() = '\xff'; // the number of entries, now 2^60 and more
  bytes += "\xff\xff\xff\xff\xff\xff\xff\x0f";
  const hash::Digest tree = sink->put(as_bytes(bytes), store::ChunkKind::meta);
  sink.reset();

  require_refused(project, seal(project, batch, tree));
}

TEST_CASE("a file that is larger than its chunks is refused, whatever size it claims") {
  ScratchProject project;
  store::Batch batch(project.store());
  auto sink = batch.writer();
  TreeEntry entry = file(*sink, "file");
  const auto [form, size] =
      GENERATE(std::pair(manifest::Content::Form::chunk, std::uint64_t{1} << 20U),
               std::pair(manifest::Content::Form::list, std::uint64_t{1} << 60U));
  CAPTURE(size);
  entry.content.form = form;
  entry.content.size = size;
  const hash::Digest tree = store::put_tree(*sink, tree_of({entry}));
  sink.reset();

  require_refused(project, seal(project, batch, tree));
}

TEST_CASE("a database below a symlink among the config files is refused") {
  ScratchProject project;
  project.sh("mkdir d; sqlite3 d/app.db 'CREATE TABLE t(a)'");
  const manifest::Manifest honest = project.take();
  store::Batch batch(project.store());
  auto sink = batch.writer();
  const hash::Digest code = store::put_tree(*sink, Tree{});
  const hash::Digest config = store::put_tree(*sink, tree_of({link_to("d", "/tmp")}));
  sink.reset();

  require_refused(project, seal(project, batch, code, [&](manifest::Manifest& manifest) {
                    manifest.config = manifest::ConfigComponent{.tree = config, .files = {}};
                    manifest.databases = honest.databases;
                  }));
}
