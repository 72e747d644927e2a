#pragma once

#include "base/cancellation.hpp"
#include "fs/tree_writer.hpp"
#include "store/chunks.hpp"
#include "store/tree.hpp"

#include <filesystem>
#include <string>

namespace savepoint::restore {

enum class Sync { no, yes };

/// Makes files, symlinks and FIFOs as a tree describes them: bytes hashed on their way, holes as
/// holes, then attributes, mode and time. Safe to use from several threads.
class EntryWriter {
public:
  /// All must outlive it.
  EntryWriter(const store::ChunkSource& source, fs::SpecialBits special,
              const Cancellation& cancellation)
      : source_(&source), special_(special), cancellation_(&cancellation) {}

  /// Makes `name`, which must not exist, in `directory`. Requires an entry that is no directory.
  void write(const fs::Descriptor& directory, const std::string& name,
             const store::TreeEntry& entry, Sync sync) const;

private:
  void write_file(const fs::Descriptor& directory, const std::string& name,
                  const store::TreeEntry& entry, Sync sync) const;

  const store::ChunkSource* source_;
  fs::SpecialBits special_;
  const Cancellation* cancellation_;
};

/// Whether setuid and setgid bits are given back to files below `directory`: only if we are root
/// and what is there is root's. The owner of a file is not kept, so elsewhere the bit would hand
/// root's rights to whoever wrote the file.
[[nodiscard]] fs::SpecialBits special_bits(const fs::Descriptor& directory);

/// Sets mode, attributes and time of an open directory; sticky and setgid bits mean no danger
/// there.
void set_directory_metadata(const fs::Descriptor& directory, const store::Tree& metadata);

[[nodiscard]] std::vector<fs::ExtendedAttribute> to_extended(const store::Attributes& attributes);

} // namespace savepoint::restore
