#include "project/internal/stat_cache.hpp"
#include "fuzz/promise.hpp"
#include "fuzz/targets.hpp"
#include "hash/checksum.hpp"
#include "support/temporary_directory.hpp"

#include <algorithm>
#include <cstring>
#include <set>

namespace savepoint::fuzz {
namespace {

constexpr std::size_t k_trailer = 40;

template <typename T> T value_at(const std::string& file, std::size_t at) {
  T value{};
  std::memcpy(&value, file.data() + at, sizeof value);
  return value;
}

void put_checksum(std::string& file, std::size_t at, std::string_view checked) {
  const std::uint64_t checksum = hash::checksum64(as_bytes(checked));
  std::memcpy(file.data() + at, &checksum, sizeof checksum);
}

/// Makes the checksums of the block at `at` and of those below it fit.
void mend_block(std::string& file, std::uint64_t at, std::set<std::uint64_t>& mended) {
  constexpr std::size_t k_header = sizeof(project::CachedDirectoryHeader);
  if (at > file.size() || file.size() - at < k_header || !mended.insert(at).second) {
    return;
  }
  const auto header = value_at<project::CachedDirectoryHeader>(file, at);
  const std::uint64_t entries = std::uint64_t{header.entry_count} * sizeof(project::CachedEntry);
  const std::uint64_t size = k_header + entries + header.names_size;
  if (size > file.size() - at) {
    return;
  }
  for (std::uint64_t i = 0; i < header.entry_count; ++i) {
    const auto entry = value_at<project::CachedEntry>(
        file, static_cast<std::size_t>(at + k_header + i * sizeof(project::CachedEntry)));
    mend_block(file, entry.child, mended);
  }
  put_checksum(
      file, static_cast<std::size_t>(at),
      std::string_view(file).substr(static_cast<std::size_t>(at) + sizeof(std::uint64_t),
                                    static_cast<std::size_t>(size) - sizeof(std::uint64_t)));
}

/// Makes all checksums of a file fit, so that what is behind them is tried as well.
std::string mended(std::string file) {
  if (file.size() < k_trailer) {
    return file;
  }
  const std::size_t trailer = file.size() - k_trailer;
  std::set<std::uint64_t> blocks;
  mend_block(file, value_at<std::uint64_t>(file, trailer + 24), blocks);
  const auto facts = value_at<std::uint64_t>(file, trailer + 8);
  if (facts <= trailer) {
    put_checksum(
        file, trailer,
        file.substr(static_cast<std::size_t>(facts), trailer - static_cast<std::size_t>(facts)) +
            file.substr(trailer + sizeof(std::uint64_t)));
  }
  return file;
}

void visit(const project::StatCache& cache, std::uint64_t block) {
  const std::optional<project::CachedDirectory> directory = cache.directory(block);
  if (!directory) {
    return;
  }
  for (const project::CachedEntry& entry : directory->entries()) {
    const std::string name(directory->name_of(entry));
    static_cast<void>(directory->find(name));
    if (entry.kind == static_cast<std::uint8_t>(fs::FileKind::directory)) {
      visit(cache, entry.child);
    }
  }
}

} // namespace

void fuzz_stat_cache(ByteView bytes) {
  static const test::TemporaryDirectory directory;
  const std::filesystem::path file = directory / "cache";
  for (const std::string& content :
       {std::string(as_text(bytes)), mended(std::string(as_text(bytes)))}) {
    test::write_file(file, content);
    unless_refused([&] {
      if (const auto cache = project::StatCache::open(file)) {
        visit(*cache, cache->root_block());
        project::StatCacheWriter copy(directory / "copy");
        const std::uint64_t root = copy.copy(*cache, cache->root_block());
        copy.commit(cache->facts(), root);
      }
    });
  }
}

} // namespace savepoint::fuzz
