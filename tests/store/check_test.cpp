#include "store/check.hpp"

#include "base/error.hpp"
#include "store/internal/prune_mark.hpp"
#include "store/reclaim.hpp"
#include "support/catch.hpp"
#include "support/format_example.hpp"
#include "support/pruning.hpp"
#include "support/sample_store.hpp"
#include "support/small_store.hpp"

#include <algorithm>

using namespace savepoint;
using namespace savepoint::store;
using test::noise;
using test::remove;
using test::SampleStore;

namespace {

std::vector<DamagedFile> check(const SampleStore& sample, ReadData read_data) {
  NoProgress progress;
  return check_packs(sample.shared(), read_data, Cancellation(), progress);
}

std::vector<std::string> names(const std::vector<DamagedFile>& damaged) {
  std::vector<std::string> files;
  for (const DamagedFile& file : damaged) {
    files.push_back(file.file);
  }
  return files;
}

SnapshotId id_of(std::string_view text) {
  return SnapshotId::parse(text).value();
}

} // namespace

TEST_CASE("a store that is as it was written has nothing to report") {
  const SampleStore sample;
  static_cast<void>(sample.take({{"a", noise(3'000'000, 1)}}));
  static_cast<void>(sample.take({{"a", noise(3'000'000, 2)}}));

  CHECK(check(sample, ReadData::no).empty());
  CHECK(check(sample, ReadData::yes).empty());
  CHECK(check_documents(sample.shared()).empty());
}

TEST_CASE("a changed byte is found wherever in a pack it is") {
  const SampleStore sample;
  static_cast<void>(sample.take({{"a", noise(500, 3)}, {"b", noise(500, 4)}}));
  for (const std::filesystem::path& pack : sample.packs()) {
    const std::string content = test::read_file(pack);
    for (std::size_t at = 0; at < content.size(); ++at) {
      CAPTURE(pack, at);
      test::flip_byte(pack, at);
      CHECK(names(check(sample, ReadData::yes)) ==
            std::vector<std::string>{pack.lexically_relative(sample.root()).native()});
      test::write_file(pack, content);
    }
  }
}

TEST_CASE("a damaged pack names the chunks of the frame that is lost and no others") {
  const SampleStore sample;
  const Bytes lost = noise(200'000, 5);
  static_cast<void>(sample.take({{"a", lost}, {"b", noise(5'000'000, 6)}}));
  for (const std::filesystem::path& pack : sample.packs()) {
    const std::string content = test::read_file(pack);
    const std::size_t at = content.find(std::string(as_text(lost).substr(1'000, 100)));
    if (at != std::string::npos) { // noise lies in a pack as it is
      test::flip_byte(pack, at);
    }
  }

  const std::vector<DamagedFile> damaged = check(sample, ReadData::yes);

  REQUIRE(damaged.size() == 1);
  const std::vector<hash::Digest>& chunks = damaged[0].chunks;
  CHECK(std::count(chunks.begin(), chunks.end(), hash::sha256(lost)) == 1);
  CHECK(chunks.size() <= 8); // a frame holds a mebibyte, which is four chunks on average
}

TEST_CASE("a pack that was cut short is found without reading its data") {
  const SampleStore sample;
  static_cast<void>(sample.take({{"a", noise(10'000, 7)}}));
  const std::filesystem::path pack = sample.packs().at(0);
  std::filesystem::resize_file(pack, std::filesystem::file_size(pack) - 1);

  const std::vector<DamagedFile> damaged = check(sample, ReadData::no);

  REQUIRE(damaged.size() == 1);
  CHECK(damaged[0].chunks.empty());
  CHECK_FALSE(damaged[0].what.empty());
}

TEST_CASE("a check can be stopped") {
  const SampleStore sample;
  static_cast<void>(sample.take({{"a", noise(10'000, 8)}}));
  Cancellation cancellation;
  cancellation.request();
  NoProgress progress;

  CHECK_THROWS_AS(check_packs(sample.shared(), ReadData::yes, cancellation, progress), Cancelled);
}

TEST_CASE("a manifest that vanished is noticed, one that was pruned is not missed") {
  const SampleStore sample;
  std::vector<SnapshotId> ids;
  for (std::uint64_t i = 0; i < 3; ++i) {
    ids.push_back(sample.take({{"a", noise(100, i)}}));
  }

  SECTION("vanished") {
    std::filesystem::remove(sample.manifest(ids[1]));

    CHECK(names(check_documents(sample.shared())) ==
          std::vector<std::string>{"manifests/" + ids[1].text() + ".json"});
  }
  SECTION("pruned") {
    remove(sample, {ids[1]});

    CHECK(check_documents(sample.shared()).empty());
  }
  SECTION("vanished behind one that was pruned") {
    remove(sample, {ids[1]});
    std::filesystem::remove(sample.manifest(ids[0]));

    CHECK(names(check_documents(sample.shared())) ==
          std::vector<std::string>{"manifests/" + ids[0].text() + ".json"});
  }
}

TEST_CASE("damaged manifests and marks are named") {
  const SampleStore sample;
  const SnapshotId gone = sample.take({{"a", noise(100, 1)}});
  const SnapshotId first = sample.take({{"a", noise(100, 2)}});
  const SnapshotId second = sample.take({{"a", noise(100, 3)}});
  remove(sample, {gone});
  test::mark(sample.shared(), second, {.note = "n", .tags = {}, .pinned = true});
  const auto marks = sample.root() / "marks" / (second.text() + ".json");

  SECTION("a manifest") {
    test::flip_byte(sample.manifest(first), 50);
    CHECK(names(check_documents(sample.shared())) ==
          std::vector<std::string>{"manifests/" + first.text() + ".json"});
  }
  SECTION("a manifest under the name of another") {
    test::write_file(sample.manifest(first), test::read_file(sample.manifest(second)));
    CHECK(names(check_documents(sample.shared())) ==
          std::vector<std::string>{"manifests/" + first.text() + ".json"});
  }
  SECTION("marks") {
    test::flip_byte(marks, 50);
    CHECK(names(check_documents(sample.shared())) ==
          std::vector<std::string>{"marks/" + second.text() + ".json"});
  }
  SECTION("the mark of a prune") {
    for (const auto& entry : std::filesystem::directory_iterator(sample.root() / "marks")) {
      if (entry.path() != marks) {
        test::flip_byte(entry.path(), 50);
      }
    }
    CHECK(check_documents(sample.shared()).size() == 2); // the mark, and what it no longer excuses
    CHECK_THROWS_AS(pruned_snapshots(sample.shared()), CorruptionError);
  }
}

TEST_CASE("the example of a prune mark in the documentation is what we write and read") {
  const std::string text = test::format_text("prune-mark");

  const std::vector<PrunedSnapshot> snapshots = parse_prune_mark(text, "the example");

  REQUIRE(snapshots.size() == 2);
  CHECK(snapshots[0].id == id_of("20261120-180000-0a1b"));
  CHECK_FALSE(snapshots[0].previous);
  CHECK(snapshots[1].previous == snapshots[0].id);
  CHECK(print_prune_mark(snapshots) == text);
}

TEST_CASE("a prune mark cut short or changed anywhere is damage") {
  const std::string text = print_prune_mark(
      {{.id = id_of("20261120-180000-0a1b"), .previous = std::nullopt, .pruned_at = "now"}});

  for (std::size_t at = 0; at < text.size(); ++at) {
    CAPTURE(at);
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK_THROWS_AS(parse_prune_mark(text.substr(0, at), "it"), CorruptionError);
    CHECK_THROWS_AS(parse_prune_mark(changed, "it"), CorruptionError);
  }
}

TEST_CASE("a prune mark of a newer version is left to the savepoint that wrote it") {
  CHECK_THROWS_AS(
      parse_prune_mark(R"({"format": "savepoint-pruned", "version": 2, "snapshots": 1})", "it"),
      NotFoundError);
}
