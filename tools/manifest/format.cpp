#include "manifest/format.hpp"

#include "base/error.hpp"
#include "base/nearest_word.hpp"
#include "base/printable.hpp"
#include "cli/snapshot_words.hpp"
#include "cli/text.hpp"

#include <algorithm>
#include <array>

namespace savepoint::tools {
namespace {

using manifest::Summary;

struct Field {
  std::string_view name;
  std::string (*value)(const Entry& entry, Timestamp now);
};

std::string yes_or_no(bool is) {
  return is ? "yes" : "no";
}

template <typename Texts> std::string with_commas(const Texts& texts) {
  std::string all;
  for (const std::string& text : texts) {
    all += (all.empty() ? "" : ",") + text;
  }
  return all;
}

std::string databases(const Summary& summary) {
  std::vector<std::string> names;
  for (const auto& component : summary.components) {
    if (component.kind == "database") {
      names.push_back(component.name);
    }
  }
  return with_commas(names);
}

constexpr std::array k_fields{
    Field{"id", [](const Entry& it, Timestamp) { return it.summary->id.text(); }},
    Field{"short_id", [](const Entry& it, Timestamp) { return it.short_id; }},
    Field{"time", [](const Entry& it, Timestamp) { return to_iso8601(it.summary->created_at); }},
    Field{"age",
          [](const Entry& it, Timestamp now) { return cli::age(it.summary->created_at, now); }},
    Field{"branch", [](const Entry& it, Timestamp) { return it.summary->branch.value_or(""); }},
    Field{"commit", [](const Entry& it, Timestamp) { return it.summary->commit.value_or(""); }},
    Field{"short_commit",
          [](const Entry& it, Timestamp) {
            return it.summary->commit.value_or("").substr(0, cli::k_short_commit);
          }},
    Field{"dirty", [](const Entry& it, Timestamp) { return yes_or_no(it.summary->dirty); }},
    Field{"trigger", [](const Entry& it, Timestamp) { return it.summary->trigger; }},
    Field{"note", [](const Entry& it, Timestamp) { return it.summary->marks.note; }},
    Field{"tags", [](const Entry& it, Timestamp) { return with_commas(it.summary->marks.tags); }},
    Field{"pinned", [](const Entry& it, Timestamp) { return yes_or_no(it.summary->marks.pinned); }},
    Field{"complete", [](const Entry& it, Timestamp) { return yes_or_no(it.summary->complete); }},
    Field{"verified",
          [](const Entry& it, Timestamp) {
            return it.verified_at ? to_iso8601(*it.verified_at) : std::string();
          }},
    Field{"databases", [](const Entry& it, Timestamp) { return databases(*it.summary); }},
    Field{"bytes", [](const Entry& it, Timestamp) { return std::to_string(it.summary->bytes); }},
    Field{"size", [](const Entry& it, Timestamp) { return cli::human_size(it.summary->bytes); }},
    Field{"bytes_added",
          [](const Entry& it, Timestamp) { return std::to_string(it.summary->bytes_added); }},
    Field{"size_added",
          [](const Entry& it, Timestamp) { return cli::human_size(it.summary->bytes_added); }},
    Field{"project", [](const Entry& it, Timestamp) { return it.summary->project; }},
    Field{"worktree", [](const Entry& it, Timestamp) { return it.summary->worktree; }},
};

constexpr std::string_view k_hint = "such as --format '{id} {branch} {note}'";

} // namespace

void Format::add(char letter) {
  if (parts_.empty() || parts_.back().field != 0) {
    parts_.emplace_back();
  }
  parts_.back().text += letter;
}

void Format::add_field(std::string_view name) {
  const auto* const found = std::find_if(k_fields.begin(), k_fields.end(),
                                         [&](const Field& it) { return it.name == name; });
  if (found == k_fields.end()) {
    std::vector<std::string_view> names;
    std::string all;
    for (const Field& field : k_fields) {
      names.push_back(field.name);
      all += (all.empty() ? "" : ", ") + std::string(field.name);
    }
    const std::string nearest = nearest_word(name, names);
    throw UsageError("there is no field " + quoted(name) + " of a snapshot",
                     nearest.empty() ? "the fields are " + all
                                     : "did you mean '{" + nearest + "}'?");
  }
  parts_.push_back({.text = {}, .field = static_cast<std::size_t>(found - k_fields.begin()) + 1});
}

Format::Format(std::string_view text) {
  while (!text.empty()) {
    const char first = text.front();
    const char second = text.size() > 1 ? text[1] : '\0';
    if ((first == '{' || first == '}') && first == second) {
      add(first);
      text.remove_prefix(2);
    } else if (first == '{') {
      const std::size_t end = text.find('}');
      if (end == std::string_view::npos) {
        throw UsageError("cannot read the format: a brace is not closed", std::string(k_hint));
      }
      add_field(text.substr(1, end - 1));
      text.remove_prefix(end + 1);
    } else if (first == '\\' && (second == 't' || second == 'n' || second == '\\')) {
      add(second == 't' ? '\t' : second == 'n' ? '\n' : '\\');
      text.remove_prefix(2);
    } else {
      add(first);
      text.remove_prefix(1);
    }
  }
}

std::string Format::line(const Entry& entry, Timestamp now) const {
  std::string line;
  for (const Part& part : parts_) {
    line += part.field == 0 ? part.text : printable(k_fields.at(part.field - 1).value(entry, now));
  }
  return line + "\n";
}

} // namespace savepoint::tools
