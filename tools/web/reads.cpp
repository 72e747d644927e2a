#include "web/reads.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/documents.hpp"
#include "cli/file_contents.hpp"
#include "cli/place.hpp"
#include "compare/compare.hpp"
#include "hash/sha256.hpp"
#include "project/interrupted.hpp"
#include "store/tree_diff.hpp"
#include "web/commits.hpp"
#include "web/lines.hpp"
#include "web/look.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace savepoint::web {
namespace {

/// Any bytes, for the query of an address.
std::string percent_encoded(std::string_view bytes) {
  constexpr std::string_view k_plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  constexpr std::string_view k_digits = "0123456789ABCDEF";
  std::string text;
  for (const char letter : bytes) {
    if (k_plain.find(letter) != std::string_view::npos) {
      text += letter;
    } else {
      const auto byte = static_cast<unsigned char>(letter);
      text += '%';
      text += k_digits[byte >> 4U];
      text += k_digits[byte & 15U];
    }
  }
  return text;
}

/// The directory at `path` of a tree; nothing if it has none.
std::optional<store::Tree> directory_at(const store::Store& store, const hash::Digest& root,
                                        const std::string& path) {
  if (path.empty()) {
    return store::get_tree(store, root);
  }
  const std::optional<store::TreeEntry> entry = store::find_path(store, root, path);
  if (!entry || entry->kind != store::EntryKind::directory) {
    return std::nullopt;
  }
  return store::get_tree(store, entry->tree);
}

json::Value to_json(const store::TreeEntry& entry, const std::string& directory) {
  const std::string path = directory.empty() ? entry.name : directory + "/" + entry.name;
  return json::Value::object(
      {{"name", json::text_or_bytes(entry.name)},
       {"key", percent_encoded(path)},
       {"kind", compare::name_of(entry.kind)},
       {"size", entry.content.size},
       {"mtime", to_iso8601(Timestamp(std::chrono::nanoseconds(entry.mtime_ns)))},
       {"target", entry.target.empty() ? json::Value() : json::text_or_bytes(entry.target)}});
}

/// The lines of a file of which all is new.
std::vector<std::string> lines_of(const git::TextDiff& text) {
  std::vector<std::string> lines;
  for (const git::TextDiff::Hunk& hunk : text.hunks) {
    for (const git::TextDiff::Line& line : hunk.lines) {
      if (line.sign == '+') {
        lines.push_back(line.text);
      }
    }
  }
  return lines;
}

/// Another one when the note, a tag or the pin of any snapshot is another one.
std::string digest_of_marks(const std::vector<manifest::Summary>& snapshots) {
  hash::Sha256 digest;
  for (const manifest::Summary& snapshot : snapshots) {
    std::string text = snapshot.id.text() + '\0' + snapshot.marks.note + '\0';
    for (const std::string& tag : snapshot.marks.tags) {
      text += tag + '\0';
    }
    digest.update(as_bytes(text + (snapshot.marks.pinned ? "pinned" : "")));
  }
  return digest.finish().hex();
}

} // namespace

Reads::Reads(Asked asked) : asked_(std::move(asked)) {}

json::Value Reads::state() const {
  Look look(asked_);
  const std::optional<cli::Place> place = look.place_if_any();
  std::optional<project::Project> alone;
  if (!place) {
    alone = cli::open_project(look.session());
  }
  const project::Project* const project = place ? place->project_or_null() : &*alone;
  json::Value document = cli::Session::new_document();
  document.set("project", json::Value());
  document.set("recovery", json::Value());
  document.set("head", json::Value());
  const std::filesystem::path store = place ? place->store.root() : project->store_path();
  if (project != nullptr) {
    document.set("project",
                 json::Value::object({{"name", json::text_or_bytes(project->identity().name)},
                                      {"root", json::text_or_bytes(project->root().string())}}));
    if (const auto due = project::find_due(*project, store)) {
      document.set("recovery", json::Value::object({{"target", due->journal.target.text()}}));
    }
    if (project->repository() != nullptr) {
      const git::Head head = project->repository()->head();
      document.set("head",
                   json::Value::object(
                       {{"branch", head.branch ? json::text_or_bytes(*head.branch) : json::Value()},
                        {"commit", head.commit}}));
    }
  }
  document.set("store", json::text_or_bytes(store.string()));
  document.set("snapshots", std::uint64_t{place ? place->snapshots.size() : 0});
  document.set("newest", place && !place->snapshots.empty()
                             ? json::Value(place->snapshots.front().id.text())
                             : json::Value());
  document.set("marks", place ? json::Value(digest_of_marks(place->snapshots)) : json::Value());
  return document;
}

json::Value Reads::space() const {
  Look look(asked_);
  const std::optional<cli::Place> place = look.place_if_any();
  json::Value document = cli::Session::new_document();
  document.set("bytes", std::uint64_t{place ? place->store.size_in_bytes() : 0});
  return document;
}

json::Value Reads::commits() const {
  Look look(asked_);
  const std::optional<cli::Place> place = look.place_if_any();
  json::Value document = cli::Session::new_document();
  document.set("commits", place && place->project && place->project->repository() != nullptr
                              ? commits_of(*place->project->repository(), place->snapshots)
                              : json::Value::array());
  return document;
}

json::Value Reads::snapshots(const Page& page) const {
  Look look(asked_);
  const std::optional<cli::Place> place = look.place_if_any();
  json::Value items = json::Value::array();
  if (place) {
    const auto [begin, end] = part_of(place->snapshots, page);
    std::for_each(begin, end, [&](const manifest::Summary& summary) {
      items.push(manifest::to_json(summary));
    });
  }
  json::Value document = cli::Session::new_document();
  document.set("snapshots", std::move(items));
  document.set("total", std::uint64_t{place ? place->snapshots.size() : 0});
  return document;
}

json::Value Reads::snapshot(const std::string& id) const {
  Look look(asked_);
  const cli::Place place = look.place();
  const manifest::Summary summary = place.select(id);
  json::Value document = cli::snapshot_document(place.store.load(summary.id), summary.marks);
  std::string subject;
  if (place.project && place.project->repository() != nullptr && summary.commit) {
    subject = place.project->repository()->subject(*summary.commit);
  }
  document.set("subject", json::text_or_bytes(subject));
  return document;
}

json::Value Reads::files(const std::string& id, const std::string& path, const Page& page) const {
  Look look(asked_);
  const cli::Place place = look.place();
  const manifest::Manifest manifest = place.store.load(place.select(id).id);
  std::vector<store::TreeEntry> entries;
  bool is_there = path.empty();
  const auto add = [&](const hash::Digest& root) {
    if (const auto directory = directory_at(place.store, root, path)) {
      is_there = true;
      for (const store::TreeEntry& entry : directory->entries) {
        if (std::ranges::find(entries, entry.name, &store::TreeEntry::name) == entries.end()) {
          entries.push_back(entry);
        }
      }
    }
  };
  if (manifest.code) {
    if (const auto directory = directory_at(place.store, manifest.code->tree, path)) {
      is_there = true;
      entries = directory->entries;
    }
  }
  if (manifest.config && manifest.config->tree) {
    add(*manifest.config->tree); // a few
  }
  if (!is_there) {
    throw NotFoundError("there is no directory " + quoted(path) + " in snapshot " + id);
  }
  std::ranges::stable_sort(entries, [](const auto& one, const auto& other) {
    const bool is_first = one.kind == store::EntryKind::directory;
    const bool is_second = other.kind == store::EntryKind::directory;
    return is_first != is_second ? is_first : one.name < other.name;
  });
  json::Value items = json::Value::array();
  const auto [begin, end] = part_of(entries, page);
  std::for_each(begin, end,
                [&](const store::TreeEntry& entry) { items.push(to_json(entry, path)); });
  json::Value document = cli::Session::new_document();
  document.set("entries", std::move(items));
  document.set("total", std::uint64_t{entries.size()});
  return document;
}

json::Value Reads::contents(const std::string& id, const std::string& path,
                            const Page& page) const {
  Look look(asked_);
  const cli::Place place = look.place();
  const manifest::Manifest manifest = place.store.load(place.select(id).id);
  std::optional<store::TreeEntry> entry;
  for (const auto& tree :
       {cli::tree_of(manifest),
        manifest.config ? manifest.config->tree : std::optional<hash::Digest>()}) {
    entry = entry || !tree ? entry : store::find_path(place.store, *tree, path);
  }
  if (!entry) {
    throw NotFoundError("there is no file " + quoted(path) + " in snapshot " + id);
  }
  cli::Settings settings;
  settings.add(manifest);
  json::Value document = cli::Session::new_document();
  if (entry->kind != store::EntryKind::file) {
    document.set("is", "no file");
  } else if (settings.has(path)) {
    document.set("is", "secret");
  } else {
    // As if it were new: so text is told from what is none as everywhere.
    store::Change whole{.path = path,
                        .kind = store::ChangeKind::added,
                        .before = std::nullopt,
                        .after = *entry,
                        .directory_before = {},
                        .directory_after = {}};
    const cli::FileSide side{.source = &place.store, .tree = {}, .directory = {}};
    const std::optional<git::TextDiff> text = cli::read_change(side, side, whole).text;
    if (add_kind(document, text)) {
      add_lines(document, lines_of(*text), page);
    }
  }
  return document;
}

json::Value Reads::operations(std::size_t limit) const {
  Look look(asked_);
  const cli::LogPlace place = cli::find_log(look.session());
  json::Value items = json::Value::array();
  for (const store::Operation& operation :
       place.log.read({.limit = limit, .project = place.project})) {
    items.push(cli::operation_document(operation));
  }
  json::Value document = cli::Session::new_document();
  document.set("operations", std::move(items));
  return document;
}

} // namespace savepoint::web
