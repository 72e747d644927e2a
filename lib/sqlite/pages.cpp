#include "sqlite/pages.hpp"

#include "sqlite/internal/database_file.hpp"
#include "sqlite/internal/rollback_journal.hpp"
#include "sqlite/internal/turns.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace savepoint::sqlite {

namespace {

constexpr std::size_t k_header_size = 100;
// Where the fields of the header are that count (https://sqlite.org/fileformat2.html).
constexpr std::size_t k_change_counter_at = 24;
constexpr std::size_t k_schema_cookie_at = 40;
constexpr std::size_t k_version_valid_for_at = 92;
constexpr std::size_t k_library_version_at = 96;

/// So much is read and written at once; a multiple of every page size.
constexpr std::size_t k_at_once = std::size_t{1} << 20U;

/// The header of a database in rollback mode, as far as its pages can be told apart by it.
struct Geometry {
  std::uint32_t page_size = 0;
  std::uint32_t pages = 0;
  std::byte reserved{};

  /// Nothing if there is no such header, or if it is not what SQLite itself would go by.
  static std::optional<Geometry> of(ByteView header, std::uint64_t file_size) {
    constexpr std::string_view k_magic("SQLite format 3\0", 16);
    if (header.size() < k_header_size || !as_text(header).starts_with(k_magic)) {
      return std::nullopt;
    }
    const auto size = static_cast<std::uint32_t>(std::to_integer<unsigned>(header[16]) << 8U |
                                                 std::to_integer<unsigned>(header[17]));
    const Geometry found{size == 1 ? 65536U : size, big_endian_at(header, 28), header[20]};
    const bool is_sound = found.page_size >= 512 && (found.page_size & (found.page_size - 1)) == 0;
    if (!is_sound || found.pages == 0 ||
        std::uint64_t{found.pages} * found.page_size != file_size) {
      return std::nullopt;
    }
    return found;
  }
};

/// In rollback mode, and SQLite trusts its field for the number of pages: so taking the lock has
/// changed nothing yet.
bool is_untouched(ByteView header) {
  constexpr std::byte k_rollback{1};
  return header[18] == k_rollback && header[19] == k_rollback &&
         big_endian_at(header, k_change_counter_at) ==
             big_endian_at(header, k_version_valid_for_at);
}

/// SQLite keeps its locks in this page, which has no content.
std::uint32_t lock_page(std::uint32_t page_size) {
  return (std::uint32_t{1} << 30U) / page_size + 1;
}

class Overwriter {
public:
  Overwriter(DatabaseFile& file, const DatabaseBytes& image, const Geometry& old,
             const Geometry& wanted)
      : file_(&file), image_(&image), page_size_(old.page_size), old_pages_(old.pages),
        new_pages_(wanted.pages), first_page_(page_size_) {
    image.read(0, first_page_);
    Bytes old_header(k_header_size);
    file.read(0, old_header);
    const std::uint32_t counter = big_endian_at(old_header, k_change_counter_at) + 1;
    set_big_endian(first_page_, k_change_counter_at, counter);
    set_big_endian(first_page_, k_version_valid_for_at, counter);
    set_big_endian(first_page_, k_schema_cookie_at,
                   big_endian_at(old_header, k_schema_cookie_at) + 1);
    set_big_endian(first_page_, k_library_version_at,
                   static_cast<std::uint32_t>(sqlite3_libversion_number()));
  }

  void run() {
    find_changes();
    RollbackJournal journal(*file_, page_size_, old_pages_);
    keep_old_pages(journal);
    journal.make_durable();
    journal.leave_hot(); // from here on what is in the way of the end is undone by it
    write_new_pages();
    file_->sync();
    journal.remove();
  }

private:
  /// Numbers of pages, the first is 1: those of either state that differ.
  void find_changes() {
    Bytes old_bytes(k_at_once);
    Bytes new_bytes(k_at_once);
    const std::uint32_t at_once = static_cast<std::uint32_t>(k_at_once) / page_size_;
    const std::uint32_t common = std::min(old_pages_, new_pages_);
    changed_.push_back(1);
    for (std::uint32_t done = 0, count = 0; done < common; done += count) {
      const std::uint32_t first = done + 1;
      count = std::min(at_once, common - done);
      const std::size_t size = std::size_t{count} * page_size_;
      file_->read(offset_of(first), std::span(old_bytes).first(size));
      image_->read(offset_of(first), std::span(new_bytes).first(size));
      for (std::uint32_t i = first == 1 ? 1 : 0; i < count; ++i) {
        const std::size_t at = std::size_t{i} * page_size_;
        if (!std::ranges::equal(ByteView(old_bytes).subspan(at, page_size_),
                                ByteView(new_bytes).subspan(at, page_size_))) {
          add(first + i);
        }
      }
    }
    for (std::uint32_t page = common + 1; page <= std::max(old_pages_, new_pages_); ++page) {
      add(page);
    }
  }

  void add(std::uint32_t page) {
    if (page != lock_page(page_size_)) {
      changed_.push_back(page);
    }
  }

  void keep_old_pages(RollbackJournal& journal) {
    Bytes page(page_size_);
    for (const std::uint32_t number : changed_) {
      if (number <= old_pages_) {
        file_->read(offset_of(number), page);
        journal.add(number, page);
      }
    }
  }

  /// Neighbours together.
  void write_new_pages() {
    const std::size_t at_once = k_at_once / page_size_;
    Bytes run(k_at_once);
    for (std::size_t first = 0; first < changed_.size() && changed_[first] <= new_pages_;) {
      std::size_t end = first + 1;
      while (end < changed_.size() && end - first < at_once && changed_[end] <= new_pages_ &&
             changed_[end] == changed_[end - 1] + 1) {
        ++end;
      }
      const std::span<std::byte> bytes = std::span(run).first((end - first) * page_size_);
      image_->read(offset_of(changed_[first]), bytes);
      if (changed_[first] == 1) {
        std::ranges::copy(first_page_, bytes.begin());
      }
      file_->write(offset_of(changed_[first]), bytes);
      first = end;
    }
    if (new_pages_ < old_pages_) {
      file_->truncate(offset_of(new_pages_ + 1));
    }
  }

  [[nodiscard]] std::uint64_t offset_of(std::uint32_t page) const {
    return std::uint64_t{page - 1} * page_size_;
  }

  DatabaseFile* file_;
  const DatabaseBytes* image_;
  std::uint32_t page_size_;
  std::uint32_t old_pages_;
  std::uint32_t new_pages_;
  Bytes first_page_;
  std::vector<std::uint32_t> changed_; // ascending
};

} // namespace

bool read_pages(Connection& source, const std::function<void(ByteView)>& take) {
  if (!source.in_transaction()) {
    bug("the pages of a database are read without a transaction");
  }
  DatabaseFile file(source);
  const Bytes header = source.file_header();
  const std::uint64_t size = file.size();
  if (!Geometry::of(header, size) || !is_untouched(header)) {
    return false;
  }
  Bytes bytes(k_at_once);
  for (std::uint64_t done = 0; done < size; done += k_at_once) {
    const auto piece = std::span(bytes).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(k_at_once, size - done)));
    file.read(done, piece);
    take(piece);
  }
  return true;
}

PagesWritten overwrite_pages(Connection& target, const DatabaseBytes& image,
                             std::optional<std::uint32_t> version,
                             std::chrono::milliseconds timeout) {
  Bytes wanted_header(std::min<std::uint64_t>(image.size, k_header_size));
  image.read(0, wanted_header);
  const auto wanted = Geometry::of(wanted_header, image.size);
  const Bytes header_before = target.file_header();
  if (!wanted || header_before.size() < k_header_size || !is_untouched(header_before)) {
    return PagesWritten::impossible;
  }
  std::optional<Transaction> all_rights;
  (void)try_in_turns(target, timeout, [&] {
    try {
      all_rights.emplace(target, Transaction::Kind::exclusive);
      return SQLITE_OK;
    } catch (const SqliteBusy&) {
      return SQLITE_BUSY;
    }
  });
  if (version && target.seen_version() != *version) {
    return PagesWritten::moved;
  }
  DatabaseFile file(target);
  const Bytes header = target.file_header();
  const auto old = Geometry::of(header, file.size());
  if (!old || !is_untouched(header) || old->page_size != wanted->page_size ||
      old->reserved != wanted->reserved) {
    return PagesWritten::impossible;
  }
  try {
    Overwriter(file, image, *old, *wanted).run();
  } catch (...) {
    all_rights.reset();
    play_back(target);
    throw;
  }
  return PagesWritten::all;
}

} // namespace savepoint::sqlite
