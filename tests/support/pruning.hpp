#pragma once

#include "store/check.hpp"
#include "store/reclaim.hpp"
#include "support/sample_store.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <vector>

namespace savepoint::test {

inline constexpr Timestamp k_prune_time{std::chrono::seconds(1'800'000'100)};

inline void remove(const SampleStore& sample, const std::vector<SnapshotId>& ids) {
  store::Store store = sample.exclusive();
  store::remove_snapshots(store, ids, k_prune_time);
}

inline store::Reclaimed reclaim(const SampleStore& sample) {
  store::Store store = sample.exclusive();
  NoProgress progress;
  return store::reclaim(store, Cancellation(), progress);
}

inline std::vector<SnapshotId> listed(const SampleStore& sample) {
  std::vector<SnapshotId> ids;
  for (const manifest::Summary& summary : sample.shared().snapshots()) {
    ids.push_back(summary.id);
  }
  return ids;
}

inline bool is_whole(const SampleStore& sample) {
  NoProgress progress;
  const store::Store store = sample.shared();
  return store::check_packs(store, store::ReadData::yes, Cancellation(), progress).empty() &&
         store::check_documents(store).empty();
}

/// All packs, the smallest first.
inline std::vector<std::filesystem::path> packs_by_size(const SampleStore& sample) {
  std::vector<std::filesystem::path> packs = sample.packs();
  std::sort(packs.begin(), packs.end(), [](const auto& a, const auto& b) {
    return std::filesystem::file_size(a) < std::filesystem::file_size(b);
  });
  return packs;
}

inline std::filesystem::path largest_pack(const SampleStore& sample) {
  return packs_by_size(sample).back();
}

} // namespace savepoint::test
