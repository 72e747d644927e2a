#include "drivers/sqlite/internal/change.hpp"

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

private:
  [[nodiscard]] std::string name_of(std::string_view suffix) const {
    return prefix_ + "-old" + std::string(suffix);
  }

  const Place* place_;
  std::string prefix_;
  std::vector<std::string_view> moved_;
};

class Replacement final : public Change {
public:
  Replacement(const Place& place, const ImageFile& staged)
      : place_(&place), staged_(&staged), companions_(place, staged.name()),
        is_exchange_(place.status().has_value()) {}

  void apply(const FileDetails& details) {
    const std::int64_t mtime_ns =
        details.mtime_ns.value_or(fs::status_of(staged_->file()).mtime_ns);
    fs::set_metadata(staged_->file(), details.mode, fs::SpecialBits::drop, mtime_ns, {});
    fs::sync_descriptor(staged_->file(), staged_->name());
    try {
      companions_.move_out();
      exchange_or_rename(staged_->name(), place_->name());
      is_placed_ = true;
      fs::sync_directory(place_->directory_path());
    } catch (const Error&) {
      undo();
      throw;
    }
  }

  void undo() override {
    if (is_placed_) {
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

private:
  /// Where a file was, the two change names, and the old one waits under the name of the new one.
  void exchange_or_rename(const std::string& from, const std::string& to) const {
    if (is_exchange_) {
      fs::exchange_at(place_->directory(), from.c_str(), place_->directory(), to.c_str());
    } else {
      fs::rename_new_at(place_->directory(), from.c_str(), place_->directory(), to.c_str());
    }
  }

  const Place* place_;
  const ImageFile* staged_;
  Aside companions_;
  bool is_exchange_;
  bool is_placed_ = false;
};

} // namespace

std::unique_ptr<Change> replace_file(const Place& place, const ImageFile& staged,
                                     const FileDetails& details) {
  auto replacement = std::make_unique<Replacement>(place, staged);
  replacement->apply(details);
  return replacement;
}

} // namespace savepoint::drivers::sqlite
