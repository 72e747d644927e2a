#include "compare/compare.hpp"

#include "base/error.hpp"
#include "hash/sha256.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <map>

using namespace savepoint;
using store::ChangeKind;

namespace {

/// Chunks in memory.
class Memory final : public store::ChunkSink, public store::ChunkSource {
public:
  hash::Digest put(ByteView bytes, store::ChunkKind) override {
    const hash::Digest id = hash::sha256(bytes);
    chunks_[id] = Bytes(bytes.begin(), bytes.end());
    return id;
  }
  bool contains(const hash::Digest& id) override { return chunks_.contains(id); }
  [[nodiscard]] Bytes get(const hash::Digest& id) const override {
    const auto found = chunks_.find(id);
    if (found == chunks_.end()) {
      throw CorruptionError("missing chunk");
    }
    return found->second;
  }

private:
  std::map<hash::Digest, Bytes> chunks_;
};

store::TreeEntry file(const std::string& name, std::uint64_t size, std::int64_t mtime = 0) {
  store::TreeEntry entry;
  entry.name = name;
  entry.mode = 0644;
  entry.mtime_ns = mtime;
  entry.content = {.form = manifest::Content::Form::chunk,
                   .size = size,
                   .id = hash::sha256(as_bytes(std::to_string(size)))};
  return entry;
}

store::TreeEntry directory(Memory& memory, const std::string& name,
                           std::vector<store::TreeEntry> entries, std::int64_t mtime = 0) {
  store::TreeEntry entry;
  entry.name = name;
  entry.kind = store::EntryKind::directory;
  entry.tree = store::put_tree(
      memory, {.mode = 0755, .mtime_ns = mtime, .attributes = {}, .entries = std::move(entries)});
  return entry;
}

manifest::Manifest manifest_of(Memory& memory, std::vector<store::TreeEntry> entries,
                               std::int64_t mtime = 0) {
  manifest::Manifest manifest;
  manifest.code = manifest::CodeComponent{};
  manifest.code->tree = store::put_tree(
      memory, {.mode = 0755, .mtime_ns = mtime, .attributes = {}, .entries = std::move(entries)});
  manifest.config = manifest::ConfigComponent{};
  return manifest;
}

manifest::DatabaseComponent database(const std::string& name, std::uint64_t size,
                                     std::vector<manifest::Table> tables) {
  manifest::DatabaseComponent component;
  component.name = name;
  component.size = size;
  component.image.size = size;
  component.tables = std::move(tables);
  return component;
}

std::vector<std::string> lines(const compare::Difference& difference) {
  std::vector<std::string> lines;
  for (const compare::FileDifference& file : difference.files) {
    lines.push_back(std::string(compare::name_of(file.kind)) + " " + file.path);
  }
  return lines;
}

} // namespace

TEST_CASE("files speak for the directories they are in") {
  Memory memory;
  const manifest::Manifest before = manifest_of(
      memory, {directory(memory, "old", {file("a", 1)}, 5), file("same", 3), file("touched", 4)});
  const manifest::Manifest after =
      manifest_of(memory,
                  {directory(memory, "empty", {}), directory(memory, "new", {file("b", 2)}, 6),
                   file("same", 3), file("touched", 4, 9)},
                  7);
  CHECK(
      lines(compare::compare(memory, before, after)) ==
      std::vector<std::string>{"added empty", "added new/b", "removed old/a", "metadata touched"});
}

TEST_CASE("a time of a directory alone is no difference") {
  Memory memory;
  const manifest::Manifest before =
      manifest_of(memory, {directory(memory, "d", {file("a", 1)}, 5)}, 1);
  const manifest::Manifest after =
      manifest_of(memory, {directory(memory, "d", {file("a", 1)}, 6)}, 2);
  CHECK(compare::compare(memory, before, after).empty());
}

TEST_CASE("a changed database is shown with every table's rows before and after") {
  Memory memory;
  manifest::Manifest before = manifest_of(memory, {});
  manifest::Manifest after = before;
  before.databases = {database("app.db", 100, {{"gone", 1}, {"users", 3}}),
                      database("b.db", 1, {})};
  after.databases = {database("app.db", 200, {{"posts", 7}, {"users", 5}}),
                     database("b.db", 1, {})};
  const compare::Difference difference = compare::compare(memory, before, after);
  REQUIRE(difference.databases.size() == 1);
  const compare::DatabaseDifference& app = difference.databases.front();
  CHECK(app.name == "app.db");
  CHECK(app.kind == ChangeKind::modified);
  REQUIRE(app.tables.size() == 3);
  CHECK(app.tables[0].name == "gone");
  CHECK(app.tables[0].before == 1U);
  CHECK_FALSE(app.tables[0].after);
  CHECK_FALSE(app.tables[1].before);
  CHECK(app.tables[2].before == 3U);
  CHECK(app.tables[2].after == 5U);
}

TEST_CASE("settings are compared by their keys, and only where the code does not hold them") {
  Memory memory;
  manifest::Manifest before = manifest_of(memory, {});
  manifest::Manifest after = before;
  before.config->files = {{.path = ".env", .sha256 = "1", .keys = {"A", "B"}},
                          {.path = "package.json", .sha256 = "1", .keys = {}, .in_code = true}};
  after.config->files = {{.path = ".env", .sha256 = "2", .keys = {"B", "C"}},
                         {.path = "package.json", .sha256 = "2", .keys = {}, .in_code = true}};
  const compare::Difference difference = compare::compare(memory, before, after);
  REQUIRE(difference.config.size() == 1);
  CHECK(difference.config.front().keys_added == std::vector<std::string>{"C"});
  CHECK(difference.config.front().keys_removed == std::vector<std::string>{"A"});
}

TEST_CASE("what one side was taken without is not a difference") {
  Memory memory;
  manifest::Manifest whole = manifest_of(memory, {file("a", 1)});
  whole.databases = {database("app.db", 100, {})};
  manifest::Manifest only_code = whole;
  only_code.config.reset();
  only_code.databases.clear();
  CHECK(compare::compare(memory, whole, only_code).empty());
  CHECK(compare::compare(memory, only_code, whole).empty());
}
