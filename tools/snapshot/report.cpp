#include "snapshot/report.hpp"

#include "base/printable.hpp"
#include "cli/text.hpp"
#include "manifest/summary.hpp"
#include "snapshot/logged.hpp"
#include "json/value.hpp"

#include <string>
#include <utility>

namespace savepoint::tools {
namespace {

using cli::counted;
using cli::human_size;
using cli::Style;
using manifest::Manifest;

json::Value document(const snapshot::Taken& taken) {
  const Manifest& manifest = taken.manifest;
  const manifest::Summary summary = manifest::summarize(manifest);
  json::Value components = json::Value::array();
  for (const manifest::ComponentSummary& component : summary.components) {
    components.push(json::Value::object({{"kind", component.kind},
                                         {"name", json::text_or_bytes(component.name)},
                                         {"bytes", component.bytes}}));
  }
  json::Value skipped = json::Value::array();
  for (const manifest::LeftOut& left_out : manifest.left_out) {
    skipped.push(json::Value::object({{"path", json::text_or_bytes(left_out.path)},
                                      {"reason", json::text_or_bytes(left_out.reason)},
                                      {"error", left_out.is_error}}));
  }
  json::Value value = cli::Session::new_document();
  value.set("id", summary.id.text());
  value.set("created", taken.created);
  value.set("components", std::move(components));
  value.set("skipped", std::move(skipped));
  value.set("bytes", manifest.bytes());
  value.set("bytes_added", taken.created ? manifest.bytes_added : std::uint64_t{0});
  if (!taken.notes.empty()) {
    json::Value notes = json::Value::array();
    for (const std::string& note : taken.notes) {
      notes.push(json::Value::object({{"text", json::text_or_bytes(note)}}));
    }
    value.set("notes", std::move(notes));
  }
  value.set("duration_ms", std::int64_t{taken.duration.count()});
  return value;
}

std::string contents(const Manifest& manifest) {
  std::string text;
  if (manifest.code) {
    text += counted(manifest.code->files, "file") + ", ";
  }
  if (!manifest.databases.empty()) {
    text += counted(manifest.databases.size(), "database") + ", ";
  }
  return text + human_size(manifest.bytes()) + " (+" + human_size(manifest.bytes_added) + ")";
}

void say(cli::Session& session, const snapshot::Taken& taken) {
  const std::string& id = taken.manifest.id->text();
  if (!taken.created) {
    session.terminal.say("nothing changed since " + id + " (" +
                         cli::age(taken.manifest.created_at, session.now()) + ")\n");
    return;
  }
  session.terminal.say("saved " + session.terminal.paint(Style::green, id) + ": " +
                       contents(taken.manifest) + " in " + cli::human_duration(taken.duration) +
                       " — to come back: savepoint restore " + std::string(cli::short_id(id)) +
                       "\n");
}

} // namespace

ExitCode report(cli::Session& session, const snapshot::Taken& taken) {
  if (taken.created) {
    session.note_change("snapshot " + taken.manifest.id->text() + " was taken");
    snapshot::log_taken(session.operation.line(), taken);
  } else {
    session.operation.forget();
  }
  session.progress().clear();
  session.terminal.document(document(taken));
  session.terminal.id(taken.manifest.id->text());
  say(session, taken);
  for (const std::string& note : taken.notes) {
    session.terminal.err("note: " + printable(note) + "\n");
  }
  bool has_gaps = false;
  for (const manifest::LeftOut& left_out : taken.manifest.left_out) {
    if (taken.created && left_out.is_error) {
      has_gaps = true;
      session.terminal.err("savepoint: left out " + quoted(left_out.path) + ": " +
                           printable(left_out.reason) + "\n");
    }
  }
  return has_gaps ? ExitCode::saved_with_gaps : ExitCode::done;
}

} // namespace savepoint::tools
