#include "health/health.hpp"

#include "base/error.hpp"
#include "fs/files.hpp"
#include "project/select.hpp"

#include <algorithm>

namespace savepoint::health {
namespace {

using store::Operation;

constexpr std::size_t k_looked_at = 10; ///< Of so many snapshots it is known what they needed.
constexpr std::uint64_t k_as_large_again = 3;
constexpr std::uint64_t k_least_room = std::uint64_t{64} << 20U;

bool takes_snapshots(const Operation& operation) {
  return operation.name == "snapshot" || operation.name == "run" || operation.name == "follow";
}

/// Whether savepoint could not do it. Where the user asked for the impossible, or a command of his
/// failed, there is nothing to see to.
bool is_failure(const Operation& operation) {
  const auto is = [&](ExitCode code) { return operation.exit_code == static_cast<int>(code); };
  return operation.snapshot.empty() &&
         (is(ExitCode::failed) || is(ExitCode::busy) || is(ExitCode::corrupt));
}

bool found_damage(const Operation& operation) {
  return operation.name == "verify" && operation.exit_code == static_cast<int>(ExitCode::corrupt);
}

/// All of the store, not just some of its snapshots.
bool found_all_whole(const Operation& operation) {
  return operation.name == "verify" && operation.snapshot.empty() && !operation.has_failed();
}

std::uint64_t room_for_more(const std::vector<manifest::Summary>& snapshots) {
  std::uint64_t largest = 0;
  for (std::size_t i = 0; i < std::min(snapshots.size(), k_looked_at); ++i) {
    largest = std::max(largest, snapshots[i].bytes_added);
  }
  return std::max(largest * k_as_large_again, k_least_room);
}

/// The newest operation that `is_one`, unless one that `ends` it is newer.
template <typename IsOne, typename Ends>
std::optional<Operation> newest(const std::vector<Operation>& operations, const IsOne& is_one,
                                const Ends& ends) {
  const auto found = std::ranges::find_if(
      operations, [&](const Operation& one) { return is_one(one) || ends(one); });
  return found == operations.end() || ends(*found) ? std::nullopt : std::optional(*found);
}

void read_log(Health& health, const std::vector<Operation>& operations,
              const std::string& project) {
  const auto is_ours = [&](const Operation& one) { return one.project == project; };
  health.failed = newest(
      operations,
      [&](const Operation& one) { return is_ours(one) && takes_snapshots(one) && is_failure(one); },
      [&](const Operation& one) {
        return is_ours(one) && takes_snapshots(one) && !one.snapshot.empty();
      });
  health.damage = newest(operations, found_damage, found_all_whole);
  if (const auto whole =
          newest(operations, found_all_whole, [](const Operation&) { return false; })) {
    health.verified_at = whole->at;
  }
  health.had_hooks =
      newest(
          operations,
          [&](const Operation& one) {
            return is_ours(one) && one.name == "hooks install" && !one.has_failed();
          },
          [&](const Operation& one) { return is_ours(one) && one.name == "hooks uninstall"; })
          .has_value();
}

} // namespace

Health examine(const store::Store& store, const std::vector<manifest::Summary>& snapshots,
               const std::string& project, const config::HealthSettings& settings, Timestamp now) {
  Health health;
  const auto last = std::ranges::find_if_not(snapshots, project::is_set_aside);
  if (last != snapshots.end()) {
    health.last = *last;
    health.is_recent = now - last->created_at <= settings.snapshot_within;
  }
  read_log(health, store::OperationLog(store.root()).read(), project);
  if (health.failed && health.last && health.failed->at < health.last->created_at) {
    health.failed.reset();
  }
  if (settings.verified_within) {
    health.is_verified =
        health.verified_at && now - *health.verified_at <= *settings.verified_within;
  }
  health.free_bytes = fs::free_space(store.root());
  health.needed_bytes = settings.free_space.value_or(room_for_more(snapshots));
  return health;
}

} // namespace savepoint::health
