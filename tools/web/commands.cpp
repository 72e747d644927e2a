#include "web/commands.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "base/snapshot_id.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace savepoint::web {
namespace {

using Words = std::vector<std::string>;

const std::string k_manifest = "savepoint-manifest";
const std::string k_restore = "savepoint-restore";

std::string text_of(const json::Value& wanted, std::string_view key) {
  const json::Value* const value = wanted.find(key);
  if (value == nullptr || value->is_null()) {
    return {};
  }
  std::string text = json::bytes_of(*value);
  if (text.find('\0') != std::string::npos) {
    throw UsageError("cannot use " + quoted(key) + ": it has a zero byte");
  }
  return text;
}

bool is_set(const json::Value& wanted, std::string_view key) {
  const json::Value* const value = wanted.find(key);
  return value != nullptr && !value->is_null() && value->as_bool();
}

Words texts_of(const json::Value& wanted, std::string_view key) {
  Words texts;
  if (const json::Value* const value = wanted.find(key)) {
    for (const json::Value& item : value->items()) {
      texts.push_back(text_of(json::Value::object({{"item", item}}), "item"));
    }
  }
  return texts;
}

/// A whole id: nothing else may mean a snapshot here, which could be another one a moment later.
std::string id_of(const json::Value& wanted, std::string_view key) {
  std::string id = text_of(wanted, key);
  if (!SnapshotId::parse(id)) {
    throw UsageError("cannot find " + quoted(id) + ": it is no snapshot's id");
  }
  return id;
}

CommandLine command(std::string executable, Words words, const Words& behind_dashes = {}) {
  words.emplace_back("--json");
  if (!behind_dashes.empty()) {
    words.emplace_back("--");
    words.insert(words.end(), behind_dashes.begin(), behind_dashes.end());
  }
  return {.executable = std::move(executable), .arguments = std::move(words)};
}

CommandLine with(CommandLine line, Words more) {
  line.arguments.insert(line.arguments.end(), std::make_move_iterator(more.begin()),
                        std::make_move_iterator(more.end()));
  return line;
}

Action take(const json::Value& wanted) {
  Words words{"--trigger=ui", "--note=" + text_of(wanted, "note")};
  for (const std::string& tag : texts_of(wanted, "tags")) {
    words.push_back("--tag=" + tag);
  }
  if (is_set(wanted, "pin")) {
    words.emplace_back("--pin");
  }
  return {
      .name = "snapshot", .command = command("savepoint-snapshot", std::move(words)), .plan = {}};
}

Action mark(const std::string& name, const json::Value& wanted) {
  Words behind{id_of(wanted, "snapshot")};
  if (name == "tag" || name == "note") {
    behind.push_back(text_of(wanted, "text"));
  }
  return {.name = name, .command = command(k_manifest, {name}, behind), .plan = {}};
}

Action untag(const json::Value& wanted) {
  return {.name = "untag",
          .command = command(k_manifest, {"tag", "--delete"},
                             {id_of(wanted, "snapshot"), text_of(wanted, "text")}),
          .plan = {}};
}

/// Which rows of a table differ between two snapshots, or one and the project as it is now.
Action rows(const json::Value& wanted) {
  const std::string table =
      json::bytes_of(wanted.at("database")) + ":" + json::bytes_of(wanted.at("table"));
  if (table.find('\0') != std::string::npos) {
    throw UsageError("cannot compare rows: the name of the table has a zero byte");
  }
  Words words{"diff", id_of(wanted, "before")};
  if (const std::string after = text_of(wanted, "after"); !after.empty()) {
    words.push_back(id_of(wanted, "after"));
  }
  words.push_back("--rows=" + table);
  return {.name = "rows", .command = command(k_manifest, std::move(words)), .plan = {}};
}

Action verify(const json::Value& wanted) {
  Words words{"verify"};
  if (is_set(wanted, "read_data")) {
    words.emplace_back("--read-data");
  }
  const bool of_one = wanted.find("snapshot") != nullptr;
  return {.name = "verify",
          .command = command(k_manifest, std::move(words),
                             of_one ? Words{id_of(wanted, "snapshot")} : Words{}),
          .plan = {}};
}

/// One that shows first what it would do, and then does just that.
Action planned(const std::string& name, const CommandLine& line, const json::Value& wanted) {
  const CommandLine plan = with(line, {"--dry-run"});
  if (is_set(wanted, "plan")) {
    return {.name = name, .command = plan, .plan = {}, .is_plan = true};
  }
  Words more{"--yes"};
  for (const std::string& database : texts_of(wanted, "confirm")) {
    more.push_back("--confirm=" + database);
  }
  Action action{.name = name, .command = with(line, std::move(more)), .plan = plan};
  if (const json::Value* const shown_by = wanted.find("shown_by")) {
    action.shown_by = shown_by->as_unsigned();
  }
  return action;
}

Action restore(const json::Value& wanted) {
  Words words{id_of(wanted, "snapshot")};
  for (const auto& [key, option] :
       {std::pair("with_config", "--with-config"), std::pair("git", "--git"),
        std::pair("keep_extra", "--keep-extra")}) {
    if (is_set(wanted, key)) {
      words.emplace_back(option);
    }
  }
  if (const std::string only = text_of(wanted, "only"); !only.empty()) {
    words.push_back("--only=" + only);
  }
  return planned("restore", command(k_restore, std::move(words)), wanted);
}

Action recover(const json::Value& wanted) {
  const std::string direction = text_of(wanted, "direction");
  if (direction != "continue" && direction != "rollback") {
    throw UsageError("cannot recover: nobody said which way");
  }
  return planned("recover", command(k_restore, {"recover", "--" + direction}), wanted);
}

Action remove(const json::Value& wanted) {
  return planned("delete", command("savepoint-prune", {"--snapshot=" + id_of(wanted, "snapshot")}),
                 wanted);
}

} // namespace

Action read_action(const json::Value& wanted) {
  const std::string name = text_of(wanted, "action");
  constexpr std::array<std::string_view, 4> k_marks{"pin", "unpin", "tag", "note"};
  if (std::find(k_marks.begin(), k_marks.end(), name) != k_marks.end()) {
    return mark(name, wanted);
  }
  if (name == "snapshot") {
    return take(wanted);
  }
  if (name == "untag") {
    return untag(wanted);
  }
  if (name == "rows") {
    return rows(wanted);
  }
  if (name == "verify") {
    return verify(wanted);
  }
  if (name == "restore") {
    return restore(wanted);
  }
  if (name == "undo") {
    return planned("undo", command(k_restore, {"undo"}), wanted);
  }
  if (name == "recover") {
    return recover(wanted);
  }
  if (name == "delete") {
    return remove(wanted);
  }
  throw UsageError("there is no action " + quoted(name));
}

} // namespace savepoint::web
