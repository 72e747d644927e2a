#include "cli/pager.hpp"
#include "cli/parser.hpp"
#include "cli/paths.hpp"
#include "cli/place.hpp"
#include "cli/text.hpp"
#include "manifest/commands.hpp"

#include "base/printable.hpp"
#include "compare/compare.hpp"
#include "store/tree_diff.hpp"

#include <array>
#include <cstdio>
#include <optional>
#include <utility>

namespace savepoint::tools {
namespace {

using store::EntryKind;
using store::TreeEntry;

struct Options {
  std::string selector;
  std::optional<std::string> path;
};

/// A line of the listing.
struct Listed {
  std::string path;
  EntryKind kind = EntryKind::file;
  std::uint32_t mode = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::string target;
};

Options parse(cli::Session& session, const Arguments& arguments) {
  Options options;
  cli::Parser parser(session.common,
                     {.command = "savepoint files",
                      .summary = "Lists the files of a snapshot, or those at and below PATH.",
                      .usage = "SNAPSHOT [PATH]",
                      .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage,
                                     ExitCode::not_found, ExitCode::busy, ExitCode::corrupt},
                      .example = "savepoint files latest src"});
  parser.required("SNAPSHOT", options.selector,
                  "an id, a part of one, latest, a tag, branch:B, commit:REV");
  parser.optional("PATH", options.path, "a path below the project's root");
  parser.parse(arguments);
  session.terminal.set_options(session.common);
  return options;
}

/// "./src//" as "src".
std::string normalized(const std::string& path) {
  std::string text = std::filesystem::path(path).lexically_normal().string();
  while (text.ends_with('/')) {
    text.pop_back();
  }
  return text == "." ? std::string() : text;
}

std::vector<Listed> collect(const store::Store& store, const manifest::Manifest& manifest,
                            const std::vector<std::string>& wanted) {
  std::vector<Listed> listed;
  const auto visit = [&](const std::string& path, const TreeEntry& entry,
                         const store::Tree* directory) {
    if (path.empty() || !cli::is_below(wanted, path)) {
      return;
    }
    const bool is_directory = directory != nullptr;
    listed.push_back({.path = path,
                      .kind = entry.kind,
                      .mode = is_directory ? directory->mode : entry.mode,
                      .size = entry.content.size,
                      .mtime_ns = is_directory ? directory->mtime_ns : entry.mtime_ns,
                      .target = entry.target});
  };
  const auto enters = [&](const std::string& path) { return cli::leads_to(wanted, path); };
  if (manifest.code) {
    store::walk_tree(store, manifest.code->tree, visit, enters);
  }
  if (manifest.config && manifest.config->tree) {
    const std::size_t of_code = listed.size();
    store::walk_tree(store, *manifest.config->tree, visit, enters);
    // Its directories are those of the code, or only the way to a settings file.
    std::erase_if(listed, [&, at = std::size_t{0}](const Listed& line) mutable {
      return at++ >= of_code && line.kind == EntryKind::directory;
    });
  }
  return listed;
}

std::string octal(std::uint32_t mode) {
  std::array<char, 16> text{};
  const int length = std::snprintf(text.data(), text.size(), "%04o", mode);
  return {text.data(), static_cast<std::size_t>(length)};
}

Timestamp time_of(std::int64_t nanoseconds) {
  return Timestamp(std::chrono::nanoseconds(nanoseconds));
}

char letter_of(EntryKind kind) {
  switch (kind) {
  case EntryKind::file:
    return '-';
  case EntryKind::directory:
    return 'd';
  case EntryKind::symlink:
    return 'l';
  case EntryKind::fifo:
    return 'p';
  }
  return '?';
}

std::string text_of(const std::vector<Listed>& listed) {
  using enum cli::Table::Align;
  cli::Table table({left, right, left, left});
  for (const Listed& line : listed) {
    const bool has_size = line.kind == EntryKind::file;
    table.row({letter_of(line.kind) + octal(line.mode), has_size ? cli::human_size(line.size) : "-",
               cli::human_time(time_of(line.mtime_ns)),
               printable(line.path) + (line.kind == EntryKind::directory ? "/" : "") +
                   (line.kind == EntryKind::symlink ? " -> " + printable(line.target) : "")});
  }
  std::string text;
  for (const std::string& line : table.lines()) {
    text += line + "\n";
  }
  return text;
}

json::Value document_of(const manifest::Summary& summary, const std::vector<Listed>& listed) {
  json::Value items = json::Value::array();
  for (const Listed& line : listed) {
    json::Value item = json::Value::object({{"path", json::text_or_bytes(line.path)},
                                            {"kind", compare::name_of(line.kind)},
                                            {"mode", octal(line.mode)},
                                            {"size", line.size},
                                            {"mtime", to_iso8601(time_of(line.mtime_ns))},
                                            {"mtime_ns", line.mtime_ns}});
    if (line.kind == EntryKind::symlink) {
      item.set("target", json::text_or_bytes(line.target));
    }
    items.push(std::move(item));
  }
  json::Value document = cli::Session::new_document();
  document.set("id", summary.id.text());
  document.set("files", std::move(items));
  return document;
}

} // namespace

ExitCode files(cli::Session& session, const Arguments& arguments) {
  const Options options = parse(session, arguments);
  const cli::Place place = cli::open_place(session);
  const manifest::Summary summary = place.select(options.selector);
  const std::string wanted = normalized(options.path.value_or(""));
  const std::vector<Listed> listed =
      collect(place.store, place.store.load(summary.id),
              wanted.empty() ? std::vector<std::string>() : std::vector{wanted});
  if (listed.empty() && !wanted.empty()) {
    throw NotFoundError("there is no " + quoted(wanted) + " in snapshot " + summary.id.text(),
                        "'savepoint files " + std::string(cli::short_id(summary.id.text())) +
                            "' lists what it holds");
  }
  if (session.common.json) {
    session.terminal.document(document_of(summary, listed));
  } else if (!session.common.quiet) {
    cli::say_paged(session, text_of(listed), session.common.directory);
  }
  return ExitCode::done;
}

} // namespace savepoint::tools
