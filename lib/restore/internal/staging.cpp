#include "restore/internal/staging.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/directories.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"
#include "project/scan.hpp"
#include "restore/internal/paths.hpp"
#include "restore/internal/random_name.hpp"

#include <algorithm>

namespace savepoint::restore {
namespace {

/// Runs `change`, which makes or removes something in `directory`, and gives it its time back.
template <typename Change> void keeping_time(const fs::Descriptor& directory, Change change) {
  const fs::FileStatus before = fs::status_of(directory);
  change();
  fs::set_directory_mtime(directory, before.mtime_ns);
}

} // namespace

Staging::Staging(const std::filesystem::path& root_path, const fs::Descriptor& root)
    : root_path_(root_path), root_(&root),
      name_(std::string(project::k_own_prefix) + random_name()) {
  add_place("", root);
}

Staging::~Staging() {
  if (stays_) {
    return;
  }
  try {
    remove();
  } catch (const Error&) {
    return; // the next restore sweeps it
  }
}

void Staging::add_place(std::string_view host, const fs::Descriptor& directory) {
  keeping_time(directory, [&] { fs::make_directory_at(directory, name_.c_str(), 0700); });
  const std::string path = join(host, name_);
  std::optional<fs::Descriptor> made = fs::open_beneath(*root_, path);
  if (!made) {
    throw BusyError("the staging directory went away while it was being made");
  }
  places_.push_back({.host = std::string(host),
                     .name = name_,
                     .descriptor = std::move(*made),
                     .directories = {},
                     .range = fs::rename_range_of(directory)});
  for (std::size_t number = 0; number <= StagedName::k_old; ++number) {
    add_directory(places_.size() - 1);
  }
}

void Staging::sweep(const std::filesystem::path& path, const fs::Descriptor& directory,
                    std::string_view own) {
  const auto names = fs::try_list(directory);
  if (!names) {
    return;
  }
  for (const fs::DirectoryEntry& entry : *names.value) {
    if (!entry.name.starts_with(project::k_own_prefix) || entry.name == own) {
      continue;
    }
    fs::remove_tree(path / entry.name);
  }
}

void Staging::sweep_older() noexcept {
  try {
    for (const Place& place : places_) {
      if (const auto host = fs::open_beneath(*root_, place.host)) {
        keeping_time(*host, [&] { sweep(root_path_ / place.host, *host, name_); });
      }
    }
  } catch (const std::exception&) {
    return; // the next restore sweeps it
  }
}

std::size_t Staging::place_for(std::string_view parent) {
  std::optional<fs::Descriptor> directory = fs::open_beneath(*root_, parent);
  while (!directory) { // ends at the root, which is always there
    parent = parent_of(parent);
    directory = fs::open_beneath(*root_, parent);
  }
  const fs::RenameRange range = fs::rename_range_of(*directory);
  const auto known = std::ranges::find(places_, range, &Place::range);
  if (known != places_.end()) {
    return static_cast<std::size_t>(known - places_.begin());
  }
  // As far up as we may, since what is below may have to go.
  std::string_view host = parent;
  for (std::string_view up = parent; !up.empty();) {
    up = parent_of(up);
    std::optional<fs::Descriptor> above = fs::open_beneath(*root_, up);
    if (!above || fs::rename_range_of(*above) != range) {
      break;
    }
    if (fs::may_change(*above)) {
      host = up;
      directory = std::move(above);
    }
  }
  add_place(host, *directory);
  return places_.size() - 1;
}

std::size_t Staging::add_directory(std::size_t place) {
  Place& at = places_.at(place);
  const std::string name = std::to_string(at.directories.size());
  fs::make_directory_at(at.descriptor, name.c_str(), 0700);
  std::optional<fs::Descriptor> made = fs::open_beneath(at.descriptor, name);
  if (!made) {
    throw BusyError("the staging directory went away while it was being filled");
  }
  at.directories.push_back(std::move(*made));
  return at.directories.size() - 1;
}

const fs::Descriptor& Staging::directory(const StagedName& staged) const {
  return places_.at(staged.place).directories.at(staged.directory);
}

std::filesystem::path Staging::path_of(const StagedName& staged) const {
  const Place& place = places_.at(staged.place);
  return root_path_ / place.host / place.name / std::to_string(staged.directory) / staged.name();
}

std::vector<const fs::Descriptor*> Staging::file_systems() const {
  std::vector<const fs::Descriptor*> descriptors;
  for (const Place& place : places_) {
    descriptors.push_back(&place.descriptor);
  }
  return descriptors;
}

void Staging::remove() {
  while (!places_.empty()) {
    const Place place = std::move(places_.back());
    places_.pop_back();
    if (const auto host = fs::open_beneath(*root_, place.host)) {
      keeping_time(*host, [&] { fs::remove_tree(root_path_ / place.host / place.name); });
    }
  }
}

} // namespace savepoint::restore
