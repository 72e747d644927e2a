#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/documents.hpp"
#include "cli/parser.hpp"
#include "cli/place.hpp"
#include "cli/text.hpp"
#include "fs/files.hpp"
#include "project/commands.hpp"
#include "project/database_report.hpp"
#include "project/hooks.hpp"
#include "project/npm.hpp"
#include "project/select.hpp"
#include "savepoint_template.hpp"

#include <filesystem>
#include <optional>
#include <utility>

namespace savepoint::tools {
namespace {

/// Whether this runs in a container, whose home is gone when it is made anew.
bool is_container(const cli::Session& session) {
  if (const auto told = session.environment.find("container"); told != session.environment.end()) {
    return !told->second.empty(); // as systemd, podman and others say
  }
  return session.is_set("REMOTE_CONTAINERS") || session.is_set("CODESPACES") ||
         std::filesystem::exists("/.dockerenv") || std::filesystem::exists("/run/.containerenv");
}

enum class Settings { written, kept };

/// What was found, as comments before the setting that changes it. The file is shared with others,
/// so it says where databases were found, not where they are.
std::string found_as_comments(const project::Databases& databases) {
  std::string text;
  const auto add = [&](const std::string& name, const std::string& source) {
    text += "  //   " + printable(name) + (source.empty() ? "" : ": " + printable(source)) + "\n";
  };
  if (!databases.targets.empty()) {
    text += "  // Found, and captured without being listed:\n";
  }
  for (const database::Target& target : databases.targets) {
    add(target.name, target.source);
  }
  if (!databases.passed.empty()) {
    text += "  // Found, and captured only if they are listed, as in {\"name\": \"…\"}:\n";
  }
  for (const project::PassedDatabase& passed : databases.passed) {
    add(passed.name, passed.source + ", " + passed.reason);
  }
  return text;
}

/// The template with what was found in its place.
std::string settings_for(const project::Databases& databases) {
  std::string text(k_settings_template);
  const std::size_t place = text.find("  // \"databases\": [");
  if (place == std::string::npos) {
    bug("the template of savepoint.json has no place for databases");
  }
  const std::size_t paragraph = text.rfind("\n\n", place) + 2;
  const std::string found = found_as_comments(databases);
  return found.empty() ? text : text.insert(paragraph, found + "\n");
}

/// Writes savepoint.json unless the project has settings already.
Settings write_settings(cli::Session& session, const project::Project& project,
                        const project::Databases& databases) {
  const std::filesystem::path file = project.root() / "savepoint.json";
  if (!project.config().file.empty() ||
      std::filesystem::exists(std::filesystem::symlink_status(file))) {
    return Settings::kept;
  }
  constexpr std::uint32_t k_readable = 0644;
  fs::AtomicFile settings(file);
  settings.write(as_bytes(settings_for(databases)));
  // Unlike what is in the store, this file belongs to the project and is shared with it.
  settings.set_mode(k_readable);
  settings.commit();
  session.note_change(quoted(file.string()) + " was written");
  return Settings::written;
}

std::vector<std::string> settings_files(const project::Scan& scan) {
  std::vector<std::string> paths;
  for (const manifest::ConfigFile& file : scan.config.files) {
    if (!file.in_code) {
      paths.push_back(file.path);
    }
  }
  return paths;
}

std::vector<std::string> names_of_targets(const project::Databases& databases) {
  std::vector<std::string> names;
  for (const database::Target& target : databases.targets) {
    names.push_back(target.name);
  }
  return names;
}

/// What init found and did.
struct Found {
  const project::Project& project;
  std::filesystem::path store;
  bool is_beside_git;
  Settings settings;
  std::uint64_t files;
  const project::Databases& databases;
  std::vector<std::string> config;
  bool has_hooks;
  bool has_snapshots;
};

std::filesystem::path settings_file(const Found& found) {
  const std::filesystem::path& known = found.project.config().file;
  return known.empty() ? found.project.root() / "savepoint.json" : known;
}

json::Value document_of(const Found& found) {
  const manifest::ProjectIdentity identity = found.project.identity();
  json::Value document = cli::Session::new_document();
  document.set("project",
               json::Value::object({{"id", identity.id},
                                    {"name", json::text_or_bytes(identity.name)},
                                    {"root", json::text_or_bytes(found.project.root().string())},
                                    {"git", found.project.repository() != nullptr}}));
  document.set("store", json::text_or_bytes(found.store.string()));
  document.set("settings", json::text_or_bytes(settings_file(found).string()));
  document.set("settings_written", found.settings == Settings::written);
  document.set("files", found.files);
  document.set("databases", cli::names_document(names_of_targets(found.databases)));
  document.set("found_databases", to_json(found.databases, {}));
  document.set("config", cli::names_document(found.config));
  document.set("hooks", found.has_hooks);
  return document;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ", ") + printable(word);
  }
  return text.empty() ? "none found" : text;
}

std::string text_of(const Found& found) {
  cli::Table table({cli::Table::Align::left, cli::Table::Align::left});
  table.row({"project", printable(found.project.root().string()) +
                            (found.project.repository() != nullptr ? " (git)" : " (without git)")});
  table.row({"files", cli::counted(found.files, "file")});
  table.row({"databases", joined(names_of_targets(found.databases))});
  for (const project::PassedDatabase& passed : found.databases.passed) {
    table.row({"not taken",
               printable(passed.name) + " " + place_of(passed) + ": " + printable(passed.reason)});
  }
  table.row({"config", joined(found.config)});
  table.row(
      {"settings",
       printable(settings_file(found).string()) +
           (found.settings == Settings::written ? " (written)" : " (was there, left as it is)")});
  table.row(
      {"store",
       printable(found.store.string()) +
           (found.is_beside_git ? " (with git's data: a container's home does not last)" : "")});
  table.row({"hooks", found.has_hooks ? "installed" : "not installed (savepoint hooks install)"});
  std::string text;
  for (const std::string& line : table.lines()) {
    text += line + "\n";
  }
  return found.has_snapshots ? text : text + "take the first snapshot with: savepoint snapshot\n";
}

/// `init --npm --remove`: the scripts as they were, and nothing else.
ExitCode remove_scripts(cli::Session& session, const project::Project& project) {
  const Package package = plan_package(session, project, PackageStep::remove);
  write_package(session, package);
  json::Value document = cli::Session::new_document();
  document.set("npm", to_json(package));
  session.terminal.document(document);
  session.terminal.say(text_of(package));
  return ExitCode::done;
}

} // namespace

ExitCode init(cli::Session& session, const Arguments& arguments) {
  bool with_hooks = false;
  bool npm = false;
  bool remove = false;
  cli::Parser parser(
      session.common,
      {.command = "savepoint init",
       .summary = "Sets a project up: gives it an id, makes its store, writes savepoint.json with\n"
                  "every setting explained, and says what it found. Nothing is overwritten, and\n"
                  "savepoint works without it as well.",
       .usage = "[--hooks] [--npm [--remove]] [OPTIONS]",
       .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::refused,
                      ExitCode::not_found, ExitCode::busy},
       .example = "savepoint init --hooks"});
  parser.flag("--hooks", with_hooks, "have git take snapshots: as 'savepoint hooks install'");
  parser.flag("--npm", npm, "add scripts to package.json, have migrations run by savepoint");
  parser.flag("--remove", remove, "with --npm: take that back, and do nothing else");
  parser.parse(arguments);
  session.terminal.set_options(session.common);

  if (remove && !npm) {
    throw UsageError("cannot use --remove without --npm", "it takes back what --npm did");
  }
  const project::Project project = cli::open_project(session);
  if (remove) {
    return remove_scripts(session, project);
  }
  std::optional<Package> package;
  if (npm) {
    package = plan_package(session, project, PackageStep::add);
  }
  const auto beside_git = is_container(session) ? project.store_beside_git() : std::nullopt;
  const std::filesystem::path path = beside_git ? *beside_git : project.store_path();
  cli::warn_if_interrupted(session, project, path);
  const store::Store store = store::Store::open_or_create(path, &session.cancellation());
  const project::Scan scan = look_around(project);
  const project::Databases databases = project::find_databases(project, scan);
  const Settings settings = write_settings(session, project, databases);
  Found found{.project = project,
              .store = path,
              .is_beside_git = beside_git.has_value(),
              .settings = settings,
              .files = scan.code.files,
              .databases = databases,
              .config = settings_files(scan),
              .has_hooks =
                  tend_hooks(session, project, with_hooks ? InstallHooks::yes : InstallHooks::no),
              .has_snapshots = !project::visible_snapshots(store, &project).empty()};
  json::Value document = document_of(found);
  std::string text = text_of(found);
  if (package) {
    write_package(session, *package);
    document.set("npm", to_json(*package));
    text = text_of(*package) + text;
  }
  session.progress().clear();
  session.terminal.document(document);
  session.terminal.say(text);
  return ExitCode::done;
}

} // namespace savepoint::tools
