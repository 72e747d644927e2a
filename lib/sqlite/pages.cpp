#include "sqlite/pages.hpp"

#include "sqlite/header.hpp"
#include "sqlite/internal/database_file.hpp"
#include "sqlite/internal/rollback_journal.hpp"
#include "sqlite/internal/turns.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace savepoint::sqlite {

namespace {

/// So much is read and written at once; a multiple of every page size.
constexpr std::size_t k_at_once = std::size_t{1} << 20U;

/// The header of a file that is the pages which it says, and nothing else.
std::optional<Header> header_of_pages(ByteView bytes, std::uint64_t file_size) {
  const auto header = Header::parse(bytes);
  const bool is_all =
      header && header->pages > 0 && std::uint64_t{header->pages} * header->page_size == file_size;
  return is_all ? header : std::nullopt;
}

/// In rollback mode, and SQLite trusts its field for the number of pages: so taking the lock has
/// changed nothing yet.
bool is_untouched(const Header& header) {
  return header.journal == Header::Journal::rollback && header.is_writable &&
         header.writer.change_counter == header.writer.version_valid_for;
}

/// SQLite keeps its locks in this page, which has no content.
std::uint32_t lock_page(std::uint32_t page_size) {
  return static_cast<std::uint32_t>(k_lock_bytes_at / page_size) + 1;
}

class Overwriter {
public:
  Overwriter(DatabaseFile& file, const DatabaseBytes& image, const Header& old,
             const Header& wanted)
      : file_(&file), image_(&image), page_size_(old.page_size), old_pages_(old.pages),
        new_pages_(wanted.pages), first_page_(page_size_) {
    image.read(0, first_page_);
    const std::uint32_t counter = old.writer.change_counter + 1;
    set_writer_fields(first_page_, {counter, old.writer.schema_cookie + 1, counter,
                                    static_cast<std::uint32_t>(sqlite3_libversion_number())});
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
  const std::uint64_t size = file.size();
  const auto header = header_of_pages(source.file_header(), size);
  if (!header || !is_untouched(*header)) {
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
  const auto wanted = header_of_pages(wanted_header, image.size);
  const auto before = Header::parse(target.file_header());
  if (!wanted || !before || !is_untouched(*before)) {
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
  const auto old = header_of_pages(target.file_header(), file.size());
  if (!old || !is_untouched(*old) || old->page_size != wanted->page_size ||
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
