#include "cli/documents.hpp"
#include "cli/pager.hpp"
#include "cli/parser.hpp"
#include "cli/place.hpp"
#include "cli/text.hpp"
#include "manifest/commands.hpp"

#include "base/printable.hpp"
#include "manifest/manifest.hpp"

#include <utility>

namespace savepoint::tools {
namespace {

using cli::counted;
using cli::human_size;
using manifest::Manifest;

constexpr std::size_t k_most_shown = 10;

class Lines {
public:
  void add(std::string_view name, const std::string& value) {
    if (!value.empty()) {
      table_.row({std::string(name), value});
    }
  }
  [[nodiscard]] std::string text(const cli::Terminal& terminal) const {
    std::string text;
    for (const std::string& line : table_.wrapped_lines(terminal.room())) {
      text += line + "\n";
    }
    return text;
  }

private:
  cli::Table table_{{cli::Table::Align::left, cli::Table::Align::left}};
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ", ") + printable(word);
  }
  return text;
}

std::string status_of(const manifest::GitState& git) {
  if (!git.dirty()) {
    return "clean";
  }
  return std::to_string(git.staged_count) + " staged, " + std::to_string(git.unstaged_count) +
         " unstaged, " + std::to_string(git.untracked_count) + " untracked" +
         (git.conflict_count > 0 ? ", " + counted(git.conflict_count, "conflict") : "");
}

void add_git(Lines& lines, const manifest::GitState& git) {
  lines.add("branch", printable(git.branch.value_or("(detached)")));
  lines.add("commit", git.commit.value_or("(none yet)"));
  if (git.upstream) {
    lines.add("upstream", printable(*git.upstream) + ", " + std::to_string(git.ahead) + " ahead, " +
                              std::to_string(git.behind) + " behind");
  }
  lines.add("operation", git.operation);
  lines.add("git status", status_of(git));
}

void add_hook(Lines& lines, const manifest::HookMoment& hook) {
  if (hook.left_commit) {
    lines.add("databases", "as they were on leaving " +
                               (hook.left_branch ? printable(*hook.left_branch) + ", " : "") +
                               "commit " + printable(*hook.left_commit));
  }
  if (!hook.late.empty()) {
    lines.add("in background", joined(hook.late) + ": read while git had already gone on");
  }
}

void add_components(Lines& lines, const Manifest& manifest) {
  if (manifest.code) {
    lines.add("code", counted(manifest.code->files, "file") + " in " +
                          counted(manifest.code->directories, "directory", "directories") + ", " +
                          human_size(manifest.code->bytes));
  }
  if (manifest.config) {
    std::vector<std::string> paths;
    for (const manifest::ConfigFile& file : manifest.config->files) {
      if (!file.in_code) {
        paths.push_back(file.path + (file.stored ? "" : " (keys only)"));
      }
    }
    lines.add("config", paths.empty() ? "no files of its own" : joined(paths));
  }
  for (const manifest::DatabaseComponent& database : manifest.databases) {
    std::uint64_t rows = 0;
    for (const manifest::Table& table : database.tables) {
      rows += table.rows;
    }
    lines.add("database",
              printable(database.name) + " (" + printable(database.driver) + "), " +
                  human_size(database.size) + ", " + counted(database.tables.size(), "table") +
                  ", " + counted(rows, "row") +
                  (database.migration ? ", migration " + printable(*database.migration) : ""));
  }
}

void add_left_out(Lines& lines, const Manifest& manifest) {
  std::size_t shown = 0;
  for (const manifest::LeftOut& left_out : manifest.left_out) {
    if (shown++ == k_most_shown) {
      lines.add("left out", "... and " + std::to_string(manifest.left_out.size() - k_most_shown) +
                                " more (see --json)");
      return;
    }
    lines.add("left out", printable(left_out.path) + ": " + printable(left_out.reason));
  }
}

std::string text_of(const cli::Terminal& terminal, const Manifest& manifest,
                    const manifest::Marks& marks, Timestamp now) {
  Lines lines;
  lines.add("snapshot", manifest.id->text());
  lines.add("taken",
            cli::human_time(manifest.created_at) + " (" + cli::age(manifest.created_at, now) + ")");
  lines.add("trigger", printable(manifest.trigger));
  lines.add("note", printable(marks.note));
  lines.add("tags", joined(marks.tags));
  lines.add("pinned", marks.pinned ? "yes" : "");
  lines.add("project", printable(manifest.project.name) +
                           (manifest.project.worktree.empty()
                                ? ""
                                : ", work tree " + printable(manifest.project.worktree)));
  if (manifest.git) {
    add_git(lines, *manifest.git);
  }
  if (manifest.hook) {
    add_hook(lines, *manifest.hook);
  }
  add_components(lines, manifest);
  for (const auto& [label, version] : manifest.versions) {
    lines.add("version", printable(label) + " " + printable(version));
  }
  add_left_out(lines, manifest);
  lines.add("size", human_size(manifest.bytes()) + " (+" + human_size(manifest.bytes_added) +
                        " in the store)");
  return lines.text(terminal);
}

} // namespace

ExitCode show(cli::Session& session, const Arguments& arguments) {
  std::string selector;
  cli::Parser parser(session.common,
                     {.command = "savepoint show",
                      .summary = "Shows all about one snapshot.",
                      .usage = "SNAPSHOT",
                      .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage,
                                     ExitCode::not_found, ExitCode::busy, ExitCode::corrupt},
                      .example = "savepoint show latest"});
  parser.required("SNAPSHOT", selector,
                  "an id, a part of one, latest, a tag, branch:B, commit:REV");
  parser.parse(arguments);
  session.terminal.set_options(session.common);

  const cli::Place place = cli::open_place(session);
  const manifest::Summary summary = place.select(selector);
  const Manifest manifest = place.store.load(summary.id);
  session.terminal.document(cli::snapshot_document(manifest, summary.marks));
  session.terminal.id(summary.id.text());
  cli::say_paged(session, text_of(session.terminal, manifest, summary.marks, session.now()),
                 session.common.directory);
  return ExitCode::done;
}

} // namespace savepoint::tools
