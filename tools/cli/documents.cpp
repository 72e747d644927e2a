#include "cli/documents.hpp"

#include "cli/session.hpp"

#include <string>
#include <utility>

namespace savepoint::cli {

json::Value snapshot_document(const manifest::Manifest& manifest, const manifest::Marks& marks) {
  json::Value document = Session::new_document();
  const json::Value own = manifest::to_json(manifest);
  for (const auto& [key, value] : own.members()) {
    document.set(key, value);
  }
  document.set("schema", k_schema);
  document.set("note", json::text_or_bytes(marks.note));
  document.set("tags", names_document(marks.tags));
  document.set("pinned", marks.pinned);
  return document;
}

json::Value operation_document(const store::Operation& operation) {
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? json::Value() : json::text_or_bytes(text);
  };
  return json::Value::object({{"at", to_iso8601(operation.at)},
                              {"operation", operation.name},
                              {"trigger", text_or_null(operation.trigger)},
                              {"project", text_or_null(operation.project)},
                              {"worktree", text_or_null(operation.worktree)},
                              {"snapshot", text_or_null(operation.snapshot)},
                              {"safety_snapshot", text_or_null(operation.safety)},
                              {"bytes_added", operation.bytes_added},
                              {"bytes_freed", operation.bytes_freed},
                              {"changes", operation.changes},
                              {"removed", operation.removed},
                              {"ok", !operation.has_failed()},
                              {"exit_code", operation.exit_code},
                              {"error", text_or_null(operation.error)},
                              {"duration_ms", std::int64_t{operation.duration.count()}}});
}

json::Value names_document(const std::vector<std::string>& names) {
  json::Value items = json::Value::array();
  for (const std::string& name : names) {
    items.push(json::text_or_bytes(name));
  }
  return items;
}

} // namespace savepoint::cli
