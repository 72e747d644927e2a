#include "manifest/manifest.hpp"

#include "support/catch.hpp"
#include "support/sample_manifest.hpp"

#include <algorithm>

using namespace savepoint;
using manifest::Manifest;
using manifest::state_of;
using test::digest_of_byte;
using test::sample_manifest;

namespace {

/// The state of the sample after `change`.
template <typename Change> std::string changed(Change change) {
  Manifest sample = sample_manifest();
  change(sample);
  return state_of(sample);
}

} // namespace

TEST_CASE("everything that a snapshot restores makes its state another") {
  std::vector<std::string> states = {
      state_of(sample_manifest()),
      changed([](Manifest& m) { m.code->state = digest_of_byte(0x99); }),
      changed([](Manifest& m) { m.code->hard_links = digest_of_byte(0x99); }),
      changed([](Manifest& m) { m.code.reset(); }),
      changed([](Manifest& m) { m.config->files[0].path = ".env"; }),
      changed([](Manifest& m) { m.config->files[0].sha256 = digest_of_byte(0x99).hex(); }),
      changed([](Manifest& m) { m.config->files[0].mode = 0640; }),
      changed([](Manifest& m) { m.config->files[0].stored = false; }),
      changed([](Manifest& m) { m.config->files.pop_back(); }),
      changed([](Manifest& m) { m.config.reset(); }),
      changed([](Manifest& m) { m.databases[0].name = "other"; }),
      changed([](Manifest& m) { m.databases[0].driver = "other"; }),
      changed([](Manifest& m) { m.databases[0].image.id = digest_of_byte(0x99); }),
      changed([](Manifest& m) { m.databases[0].image.size = 1; }),
      changed([](Manifest& m) { m.databases[0].details.set("page_size", 512); }),
      changed([](Manifest& m) { m.databases.clear(); }),
      changed([](Manifest& m) { m.git->branch = "other"; }),
      changed([](Manifest& m) { m.git->branch.reset(); }),
      changed([](Manifest& m) { m.git->commit = "0000"; }),
      changed([](Manifest& m) { m.git->operation = "merge"; }),
      changed([](Manifest& m) { m.git->staged[0].object = "0000"; }),
      changed([](Manifest& m) { m.git->staged[0].mode = 0100755; }),
      changed([](Manifest& m) { m.git->staged[0].path = "other"; }),
      changed([](Manifest& m) { m.git->staged.clear(); }),
      changed([](Manifest& m) { m.git->staged_digest = digest_of_byte(0x98); }),
      changed([](Manifest& m) { m.git->staged_digest = digest_of_byte(0x99); }),
      changed([](Manifest& m) { m.git.reset(); }),
  };

  std::ranges::sort(states);
  CHECK(std::ranges::adjacent_find(states) == states.end());
}

TEST_CASE("what restores nothing leaves the state as it is") {
  const std::string state = state_of(sample_manifest());

  CHECK(state == changed([](Manifest& m) { m.note = "other"; }));
  CHECK(state == changed([](Manifest& m) { m.tags.clear(); }));
  CHECK(state == changed([](Manifest& m) { m.pinned = true; }));
  CHECK(state == changed([](Manifest& m) { m.trigger = "manual"; }));
  CHECK(state == changed([](Manifest& m) { m.created_at += std::chrono::hours(1); }));
  CHECK(state == changed([](Manifest& m) { m.sequence = 8; }));
  CHECK(state == changed([](Manifest& m) { m.previous.reset(); }));
  CHECK(state == changed([](Manifest& m) { m.bytes_added = 0; }));
  CHECK(state == changed([](Manifest& m) { m.code->tree = digest_of_byte(0x99); }));
  CHECK(state == changed([](Manifest& m) { m.git->ahead = 2; }));
  CHECK(state == changed([](Manifest& m) { m.environment.clear(); }));
}

TEST_CASE("the order of lists and members does not change the state") {
  Manifest one = sample_manifest();
  one.databases.push_back(one.databases[0]);
  one.databases[1].name = "other.db";
  one.git->staged.push_back({"a", "A", "00", 0100644});
  Manifest other = one;
  std::ranges::reverse(other.config->files);
  std::ranges::reverse(other.databases);
  std::ranges::reverse(other.git->staged);
  std::ranges::reverse(other.databases[0].details.members());

  CHECK(state_of(one) == state_of(other));
}

TEST_CASE("the state is computed today as it was when snapshots were taken") {
  CHECK(state_of(Manifest{}) == "698f7f1f4cd8f6728c86bf99b197e3ac2967f9690bba312db74674ff4eaa9e9d");
  CHECK(state_of(sample_manifest()) ==
        "cef90381a86d9bf33eef4209163db73a9f1909316580faeadc9b0a43fc176d71");
}

TEST_CASE("a database that says what its content is counts by that, not by its image") {
  Manifest one = sample_manifest();
  REQUIRE_FALSE(one.databases.empty());
  one.databases.front().details.set("content", "1234");
  Manifest other = one;
  other.databases.front().image.id = digest_of_byte(0x77);

  CHECK(state_of(one) == state_of(other));
  CHECK(is_same_content(one.databases.front(), other.databases.front()));

  other.databases.front().details.set("content", "5678");
  CHECK(state_of(one) != state_of(other));
  CHECK_FALSE(is_same_content(one.databases.front(), other.databases.front()));
}
