#include "drivers/sqlite/internal/change.hpp"

#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"

#include <unistd.h>

#include <string>
#include <vector>

namespace savepoint::drivers::sqlite {

namespace {

/// The companions of a database, out of the way under names of ours.
class Aside {
public:
  explicit Aside(const Place& place, std::string prefix)
      : place_(&place), prefix_(std::move(prefix)) {}
  ~Aside() {
    for (const std::string_view suffix : moved_) {
      unlinkat(place_->directory().number(), name_of(suffix).c_str(), 0);
    }
  }
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

  void move_out() {
    for (const std::string_view suffix : k_companion_suffixes) {
      const std::string name = place_->name() + std::string(suffix);
      if (fs::status_at(place_->directory().number(), name.c_str())) {
        fs::rename_new_at(place_->directory(), name.c_str(), place_->directory(),
                          name_of(suffix).c_str());
        moved_.push_back(suffix);
      }
    }
    if (!moved_.empty()) {
      fs::sync_directory(place_->directory_path());
    }
  }

  void move_back() {
    while (!moved_.empty()) {
      const std::string_view suffix = moved_.back();
      const std::string name = place_->name() + std::string(suffix);
      unlinkat(place_->directory().number(), name.c_str(), 0);
      fs::rename_new_at(place_->directory(), name_of(suffix).c_str(), place_->directory(),
                        name.c_str());
      moved_.pop_back();
    }
  }

  /// Leaves them for good, as the companions of `name` where that is possible.
  void leave_as(const std::string& name) {
    for (const std::string_view suffix : moved_) {
      try {
        fs::rename_new_at(place_->directory(), name_of(suffix).c_str(), place_->directory(),
                          (name + std::string(suffix)).c_str());
      } catch (const IoError&) {
        continue; // they stay under the name they have
      }
    }
    moved_.clear();
  }

private:
  [[nodiscard]] std::string name_of(std::string_view suffix) const {
    return prefix_ + "-old" + std::string(suffix);
  }

  const Place* place_;
  std::string prefix_;
  std::vector<std::string_view> moved_;
};

bool is_same(const fs::FileStatus& a, const fs::FileStatus& b) {
  return a.inode == b.inode && a.size == b.size && a.mtime_ns == b.mtime_ns;
}

class Replacement final : public Change {
public:
  Replacement(const Place& place, ImageFile& staged, const std::optional<fs::FileStatus>& seen)
      : place_(&place), staged_(&staged), companions_(place, staged.name()), seen_(seen) {}

  void apply(const FileDetails& details) {
    const auto now = place_->status();
    if (now.has_value() != seen_.has_value() || (now && !is_same(*now, *seen_))) {
      throw_moved(*place_);
    }
    const std::int64_t mtime_ns =
        details.mtime_ns.value_or(fs::status_of(staged_->file()).mtime_ns);
    fs::set_metadata(staged_->file(), details.mode, fs::SpecialBits::drop, mtime_ns, {});
    fs::sync_descriptor(staged_->file(), staged_->name());
    try {
      companions_.move_out();
      exchange_or_rename(staged_->name(), place_->name());
      is_placed_ = true;
      require_seen();
      fs::sync_directory(place_->directory_path());
    } catch (Error& error) {
      take_back(error);
      throw;
    }
  }

  void undo() override {
    try {
      put_back();
    } catch (Error& error) {
      keep_old(error);
      throw;
    }
  }

private:
  void put_back() {
    if (is_placed_) {
      require_ours(place_->name());
      for (const std::string_view suffix : k_companion_suffixes) {
        const std::string name = place_->name() + std::string(suffix);
        unlinkat(place_->directory().number(), name.c_str(), 0);
      }
      exchange_or_rename(place_->name(), staged_->name());
      is_placed_ = false;
    }
    companions_.move_back();
    fs::sync_directory(place_->directory_path());
  }

  /// Puts back after `error`; says in it if that failed.
  void take_back(Error& error) {
    try {
      put_back();
    } catch (const Error&) {
      keep_old(error);
    }
  }

  /// What was there before is all that is left of it: it stays, and `error` says where.
  void keep_old(Error& error) {
    const std::string name = place_->name() + ".before-restore" +
                             staged_->name().substr(staged_->name().find_last_of('-'));
    error.set_changed(Changed::yes);
    error.set_hint("what belonged to it before is in " +
                   quoted((place_->directory_path() / name).native() + "-*"));
    companions_.leave_as(name);
    if (!is_placed_ || !seen_) {
      return;
    }
    is_placed_ = false;
    staged_->release();
    std::filesystem::path left = place_->directory_path() / name;
    try {
      fs::rename_new_at(place_->directory(), staged_->name().c_str(), place_->directory(),
                        name.c_str());
    } catch (const IoError&) {
      left = staged_->path();
    }
    error.set_hint("what was in place before is in " + quoted(left.native()));
  }

  /// Throws MovedError unless what went out of the place is what was known to be there.
  void require_seen() const {
    const auto old = fs::status_at(place_->directory().number(), staged_->name().c_str());
    if (old.has_value() != seen_.has_value() || (old && !is_same(*old, *seen_))) {
      throw_moved(*place_);
    }
  }

  /// Throws BusyError if what is called `name` is not the file that was put in place: it is
  /// somebody's own.
  void require_ours(const std::string& name) const {
    const auto there = fs::status_at(place_->directory().number(), name.c_str());
    if (!there || there->inode != fs::status_of(staged_->file()).inode) {
      throw BusyError("something else is in its place");
    }
  }

  /// Where a file was, the two change names, and the old one waits under the name of the new one.
  void exchange_or_rename(const std::string& from, const std::string& to) const {
    if (seen_) {
      fs::exchange_at(place_->directory(), from.c_str(), place_->directory(), to.c_str());
    } else {
      fs::rename_new_at(place_->directory(), from.c_str(), place_->directory(), to.c_str());
    }
  }

  const Place* place_;
  ImageFile* staged_;
  Aside companions_;
  std::optional<fs::FileStatus> seen_;
  bool is_placed_ = false;
};

} // namespace

std::unique_ptr<Change> replace_file(const Place& place, ImageFile& staged,
                                     const FileDetails& details,
                                     const std::optional<fs::FileStatus>& seen) {
  auto replacement = std::make_unique<Replacement>(place, staged, seen);
  replacement->apply(details);
  return replacement;
}

} // namespace savepoint::drivers::sqlite
