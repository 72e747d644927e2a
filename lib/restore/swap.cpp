#include "restore/internal/swap.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/directories.hpp"
#include "restore/internal/entry_writer.hpp"
#include "restore/internal/paths.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace savepoint::restore {
namespace {

constexpr std::size_t k_synced_one_by_one = 64;

std::string name_of_file(const std::string& path) {
  return std::string(last_of(path));
}

/// Setting metadata takes several calls, any of which may fail; taking it back does no harm.
bool may_fail_halfway(const Step& step) {
  return step.kind == Step::Kind::set_file_metadata ||
         step.kind == Step::Kind::set_directory_metadata;
}

std::optional<Sight> sight_of(const fs::Descriptor& directory, const std::string& name) {
  const auto status = fs::status_at(directory.number(), name.c_str());
  return status ? std::optional(to_sight(*status)) : std::nullopt;
}

/// Whether a file whose metadata a step sets is the one that was seen, before or after that:
/// another name of it may have had its turn.
bool is_as_seen(const fs::FileStatus& now, const Step& step) {
  return !step.seen ||
         (now.kind == step.seen->kind && now.inode == step.seen->inode &&
          now.size == step.seen->size &&
          (now.mtime_ns == step.seen->mtime_ns || now.mtime_ns == step.after.mtime_ns));
}

[[noreturn]] void throw_changed(const std::string& path) {
  throw BusyError(quoted(path) + " changed while it was being replaced",
                  "stop what changes the project, then try again");
}

/// While going back: what is in place now is neither the old file nor ours.
[[noreturn]] void throw_changed_since() {
  throw BusyError("somebody changed it during the restore, and it stays so");
}

} // namespace

Sight to_sight(const fs::FileStatus& status) {
  return {
      .kind = status.kind, .inode = status.inode, .size = status.size, .mtime_ns = status.mtime_ns};
}

Swap::Swap(const fs::Descriptor& root, const Staging& staging,
           std::vector<database::Restoration*> databases, std::vector<Step> steps)
    : staging_(&staging), databases_(std::move(databases)), steps_(std::move(steps)),
      special_(special_bits(root)), directories_(root) {}

Swap::~Swap() {
  roll_back();
}

void Swap::perform() {
  while (done_ < steps_.size()) {
    Step& step = steps_[done_];
    done_ += may_fail_halfway(step) ? 1U : 0U;
    perform(step);
    done_ += may_fail_halfway(step) ? 0U : 1U;
  }
  sync();
}

void Swap::perform(Step& step) {
  switch (step.kind) {
  case Step::Kind::swap_database:
    databases_.at(step.database)->swap();
    return;
  case Step::Kind::take_away:
    rename_out(step);
    return;
  case Step::Kind::remove_directory: {
    const fs::Descriptor& parent = touch_parent(step.path);
    if (!fs::remove_directory_at(parent, name_of_file(step.path).c_str()) && !step.may_stay) {
      throw BusyError("the directory " + quoted(std::as_const(step.path)) +
                          " is not empty any more",
                      "stop what changes the project, then try again");
    }
    directories_.forget();
    return;
  }
  case Step::Kind::make_directory:
    fs::make_directory_at(touch_parent(step.path), name_of_file(step.path).c_str(),
                          step.after.mode | 0700U);
    directories_.forget();
    return;
  case Step::Kind::place:
    place(step);
    return;
  case Step::Kind::exchange:
    exchange(step);
    return;
  case Step::Kind::set_file_metadata:
    require_in_place(step);
    set_file_metadata(step.path, step.after);
    return;
  case Step::Kind::set_directory_metadata:
    touched_.emplace(step.path, step.before.mtime_ns);
    set_directory_metadata(step.path, step.after);
    return;
  }
}

void Swap::take_back(const Step& step) {
  const std::string name = name_of_file(step.path);
  switch (step.kind) {
  case Step::Kind::swap_database:
    databases_.at(step.database)->undo();
    return;
  case Step::Kind::take_away:
    fs::rename_new_at(staging_->directory(step.staged), step.staged.name().c_str(),
                      touch_parent(step.path), name.c_str());
    return;
  case Step::Kind::remove_directory: {
    const fs::Descriptor& parent = touch_parent(step.path);
    if (fs::status_at(parent.number(), name.c_str())) {
      return; // it stayed
    }
    fs::make_directory_at(parent, name.c_str(), step.before.mode | 0700U);
    directories_.forget();
    touched_[step.path] = step.before.mtime_ns;
    set_directory_metadata(step.path, step.before);
    return;
  }
  case Step::Kind::make_directory:
    touched_.erase(step.path);
    if (!fs::remove_directory_at(touch_parent(step.path), name.c_str())) {
      throw BusyError("something is in it");
    }
    directories_.forget();
    return;
  case Step::Kind::place:
  case Step::Kind::exchange:
    take_out(step);
    return;
  case Step::Kind::set_file_metadata:
  case Step::Kind::set_directory_metadata:
    take_back_metadata(step);
    return;
  }
}

void Swap::take_back_metadata(const Step& step) {
  const fs::Descriptor& parent = directories_.at(parent_of(step.path));
  const std::string name = step.path.empty() ? "." : name_of_file(step.path);
  const auto now = fs::status_at(parent.number(), name.c_str());
  if (now && !is_as_seen(*now, step)) {
    throw_changed_since();
  }
  if (now && now->mode == step.before.mode && now->mtime_ns == step.before.mtime_ns) {
    return; // it failed before it changed anything, and would fail again
  }
  if (step.kind == Step::Kind::set_file_metadata) {
    set_file_metadata(step.path, step.before);
  } else {
    set_directory_metadata(step.path, step.before);
  }
}

void Swap::rename_out(const Step& step) {
  const fs::Descriptor& parent = touch_parent(step.path);
  const fs::Descriptor& old = staging_->directory(step.staged);
  const std::string name = name_of_file(step.path);
  fs::rename_new_at(parent, name.c_str(), old, step.staged.name().c_str());
  try {
    require_seen(step);
  } catch (const std::exception&) {
    fs::rename_new_at(old, step.staged.name().c_str(), parent, name.c_str());
    throw;
  }
}

void Swap::place(Step& step) {
  const fs::Descriptor& fresh = staging_->directory(step.staged);
  step.put = sight_of(fresh, step.staged.name());
  fs::rename_new_at(fresh, step.staged.name().c_str(), touch_parent(step.path),
                    name_of_file(step.path).c_str());
}

void Swap::exchange(Step& step) {
  const fs::Descriptor& parent = touch_parent(step.path);
  const fs::Descriptor& fresh = staging_->directory(step.staged);
  const std::string name = name_of_file(step.path);
  step.put = sight_of(fresh, step.staged.name());
  fs::exchange_at(parent, name.c_str(), fresh, step.staged.name().c_str());
  try {
    require_seen(step);
  } catch (const std::exception&) {
    fs::exchange_at(parent, name.c_str(), fresh, step.staged.name().c_str());
    throw;
  }
}

void Swap::take_out(const Step& step) {
  const fs::Descriptor& parent = touch_parent(step.path);
  const fs::Descriptor& fresh = staging_->directory(step.staged);
  const std::string name = name_of_file(step.path);
  const auto change = step.kind == Step::Kind::place ? fs::rename_new_at : fs::exchange_at;
  change(parent, name.c_str(), fresh, step.staged.name().c_str());
  if (sight_of(fresh, step.staged.name()) != step.put) {
    // Somebody saved the file after it was put in place: what they wrote is nowhere else.
    change(fresh, step.staged.name().c_str(), parent, name.c_str());
    throw_changed_since();
  }
}

void Swap::require_in_place(const Step& step) {
  const fs::Descriptor& parent = directories_.at(parent_of(step.path));
  const auto now = fs::status_at(parent.number(), name_of_file(step.path).c_str());
  if (!now || !is_as_seen(*now, step)) {
    throw_changed(step.path);
  }
}

void Swap::require_seen(const Step& step) const {
  if (!step.seen) {
    return;
  }
  if (sight_of(staging_->directory(step.staged), step.staged.name()) != step.seen) {
    throw_changed(step.path);
  }
}

void Swap::set_file_metadata(const std::string& path, const Metadata& metadata) {
  const fs::Descriptor& parent = directories_.at(parent_of(path));
  const std::string name = name_of_file(path);
  const auto status = fs::status_at(parent.number(), name.c_str());
  if (status && status->kind != fs::FileKind::symlink) {
    fs::set_mode_at(parent, name.c_str(), metadata.mode, special_);
  }
  fs::set_mtime_at(parent, name.c_str(), metadata.mtime_ns);
}

void Swap::set_directory_metadata(const std::string& path, const Metadata& metadata) {
  restore::set_directory_metadata(directories_.at(path), {.mode = metadata.mode,
                                                          .mtime_ns = metadata.mtime_ns,
                                                          .attributes = metadata.attributes,
                                                          .entries = {}});
}

const fs::Descriptor& Swap::touch_parent(const std::string& path) {
  const std::string parent(parent_of(path));
  const fs::Descriptor& directory = directories_.at(parent);
  if (!touched_.contains(parent)) {
    touched_.emplace(parent, fs::status_of(directory).mtime_ns);
  }
  return directory;
}

std::vector<std::string> Swap::roll_back() noexcept {
  std::vector<std::string> stuck;
  if (!has_way_back_) {
    return stuck;
  }
  has_way_back_ = false;
  directories_.forget();
  while (done_ > 0) {
    const Step& step = steps_[--done_];
    try {
      take_back(step);
    } catch (const Error& error) {
      stuck.push_back(quoted(step.path) + ": " + error.what() +
                      (error.hint().empty() ? "" : "; " + error.hint()));
    } catch (const std::exception& error) {
      stuck.push_back(quoted(step.path) + ": " + error.what());
    }
  }
  for (const auto& [path, mtime_ns] : touched_) {
    try {
      if (const fs::Descriptor* directory = directories_.find(path)) {
        fs::set_directory_mtime(*directory, mtime_ns);
      }
    } catch (const std::exception&) {
      continue; // the time of a directory, while something worse is on its way
    }
  }
  return stuck;
}

void Swap::sync() {
  const bool all_at_once =
      touched_.size() > k_synced_one_by_one ||
      std::ranges::count(steps_, Step::Kind::set_file_metadata, &Step::kind) > 0;
  if (all_at_once) {
    for (const fs::Descriptor* file_system : staging_->file_systems()) {
      fs::sync_file_system(*file_system);
    }
    return;
  }
  for (const auto& [path, mtime_ns] : touched_) {
    if (const fs::Descriptor* directory = directories_.find(path)) {
      fs::sync_descriptor(*directory, path);
    }
  }
}

void Swap::close() {
  has_way_back_ = false;
  for (database::Restoration* database : databases_) {
    database->close();
  }
}

} // namespace savepoint::restore
