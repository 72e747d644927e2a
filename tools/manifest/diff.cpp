#include "cli/change_list.hpp"
#include "cli/file_contents.hpp"
#include "cli/pager.hpp"
#include "cli/parser.hpp"
#include "cli/paths.hpp"
#include "cli/place.hpp"
#include "cli/present.hpp"
#include "manifest/commands.hpp"
#include "manifest/patch.hpp"
#include "manifest/rows.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "compare/compare.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace savepoint::tools {
namespace {

using compare::Difference;
using compare::FileDifference;

constexpr std::size_t k_rows_for_people = 100;
constexpr std::size_t k_rows_for_programs = 10'000;
/// Of larger databases it is only said that the schema changed.
constexpr std::uint64_t k_small_database = std::uint64_t{64} << 20U;

struct Options {
  enum class Show { contents, stat, names, letters };
  std::string before;
  std::optional<std::string> after;
  Show show = Show::contents;
  bool ends_with_nul = false;
  std::vector<std::string> tables;
  std::vector<std::string> paths; ///< As typed.
};

void parse_show(Options& options, bool stat, bool names, bool letters) {
  if ((stat ? 1 : 0) + (names ? 1 : 0) + (letters ? 1 : 0) > 1) {
    throw UsageError("cannot use more than one of --stat, --name-only and --name-status");
  }
  options.show = stat      ? Options::Show::stat
                 : names   ? Options::Show::names
                 : letters ? Options::Show::letters
                           : Options::Show::contents;
  if (options.ends_with_nul && !names) {
    throw UsageError("cannot use -z without --name-only", "it says how the names are told apart");
  }
  if (!options.tables.empty() && options.show != Options::Show::contents) {
    throw UsageError("cannot use --rows together with --stat, --name-only or --name-status");
  }
}

Options parse(cli::Session& session, const Arguments& arguments) {
  Options options;
  bool stat = false;
  bool names = false;
  bool letters = false;
  cli::Parser parser(
      session.common,
      {.command = "savepoint diff",
       .summary =
           "Shows what differs from snapshot A to snapshot B, or to the project as it is now:\n"
           "the contents of files as a patch, databases with their tables and rows, and\n"
           "configuration files with their keys.",
       .usage = "A [B] [--stat | --name-only [-z] | --name-status | --rows TABLE] [-- PATH...]",
       .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::not_found,
                      ExitCode::busy, ExitCode::corrupt},
       .example = "savepoint diff latest --stat\nsavepoint diff latest~2 latest --rows users"});
  parser.required("A", options.before, "the older side: a snapshot");
  parser.optional("B", options.after, "the newer side; without it, the project as it is now");
  parser.behind_dashes("PATH", options.paths, "only what is at or below these paths");
  parser.flag("--stat", stat, "only how many lines of each file");
  parser.flag("--name-only", names, "only the names, a line each");
  parser.flag("--name-status", letters, "only the names, with a letter for what happened to them");
  parser.flag("-z", options.ends_with_nul,
              "with --name-only: names as they are, a NUL behind each");
  parser.texts("--rows", "TABLE", options.tables,
               "the rows of this table of SQLite, or DATABASE:TABLE; may be repeated");
  parser.parse(arguments);
  session.terminal.set_options(session.common);
  parse_show(options, stat, names, letters);
  return options;
}

/// Both sides, and what differs between them.
struct Compared {
  manifest::Manifest before;
  std::optional<manifest::Manifest> after; ///< Missing: the project as it is now.
  std::optional<cli::Present> present;
  Difference difference;
};

void name_what_was_not_compared(cli::Session& session, const cli::SinceThen& since) {
  for (const manifest::LeftOut& left_out : since.left_out) {
    if (left_out.is_error) {
      session.progress().clear();
      session.terminal.err("savepoint: not compared: " + quoted(left_out.path) + ": " +
                           printable(left_out.reason) + "\n");
    }
  }
}

Compared compare_sides(cli::Session& session, cli::Place& place, const manifest::Summary& before,
                       const std::optional<manifest::Summary>& after) {
  Compared compared{.before = place.store.load(before.id),
                    .after = std::nullopt,
                    .present = std::nullopt,
                    .difference = {}};
  if (after) {
    compared.after = place.store.load(after->id);
    compared.difference = compare::compare(place.store, compared.before, *compared.after);
    return compared;
  }
  if (!place.project) {
    throw NotFoundError("there is no project here to compare with",
                        "name two snapshots, or the project's directory with -C");
  }
  compared.present = cli::look_at_present(*place.project, place.store, cli::Servers::read);
  cli::SinceThen since = cli::compare_with(*compared.present, compared.before);
  name_what_was_not_compared(session, since);
  compared.difference = std::move(since.difference);
  return compared;
}

/// Leaves only what is at or below the paths that were asked for.
void narrow(Difference& difference, const std::vector<std::string>& paths) {
  std::erase_if(difference.files,
                [&](const auto& file) { return !cli::is_below(paths, file.path); });
  std::erase_if(difference.databases,
                [&](const auto& database) { return !cli::is_below(paths, database.name); });
  std::erase_if(difference.config,
                [&](const auto& file) { return !cli::is_below(paths, file.path); });
}

/// One run of the command.
class Run {
public:
  Run(cli::Session& session, cli::Place& place, const Options& options, const Compared& compared)
      : session_(&session), place_(&place), options_(&options),
        compared_(&compared), before_{.source = &place.store,
                                      .tree = cli::tree_of(compared.before),
                                      .directory = {}},
        after_{.source = &place.store, .tree = {}, .directory = {}} {
    if (compared.after) {
      after_.tree = cli::tree_of(*compared.after);
    } else {
      after_ = {.source = &compared.present->batch->source(),
                .tree = cli::tree_of(compared.present->manifest),
                .directory = place.project->root()};
    }
    settings_.add(compared.before);
    settings_.add(compared.after ? *compared.after : compared.present->manifest);
  }

  /// What bare `diff` says to people, piece by piece: all of it may be more than memory holds.
  void contents(const std::function<void(const std::string&)>& say) const {
    const cli::FileChanges changes(before_, after_);
    Difference others{.files = {},
                      .databases = compared_->difference.databases,
                      .config = compared_->difference.config};
    for (const FileDifference& file : compared_->difference.files) {
      const std::string patch =
          can_be_shown(changes, file) ? patch_text(session_->terminal, changes.read(file)) : "";
      if (patch.empty()) {
        others.files.push_back(file);
      }
      session_->cancellation().check();
      say(patch);
    }
    say(cli::changes_text(session_->terminal, others) + schemas());
  }

  [[nodiscard]] std::string stat() const {
    const cli::FileChanges changes(before_, after_);
    StatList list;
    Difference others{.files = {},
                      .databases = compared_->difference.databases,
                      .config = compared_->difference.config};
    for (const FileDifference& file : compared_->difference.files) {
      if (can_be_shown(changes, file) && file.kind != store::ChangeKind::metadata) {
        list.add(changes.read(file));
      } else {
        others.files.push_back(file);
      }
    }
    return (list.empty() ? "" : list.text(session_->terminal)) +
           cli::changes_text(session_->terminal, others);
  }

  /// `stat[]` of --json.
  [[nodiscard]] json::Value stat_document() const {
    const cli::FileChanges changes(before_, after_);
    json::Value items = json::Value::array();
    for (const FileDifference& file : compared_->difference.files) {
      if (!can_be_shown(changes, file)) {
        continue;
      }
      const std::optional<git::TextDiff> text = changes.read(file).text;
      const bool is_text = text && !text->is_binary;
      items.push(json::Value::object(
          {{"path", json::text_or_bytes(file.path)},
           {"binary", !is_text},
           {"insertions", is_text ? json::Value(std::uint64_t{text->insertions}) : json::Value()},
           {"deletions", is_text ? json::Value(std::uint64_t{text->deletions}) : json::Value()}}));
    }
    return items;
  }

  [[nodiscard]] std::vector<TableRows> rows(std::size_t limit) const {
    std::vector<TableRows> all;
    std::unique_ptr<DatabaseImages> images;
    for (const TableName& table : find_tables(compared_->difference, options_->tables)) {
      if (!images || images->name() != table.database) {
        images.reset(); // one at a time
        images = images_of(table.database);
      }
      all.push_back({.database = table.database,
                     .table = table.table,
                     .rows = images->rows(table.table, limit)});
    }
    return all;
  }

  [[nodiscard]] std::string names() const {
    std::string text;
    const auto add = [&](const std::string& name) {
      text += options_->ends_with_nul ? name + '\0' : printable(name) + "\n";
    };
    for (const FileDifference& file : compared_->difference.files) {
      add(file.path);
    }
    for (const auto& database : compared_->difference.databases) {
      add(database.name);
    }
    for (const auto& file : compared_->difference.config) {
      add(file.path);
    }
    return text;
  }

private:
  [[nodiscard]] bool can_be_shown(const cli::FileChanges& changes,
                                  const FileDifference& file) const {
    return changes.has(file) && !settings_.has(file.path);
  }

  [[nodiscard]] std::unique_ptr<DatabaseImages> images_of(const std::string& name) const {
    return std::make_unique<DatabaseImages>(*session_, *place_, name, compared_->before,
                                            compared_->after ? &*compared_->after : nullptr);
  }

  /// How schemas changed, of databases that are small enough to look.
  [[nodiscard]] std::string schemas() const {
    std::string text;
    for (const compare::DatabaseDifference& database : compared_->difference.databases) {
      if (database.driver == "sqlite" && database.schema_changed &&
          std::max(database.size_before, database.size_after) <= k_small_database) {
        text += schema_text(session_->terminal, database.name, images_of(database.name)->schema());
      }
    }
    return text;
  }

  cli::Session* session_;
  cli::Place* place_;
  const Options* options_;
  const Compared* compared_;
  cli::FileSide before_;
  cli::FileSide after_;
  cli::Settings settings_;
};

void report(cli::Session& session, const cli::Place& place, const Options& options,
            const Compared& compared, const Run& run) {
  const auto say = [&](const std::string& text) {
    session.progress().clear();
    cli::say_paged(session, text, place.project ? place.project->root() : place.store.root());
  };
  if (options.show == Options::Show::names) {
    session.progress().clear();
    session.terminal.say(run.names()); // also if there is none: it is for programs
  } else if (!options.tables.empty()) {
    std::string text;
    for (const TableRows& rows : run.rows(k_rows_for_people)) {
      text += rows_text(session.terminal, rows);
    }
    say(text);
  } else if (compared.difference.empty()) {
    say("no differences\n");
  } else if (options.show == Options::Show::letters) {
    say(cli::changes_text(session.terminal, compared.difference));
  } else if (options.show == Options::Show::stat) {
    say(run.stat());
  } else if (session.terminal.can_arrange()) {
    std::string text;
    run.contents([&](const std::string& piece) { text += piece; });
    say(text);
  } else {
    session.progress().clear();
    run.contents([&](const std::string& piece) { session.terminal.say(piece); });
  }
}

void report_json(cli::Session& session, const Options& options, const manifest::Summary& before,
                 const std::optional<manifest::Summary>& after, const Compared& compared,
                 const Run& run) {
  json::Value document = cli::Session::new_document();
  document.set("before", before.id.text());
  document.set("after", after ? json::Value(after->id.text()) : json::Value());
  cli::add_changes(document, compared.difference);
  if (options.show == Options::Show::stat) {
    document.set("stat", run.stat_document());
  }
  if (!options.tables.empty()) {
    json::Value rows = json::Value::array();
    for (const TableRows& one : run.rows(k_rows_for_programs)) {
      rows.push(to_json(one));
    }
    document.set("rows", std::move(rows));
  }
  session.terminal.document(document);
}

} // namespace

ExitCode diff(cli::Session& session, const Arguments& arguments) {
  const Options options = parse(session, arguments);
  cli::Place place = cli::open_place(session);
  const manifest::Summary before = place.select(options.before);
  std::optional<manifest::Summary> after;
  if (options.after) {
    after = place.select(*options.after);
  }
  const std::vector<std::string> paths = cli::paths_in(session, place, options.paths);
  Compared compared = compare_sides(session, place, before, after);
  narrow(compared.difference, paths);
  const Run run(session, place, options, compared);
  if (session.common.json) {
    report_json(session, options, before, after, compared, run);
  } else if (!session.common.quiet) {
    report(session, place, options, compared, run);
  }
  return ExitCode::done;
}

} // namespace savepoint::tools
