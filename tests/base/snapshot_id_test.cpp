#include "base/snapshot_id.hpp"

#include "support/catch.hpp"

using namespace savepoint;

namespace {

const std::string k_id = "20261121-040506-1a2b";
const Timestamp k_time = *parse_iso8601("2026-11-21T04:05:06.789Z");

} // namespace

TEST_CASE("the name of a snapshot is when it was taken and how its content begins") {
  CHECK(SnapshotId::make(k_time, "1a2b").text() == k_id);
  CHECK(SnapshotId::parse(k_id) == SnapshotId::make(k_time, "1a2b"));
  CHECK(SnapshotId::make(k_time, std::string(64, 'f')).text().size() == 80);
}

TEST_CASE("snapshots are in order of time by their names") {
  const Timestamp later = k_time + std::chrono::seconds(1);

  CHECK(SnapshotId::make(k_time, "ffff") < SnapshotId::make(later, "0000"));
}

TEST_CASE("what is not wholly a name of a snapshot is none: it would become that of a file") {
  CHECK_FALSE(SnapshotId::parse(k_id + "/"));
  CHECK_FALSE(SnapshotId::parse(k_id + " "));
  CHECK_FALSE(SnapshotId::parse(" " + k_id));
  CHECK_FALSE(SnapshotId::parse("../" + k_id));
  CHECK_FALSE(SnapshotId::parse(k_id + "g"));
  CHECK_FALSE(SnapshotId::parse("20261121-040506-1A2B"));
  CHECK_FALSE(SnapshotId::parse("20261121-040506-" + std::string(65, 'a')));
  CHECK_FALSE(SnapshotId::parse("20261121-040506-1a2"));
}

TEST_CASE("a name cut short anywhere, or with another character anywhere, is none") {
  for (std::size_t length = 0; length < k_id.size(); ++length) {
    CAPTURE(length);
    CHECK_FALSE(SnapshotId::parse(std::string_view(k_id).substr(0, length)));
  }
  for (std::size_t at = 0; at < k_id.size(); ++at) {
    for (const char wrong : {'/', '.', '\0', '\n', 'G', ':', '\xff'}) {
      CAPTURE(at, wrong);
      std::string text = k_id;
      text[at] = wrong;
      CHECK_FALSE(SnapshotId::parse(text));
    }
  }
}
