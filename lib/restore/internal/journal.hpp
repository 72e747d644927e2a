#pragma once

#include "project/project.hpp"
#include "restore/internal/plan_state.hpp"
#include "restore/internal/swap.hpp"
#include "restore/restore.hpp"
#include "store/journal.hpp"
#include "store/store.hpp"

#include <string>
#include <vector>

namespace savepoint::restore {

[[noreturn]] void throw_nothing_due();

/// Whether a restore of `target` that is asked for with `request` leaves nothing of the interrupted
/// one: then it can take its place.
[[nodiscard]] bool covers(const Request& request, const manifest::Manifest& target,
                          const store::Journal& interrupted);
/// The request that brings an interrupted restore to its end. Throws CorruptionError.
[[nodiscard]] Request request_of(const store::Journal& journal);
/// The directories that it made although they were not asked for: Plan::State::ancestors.
[[nodiscard]] std::vector<std::string> ancestors_of(const store::Journal& journal);

/// Keeps the journal of one restore. From `begin` until `finish` or `take_back` a crash leaves a
/// recovery due.
class JournalKeeper {
public:
  /// All must outlive it.
  JournalKeeper(const project::Project& project, store::Store& store, const Plan::State& plan)
      : project_(&project), store_(&store), plan_(&plan) {}

  /// To be called with the project's lock held: looks whether there is still a journal, or still
  /// none, as when the plan was made.
  ///
  /// Throws RefusedError if a restore was interrupted since, NotFoundError if the interrupted one
  /// was brought to its end since.
  void require_as_planned() const;
  /// To be called when everything is staged and saved in `safety`, before the first of `steps`.
  void begin(const SnapshotId& safety, const std::vector<Step>& steps);
  /// The project is as it was planned. Gives directories that the interrupted restore had opened
  /// for its swap their modes back.
  void finish();
  /// The project is as it was when this restore, or this recovery, began.
  void take_back(const SnapshotId& safety);

private:
  const project::Project* project_;
  store::Store* store_;
  const Plan::State* plan_;
};

} // namespace savepoint::restore
