#include "manifest/summary.hpp"

#include "base/error.hpp"
#include "manifest/internal/document.hpp"

#include <algorithm>

namespace savepoint::manifest {
namespace {

using json::Members;
using json::text_or_bytes;
using json::Value;

constexpr std::string_view k_elsewhere = "elsewhere/";

std::vector<std::string> sorted_once(std::vector<std::string> tags) {
  std::ranges::sort(tags);
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

Value list(const std::vector<std::string>& texts) {
  json::Items items;
  for (const std::string& text : texts) {
    items.push_back(text_or_bytes(text));
  }
  return items;
}

Value text_or_null(const std::optional<std::string>& text) {
  return text ? text_or_bytes(*text) : Value();
}

Value marks_json(const Marks& marks) {
  return Members{{"format", k_marks_format.name},
                 {"version", k_marks_format.version},
                 {"note", text_or_bytes(marks.note)},
                 {"tags", list(sorted_once(marks.tags))},
                 {"pinned", marks.pinned}};
}

Value components_json(const std::vector<ComponentSummary>& components) {
  json::Items items;
  for (const ComponentSummary& component : components) {
    items.emplace_back(Members{{"kind", component.kind},
                               {"name", text_or_bytes(component.name)},
                               {"bytes", component.bytes}});
  }
  return items;
}

std::vector<ComponentSummary> components_of(const Manifest& manifest) {
  std::vector<ComponentSummary> components;
  if (manifest.code) {
    components.push_back({"code", "code", manifest.code->bytes});
  }
  if (manifest.config) {
    components.push_back({"config", "config", bytes_of_config(*manifest.config)});
  }
  for (const DatabaseComponent& database : manifest.databases) {
    components.push_back({"database", database.name, database.size});
  }
  return components;
}

} // namespace

std::string print_marks(const Marks& marks) {
  return print_sealed(marks_json(marks));
}

Marks parse_marks(std::string_view text, std::string_view what) {
  const Value document = parse_sealed(text, what, k_marks_format);
  try {
    Marks marks;
    marks.note = json::bytes_of(document.at("note"));
    for (const Value& tag : document.at("tags").items()) {
      marks.tags.push_back(json::bytes_of(tag));
    }
    marks.pinned = document.at("pinned").as_bool();
    if (marks_json(marks) != document) {
      throw CorruptionError("it is not as we would have printed it");
    }
    return marks;
  } catch (const CorruptionError& error) {
    throw CorruptionError(std::string(what) + " is damaged: " + error.what());
  }
}

std::string elsewhere_name(const std::string& name) {
  return std::string(k_elsewhere) + name;
}

bool is_elsewhere(const Summary& summary) {
  return !summary.components.empty() &&
         std::ranges::all_of(summary.components, [](const ComponentSummary& component) {
           return component.kind == "database" && component.name.starts_with(k_elsewhere);
         });
}

Summary summarize(const Manifest& manifest) {
  if (!manifest.id) {
    bug("only a sealed manifest can be summarized");
  }
  const GitState git = manifest.git.value_or(GitState{});
  return {.id = *manifest.id,
          .sequence = manifest.sequence,
          .created_at = manifest.created_at,
          .trigger = manifest.trigger,
          .project = manifest.project.id,
          .worktree = manifest.project.worktree,
          .branch = git.branch,
          .commit = git.commit,
          .dirty = git.dirty(),
          .state = manifest.state,
          .bytes = manifest.bytes(),
          .bytes_added = manifest.bytes_added,
          .complete = std::ranges::none_of(manifest.left_out, &LeftOut::is_error),
          .components = components_of(manifest),
          .marks = {manifest.note, sorted_once(manifest.tags), manifest.pinned}};
}

Value to_json(const Summary& summary) {
  return Members{{"id", summary.id.text()},
                 {"sequence", summary.sequence},
                 {"created_at", to_iso8601(summary.created_at)},
                 {"trigger", text_or_bytes(summary.trigger)},
                 {"note", text_or_bytes(summary.marks.note)},
                 {"tags", list(summary.marks.tags)},
                 {"pinned", summary.marks.pinned},
                 {"project", text_or_bytes(summary.project)},
                 {"worktree", text_or_bytes(summary.worktree)},
                 {"branch", text_or_null(summary.branch)},
                 {"commit", text_or_null(summary.commit)},
                 {"dirty", summary.dirty},
                 {"components", components_json(summary.components)},
                 {"bytes", summary.bytes},
                 {"bytes_added", summary.bytes_added},
                 {"complete", summary.complete}};
}

} // namespace savepoint::manifest
