#include "project/npm.hpp"

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/text.hpp"
#include "fs/files.hpp"

#include <optional>
#include <system_error>

#include <sys/stat.h>

namespace savepoint::tools {
namespace {

constexpr std::size_t k_largest = std::size_t{16} * 1024 * 1024;

/// The nearest package.json, by its real name: a symlink to it stays one.
std::filesystem::path find_package(const std::filesystem::path& from,
                                   const std::filesystem::path& top) {
  for (std::filesystem::path directory = std::filesystem::canonical(from);;
       directory = directory.parent_path()) {
    std::error_code trouble;
    if (std::filesystem::is_regular_file(directory / "package.json", trouble)) {
      return std::filesystem::canonical(directory / "package.json");
    }
    if (directory == top || directory == directory.root_path()) {
      throw NotFoundError("cannot change scripts: there is no 'package.json' here",
                          "run it in the directory of a package, or make one with 'npm init'");
    }
  }
}

json::Value changes_of(const std::vector<npm::Changed>& changes) {
  json::Value items = json::Value::array();
  for (const npm::Changed& change : changes) {
    const auto text_or_null = [](const std::string& text) {
      return text.empty() ? json::Value() : json::Value(text);
    };
    items.push(json::Value::object({{"name", change.name},
                                    {"before", text_or_null(change.before)},
                                    {"after", text_or_null(change.after)}}));
  }
  return items;
}

std::string names_of(const std::vector<npm::Changed>& changes) {
  std::string names;
  for (const npm::Changed& change : changes) {
    names += (names.empty() ? "" : ", ") + printable(change.name);
  }
  return names;
}

} // namespace

Package plan_package(const cli::Session& session, const project::Project& project,
                     PackageStep step) {
  Package package;
  package.file = find_package(session.common.directory, project.root());
  const std::optional<Bytes> bytes = fs::read_file(package.file, k_largest);
  if (!bytes) {
    throw NotFoundError("cannot change scripts: " + quoted(package.file.string()) + " is gone");
  }
  const std::string_view text = as_text(*bytes);
  const std::string what = package.file.string();
  package.edit =
      step == PackageStep::add ? npm::add_scripts(text, what) : npm::remove_scripts(text, what);
  return package;
}

void write_package(cli::Session& session, const Package& package) {
  const npm::Edit& edit = package.edit;
  if (edit.added.empty() && edit.wrapped.empty() && edit.removed.empty()) {
    return;
  }
  struct stat before {};
  const bool has_mode = stat(package.file.c_str(), &before) == 0;
  fs::AtomicFile file(package.file);
  file.write(as_bytes(edit.text));
  file.commit();
  // Unlike what is in the store, this file belongs to the project and is shared with it.
  if (has_mode) {
    static_cast<void>(chmod(package.file.c_str(), before.st_mode & 07777U));
  }
  session.note_change(quoted(package.file.string()) + " was written");
}

json::Value to_json(const Package& package) {
  json::Value kept = json::Value::array();
  for (const npm::Kept& one : package.edit.kept) {
    kept.push(json::Value::object({{"name", one.name}, {"reason", one.why}}));
  }
  return json::Value::object({{"package", json::text_or_bytes(package.file.string())},
                              {"added", changes_of(package.edit.added)},
                              {"wrapped", changes_of(package.edit.wrapped)},
                              {"removed", changes_of(package.edit.removed)},
                              {"kept", std::move(kept)}});
}

std::string text_of(const Package& package) {
  const npm::Edit& edit = package.edit;
  cli::Table table({cli::Table::Align::left, cli::Table::Align::left});
  table.row({"package", printable(package.file.string())});
  if (!edit.added.empty()) {
    table.row({"added", names_of(edit.added)});
  }
  for (const npm::Changed& change : edit.wrapped) {
    table.row({"wrapped", printable(change.name) + ": " + printable(change.after)});
  }
  if (!edit.removed.empty()) {
    table.row({"taken back", names_of(edit.removed)});
  }
  for (const npm::Kept& one : edit.kept) {
    table.row({"left", printable(one.name) + ": " + one.why});
  }
  if (edit.added.empty() && edit.wrapped.empty() && edit.removed.empty()) {
    table.row({"scripts", "nothing to change"});
  }
  std::string text;
  for (const std::string& line : table.lines()) {
    text += line + "\n";
  }
  return text;
}

} // namespace savepoint::tools
