#include "health/health.hpp"

#include "support/catch.hpp"
#include "support/snapshot_history.hpp"
#include "support/temporary_directory.hpp"

#include <chrono>
#include <string>

using namespace savepoint;
using namespace std::chrono_literals;
using health::Health;
using store::Operation;

namespace {

const Timestamp k_now = *parse_iso8601("2026-11-21T04:05:06.789Z");
constexpr auto k_day = 24h;

/// A store, what is in its log, and the snapshots that it is said to have.
struct Place {
  test::TemporaryDirectory directory;
  store::Store store = store::Store::open_or_create(directory / "store");
  std::vector<manifest::Summary> snapshots = {snapshot(1h)};
  config::HealthSettings settings = {};

  static manifest::Summary snapshot(std::chrono::hours ago, std::uint64_t bytes_added = 1) {
    manifest::Summary summary = test::snapshot(1, k_now - ago);
    summary.bytes_added = bytes_added;
    return summary;
  }

  void log(const std::string& name, ExitCode code, std::chrono::hours ago,
           const std::string& snapshot = {}, const std::string& project = "ours") const {
    Operation line;
    line.at = k_now - ago;
    line.name = name;
    line.project = project;
    line.snapshot = snapshot;
    line.exit_code = static_cast<int>(code);
    store::OperationLog(store.root()).append(line);
  }

  [[nodiscard]] Health examine() const {
    return health::examine(store, snapshots, "ours", settings, k_now);
  }
};

} // namespace

TEST_CASE("a last snapshot is recent as long as the settings say") {
  Place place;

  place.snapshots = {Place::snapshot(7 * k_day)};
  CHECK(place.examine().is_recent);
  place.snapshots = {Place::snapshot(7 * k_day + 1h)};
  CHECK_FALSE(place.examine().is_recent);
  place.settings.snapshot_within = 8 * k_day;
  CHECK(place.examine().is_recent);
  place.snapshots = {};
  CHECK_FALSE(place.examine().last);
  CHECK_FALSE(place.examine().is_recent);
}

TEST_CASE("a safety snapshot is not the last one") {
  Place place;
  place.snapshots = {Place::snapshot(1h), Place::snapshot(9 * k_day)};
  place.snapshots.front().trigger = "safety";

  CHECK_FALSE(place.examine().is_recent);
}

TEST_CASE("a snapshot that failed is told until one succeeds") {
  Place place;
  place.snapshots = {Place::snapshot(3h)};
  place.log("snapshot", ExitCode::busy, 2h);
  CHECK(place.examine().failed);

  place.log("snapshot", ExitCode::saved_with_gaps, 1h, "20261121-030506-0a1b");
  CHECK_FALSE(place.examine().failed);
}

TEST_CASE("a hook that took a snapshot and had the databases follow has succeeded") {
  Place place;
  place.snapshots = {Place::snapshot(3h)};
  place.log("snapshot", ExitCode::busy, 2h);
  place.log("follow", ExitCode::done, 1h, "20261121-030506-0a1b");

  CHECK_FALSE(place.examine().failed);
}

TEST_CASE("what the user asked wrongly, what was before the last snapshot, and what others did is "
          "no failure") {
  Place place;
  place.snapshots = {Place::snapshot(3h)};
  place.log("snapshot", ExitCode::failed, 4h);
  CHECK_FALSE(place.examine().failed);
  place.log("snapshot", ExitCode::not_found, 2h);
  place.log("snapshot", ExitCode::cancelled, 2h);
  place.log("run", ExitCode::failed, 2h, "20261121-030506-0a1b");
  place.log("restore", ExitCode::failed, 2h);
  place.log("snapshot", ExitCode::failed, 2h, {}, "another");
  CHECK_FALSE(place.examine().failed);
}

TEST_CASE("damage is told until all of the store is found whole") {
  const Place place;
  CHECK_FALSE(place.examine().damage);
  place.log("verify", ExitCode::corrupt, 5h, {}, "another");
  CHECK(place.examine().damage);
  place.log("verify", ExitCode::done, 4h, "20261121-030506-0a1b");
  CHECK(place.examine().damage);
  place.log("verify", ExitCode::busy, 3h);
  CHECK(place.examine().damage);
  CHECK_FALSE(place.examine().verified_at);

  place.log("verify", ExitCode::done, 2h);

  CHECK_FALSE(place.examine().damage);
  CHECK(place.examine().verified_at == k_now - 2h);
}

TEST_CASE("a store need not be verified unless the settings say how often") {
  Place place;
  CHECK(place.examine().is_verified);
  place.settings.verified_within = 30 * k_day;
  CHECK_FALSE(place.examine().is_verified);
  place.log("verify", ExitCode::done, 31 * k_day);
  CHECK_FALSE(place.examine().is_verified);
  place.log("verify", ExitCode::done, 29 * k_day);
  CHECK(place.examine().is_verified);
}

TEST_CASE("the room that is needed follows from recent snapshots, or from the settings") {
  Place place;
  CHECK(place.examine().needed_bytes == std::uint64_t{64} << 20U);
  CHECK(place.examine().free_bytes > 0);

  place.snapshots.assign(9, Place::snapshot(1h));
  place.snapshots.push_back(Place::snapshot(2h, std::uint64_t{1} << 60U));
  CHECK(place.examine().needed_bytes == std::uint64_t{3} << 60U);
  CHECK_FALSE(place.examine().has_room());
  place.snapshots.insert(place.snapshots.begin(), Place::snapshot(1h));
  CHECK(place.examine().needed_bytes == std::uint64_t{64} << 20U);

  place.settings.free_space = 1;
  CHECK(place.examine().has_room());
}

TEST_CASE("hooks are missed if they were installed and not uninstalled") {
  const Place place;
  CHECK_FALSE(place.examine().had_hooks);
  place.log("hooks install", ExitCode::refused, 4h);
  CHECK_FALSE(place.examine().had_hooks);
  place.log("hooks install", ExitCode::done, 3h);
  CHECK(place.examine().had_hooks);
  place.log("hooks uninstall", ExitCode::done, 2h);
  CHECK_FALSE(place.examine().had_hooks);
}
