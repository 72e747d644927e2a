#include "restore/internal/entry_writer.hpp"

#include "base/error.hpp"
#include "store/content.hpp"

#include <unistd.h>

namespace savepoint::restore {

void EntryWriter::write(const fs::Descriptor& directory, const std::string& name,
                        const store::TreeEntry& entry, Sync sync) const {
  switch (entry.kind) {
  case store::EntryKind::file:
    write_file(directory, name, entry, sync);
    return;
  case store::EntryKind::symlink:
    fs::make_symlink_at(directory, name.c_str(), entry.target);
    fs::set_mtime_at(directory, name.c_str(), entry.mtime_ns);
    return;
  case store::EntryKind::fifo:
    fs::make_fifo_at(directory, name.c_str(), entry.mode & 0777U);
    fs::set_mode_at(directory, name.c_str(), entry.mode, special_);
    fs::set_mtime_at(directory, name.c_str(), entry.mtime_ns);
    return;
  case store::EntryKind::directory:
    break;
  }
  bug("a directory is not written as a file");
}

void EntryWriter::write_file(const fs::Descriptor& directory, const std::string& name,
                             const store::TreeEntry& entry, Sync sync) const {
  const fs::Descriptor file = fs::create_file_at(directory, name.c_str(), 0600);
  bool ends_in_hole = false;
  store::read_content(*source_, entry.content,
                      [&](std::uint64_t offset, ByteView bytes, std::uint64_t hole) {
                        cancellation_->check();
                        ends_in_hole = hole > 0;
                        if (!bytes.empty()) {
                          fs::write_at(file, bytes, offset);
                        }
                      });
  if (ends_in_hole) {
    fs::set_size(file, entry.content.size);
  }
  fs::set_metadata(file, entry.mode, special_, entry.mtime_ns, to_extended(entry.attributes));
  if (sync == Sync::yes) {
    fs::sync_descriptor(file, name);
  }
}

fs::SpecialBits special_bits(const fs::Descriptor& directory) {
  return geteuid() == 0 && fs::status_of(directory).user == 0 ? fs::SpecialBits::keep
                                                              : fs::SpecialBits::drop;
}

void set_directory_metadata(const fs::Descriptor& directory, const store::Tree& metadata) {
  fs::set_metadata(directory, metadata.mode, fs::SpecialBits::keep, metadata.mtime_ns,
                   to_extended(metadata.attributes));
}

std::vector<fs::ExtendedAttribute> to_extended(const store::Attributes& attributes) {
  std::vector<fs::ExtendedAttribute> extended;
  extended.reserve(attributes.size());
  for (const auto& [name, value] : attributes) {
    extended.push_back({.name = name, .value = value});
  }
  return extended;
}

} // namespace savepoint::restore
