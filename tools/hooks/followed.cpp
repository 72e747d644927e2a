#include "hooks/followed.hpp"

#include "base/printable.hpp"
#include "cli/text.hpp"

#include <optional>
#include <string_view>

namespace savepoint::tools {
namespace {

json::Value text_or_null(const std::optional<std::string>& text) {
  return text ? json::text_or_bytes(*text) : json::Value();
}

json::Value id_or_null(const std::optional<SnapshotId>& id) {
  return id ? json::Value(std::string(id->text())) : json::Value();
}

/// What is to be done about it, and the command that tries again.
std::string way_on(const std::string& hint) {
  constexpr std::string_view k_command = "savepoint hooks follow";
  if (hint.find("--disconnect") != std::string::npos) {
    return "; when they are gone: " + std::string(k_command) +
           ", or to end their sessions: " + std::string(k_command) + " --disconnect";
  }
  return (hint.empty() ? "" : "; " + printable(hint)) + "; to try again: " + std::string(k_command);
}

std::string spared_text(const hooks::Followed& followed) {
  std::string text;
  for (const hooks::Followed::Spared& spared : followed.spared) {
    text += (text.empty() ? "" : "; ") + printable(spared.name) +
            " stays as it is: " + printable(spared.reason);
  }
  return text;
}

} // namespace

json::Value to_json(const hooks::Followed& followed) {
  json::Value spared = json::Value::array();
  for (const hooks::Followed::Spared& one : followed.spared) {
    spared.push(json::Value::object(
        {{"name", json::text_or_bytes(one.name)}, {"reason", json::text_or_bytes(one.reason)}}));
  }
  json::Value changes = json::Value::array();
  for (const restore::PlannedChange& change : followed.changes) {
    changes.push(json::Value::object({{"path", json::text_or_bytes(change.path)},
                                      {"into", json::text_or_bytes(change.into)},
                                      {"bytes", change.bytes}}));
  }
  json::Value value = json::Value::object({{"settled", followed.is_settled}});
  value.set("before", text_or_null(followed.before.branch));
  value.set("entered", text_or_null(followed.entered.branch));
  value.set("kept", id_or_null(followed.kept));
  value.set("restored", id_or_null(followed.target));
  value.set("safety_snapshot", id_or_null(followed.safety));
  value.set("changes", std::move(changes));
  value.set("spared", std::move(spared));
  value.set("reason", followed.is_settled ? json::Value() : json::text_or_bytes(followed.reason));
  return value;
}

void log_followed(store::Operation& line, const hooks::Followed& followed) {
  line.name = "follow";
  if (followed.kept) {
    line.snapshot = followed.kept->text();
  }
  if (followed.safety) {
    line.safety = followed.safety->text();
    line.changes = followed.changes.size();
  }
  if (!followed.is_settled) {
    line.error = followed.reason;
  }
}

std::string line_of(const hooks::Followed& followed, Timestamp now) {
  if (!followed.is_settled) {
    return "databases are still those of " + named(followed.before) + ": " +
           printable(followed.reason) + way_on(followed.hint);
  }
  const std::string spared = spared_text(followed);
  if (!followed.safety) {
    return spared;
  }
  return "databases are those of " + named(followed.entered) + " again (saved " +
         cli::age(*followed.target_time, now) + " as " + std::string(followed.target->text()) +
         "); to undo: savepoint undo" + (spared.empty() ? "" : "; " + spared);
}

} // namespace savepoint::tools
