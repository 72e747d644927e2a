#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/parser.hpp"
#include "cli/place.hpp"
#include "cli/text.hpp"
#include "fs/files.hpp"
#include "project/commands.hpp"
#include "project/database_report.hpp"
#include "project/hooks.hpp"
#include "project/interrupted.hpp"
#include "snapshot/snapshot.hpp"
#include "store/check.hpp"

#include <algorithm>
#include <utility>

#include <unistd.h>

namespace savepoint::tools {
namespace {

constexpr std::uint64_t k_little_space = std::uint64_t{256} << 20U;

enum class Verdict { ok, note, trouble };

/// One line of what was looked at.
struct Row {
  std::string what;
  Verdict verdict = Verdict::ok;
  std::string detail;
};
using Rows = std::vector<Row>;

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
  case Verdict::ok:
    return "ok";
  case Verdict::note:
    return "note";
  case Verdict::trouble:
    return "trouble";
  }
  bug("a verdict of no kind");
}

void look_at_project(Rows& rows, const project::Project& project) {
  rows.push_back({"project", Verdict::ok, printable(project.root().string())});
  if (const git::Repository* const repository = project.repository()) {
    const std::string operation = repository->operation();
    rows.push_back({"git", operation.empty() ? Verdict::ok : Verdict::note,
                    operation.empty()
                        ? "work tree of " + printable(repository->common_directory().string())
                        : "in the middle of a " + operation});
  } else {
    rows.push_back({"git", Verdict::note, "none: snapshots are not tied to branches and commits"});
  }
  const std::filesystem::path& file = project.config().file;
  rows.push_back({"settings", Verdict::ok,
                  file.empty() ? "none: the defaults hold" : printable(file.string())});
}

std::filesystem::path nearest_existing(std::filesystem::path path) {
  while (!std::filesystem::exists(path) && path.has_relative_path()) {
    path = path.parent_path();
  }
  return path;
}

void look_at_disk(Rows& rows, const std::filesystem::path& store) {
  const std::filesystem::path place = nearest_existing(store);
  if (access(place.c_str(), W_OK) != 0) {
    rows.push_back({"disk", Verdict::trouble, printable(place.string()) + " cannot be written to"});
    return;
  }
  const std::uint64_t space = fs::free_space(place);
  rows.push_back({"disk", space < k_little_space ? Verdict::trouble : Verdict::ok,
                  cli::human_size(space) + " free"});
}

void look_at_store(Rows& rows, const store::Store& store) {
  rows.push_back({"store", Verdict::ok,
                  printable(store.root().string()) + ": " +
                      cli::counted(store.snapshots().size(), "snapshot") + ", " +
                      cli::human_size(store.size_in_bytes())});
  const std::vector<store::DamagedFile> damaged = store::check_documents(store);
  for (const store::DamagedFile& file : damaged) {
    rows.push_back(
        {"manifest", Verdict::trouble, printable(file.file) + ": " + printable(file.what)});
  }
}

/// One row for each database of a server, and for each that is not captured.
void look_at_databases(Rows& rows, const project::Databases& databases,
                       const std::vector<Reached>& reached) {
  for (const Reached& server : reached) {
    const database::Target& target = *server.target;
    std::string detail =
        printable(target.name) + " (" + printable(target.driver) + ") " + place_of(target) + ": ";
    if (!server.trouble.empty()) {
      detail += printable(server.trouble);
    } else if (!server.is_there) {
      detail += "there is no such database on the server";
    } else {
      detail += target.driver == "command" ? "captured by its command"
                : server.version.empty()   ? "reachable"
                                           : printable(server.version);
    }
    if (target.protection.is_protected) {
      detail += ", protected: " + printable(target.protection.reason);
    }
    rows.push_back({"database",
                    server.trouble.empty() && server.is_there ? Verdict::ok : Verdict::trouble,
                    std::move(detail)});
  }
  for (const project::PassedDatabase& passed : databases.passed) {
    rows.push_back({"database", passed.is_error ? Verdict::trouble : Verdict::note,
                    printable(passed.name) + " " + place_of(passed) +
                        ": not captured: " + printable(passed.reason)});
  }
  for (const std::string& note : databases.notes) {
    rows.push_back({"databases", Verdict::note, printable(note)});
  }
}

/// A database in a file, with what names it if anything does.
std::string named(const database::Target& file) {
  return printable(file.name) + " (" + printable(file.driver) + ")" +
         (file.source.empty() ? "" : ", " + printable(file.source));
}

/// One row for each database in a file, where there is nothing to compare its content with.
void look_at_files(Rows& rows, const project::Databases& databases) {
  for (const database::Target& target : databases.targets) {
    if (!target.file.empty()) {
      rows.push_back({"database", Verdict::ok, named(target)});
    }
  }
}

/// Captures the present state without keeping it, as the next snapshot would.
void look_at_content(Rows& rows, const project::Project& project, store::Store& store,
                     const project::Databases& databases) {
  store::DryBatch batch(&store);
  snapshot::Request request;
  request.read_servers.emplace(); // they are asked, which is enough here
  const manifest::Manifest present =
      snapshot::capture(
          project, store, [&] { return batch.writer(); }, batch.source(), request)
          .manifest;
  if (present.code) {
    rows.push_back(
        {"code", Verdict::ok,
         cli::counted(present.code->files, "file") + ", " + cli::human_size(present.code->bytes)});
  }
  for (const manifest::DatabaseComponent& database : present.databases) {
    const database::Target* const target = databases.find(database.name);
    if (database.path.empty() || target == nullptr) {
      continue; // its server was asked
    }
    rows.push_back({"database", Verdict::ok,
                    named(*target) + ", " + cli::human_size(database.size) + ", " +
                        cli::counted(database.tables.size(), "table")});
  }
  if (present.config) {
    for (const manifest::ConfigFile& file : present.config->files) {
      if (!file.in_code) {
        rows.push_back({"config", Verdict::ok,
                        printable(file.path) + ", " + cli::counted(file.keys.size(), "key")});
      }
    }
  }
  const auto is_told = [&](const manifest::LeftOut& left_out) {
    return std::any_of(rows.begin(), rows.end(), [&](const Row& row) {
      return row.what == "database" && row.detail.starts_with(printable(left_out.path) + " ");
    });
  };
  for (const manifest::LeftOut& left_out : present.left_out) {
    if (is_told(left_out)) {
      continue;
    }
    rows.push_back({"left out", left_out.is_error ? Verdict::trouble : Verdict::note,
                    printable(left_out.path) + ": " + printable(left_out.reason)});
  }
}

/// Hooks that another tool has overwritten are missed only when it is too late.
void add_hooks(Rows& rows, const cli::Session& session, const project::Project& project) {
  if (project.repository() == nullptr) {
    return;
  }
  const hooks::Status status = look_at_hooks(session, *project.repository());
  if (!status.place) {
    rows.push_back({"hooks", Verdict::note, "not installed: savepoint hooks install"});
    return;
  }
  std::string idle;
  for (const hooks::HookStatus& one : status.hooks) {
    if (one.state == hooks::State::missing || one.state == hooks::State::unused) {
      idle += (idle.empty() ? "" : ", ") + std::string(hooks::name_of(one.hook));
    }
  }
  rows.push_back({"hooks", idle.empty() ? Verdict::ok : Verdict::trouble,
                  idle.empty() ? "installed, and run by git"
                               : "git does not run " + idle + ": savepoint hooks install"});
}

/// All that doctor says.
struct Findings {
  Rows rows;
  json::Value databases;
};

Findings look(cli::Session& session) {
  Findings findings;
  Rows& rows = findings.rows;
  const project::Project project = cli::open_project(session);
  look_at_project(rows, project);
  const std::filesystem::path path = project.store_path();
  add_hooks(rows, session, project);
  look_at_disk(rows, path);
  if (const auto due = project::find_due(project, path)) {
    rows.push_back(
        {"recovery", Verdict::trouble,
         "a restore of " + due->journal.target.text() + " was interrupted: savepoint recover"});
  }
  const project::Databases databases = project::find_databases(project, look_around(project));
  const std::vector<Reached> reached = reach(databases);
  look_at_databases(rows, databases, reached);
  findings.databases = to_json(databases, reached);
  if (!store::Store::exists(path)) {
    rows.push_back(
        {"store", Verdict::note, printable(path.string()) + ": made by the first snapshot"});
    look_at_files(rows, databases);
    return findings;
  }
  store::Store store = store::Store::open(path, store::Access::shared, store::Store::k_patience,
                                          project.context().cancellation);
  look_at_store(rows, store);
  look_at_content(rows, project, store, databases);
  return findings;
}

json::Value document_of(Findings findings, bool ok) {
  json::Value checks = json::Value::array();
  for (const Row& row : findings.rows) {
    checks.push(json::Value::object(
        {{"check", row.what}, {"result", name_of(row.verdict)}, {"detail", row.detail}}));
  }
  json::Value document = cli::Session::new_document();
  document.set("ok", ok);
  document.set("checks", std::move(checks));
  document.set("databases", std::move(findings.databases));
  return document;
}

std::string text_of(const cli::Session& session, const Rows& rows) {
  using enum cli::Table::Align;
  cli::Table table({left, left, left});
  for (const Row& row : rows) {
    table.row({std::string(name_of(row.verdict)), row.what, row.detail});
  }
  std::string text;
  std::size_t at = 0;
  for (const std::string& line : table.wrapped_lines(session.terminal.room())) {
    const Verdict verdict = rows[at++].verdict;
    text += session.terminal.paint(verdict == Verdict::trouble ? cli::Style::red
                                   : verdict == Verdict::note  ? cli::Style::yellow
                                                               : cli::Style::plain,
                                   line) +
            "\n";
  }
  return text;
}

} // namespace

ExitCode doctor(cli::Session& session, const Arguments& arguments) {
  cli::Parser parser(session.common,
                     {.command = "savepoint doctor",
                      .summary = "Looks at everything that a snapshot needs, and says what it "
                                 "found and what is wrong.",
                      .usage = "[OPTIONS]",
                      .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage,
                                     ExitCode::not_found, ExitCode::busy, ExitCode::corrupt},
                      .example = "savepoint doctor"});
  parser.parse(arguments);
  session.terminal.set_options(session.common);

  const Findings findings = look(session);
  const Rows& rows = findings.rows;
  const bool ok = std::none_of(rows.begin(), rows.end(),
                               [](const Row& row) { return row.verdict == Verdict::trouble; });
  session.progress().clear();
  session.terminal.document(document_of(findings, ok));
  session.terminal.say(text_of(session, rows));
  return ok ? ExitCode::done : ExitCode::failed;
}

} // namespace savepoint::tools
