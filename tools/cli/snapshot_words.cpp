#include "cli/snapshot_words.hpp"

#include "base/printable.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_map>

namespace savepoint::cli {
namespace {

using manifest::Summary;

/// The ends of an id from each of its dashes on, the shortest first, then all of it.
std::vector<std::string> ends_of(const std::string& id) {
  std::vector<std::string> ends;
  for (std::size_t dash = id.rfind('-'); dash != std::string::npos && dash > 0;
       dash = id.rfind('-', dash - 1)) {
    ends.push_back(id.substr(dash + 1));
  }
  ends.push_back(id);
  return ends;
}

} // namespace

std::string head_in_words(const std::optional<std::string>& branch,
                          const std::optional<std::string>& commit) {
  std::string text = branch ? printable(*branch) : commit ? "a detached HEAD" : "";
  return commit ? text + " at " + commit->substr(0, k_short_commit) : text;
}

std::string branch_and_commit(const Summary& summary) {
  std::string text = printable(summary.branch.value_or(summary.commit ? "(detached)" : ""));
  if (summary.commit) {
    text += "@" + summary.commit->substr(0, k_short_commit);
  }
  return text + (summary.dirty ? "+" : "");
}

std::string databases_of(const Summary& summary) {
  const auto databases =
      std::count_if(summary.components.begin(), summary.components.end(),
                    [](const auto& component) { return component.kind == "database"; });
  return databases == 0 ? "-" : std::to_string(databases);
}

std::string remarks(const Summary& summary) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : " ") + part; };
  if (summary.marks.pinned) {
    add("[pinned]");
  }
  if (!summary.complete) {
    add("[incomplete]");
  }
  for (const std::string& tag : summary.marks.tags) {
    add("#" + printable(tag));
  }
  if (!summary.marks.note.empty()) {
    add(printable(summary.marks.note.substr(0, summary.marks.note.find('\n'))));
  }
  return text;
}

std::vector<std::string> short_ids(const std::vector<Summary>& snapshots) {
  std::unordered_map<std::string, std::size_t> owners;
  for (const Summary& summary : snapshots) {
    for (const std::string& end : ends_of(summary.id.text())) {
      ++owners[end];
    }
    for (const std::string& tag : summary.marks.tags) {
      ++owners[tag];
    }
  }
  std::vector<std::string> ids;
  ids.reserve(snapshots.size());
  for (const Summary& summary : snapshots) {
    const std::vector<std::string> ends = ends_of(summary.id.text());
    const auto found =
        std::ranges::find_if(ends, [&](const std::string& end) { return owners[end] == 1; });
    ids.push_back(found == ends.end() ? summary.id.text() : *found);
  }
  return ids;
}

} // namespace savepoint::cli
