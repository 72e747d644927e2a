#include "verify/verify.hpp"

#include "base/error.hpp"
#include "drivers/all.hpp"
#include "store/check.hpp"
#include "verify/internal/chunk_checks.hpp"
#include "verify/internal/rehearse.hpp"
#include "verify/internal/snapshot_walk.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <tuple>

namespace savepoint::verify {
namespace {

using manifest::Manifest;

/// Counts what it hears and passes it on.
class CountingProgress final : public Progress {
public:
  explicit CountingProgress(Progress& next) : next_(&next) {}
  void stage(std::string_view, std::uint64_t) override {} // we know better how much there is
  void advance(std::uint64_t files, std::uint64_t bytes) override {
    bytes_ += bytes;
    next_->advance(files, bytes);
  }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

private:
  Progress* next_;
  std::atomic<std::uint64_t> bytes_ = 0;
};

std::vector<SnapshotId> snapshots_to_check(const store::Store& store, const Request& request) {
  if (!request.snapshots.empty()) {
    return request.snapshots;
  }
  std::vector<SnapshotId> ids;
  for (const manifest::Summary& summary : store.snapshots()) {
    ids.push_back(summary.id);
  }
  return ids;
}

/// What is known of a damaged file already, by the id of the snapshot whose manifest it is.
void report_files(const std::vector<store::DamagedFile>& damaged, Report& report) {
  for (const store::DamagedFile& file : damaged) {
    report.problems.push_back({.snapshot = "", .path = "", .file = file.file, .what = file.what});
  }
}

/// Packs of which it is known what they should hold, and which others hold as well, are no problem.
void report_packs(const std::vector<store::DamagedFile>& packs, ChunkChecks& chunks,
                  Report& report) {
  for (const store::DamagedFile& pack : packs) {
    const auto is_elsewhere = [&](const hash::Digest& id) { return chunks.check(id).good; };
    if (!pack.chunks.empty() && std::ranges::all_of(pack.chunks, is_elsewhere)) {
      report.unneeded.push_back(pack.file);
    } else {
      report_files({pack}, report);
    }
  }
}

/// Where all that was looked at is there, nobody needs what is damaged in a pack.
void excuse_packs(const std::vector<store::DamagedFile>& packs, Report& report) {
  const auto is_of_pack = [&](const Problem& problem) {
    return problem.snapshot.empty() &&
           std::ranges::count(packs, problem.file, &store::DamagedFile::file) > 0;
  };
  if (!std::ranges::all_of(report.problems, is_of_pack)) {
    return;
  }
  for (const Problem& problem : report.problems) {
    report.unneeded.push_back(problem.file);
  }
  report.problems.clear();
}

/// Loads the manifests; one that cannot be read is a problem, which may be known already.
/// `are_named` says that somebody asked for these.
std::vector<Manifest> load(const store::Store& store, const std::vector<SnapshotId>& ids,
                           bool are_named, Report& report) {
  std::vector<Manifest> manifests;
  const auto add_problem = [&](const SnapshotId& id, const Error& error) {
    const auto known = std::ranges::find_if(report.problems, [&](const Problem& problem) {
      return problem.file.find(id.text()) != std::string::npos;
    });
    if (known != report.problems.end()) {
      known->snapshot = id.text();
    } else {
      report.problems.push_back(
          {.snapshot = id.text(), .path = "", .file = "", .what = error.what()});
    }
  };
  for (const SnapshotId& id : ids) {
    try {
      manifests.push_back(store.load(id));
    } catch (const CorruptionError& error) {
      add_problem(id, error);
    } catch (const NotFoundError& error) {
      if (store.has_snapshot(id)) { // of a newer version
        add_problem(id, error);
      } else if (are_named) {
        throw;
      } // else it was pruned just now
    }
  }
  return manifests;
}

void rehearse_all(const store::Store& store, const std::vector<Manifest>& snapshots,
                  const SnapshotWalk& walk, const Request& request, const project::Context& context,
                  Report& report) {
  context.progress->stage("rehearsing databases", 0);
  std::map<std::tuple<std::string, std::string, manifest::Content>, std::string>
      done; // and what was wrong
  for (const Manifest& snapshot : snapshots) {
    for (const manifest::DatabaseComponent& database : snapshot.databases) {
      if (walk.is_damaged(database.image)) {
        continue; // is a problem already
      }
      context.cancellation->check();
      if (!drivers::find(database.driver).capabilities().rehearses) {
        if (std::ranges::count(report.not_rehearsable, database.name) == 0) {
          report.not_rehearsable.push_back(database.name);
        }
        continue;
      }
      const auto [result, is_new] = done.try_emplace(
          std::tuple(database.driver, database.path.empty() ? database.name : std::string(),
                     database.image),
          std::string());
      if (is_new) {
        result->second = rehearse(store, database, request.servers, context);
        ++report.databases_rehearsed;
      }
      if (!result->second.empty()) {
        report.problems.push_back({.snapshot = snapshot.id->text(),
                                   .path = database.name,
                                   .file = "",
                                   .what = result->second});
      }
    }
  }
}

} // namespace

Report verify(const store::Store& store, const Request& request, const project::Context& context) {
  Report report;
  context.progress->stage("checking packs", store.size_in_bytes());
  CountingProgress counting(*context.progress);
  const std::vector<store::DamagedFile> documents = store::check_documents(store);
  const std::vector<store::DamagedFile> packs =
      store::check_packs(store, request.read_data ? store::ReadData::yes : store::ReadData::no,
                         *context.cancellation, counting);
  report.bytes_read = counting.bytes();
  report_files(documents, report);
  ChunkChecks chunks(store, packs);
  report_packs(packs, chunks, report);

  const std::vector<SnapshotId> ids = snapshots_to_check(store, request);
  report.snapshots_checked = ids.size();
  const std::vector<Manifest> snapshots = load(store, ids, !request.snapshots.empty(), report);
  const std::size_t of_documents = report.problems.size();
  context.progress->stage("checking snapshots", 0);
  SnapshotWalk walk(store, chunks, *context.cancellation, report);
  for (const Manifest& snapshot : snapshots) {
    walk.check(snapshot);
  }
  report.chunks_checked = chunks.checked();
  const bool is_content_missing = report.problems.size() != of_documents;
  excuse_packs(packs, report);
  const store::ReadData looked = request.read_data ? store::ReadData::yes : store::ReadData::no;
  if (is_content_missing || !packs.empty()) { // also what nothing needs now: a new snapshot may
    store::plan_healing(store, packs, looked);
  } else if (request.read_data && report.ok()) {
    store::forget_damage(store);
  }
  if (request.rehearse) {
    rehearse_all(store, snapshots, walk, request, context, report);
  }
  return report;
}

} // namespace savepoint::verify
