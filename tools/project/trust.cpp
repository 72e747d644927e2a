#include "trust/trust.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/parser.hpp"
#include "cli/place.hpp"
#include "cli/text.hpp"
#include "project/commands.hpp"

#include <vector>

namespace savepoint::tools {
namespace {

using trust::Permission;

/// The project's settings, and what stands in them.
struct Settings {
  const config::Config& config;
  std::vector<Permission> permissions;
  bool trusted;

  [[nodiscard]] std::string file() const { return quoted(config.file.native()); }
};

Settings settings_of(const cli::Session& session, const project::Project& project) {
  const config::Config& config = project.config();
  if (config.file.empty()) {
    throw NotFoundError("the project " + quoted(project.root().native()) +
                            " has no settings to trust",
                        "trust is about commands in savepoint.json, or in the 'savepoint' key of "
                        "package.json");
  }
  std::vector<Permission> permissions = trust::permissions_of(config);
  const bool trusted = !permissions.empty() && trust::is_trusted(config, session.environment);
  return {.config = config, .permissions = std::move(permissions), .trusted = trusted};
}

std::string permissions_text(const Settings& settings) {
  cli::Table table({cli::Table::Align::left, cli::Table::Align::left, cli::Table::Align::left});
  for (const Permission& permission : settings.permissions) {
    table.row({printable(permission.database), permission.key, printable(permission.value)});
  }
  std::string text = settings.file() + " wants:\n";
  for (const std::string& line : table.lines(2)) {
    text += line + "\n";
  }
  return text;
}

void agree(cli::Session& session, const Settings& settings) {
  if (session.common.yes) {
    return;
  }
  session.terminal.err(permissions_text(settings));
  if (!session.terminal.can_ask()) {
    throw RefusedError("cannot trust " + settings.file() +
                           " without a confirmation: there is no terminal to ask on",
                       "look at what it wants, then run: savepoint trust --yes");
  }
  if (!session.confirm("may savepoint do this, as you?")) {
    throw RefusedError(settings.file() + " is not trusted",
                       "its commands do not run; everything else works");
  }
}

enum class Change { none, trusted, revoked };

Change change_trust(cli::Session& session, const Settings& settings, bool revoke) {
  if (revoke) {
    return trust::revoke(settings.config, session.environment) ? Change::revoked : Change::none;
  }
  if (settings.trusted || settings.permissions.empty()) {
    return Change::none;
  }
  agree(session, settings);
  trust::trust(settings.config, session.environment);
  return Change::trusted;
}

json::Value document_of(const Settings& settings, Change change) {
  json::Value wants = json::Value::array();
  for (const Permission& permission : settings.permissions) {
    wants.push(json::Value::object({{"database", json::text_or_bytes(permission.database)},
                                    {"key", permission.key},
                                    {"value", json::text_or_bytes(permission.value)}}));
  }
  json::Value document = cli::Session::new_document();
  document.set("file", json::text_or_bytes(settings.config.file.native()));
  document.set("trusted",
               change == Change::trusted || (change == Change::none && settings.trusted));
  document.set("changed", change != Change::none);
  document.set("wants", std::move(wants));
  return document;
}

std::string text_of(const Settings& settings, Change change, bool revoke) {
  switch (change) {
  case Change::trusted:
    return settings.file() + " is trusted, as it is now\n";
  case Change::revoked:
    return settings.file() + " is no longer trusted\n";
  case Change::none:
    break;
  }
  if (revoke) {
    return settings.file() + " was not trusted\n";
  }
  return settings.permissions.empty() ? settings.file() + " wants nothing that needs trust\n"
                                      : settings.file() + " is trusted already\n";
}

} // namespace

ExitCode trust(cli::Session& session, const Arguments& arguments) {
  bool revoke = false;
  cli::Parser parser(
      session.common,
      {.command = "savepoint trust",
       .summary =
           "Lets the project's settings run commands: 'dump', 'restore' and 'client' of\n"
           "databases. Until then none of them runs, since settings come with a repository,\n"
           "from whoever can commit to it. Shows them and asks. What is trusted is the text\n"
           "of the file as it is now: once it is another, it has to be trusted again.",
       .usage = "[OPTIONS]",
       .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::refused,
                      ExitCode::not_found},
       .example = "savepoint trust\nsavepoint trust --revoke"});
  parser.flag("--revoke", revoke, "trust the file no more, whatever was in it");
  parser.parse(arguments);
  session.terminal.set_options(session.common);

  const project::Project project = cli::open_project(session);
  cli::warn_if_interrupted(session, project, project.store_path());
  const Settings settings = settings_of(session, project);
  const Change change = change_trust(session, settings, revoke);
  session.terminal.document(document_of(settings, change));
  session.terminal.say(text_of(settings, change, revoke));
  return ExitCode::done;
}

} // namespace savepoint::tools
