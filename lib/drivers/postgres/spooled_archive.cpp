#include "drivers/postgres/internal/spooled_archive.hpp"

#include "base/error.hpp"
#include "drivers/postgres/internal/access.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"

#include <utility>

namespace savepoint::drivers::postgres {

SpooledArchive::SpooledArchive(const std::filesystem::path& scratch, Bytes head)
    : path_(scratch / (".savepoint-archive-" + random_hex(16))),
      file_(fs::create_file_at(fs::open_directory(scratch), path_.filename().c_str(), 0600)),
      head_(std::move(head)) {
  write(head_);
}

SpooledArchive::~SpooledArchive() {
  try {
    fs::remove_file(path_);
  } catch (const Error&) {
    return; // the scratch directory goes with all that is in it
  }
}

void SpooledArchive::write(ByteView bytes) {
  fs::write_all(file_, bytes, path_);
}

void SpooledArchive::begin_of_data(const ArchiveEntry& entry, std::uint64_t after_head) {
  data_at_[entry.id] = head_.size() + after_head;
}

const std::filesystem::path& SpooledArchive::complete() {
  const auto parsed = parse_head(head_);
  if (!parsed) {
    bug("the head of an archive that was written cannot be read");
  }
  set_positions(head_, *parsed, data_at_);
  fs::write_at(file_, head_, 0);
  return path_;
}

} // namespace savepoint::drivers::postgres
