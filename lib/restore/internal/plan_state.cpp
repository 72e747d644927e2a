#include "restore/internal/plan_state.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"

#include <algorithm>
#include <utility>

namespace savepoint::restore {

Entry to_entry(const std::optional<store::TreeEntry>& entry) {
  if (!entry) {
    return nullptr;
  }
  Entry kept = std::make_unique<store::TreeEntry>(*entry);
  kept->name.clear();
  return kept;
}

bool is_directory(const Entry& entry) {
  return entry && entry->kind == store::EntryKind::directory;
}

bool is_directory(const std::optional<store::TreeEntry>& entry) {
  return entry && entry->kind == store::EntryKind::directory;
}

bool is_file(const Entry& entry) {
  return entry && entry->kind != store::EntryKind::directory;
}

bool holds_the_same(const store::TreeEntry& a, const store::TreeEntry& b) {
  return a.kind == b.kind && a.content == b.content && a.target == b.target;
}

bool needs_staging(const PathChange& change) {
  if (!is_file(change.after)) {
    return false;
  }
  return change.is_made_anew || !is_file(change.before) ||
         !holds_the_same(*change.before, *change.after) ||
         change.before->attributes != change.after->attributes;
}

bool is_silent(const PathChange& change) {
  return change.directory_before && change.directory_after &&
         change.directory_before->mode == change.directory_after->mode &&
         change.directory_before->attributes == change.directory_after->attributes;
}

Plan::Plan(std::unique_ptr<State> state) : state_(std::move(state)) {}
Plan::~Plan() = default;
Plan::Plan(Plan&&) noexcept = default;
Plan& Plan::operator=(Plan&&) noexcept = default;

const std::vector<PlannedChange>& Plan::changes() const {
  return state_->changes;
}

const std::vector<GitChange>& Plan::git_changes() const {
  return state_->git_changes;
}

const std::vector<std::string>& Plan::config_left() const {
  return state_->config_left;
}

const std::vector<Plan::VersionDifference>& Plan::versions() const {
  return state_->versions;
}

const std::vector<std::string>& Plan::missing() const {
  return state_->missing;
}

const manifest::Manifest& Plan::target() const {
  return state_->target;
}

const std::vector<Plan::Guarded>& Plan::guarded() const {
  return state_->guarded;
}

void Plan::confirm(std::string name) {
  state_->request.confirmed.push_back(std::move(name));
}

const Plan::Guarded* Plan::refused() const {
  const auto refused = std::ranges::find_if(state_->guarded, [&](const Guarded& guarded) {
    return guarded.refusal == Guarded::Refusal::always ||
           std::ranges::count(state_->request.confirmed, guarded.name) == 0;
  });
  return refused == state_->guarded.end() ? nullptr : &*refused;
}

void Plan::require_permission() const {
  if (const Guarded* const guarded = refused()) {
    throw RefusedError(guarded->where + " is not overwritten: " + guarded->reason,
                       guarded->refusal == Guarded::Refusal::always
                           ? "restore it into another database with --database NAME=URL"
                           : "if that is really meant, say its name: --confirm " +
                                 printable(guarded->name));
  }
}

std::string_view name_of(PlannedChange::Action action) {
  switch (action) {
  case PlannedChange::Action::create:
    return "create";
  case PlannedChange::Action::replace:
    return "replace";
  case PlannedChange::Action::remove:
    return "remove";
  case PlannedChange::Action::metadata:
    return "metadata";
  case PlannedChange::Action::database:
    return "database";
  case PlannedChange::Action::git:
    return "git";
  }
  return "";
}

} // namespace savepoint::restore
