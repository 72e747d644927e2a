#include "web/reads.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/change_list.hpp"
#include "cli/documents.hpp"
#include "cli/place.hpp"
#include "cli/present.hpp"
#include "cli/session.hpp"
#include "project/interrupted.hpp"
#include "store/tree_diff.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

namespace savepoint::web {
namespace {

constexpr std::size_t k_kept_comparisons = 3;

/// One look at the project, as a command takes it.
class Look {
public:
  Look(const cli::Common& common, const config::Environment& environment,
       const Cancellation& cancellation)
      : session_({}, environment, cancellation) {
    session_.common = common;
    session_.common.json = true;
    session_.common.quiet = true;
    session_.terminal.set_options(session_.common);
  }
  [[nodiscard]] cli::Session& session() { return session_; }
  [[nodiscard]] std::optional<cli::Place> place_if_any() {
    return cli::open_place_if_any(session_, store::Access::shared, cli::IfInterrupted::leave);
  }
  [[nodiscard]] cli::Place place() {
    return cli::open_place(session_, store::Access::shared, cli::IfInterrupted::leave);
  }

private:
  cli::Session session_;
};

/// The part of a list that a page shows.
template <typename Items> auto part_of(const Items& items, const Page& page) {
  const std::size_t begin = std::min(page.offset, items.size());
  const std::size_t end = begin + std::min(page.limit, items.size() - begin);
  return std::pair(items.begin() + static_cast<std::ptrdiff_t>(begin),
                   items.begin() + static_cast<std::ptrdiff_t>(end));
}

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

json::Value left_out_of(const std::vector<manifest::LeftOut>& all) {
  json::Value items = json::Value::array();
  for (const manifest::LeftOut& left_out : all) {
    if (left_out.is_error) {
      items.push(json::Value::object({{"path", json::text_or_bytes(left_out.path)},
                                      {"reason", json::text_or_bytes(left_out.reason)}}));
    }
  }
  return items;
}

json::Value counts_of(const compare::Difference& difference) {
  std::array<std::uint64_t, 4> counts{};
  for (const compare::FileDifference& file : difference.files) {
    ++counts.at(static_cast<std::size_t>(file.kind));
  }
  using enum store::ChangeKind;
  json::Value document = json::Value::object();
  for (const store::ChangeKind kind : {added, removed, modified, metadata}) {
    document.set(compare::name_of(kind), counts.at(static_cast<std::size_t>(kind)));
  }
  return document;
}

/// What a page shows of a comparison, as a comparison of its own.
compare::Difference shown_of(const compare::Difference& whole, const std::string& filter,
                             const Page& page, std::size_t& total) {
  compare::Difference shown{.files = {}, .databases = whole.databases, .config = whole.config};
  if (filter.empty()) {
    const auto [begin, end] = part_of(whole.files, page);
    shown.files.assign(begin, end);
    total = whole.files.size();
    return shown;
  }
  total = 0;
  for (const compare::FileDifference& file : whole.files) {
    if (file.path.find(filter) != std::string::npos) {
      if (total >= page.offset && shown.files.size() < page.limit) {
        shown.files.push_back(file);
      }
      ++total;
    }
  }
  return shown;
}

} // namespace

Reads::Reads(cli::Common common, config::Environment environment, const Cancellation& cancellation)
    : common_(std::move(common)), environment_(std::move(environment)),
      cancellation_(&cancellation) {}

json::Value Reads::state() const {
  Look look(common_, environment_, *cancellation_);
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
  document.set("store", json::Value::object({{"path", json::text_or_bytes(store.string())},
                                             {"bytes", place ? place->store.size_in_bytes() : 0}}));
  document.set("snapshots", std::uint64_t{place ? place->snapshots.size() : 0});
  document.set("newest", place && !place->snapshots.empty()
                             ? json::Value(place->snapshots.front().id.text())
                             : json::Value());
  return document;
}

json::Value Reads::snapshots(const Page& page) const {
  Look look(common_, environment_, *cancellation_);
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
  Look look(common_, environment_, *cancellation_);
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
  Look look(common_, environment_, *cancellation_);
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

Reads::Compared Reads::compare_now(const std::string& before) const {
  Look look(common_, environment_, *cancellation_);
  cli::Place place = look.place();
  if (!place.project) {
    throw NotFoundError("there is no project here to compare with", "compare two snapshots");
  }
  cli::SinceThen since = cli::compare_with_present(
      *place.project, place.store, place.store.load(place.select(before).id), cli::Servers::read);
  return {.key = before + " ",
          .difference = std::make_shared<compare::Difference>(std::move(since.difference)),
          .not_compared = left_out_of(since.left_out)};
}

Reads::Compared Reads::find_compared(const std::string& before, const std::string& after,
                                     bool is_first_page) {
  const std::string key = before + " " + after;
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(compared_, key, &Compared::key);
    // The project as it is now is another one each time that somebody looks.
    if (found != compared_.end() && (!after.empty() || !is_first_page)) {
      compared_.splice(compared_.begin(), compared_, found);
      return compared_.front();
    }
  }
  Compared compared;
  if (after.empty()) {
    compared = compare_now(before);
  } else {
    Look look(common_, environment_, *cancellation_);
    const cli::Place place = look.place();
    compared = {.key = key,
                .difference = std::make_shared<compare::Difference>(
                    compare::compare(place.store, place.store.load(place.select(before).id),
                                     place.store.load(place.select(after).id))),
                .not_compared = json::Value::array()};
  }
  const std::lock_guard lock(mutex_);
  std::erase_if(compared_, [&](const Compared& one) { return one.key == key; });
  compared_.push_front(compared);
  if (compared_.size() > k_kept_comparisons) {
    compared_.pop_back();
  }
  return compared;
}

json::Value Reads::difference(const std::string& before, const std::string& after,
                              const std::string& filter, const Page& page) {
  const Compared compared = find_compared(before, after, page.offset == 0 && filter.empty());
  std::size_t total = 0;
  const compare::Difference shown = shown_of(*compared.difference, filter, page, total);
  json::Value document = cli::Session::new_document();
  document.set("before", before);
  document.set("after", after.empty() ? json::Value() : json::Value(after));
  document.set("total", std::uint64_t{total});
  document.set("counts", counts_of(*compared.difference));
  document.set("not_compared", compared.not_compared);
  cli::add_changes(document, shown);
  return document;
}

json::Value Reads::operations(std::size_t limit) const {
  Look look(common_, environment_, *cancellation_);
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
