#include "prune/report.hpp"

#include "base/printable.hpp"
#include "cli/snapshot_words.hpp"
#include "cli/text.hpp"
#include "json/value.hpp"

#include <utility>
#include <vector>

namespace savepoint::tools {
namespace {

using cli::Style;
using retention::Decision;

std::string joined(const std::vector<std::string>& reasons) {
  std::string text;
  for (const std::string& reason : reasons) {
    text += (text.empty() ? "" : ", ") + reason;
  }
  return text;
}

json::Value to_json(const std::vector<Decision>& decisions) {
  json::Value items = json::Value::array();
  for (const Decision& decision : decisions) {
    json::Value reasons = json::Value::array();
    for (const std::string& reason : decision.reasons) {
      reasons.push(reason);
    }
    items.push(json::Value::object({{"id", decision.snapshot.id.text()},
                                    {"created_at", to_iso8601(decision.snapshot.created_at)},
                                    {"reason", joined(decision.reasons)},
                                    {"reasons", std::move(reasons)}}));
  }
  return items;
}

void add_rows(cli::Table& table, const cli::Session& session, std::string_view word,
              const std::vector<Decision>& decisions) {
  for (const Decision& decision : decisions) {
    if (decision.reasons == std::vector<std::string>{"not named"}) {
      continue; // where snapshots are removed by name, the others are no news
    }
    table.row({std::string(word), decision.snapshot.id.text(),
               cli::age(decision.snapshot.created_at, session.now()),
               printable(joined(decision.reasons)), printable(decision.snapshot.trigger),
               cli::remarks(decision.snapshot)});
  }
}

json::Value document_of(const prune::Plan& plan, const std::optional<prune::Pruned>& pruned) {
  json::Value document = cli::Session::new_document();
  document.set("kept", to_json(plan.kept));
  document.set("removed", to_json(plan.removed));
  document.set("bytes_freed", pruned ? pruned->bytes_freed : plan.bytes_to_free);
  document.set("packs_removed", pruned ? pruned->packs_removed : std::uint64_t{0});
  document.set("packs_rewritten", pruned ? pruned->packs_rewritten : std::uint64_t{0});
  document.set("dry_run", !pruned.has_value());
  return document;
}

} // namespace

std::string plan_text(const cli::Session& session, const prune::Plan& plan) {
  using enum cli::Table::Align;
  cli::Table table({left, left, left, left, left, left});
  add_rows(table, session, "keep", plan.kept);
  add_rows(table, session, "drop", plan.removed);
  std::string text;
  for (const std::string& line : table.wrapped_lines(session.terminal.room())) {
    text += session.terminal.paint(line.starts_with("drop") ? Style::red : Style::plain, line);
    text += "\n";
  }
  return text;
}

void report(cli::Session& session, const prune::Plan& plan,
            const std::optional<prune::Pruned>& pruned) {
  session.progress().clear();
  session.terminal.document(document_of(plan, pruned));
  for (const Decision& decision : plan.removed) {
    session.terminal.id(decision.snapshot.id.text());
  }
  const std::string counts =
      cli::counted(plan.removed.size(), "snapshot") + ", kept " + std::to_string(plan.kept.size());
  const std::string sum =
      pruned ? "removed " + counts + ", freed " + cli::human_size(pruned->bytes_freed)
             : "would remove " + counts + ", free about " + cli::human_size(plan.bytes_to_free) +
                   "; nothing was changed (dry run)";
  session.terminal.say(plan_text(session, plan) + cli::wrapped(sum, session.terminal.room(), 0) +
                       "\n");
}

} // namespace savepoint::tools
