#include "web/comparisons.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/change_list.hpp"
#include "cli/present.hpp"
#include "web/lines.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

namespace savepoint::web {
namespace {

constexpr std::size_t k_kept_comparisons = 3;

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

/// A file of the project as it is now; nothing if it is not there, or no file or symlink.
std::optional<store::TreeEntry> entry_now(const std::filesystem::path& path) {
  std::error_code trouble;
  const std::filesystem::file_status status = std::filesystem::symlink_status(path, trouble);
  store::TreeEntry entry;
  entry.mode = static_cast<std::uint32_t>(status.permissions());
  if (status.type() == std::filesystem::file_type::regular) {
    entry.content.size = std::filesystem::file_size(path, trouble);
  } else if (status.type() == std::filesystem::file_type::symlink) {
    entry.kind = store::EntryKind::symlink;
    entry.target = std::filesystem::read_symlink(path, trouble).string();
  } else {
    return std::nullopt;
  }
  return trouble ? std::nullopt : std::optional(entry);
}

std::optional<store::TreeEntry> entry_then(const store::Store& store,
                                           const std::optional<hash::Digest>& tree,
                                           const std::string& path) {
  return tree ? store::find_path(store, *tree, path) : std::nullopt;
}

/// The lines of a patch, each with its sign.
std::vector<std::string> lines_of(const cli::FileChange& change) {
  std::vector<std::string> lines;
  const auto add = [&](const std::optional<git::TextDiff>& text) {
    if (!text) {
      return;
    }
    for (const git::TextDiff::Hunk& hunk : text->hunks) {
      lines.push_back(hunk.heading);
      for (const git::TextDiff::Line& line : hunk.lines) {
        lines.push_back(line.sign + line.text);
      }
    }
  };
  if (cli::is_another_kind(change.change)) {
    add(change.text_gone);
    add(change.text_come);
  } else {
    add(change.text);
  }
  return lines;
}

void add_patch(json::Value& document, const cli::FileChange& change, const Page& page) {
  if (add_kind(document, change.text)) {
    document.set("insertions", std::uint64_t{change.text->insertions});
    document.set("deletions", std::uint64_t{change.text->deletions});
    add_lines(document, lines_of(change), page);
  }
}

} // namespace

Comparisons::Comparisons(Asked asked) : asked_(std::move(asked)) {}

Comparisons::Compared Comparisons::compare_now(const std::string& before) const {
  Look look(asked_);
  cli::Place place = look.place();
  if (!place.project) {
    throw NotFoundError("there is no project here to compare with", "compare two snapshots");
  }
  const manifest::Manifest then = place.store.load(place.select(before).id);
  const cli::Present present =
      cli::look_at_present(*place.project, place.store, cli::Servers::read);
  cli::SinceThen since = cli::compare_with(present, then);
  Compared compared{.key = {},
                    .tree_before = cli::tree_of(then),
                    .tree_after = std::nullopt,
                    .settings = {},
                    .difference = std::move(since.difference),
                    .not_compared = left_out_of(since.left_out)};
  compared.settings.add(then);
  compared.settings.add(present.manifest);
  return compared;
}

Comparisons::Compared Comparisons::compare_snapshots(const std::string& before,
                                                     const std::string& after) const {
  Look look(asked_);
  const cli::Place place = look.place();
  const manifest::Manifest old_one = place.store.load(place.select(before).id);
  const manifest::Manifest new_one = place.store.load(place.select(after).id);
  Compared compared{.key = {},
                    .tree_before = cli::tree_of(old_one),
                    .tree_after = cli::tree_of(new_one),
                    .settings = {},
                    .difference = compare::compare(place.store, old_one, new_one),
                    .not_compared = json::Value::array()};
  compared.settings.add(old_one);
  compared.settings.add(new_one);
  return compared;
}

std::shared_ptr<const Comparisons::Compared>
Comparisons::find(const std::string& before, const std::string& after, Project looked) {
  const std::string key = before + " " + after;
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(compared_, key, [](const auto& one) { return one->key; });
    if (found != compared_.end() && (!after.empty() || looked == Project::remembered)) {
      compared_.splice(compared_.begin(), compared_, found);
      return compared_.front();
    }
  }
  Compared compared = after.empty() ? compare_now(before) : compare_snapshots(before, after);
  compared.key = key;
  const auto kept = std::make_shared<const Compared>(std::move(compared));
  const std::lock_guard lock(mutex_);
  std::erase_if(compared_, [&](const auto& one) { return one->key == key; });
  compared_.push_front(kept);
  if (compared_.size() > k_kept_comparisons) {
    compared_.pop_back();
  }
  return kept;
}

json::Value Comparisons::difference(const std::string& before, const std::string& after,
                                    const std::string& filter, const Page& page, Project looked) {
  const auto compared = find(before, after, looked);
  std::size_t total = 0;
  const compare::Difference shown = shown_of(compared->difference, filter, page, total);
  json::Value document = cli::Session::new_document();
  document.set("before", before);
  document.set("after", after.empty() ? json::Value() : json::Value(after));
  document.set("total", std::uint64_t{total});
  document.set("counts", counts_of(compared->difference));
  document.set("not_compared", compared->not_compared);
  cli::add_changes(document, shown);
  return document;
}

json::Value Comparisons::patch(const std::string& before, const std::string& after,
                               const std::string& path, const Page& page) {
  const auto compared = find(before, after, Project::remembered);
  const auto found =
      std::ranges::find(compared->difference.files, path, &compare::FileDifference::path);
  if (found == compared->difference.files.end()) { // so nothing else of the disk can be asked for
    throw NotFoundError("there is no difference in " + quoted(path), "look at the list again");
  }
  Look look(asked_);
  const cli::Place place = look.place();
  const bool is_now = after.empty();
  // What is gone may still be found where a directory became a link to another one.
  const bool is_gone = found->kind == store::ChangeKind::removed;
  const std::filesystem::path root = is_now && place.project ? place.project->root() : "";
  store::Change change{.path = path,
                       .kind = found->kind,
                       .before = entry_then(place.store, compared->tree_before, path),
                       .after = !is_now   ? entry_then(place.store, compared->tree_after, path)
                                : is_gone ? std::nullopt
                                          : entry_now(root / path),
                       .directory_before = {},
                       .directory_after = {}};
  json::Value document = cli::Session::new_document();
  document.set("path", json::text_or_bytes(path));
  if (compared->settings.has(path)) {
    document.set("is", "secret");
  } else if (!cli::has_content(change) || (!change.before && !change.after)) {
    document.set("is", "no file");
  } else {
    add_patch(document,
              cli::read_change({.source = &place.store, .tree = {}, .directory = {}},
                               {.source = &place.store, .tree = {}, .directory = root}, change),
              page);
  }
  return document;
}

} // namespace savepoint::web
