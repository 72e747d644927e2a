#include "savepoint.hpp"

#include "base/cancellation.hpp"
#include "base/progress.hpp"
#include "base/timestamp.hpp"
#include "base/version.hpp"
#include "manifest/words.hpp"
#include "project/branches.hpp"
#include "project/interrupted.hpp"
#include "project/project.hpp"
#include "project/select.hpp"
#include "prune/prune.hpp"
#include "restore/logged.hpp"
#include "restore/recover.hpp"
#include "restore/restore.hpp"
#include "snapshot/kept_commits.hpp"
#include "snapshot/logged.hpp"
#include "snapshot/snapshot.hpp"
#include "store/operation_record.hpp"
#include "store/store.hpp"
#include "verify/verify.hpp"

#include <algorithm>
#include <utility>

#include <unistd.h>

namespace savepoint {
namespace {

using Summaries = std::vector<manifest::Summary>;

project::Selection selection_of(const std::string& only) {
  return only.empty() ? project::Selection() : project::Selection::parse(only);
}

SnapshotResult describe(const snapshot::Taken& taken) {
  const manifest::Manifest& manifest = taken.manifest;
  SnapshotResult result;
  result.id = manifest.id->text();
  result.created = taken.created;
  result.files = manifest.code ? manifest.code->files : 0;
  result.databases = manifest.databases.size();
  result.bytes = manifest.bytes();
  result.bytes_added = taken.created ? manifest.bytes_added : 0;
  result.duration = taken.duration;
  for (const manifest::LeftOut& left_out : manifest.left_out) {
    result.skipped.push_back({left_out.path, left_out.reason, left_out.is_error});
  }
  return result;
}

SnapshotEntry describe(const manifest::Summary& summary) {
  SnapshotEntry entry;
  entry.id = summary.id.text();
  entry.created_at = summary.created_at;
  entry.trigger = summary.trigger;
  entry.note = summary.marks.note;
  entry.tags = summary.marks.tags;
  entry.pinned = summary.marks.pinned;
  entry.complete = summary.complete;
  entry.dirty = summary.dirty;
  entry.branch = summary.branch;
  entry.commit = summary.commit;
  entry.bytes = summary.bytes;
  for (const manifest::ComponentSummary& component : summary.components) {
    if (component.kind == "database") {
      entry.databases.push_back(component.name);
    }
  }
  return entry;
}

std::vector<RestoreChange> describe(const std::vector<restore::PlannedChange>& changes) {
  std::vector<RestoreChange> described;
  described.reserve(changes.size());
  for (const restore::PlannedChange& change : changes) {
    described.push_back({std::string(restore::name_of(change.action)), change.path, change.bytes});
  }
  return described;
}

RestoreResult describe(const restore::Restored& restored) {
  RestoreResult result;
  result.snapshot = restored.snapshot.text();
  if (restored.safety) {
    result.safety_snapshot = restored.safety->text();
  }
  result.changes = describe(restored.changes);
  result.config_left = restored.config_left;
  result.missing = restored.missing;
  return result;
}

OperationEntry describe(const store::Operation& operation) {
  return {.at = operation.at,
          .name = operation.name,
          .trigger = operation.trigger,
          .snapshot = operation.snapshot,
          .safety_snapshot = operation.safety,
          .bytes_added = operation.bytes_added,
          .bytes_freed = operation.bytes_freed,
          .changes = operation.changes,
          .removed = operation.removed,
          .exit_code = operation.exit_code,
          .error = operation.error,
          .duration = operation.duration};
}

RestoreResult describe(const restore::Plan& plan) {
  RestoreResult result;
  result.snapshot = plan.target().id->text();
  result.changes = describe(plan.changes());
  result.config_left = plan.config_left();
  return result;
}

std::vector<PruneDecision> describe(const std::vector<retention::Decision>& decisions) {
  std::vector<PruneDecision> described;
  described.reserve(decisions.size());
  for (const retention::Decision& decision : decisions) {
    described.push_back({decision.snapshot.id.text(), decision.reasons});
  }
  return described;
}

config::Retention policy_of(const PruneOptions& options, const config::Retention& configured) {
  const config::Retention asked{.keep_last = options.keep_last,
                                .keep_hourly = options.keep_hourly,
                                .keep_daily = options.keep_daily,
                                .keep_weekly = options.keep_weekly,
                                .keep_monthly = options.keep_monthly,
                                .keep_yearly = options.keep_yearly,
                                .keep_within = options.keep_within,
                                .keep_tags = options.keep_tags,
                                .max_size = options.max_size,
                                .max_count = options.max_count};
  return configured.overridden_by(asked);
}

} // namespace

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (const std::size_t equals = text.find('='); equals != std::string::npos) {
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return variables;
}

std::string_view library_version() {
  return version();
}

/// At a fixed address: the context of the project points into it.
struct Project::State {
  SystemClock clock;
  Cancellation cancellation;
  NoProgress progress;
  std::optional<project::Project> project;

  [[nodiscard]] store::Store open(store::Access access) const {
    return store::Store::open(project->store_path(), access);
  }
  [[nodiscard]] std::filesystem::path store_of_last_restore() const {
    return restore::store_of_last_restore(*project, project->store_path());
  }

  /// Does `work`, which gets the record of it, and leaves a line in the operations log.
  template <typename Work>
  auto logged(std::string name, const std::filesystem::path& store, const Work& work,
              std::string trigger = "api") const {
    store::OperationRecord record;
    record.begin(std::move(name), std::move(trigger), clock.now());
    record.set_place(store, project->identity().id, project->root().string());
    try {
      auto result = work(record);
      record.end(static_cast<int>(ExitCode::done));
      return result;
    } catch (...) {
      record.end_with_exception();
      throw;
    }
  }

  [[nodiscard]] manifest::Summary select(const store::Store& store,
                                         std::string_view selector) const {
    const bool is_whole_id = SnapshotId::parse(selector).has_value();
    return project::select(project::visible_snapshots(store, is_whole_id ? nullptr : &*project),
                           selector, &*project);
  }

  RestoreResult execute(store::OperationRecord& record, store::Store& store, restore::Plan plan) {
    record.line().snapshot = plan.target().id->text();
    const restore::Restored restored = restore::execute(*project, store, std::move(plan));
    restore::log_restored(record.line(), restored);
    return describe(restored);
  }

  /// `undo` and `recover`: a restore of what `make_plan` finds in the store of the last restore.
  template <typename MakePlan> RestoreResult go_back(std::string name, const MakePlan& make_plan) {
    const std::filesystem::path path = store_of_last_restore();
    return logged(std::move(name), path, [&](store::OperationRecord& record) {
      store::Store store = store::Store::open(path, store::Access::shared);
      return execute(record, store, make_plan(store));
    });
  }

  PruneResult execute(store::OperationRecord& record, store::Store& store, const prune::Plan& plan,
                      bool dry_run) {
    PruneResult result{.kept = describe(plan.kept),
                       .removed = describe(plan.removed),
                       .bytes_freed = plan.bytes_to_free};
    if (dry_run) {
      record.forget();
      return result;
    }
    result.bytes_freed =
        prune::execute(store, plan, clock.now(), cancellation, progress).bytes_freed;
    static_cast<void>(snapshot::release_commits(*project, store));
    record.line().removed = result.removed.size();
    record.line().bytes_freed = result.bytes_freed;
    return result;
  }
};

Project::Project(const std::filesystem::path& directory, const OpenOptions& options)
    : state_(std::make_unique<State>()) {
  state_->project = project::Project::open(directory, {.environment = options.environment,
                                                       .clock = &state_->clock,
                                                       .cancellation = &state_->cancellation,
                                                       .progress = &state_->progress,
                                                       .store = options.store});
}

Project::~Project() = default;
Project::Project(Project&&) noexcept = default;
Project& Project::operator=(Project&&) noexcept = default;

const std::filesystem::path& Project::root() const {
  return state_->project->root();
}

std::filesystem::path Project::store() const {
  return state_->project->store_path();
}

SnapshotResult Project::snapshot(const SnapshotOptions& options) {
  manifest::check_note(options.note);
  std::ranges::for_each(options.tags, manifest::check_tag);
  manifest::check_trigger(options.trigger);
  snapshot::Request request;
  request.note = options.note;
  request.tags = options.tags;
  request.pinned = options.pinned;
  request.only = selection_of(options.only);
  request.trigger = options.trigger;
  request.if_changed = options.if_changed;
  request.require_database = options.require_database;
  request.require_used_databases = options.require_database;
  const std::filesystem::path path = store();
  const auto work = [&](store::OperationRecord& record) {
    store::Store store = store::Store::open_or_create(path);
    const snapshot::Taken taken = snapshot::take(*state_->project, store, request);
    if (taken.created) {
      snapshot::log_taken(record.line(), taken);
    } else {
      record.forget();
    }
    return describe(taken);
  };
  return state_->logged("snapshot", path, work, options.trigger);
}

std::vector<SnapshotEntry> Project::snapshots() const {
  std::vector<SnapshotEntry> entries;
  if (!store::Store::exists(state_->project->store_path())) {
    return entries;
  }
  const store::Store store = state_->open(store::Access::shared);
  for (const manifest::Summary& summary : project::visible_snapshots(store, &*state_->project)) {
    entries.push_back(describe(summary));
  }
  return entries;
}

std::vector<OperationEntry> Project::operations(const OperationOptions& options) const {
  std::vector<OperationEntry> entries;
  const std::vector<store::Operation> found =
      store::OperationLog(store()).read({.limit = options.limit,
                                         .failed = options.failed,
                                         .since = options.since,
                                         .project = state_->project->identity().id});
  for (const store::Operation& operation : found) {
    entries.push_back(describe(operation));
  }
  return entries;
}

RestoreResult Project::restore(std::string_view snapshot, const RestoreOptions& options) {
  restore::Request request;
  request.only = selection_of(options.only);
  request.paths = options.paths;
  request.with_config = options.with_config;
  request.keep_extra = options.keep_extra;
  request.partial = options.partial;
  if (options.to && options.dry_run) {
    throw UsageError("cannot restore to another directory as a dry run");
  }
  return state_->logged("restore", store(), [&](store::OperationRecord& record) {
    store::Store store = state_->open(store::Access::shared);
    const SnapshotId id = state_->select(store, snapshot).id;
    record.line().snapshot = id.text();
    if (options.to) {
      const restore::Restored restored =
          restore::restore_to(store, store.load(id), std::filesystem::absolute(*options.to),
                              request, state_->project->context());
      restore::log_restored(record.line(), restored);
      return describe(restored);
    }
    restore::Plan plan = restore::make_plan(*state_->project, store, store.load(id), request);
    if (options.dry_run) {
      record.forget();
      return describe(plan);
    }
    return state_->execute(record, store, std::move(plan));
  });
}

RestoreResult Project::undo() {
  return state_->go_back(
      "undo", [&](store::Store& store) { return restore::make_undo(*state_->project, store); });
}

bool Project::recovery_due() const {
  return project::find_due(*state_->project, store()).has_value();
}

RestoreResult Project::recover(Recovery direction) {
  return state_->go_back("recover", [&](store::Store& store) {
    return restore::make_recovery(*state_->project, store,
                                  direction == Recovery::finish ? restore::Direction::forward
                                                                : restore::Direction::back);
  });
}

VerifyResult Project::verify(const VerifyOptions& options) const {
  verify::Request request;
  request.read_data = options.read_data;
  request.rehearse = options.rehearse;
  if (options.snapshots.empty() && !store::Store::exists(store())) {
    return {};
  }
  return state_->logged("verify", store(), [&](store::OperationRecord& record) {
    const store::Store store = state_->open(store::Access::shared);
    for (const std::string& selector : options.snapshots) {
      request.snapshots.push_back(state_->select(store, selector).id);
    }
    if (!request.snapshots.empty()) { // else all of the store is verified
      record.line().snapshot = request.snapshots.front().text();
    }
    const verify::Report report = verify::verify(store, request, state_->project->context());
    VerifyResult result;
    result.snapshots_checked = report.snapshots_checked;
    for (const verify::Problem& problem : report.problems) {
      result.problems.push_back({problem.snapshot, problem.path, problem.file, problem.what});
    }
    if (!result.ok()) {
      record.line().error = result.problems.front().what;
      record.end(static_cast<int>(ExitCode::corrupt));
    }
    return result;
  });
}

PruneResult Project::prune(const PruneOptions& options) {
  const project::Project& project = *state_->project;
  if (!store::Store::exists(store())) {
    return {};
  }
  return state_->logged("prune", store(), [&](store::OperationRecord& record) {
    store::Store store =
        state_->open(options.dry_run ? store::Access::shared : store::Access::exclusive);
    const Summaries snapshots = project::visible_snapshots(store, &project);
    const prune::Plan plan = prune::plan_by_policy(
        store, snapshots, policy_of(options, project.config().retention), state_->clock.now(),
        project::live_branches(snapshots, &project), state_->cancellation);
    return state_->execute(record, store, plan, options.dry_run);
  });
}

PruneResult Project::remove(std::string_view snapshot) {
  return state_->logged("prune", store(), [&](store::OperationRecord& record) {
    store::Store store = state_->open(store::Access::exclusive);
    const SnapshotId id = state_->select(store, snapshot).id;
    const prune::Plan plan = prune::plan_named(store, project::visible_snapshots(store, nullptr),
                                               {id}, state_->cancellation);
    return state_->execute(record, store, plan, false);
  });
}

} // namespace savepoint
