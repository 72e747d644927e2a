#include "project/health.hpp"

#include "base/printable.hpp"
#include "cli/text.hpp"
#include "health/health.hpp"
#include "hooks/installation.hpp"
#include "project/hooks.hpp"
#include "project/interrupted.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace savepoint::tools {
namespace {

using health::Health;

/// Something that somebody should see to, before a restore does not find what it needs.
struct Problem {
  std::string_view check;
  std::string message;
  std::string hint;
};
using Problems = std::vector<Problem>;

std::string last_snapshot(const cli::Session& session, const manifest::Summary& last) {
  return "last snapshot " + cli::age(last.created_at, session.now()) + " (" + last.id.text() + ")";
}

void add_snapshots(Problems& problems, const cli::Session& session, const Health& health) {
  if (!health.last) {
    problems.push_back({"snapshot", "no snapshot yet", "savepoint snapshot"});
  } else if (!health.is_recent) {
    problems.push_back(
        {"snapshot", "too old: " + last_snapshot(session, *health.last), "savepoint snapshot"});
  }
  if (health.last && !health.last->complete) {
    problems.push_back({"gaps", "something was left out: " + last_snapshot(session, *health.last),
                        "savepoint show " + health.last->id.text()});
  }
  if (health.failed) {
    const store::Operation& failed = *health.failed;
    problems.push_back({"failures",
                        "the last " + printable(failed.name) + " (" +
                            (failed.trigger.empty() ? "" : printable(failed.trigger) + ", ") +
                            cli::age(failed.at, session.now()) +
                            ") failed: " + printable(failed.error),
                        "savepoint log --failed"});
  }
}

void add_verification(Problems& problems, const cli::Session& session, const Health& health) {
  if (health.damage) {
    problems.push_back({"verification",
                        "the last verification (" + cli::age(health.damage->at, session.now()) +
                            ") found damage: " + printable(health.damage->error),
                        "savepoint verify --read-data"});
  } else if (!health.is_verified) {
    problems.push_back({"verification",
                        health.verified_at
                            ? "last verified " + cli::age(*health.verified_at, session.now())
                            : "never verified as far as the log reaches",
                        "savepoint verify --read-data"});
  }
}

void add_space(Problems& problems, const Health& health) {
  if (!health.has_room()) {
    problems.push_back({"space",
                        "little room for the store: " + cli::human_size(health.free_bytes) +
                            " are free, " + cli::human_size(health.needed_bytes) + " are needed",
                        "savepoint prune, or move the store"});
  }
}

void add_recovery(Problems& problems, const project::Project& project,
                  const std::filesystem::path& store) {
  if (const auto due = project::find_due(project, store)) {
    problems.push_back({"recovery",
                        "a restore of " + due->journal.target.text() + " was interrupted",
                        "savepoint recover"});
  }
}

void add_hooks(Problems& problems, const cli::Session& session, const project::Project& project,
               const Health& health) {
  if (project.repository() == nullptr) {
    return;
  }
  const hooks::Status status = look_at_hooks(session, *project.repository());
  std::string idle;
  for (const hooks::HookStatus& one : status.hooks) {
    if (one.state == hooks::State::missing || one.state == hooks::State::unused) {
      idle += (idle.empty() ? "" : ", ") + std::string(hooks::name_of(one.hook));
    }
  }
  if (status.place && !idle.empty()) {
    problems.push_back({"hooks", "git does not run " + idle, "savepoint hooks install"});
  } else if (!status.place && health.had_hooks) {
    problems.push_back({"hooks", "the git hooks that were installed are gone",
                        "savepoint hooks install, or savepoint hooks uninstall"});
  }
}

Problems problems_of(const cli::Session& session, const cli::Place& place, const Health& health) {
  Problems problems;
  if (place.project) {
    add_recovery(problems, *place.project, place.store.root());
  }
  add_snapshots(problems, session, health);
  add_verification(problems, session, health);
  add_space(problems, health);
  if (place.project) {
    add_hooks(problems, session, *place.project, health);
  }
  return problems;
}

json::Value document_of(const Health& health, const Problems& problems) {
  json::Value items = json::Value::array();
  for (const Problem& problem : problems) {
    items.push(json::Value::object(
        {{"check", problem.check}, {"message", problem.message}, {"hint", problem.hint}}));
  }
  json::Value document = cli::Session::new_document();
  document.set("ok", problems.empty());
  document.set("last", health.last ? manifest::to_json(*health.last) : json::Value());
  document.set("verified_at",
               health.verified_at ? json::Value(to_iso8601(*health.verified_at)) : json::Value());
  document.set("problems", std::move(items));
  return document;
}

std::string line_of(const cli::Session& session, const Health& health, const Problems& problems) {
  if (problems.empty()) {
    return "ok: " + last_snapshot(session, *health.last) + "\n";
  }
  std::string line;
  for (const Problem& problem : problems) {
    line += (line.empty() ? "" : "; ") + problem.message;
  }
  return line + "\n";
}

ExitCode report(cli::Session& session, const Health& health, const Problems& problems) {
  const std::string line = line_of(session, health, problems);
  session.progress().clear();
  session.terminal.document(document_of(health, problems));
  if (health.last) {
    session.terminal.id(health.last->id.text());
  }
  session.terminal.say(line);
  if (session.terminal.quiet() && !problems.empty()) {
    session.terminal.err("savepoint: " + line); // so that cron has something to mail
  }
  return problems.empty() ? ExitCode::done : ExitCode::failed;
}

} // namespace

ExitCode check_health(cli::Session& session, const std::optional<cli::Place>& place) {
  Health health;
  if (!place) {
    Problems problems;
    add_snapshots(problems, session, health);
    return report(session, health, problems);
  }
  const project::Project* const project = place->project_or_null();
  health = health::examine(
      place->store, place->snapshots, project == nullptr ? std::string() : project->identity().id,
      project == nullptr ? config::HealthSettings() : project->config().health, session.now());
  return report(session, health, problems_of(session, *place, health));
}

} // namespace savepoint::tools
