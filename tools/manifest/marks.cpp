#include "cli/documents.hpp"
#include "cli/parser.hpp"
#include "cli/place.hpp"
#include "manifest/commands.hpp"
#include "manifest/words.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace savepoint::tools {
namespace {

using Change = std::function<void(manifest::Marks& marks, const std::string& word)>;

/// An option of such a command that takes back what it does.
struct Opposite {
  std::string option;
  std::string help;
  Change change;
  std::string done;
};

/// One of the four commands that mark a snapshot.
struct Marking {
  std::string name;
  std::string summary;
  std::string usage = "SNAPSHOT";
  std::string example;
  std::string word; ///< The name of the second argument; empty: there is none.
  std::string word_help;
  void (*check)(const std::string& word) = nullptr;
  Change change;
  std::string done; ///< "pinned", said before the id.
  std::optional<Opposite> opposite = std::nullopt;
};

json::Value document_of(const SnapshotId& id, const manifest::Marks& marks) {
  json::Value document = cli::Session::new_document();
  document.set("id", id.text());
  document.set("note", json::text_or_bytes(marks.note));
  document.set("tags", cli::names_document(marks.tags));
  document.set("pinned", marks.pinned);
  return document;
}

ExitCode mark(cli::Session& session, const Arguments& arguments, const Marking& marking) {
  std::string selector;
  std::string word;
  bool is_opposite = false;
  cli::Parser parser(session.common,
                     {.command = "savepoint " + marking.name,
                      .summary = marking.summary,
                      .usage = marking.usage,
                      .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage,
                                     ExitCode::not_found, ExitCode::busy, ExitCode::corrupt},
                      .example = marking.example});
  parser.required("SNAPSHOT", selector,
                  "an id, a part of one, latest, a tag, branch:B, commit:REV");
  if (!marking.word.empty()) {
    parser.required(marking.word, word, marking.word_help);
  }
  if (marking.opposite) {
    parser.flag(marking.opposite->option, is_opposite, marking.opposite->help);
  }
  parser.parse(arguments);
  session.terminal.set_options(session.common);
  if (marking.check != nullptr && !is_opposite) {
    marking.check(word);
  }

  session.begin_operation(marking.name);
  cli::Place place = cli::open_place(session);
  const manifest::Summary summary = place.select(selector);
  session.operation.line().snapshot = summary.id.text();
  const Change& change = is_opposite ? marking.opposite->change : marking.change;
  const manifest::Marks marks = place.store.change_marks(
      summary.id, [&](manifest::Marks& current) { change(current, word); });
  const std::string done = is_opposite ? marking.opposite->done : marking.done;
  session.note_change(done + " " + summary.id.text());
  session.terminal.document(document_of(summary.id, marks));
  session.terminal.id(summary.id.text());
  session.terminal.say(done + " " + summary.id.text() + "\n");
  return ExitCode::done;
}

} // namespace

ExitCode pin(cli::Session& session, const Arguments& arguments) {
  return mark(session, arguments,
              {.name = "pin",
               .summary = "Pins a snapshot: prune never removes it.",
               .example = "savepoint pin before-v2",
               .word = {},
               .word_help = {},
               .change = [](manifest::Marks& marks, const std::string&) { marks.pinned = true; },
               .done = "pinned"});
}

ExitCode unpin(cli::Session& session, const Arguments& arguments) {
  return mark(session, arguments,
              {.name = "unpin",
               .summary = "Takes a pin away: prune decides about the snapshot again.",
               .example = "savepoint unpin before-v2",
               .word = {},
               .word_help = {},
               .change = [](manifest::Marks& marks, const std::string&) { marks.pinned = false; },
               .done = "unpinned"});
}

ExitCode tag(cli::Session& session, const Arguments& arguments) {
  return mark(
      session, arguments,
      {.name = "tag",
       .summary = "Gives a snapshot a name by which it is found.",
       .usage = "SNAPSHOT T [--delete]",
       .example = "savepoint tag latest before-v2\nsavepoint tag --delete before-v2 before-v2",
       .word = "T",
       .word_help = "the tag",
       .check = manifest::check_tag,
       .change =
           [](manifest::Marks& marks, const std::string& word) {
             const auto place = std::lower_bound(marks.tags.begin(), marks.tags.end(), word);
             if (place == marks.tags.end() || *place != word) {
               marks.tags.insert(place, word);
             }
           },
       .done = "tagged",
       .opposite = Opposite{.option = "-d,--delete",
                            .help = "take the tag away from the snapshot",
                            .change =
                                [](manifest::Marks& marks, const std::string& word) {
                                  if (std::erase(marks.tags, word) == 0) {
                                    throw NotFoundError("the snapshot has no tag " + quoted(word),
                                                        "'savepoint show' names its tags");
                                  }
                                },
                            .done = "took the tag away from"}});
}

ExitCode note(cli::Session& session, const Arguments& arguments) {
  return mark(session, arguments,
              {.name = "note",
               .summary = "Says what a snapshot is for. Takes the place of its note; an empty TEXT "
                          "removes it.",
               .usage = "SNAPSHOT TEXT",
               .example = "savepoint note latest 'the last state before the merge'",
               .word = "TEXT",
               .word_help = "the note",
               .check = manifest::check_note,
               .change = [](manifest::Marks& marks, const std::string& word) { marks.note = word; },
               .done = "noted at"});
}

} // namespace savepoint::tools
