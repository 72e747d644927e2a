#include "verify/verify.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/destinations.hpp"
#include "cli/documents.hpp"
#include "cli/parser.hpp"
#include "cli/place.hpp"
#include "cli/text.hpp"
#include "manifest/commands.hpp"
#include "project/databases.hpp"
#include "project/select.hpp"
#include "snapshot/kept_commits.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace savepoint::tools {
namespace {

struct Options {
  std::vector<std::string> selectors;
  bool all = false;
  bool read_data = false;
  bool rehearse = false;
  std::vector<std::string> databases; ///< --database as typed.
};

Options parse(cli::Session& session, const Arguments& arguments) {
  Options options;
  cli::Parser parser(
      session.common,
      {.command = "savepoint verify",
       .summary =
           "Checks that snapshots are what was written: the named ones, or all of the store.",
       .usage = "[SNAPSHOT...|--all] [--read-data] [--rehearse]",
       .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::not_found,
                      ExitCode::busy, ExitCode::corrupt},
       .example = "savepoint verify latest --read-data --rehearse"});
  parser.several("SNAPSHOT", options.selectors,
                 "ids, parts of ones, latest, tags, branch:B, commit:REV");
  parser.flag("--all", options.all, "all snapshots of the store (as without any SNAPSHOT)");
  parser.flag("--read-data", options.read_data, "read and hash every stored byte");
  parser.flag("--rehearse", options.rehearse,
              "load every database into scratch and check it there");
  parser.texts("--database", std::string(cli::k_destination_value), options.databases,
               "with --rehearse: on this server; may be repeated");
  parser.parse(arguments);
  session.terminal.set_options(session.common);
  if (options.all && !options.selectors.empty()) {
    throw UsageError("cannot verify both --all and single snapshots", "leave one of them out");
  }
  if (!options.databases.empty() && !options.rehearse) {
    throw UsageError("--database says where to rehearse, and nothing is to be rehearsed",
                     "add --rehearse");
  }
  return options;
}

/// Where databases of servers are rehearsed: where --database says, else where the project has
/// them.
std::map<std::string, database::Target>
servers_of(cli::Session& session, const project::Project* project, const Options& options) {
  std::map<std::string, database::Target> servers;
  if (project != nullptr) {
    const project::DatabaseFinder finder(*project);
    for (const database::Target& target : finder.servers()) {
      servers.insert_or_assign(target.name, target);
    }
  }
  for (const auto& [name, address] : cli::read_destinations(options.databases, session, project)) {
    servers.insert_or_assign(name, database::Target{.name = name,
                                                    .driver = address.driver,
                                                    .address = address,
                                                    .source = "--database",
                                                    .environment = session.environment});
  }
  return servers;
}

using Missing = std::vector<snapshot::MissingCommit>;

/// The commits that are gone and that the snapshots need which were verified.
Missing missing_of(const cli::Place& place, const verify::Request& request) {
  if (!place.project) {
    return {};
  }
  std::vector<manifest::Summary> snapshots = project::visible_snapshots(place.store, nullptr);
  std::erase_if(snapshots, [&](const manifest::Summary& one) {
    return !request.snapshots.empty() && std::ranges::count(request.snapshots, one.id) == 0;
  });
  return snapshot::missing_commits(*place.project, place.store, snapshots);
}

json::Value document_of(const verify::Report& report, const Missing& missing) {
  json::Value problems = json::Value::array();
  for (const verify::Problem& problem : report.problems) {
    problems.push(json::Value::object({{"snapshot", problem.snapshot},
                                       {"path", json::text_or_bytes(problem.path)},
                                       {"file", json::text_or_bytes(problem.file)},
                                       {"what", json::text_or_bytes(problem.what)}}));
  }
  json::Value document = cli::Session::new_document();
  document.set("ok", report.ok());
  document.set("problems", std::move(problems));
  document.set("snapshots_checked", report.snapshots_checked);
  document.set("chunks_checked", report.chunks_checked);
  document.set("bytes_read", report.bytes_read);
  document.set("databases_rehearsed", report.databases_rehearsed);
  json::Value unneeded = json::Value::array();
  for (const std::string& file : report.unneeded) {
    unneeded.push(json::Value::object({{"file", file}}));
  }
  document.set("damaged_unneeded", std::move(unneeded));
  document.set("not_rehearsable", cli::names_document(report.not_rehearsable));
  json::Value commits = json::Value::array();
  for (const snapshot::MissingCommit& one : missing) {
    commits.push(json::Value::object({{"snapshot", one.snapshot.text()},
                                      {"path", json::text_or_bytes(one.path)},
                                      {"commit", one.commit}}));
  }
  document.set("missing_commits", std::move(commits));
  return document;
}

std::string line_of(const verify::Problem& problem) {
  std::string text = problem.snapshot.empty() ? "store" : problem.snapshot;
  if (!problem.path.empty()) {
    text += " " + quoted(problem.path);
  }
  text += ": " + printable(problem.what);
  return problem.file.empty() ? text : text + " (" + printable(problem.file) + ")";
}

std::string text_of(const cli::Session& session, const verify::Report& report,
                    const Missing& missing) {
  std::string text;
  for (const verify::Problem& problem : report.problems) {
    text += session.terminal.paint(cli::Style::red, line_of(problem)) + "\n";
  }
  text += report.ok() ? "ok: " : cli::counted(report.problems.size(), "problem") + ": ";
  text += cli::counted(report.snapshots_checked, "snapshot") + ", " +
          cli::counted(report.chunks_checked, "chunk") + " checked";
  if (report.bytes_read > 0) {
    text += ", " + cli::human_size(report.bytes_read) + " read";
  }
  if (report.databases_rehearsed > 0) {
    text += ", " + cli::counted(report.databases_rehearsed, "database") + " rehearsed";
  }
  text += "\n";
  for (const std::string& name : report.not_rehearsable) {
    text += "not rehearsed: " + printable(name) + ", which only its own commands can read\n";
  }
  for (const std::string& file : report.unneeded) {
    text += "damaged, but nothing that was checked needs it: " + printable(file) +
            "; 'savepoint prune' removes it\n";
  }
  for (const snapshot::MissingCommit& one : missing) {
    text += one.snapshot.text() + ": the commit " + one.commit + " is not in " +
            (one.path.empty() ? "the repository" : quoted(one.path)) +
            " any more: its files can be restored, its state of git cannot\n";
  }
  const auto is_of_file = [](const verify::Problem& problem) { return !problem.file.empty(); };
  if (std::ranges::any_of(report.problems, is_of_file)) {
    text +=
        "hint: what is not named here is whole; take a new snapshot now: it stores again what is "
        "still there of the rest. Then verify again, and see to the disk\n";
  } else if (!report.ok()) {
    text += "hint: what is not named here is whole; take a new snapshot now\n";
  }
  return text;
}

/// The first snapshot that a problem names; empty if none does.
std::string damaged_one(const verify::Report& report) {
  const auto found = std::ranges::find_if(
      report.problems, [](const verify::Problem& problem) { return !problem.snapshot.empty(); });
  return found == report.problems.end() ? std::string() : found->snapshot;
}

} // namespace

ExitCode verify(cli::Session& session, const Arguments& arguments) {
  const Options options = parse(session, arguments);
  session.begin_operation("verify");
  const cli::Place place = cli::open_place(session);
  verify::Request request{
      .snapshots = {}, .read_data = options.read_data, .rehearse = options.rehearse, .servers = {}};
  if (options.rehearse) {
    request.servers = servers_of(session, place.project_or_null(), options);
  }
  for (const std::string& selector : options.selectors) {
    request.snapshots.push_back(place.select(selector).id);
  }
  if (!request.snapshots.empty()) { // else all of the store is verified
    session.operation.line().snapshot = request.snapshots.front().text();
  }
  const verify::Report report = verify::verify(place.store, request, session.context());
  const Missing missing = missing_of(place, request);
  if (!report.ok()) {
    if (request.snapshots.size() > 1) {
      session.operation.line().snapshot = damaged_one(report);
    }
    session.operation.line().error =
        cli::counted(report.problems.size(), "problem") + ": " + line_of(report.problems.front());
  }
  session.progress().clear();
  session.terminal.document(document_of(report, missing));
  session.terminal.say(text_of(session, report, missing));
  std::set<std::string> damaged;
  for (const verify::Problem& problem : report.problems) {
    if (!problem.snapshot.empty() && damaged.insert(problem.snapshot).second) {
      session.terminal.id(problem.snapshot);
    }
  }
  return report.ok() ? ExitCode::done : ExitCode::corrupt;
}

} // namespace savepoint::tools
