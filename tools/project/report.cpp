#include "project/report.hpp"

#include "base/printable.hpp"
#include "cli/change_list.hpp"
#include "cli/documents.hpp"
#include "project/select.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace savepoint::tools {
namespace {

using manifest::Summary;

/// The newest snapshot that somebody wanted, as `latest` means it.
std::optional<Summary> last_of(const std::vector<Summary>& snapshots) {
  const auto found = std::ranges::find_if_not(snapshots, project::is_set_aside);
  return found == snapshots.end() ? std::nullopt : std::optional(*found);
}

} // namespace

Report report_of(const cli::Place& place) {
  Report report{.project = place.project_or_null(),
                .store = place.store.root(),
                .store_bytes = place.store.size_in_bytes(),
                .snapshots = place.snapshots.size(),
                .last = last_of(place.snapshots),
                .since = std::nullopt,
                .interrupted = std::nullopt};
  if (place.project) {
    report.interrupted = project::find_due(*place.project, place.store.root());
  }
  return report;
}

Report report_without_store(const project::Project& project) {
  Report report;
  report.project = &project;
  report.store = project.store_path();
  report.interrupted = project::find_due(project, report.store);
  return report;
}

void add_changes_since(Report& report, cli::Place& place) {
  if (report.last && place.project) {
    report.since = cli::compare_with_present(
        *place.project, place.store, place.store.load(report.last->id), cli::Servers::only_asked);
  }
}

json::Value document_of(const Report& report) {
  json::Value document = cli::Session::new_document();
  json::Value project;
  if (report.project != nullptr) {
    const manifest::ProjectIdentity identity = report.project->identity();
    project = json::Value::object({{"id", identity.id},
                                   {"name", json::text_or_bytes(identity.name)},
                                   {"root", json::text_or_bytes(report.project->root().string())}});
  }
  document.set("project", std::move(project));
  document.set("store",
               report.store.empty()
                   ? json::Value()
                   : json::Value::object({{"path", json::text_or_bytes(report.store.string())},
                                          {"bytes", report.store_bytes},
                                          {"snapshots", std::uint64_t{report.snapshots}}}));
  document.set("last", report.last ? manifest::to_json(*report.last) : json::Value());
  document.set("recovery",
               report.interrupted
                   ? json::Value::object({{"target", report.interrupted->journal.target.text()},
                                          {"safety", report.interrupted->journal.safety.text()}})
                   : json::Value());
  document.set("changed",
               report.since ? json::Value(!report.since->difference.empty()) : json::Value());
  document.set("may_have_changed", cli::names_document(report.since ? report.since->unread
                                                                    : std::vector<std::string>()));
  cli::add_changes(document, report.since ? report.since->difference : compare::Difference{});
  return document;
}

std::string unread_of(const Report& report) {
  std::string names;
  for (const std::string& name : report.since->unread) {
    names += (names.empty() ? "" : ", ") + printable(name);
  }
  return names.empty() ? names : "may have changed since: database " + names + "\n";
}

} // namespace savepoint::tools
