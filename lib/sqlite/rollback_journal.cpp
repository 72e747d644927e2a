#include "sqlite/internal/rollback_journal.hpp"

#include "sqlite/header.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <exception>
#include <iterator>

namespace savepoint::sqlite {

namespace {

constexpr std::array<std::uint8_t, 8> k_magic{0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
/// The header has a sector for itself; so SQLite does it where it knows nothing of the disk.
constexpr std::size_t k_sector = 4096;
constexpr std::size_t k_written_at_once = std::size_t{1} << 20U;
constexpr std::uint32_t k_checked_every = 200;

/// Of a page that was not written whole a byte at one of these places is likely to be wrong.
std::uint32_t checksum(std::uint32_t nonce, ByteView page) {
  std::uint32_t sum = nonce;
  for (std::size_t at = page.size(); at > k_checked_every;) {
    at -= k_checked_every;
    sum += std::to_integer<std::uint32_t>(page[at]);
  }
  return sum;
}

void append(Bytes& bytes, std::uint32_t value) {
  const Bytes stored = big_endian(value);
  bytes.insert(bytes.end(), stored.begin(), stored.end());
}

std::uint32_t random_number() {
  std::uint32_t number = 0;
  sqlite3_randomness(sizeof number, &number);
  return number;
}

} // namespace

void RollbackJournal::Closing::operator()(std::byte* file) const noexcept {
  auto* opened = reinterpret_cast<sqlite3_file*>(file);
  if (opened->pMethods != nullptr) {
    (void)opened->pMethods->xClose(opened);
  }
  delete[] file;
}

RollbackJournal::RollbackJournal(const DatabaseFile& database, std::uint32_t page_size,
                                 std::uint32_t pages)
    : database_(&database), page_size_(page_size), pages_(pages), nonce_(random_number()),
      file_(new std::byte[static_cast<std::size_t>(database.system()->szOsFile)]()) {
  sqlite3_vfs* system = database.system();
  database.require(
      system->xOpen(system, database.journal_name(), file(),
                    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_JOURNAL, nullptr),
      "make a journal for");
  try {
    database.require(file()->pMethods->xTruncate(file(), 0), "make a journal for", file());
    write_header(0); // SQLite takes what comes before the number of records for none
  } catch (...) {
    (void)system->xDelete(system, database.journal_name(), 0);
    throw;
  }
}

RollbackJournal::~RollbackJournal() {
  file_.reset();
  if (!is_hot_) {
    (void)database_->system()->xDelete(database_->system(), database_->journal_name(), 0);
  }
}

void RollbackJournal::add(std::uint32_t number, ByteView page) {
  append(pending_, number);
  pending_.insert(pending_.end(), page.begin(), page.end());
  append(pending_, checksum(nonce_, page));
  ++records_;
  if (pending_.size() >= k_written_at_once) {
    flush();
  }
}

void RollbackJournal::make_durable() {
  flush();
  database_->require(file()->pMethods->xSync(file(), SQLITE_SYNC_FULL), "keep the old pages of",
                     file());
  write_header(records_); // last, so that no record counts that is not on disk
  database_->require(file()->pMethods->xSync(file(), SQLITE_SYNC_FULL), "keep the old pages of",
                     file());
}

void RollbackJournal::remove() {
  file_.reset();
  sqlite3_vfs* system = database_->system();
  database_->require(system->xDelete(system, database_->journal_name(), 0), "commit to");
  is_hot_ = false;
}

void RollbackJournal::flush() {
  database_->require(write_to(file(), k_sector + written_, pending_), "keep the old pages of",
                     file());
  written_ += pending_.size();
  pending_.clear();
}

void RollbackJournal::write_header(std::uint32_t records) {
  Bytes header;
  std::ranges::transform(k_magic, std::back_inserter(header),
                         [](std::uint8_t byte) { return std::byte{byte}; });
  for (const std::uint32_t field :
       {records, nonce_, pages_, static_cast<std::uint32_t>(k_sector), page_size_}) {
    append(header, field);
  }
  header.resize(k_sector);
  database_->require(write_to(file(), 0, header), "keep the old pages of", file());
}

sqlite3_file* RollbackJournal::file() const {
  return reinterpret_cast<sqlite3_file*>(file_.get());
}

void play_back(Connection& connection) noexcept {
  try {
    (void)connection.query_integer("PRAGMA schema_version");
  } catch (const std::exception&) {
    return;
  }
}

} // namespace savepoint::sqlite
