#include "manifest/summary.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/sample_manifest.hpp"

using namespace savepoint;
using manifest::Marks;

namespace {

manifest::Manifest sealed_sample() {
  manifest::Manifest sample = test::sample_manifest();
  static_cast<void>(manifest::seal(sample, [](const SnapshotId&) { return false; }));
  return sample;
}

} // namespace

TEST_CASE("marks are read back as they were printed, tags sorted and each once") {
  const Marks marks{"a note\n\xFF", {"release", "demo", "release"}, true};

  const Marks read = manifest::parse_marks(manifest::print_marks(marks), "marks");

  CHECK(read.note == marks.note);
  CHECK(read.tags == std::vector<std::string>{"demo", "release"});
  CHECK(read.pinned);
}

TEST_CASE("damaged marks are noticed, wherever the damage") {
  std::string text = manifest::print_marks({"note", {"one", "two"}, false});

  for (std::size_t offset = 0; offset < text.size(); ++offset) {
    CAPTURE(offset);
    text[offset] = static_cast<char>(text[offset] ^ 1);
    CHECK_THROWS_AS(manifest::parse_marks(text, "marks"), CorruptionError);
    text[offset] = static_cast<char>(text[offset] ^ 1);
    CHECK_THROWS_AS(manifest::parse_marks(text.substr(0, offset), "marks"), CorruptionError);
  }
}

TEST_CASE("a manifest is not mistaken for marks") {
  manifest::Manifest sample = test::sample_manifest();
  const std::string text = manifest::seal(sample, [](const SnapshotId&) { return false; });

  CHECK_THROWS_AS(manifest::parse_marks(text, "marks"), CorruptionError);
}

TEST_CASE("a summary has what a list shows") {
  const manifest::Summary summary = manifest::summarize(sealed_sample());

  CHECK(summary.sequence == 7);
  CHECK(summary.project == "3f2a");
  CHECK(summary.branch == "main");
  CHECK(summary.dirty);
  CHECK(summary.complete);
  CHECK(summary.bytes == 4096 + 120 + 8192);
  REQUIRE(summary.components.size() == 3);
  CHECK(summary.components[2].name == "prisma/dev.db");
  CHECK(summary.marks.note == "before the migration");
  CHECK(summary.marks.tags == std::vector<std::string>{"demo"});
}

TEST_CASE("a snapshot that had to leave out what the user wants is not complete") {
  manifest::Manifest sample = sealed_sample();
  sample.left_out.push_back({"secret.txt", "cannot be read: Permission denied", true});

  CHECK_FALSE(manifest::summarize(sample).complete);
}

TEST_CASE("the JSON of a list has every promised field") {
  const json::Value value = manifest::to_json(manifest::summarize(sealed_sample()));

  for (const char* const key :
       {"id", "created_at", "trigger", "note", "tags", "pinned", "branch", "commit", "dirty",
        "components", "bytes", "sequence", "project", "worktree", "complete", "bytes_added"}) {
    CAPTURE(key);
    CHECK(value.find(key) != nullptr);
  }
  CHECK(value.at("created_at") == json::Value("2026-11-21T04:00:25.123Z"));
  CHECK(json::print_line(value.at("components").items()[0]) ==
        "{\"kind\":\"code\",\"name\":\"code\",\"bytes\":4096}\n");
}
