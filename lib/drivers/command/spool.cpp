#include "drivers/command/internal/spool.hpp"

#include "fs/files.hpp"
#include "fs/tree_writer.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>

namespace savepoint::drivers::command {
namespace {

constexpr std::size_t k_piece = std::size_t{256} << 10U;
constexpr std::uint32_t k_private = 0600;

std::string random_name() {
  std::random_device random;
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x%08x", random(), random());
  return std::string(fs::k_temporary_prefix) + digits.data();
}

fs::Descriptor nameless_file(const std::filesystem::path& path) {
  const std::string name = random_name();
  const fs::Descriptor directory = fs::open_directory(path);
  fs::Descriptor file = fs::create_file_at(directory, name.c_str(), k_private);
  fs::remove_file(path / name);
  return file;
}

} // namespace

Spool::Spool(const std::filesystem::path& directory)
    : directory_(directory), file_(nameless_file(directory)) {}

void Spool::write(ByteView bytes) {
  fs::write_all(file_, bytes, directory_);
  hash_.update(bytes);
  size_ += bytes.size();
}

void Spool::replay(const std::function<bool(ByteView)>& take) const {
  for (std::uint64_t done = 0; done < size_;) {
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(k_piece, size_ - done));
    if (!take(fs::read_at(file_, done, length, directory_))) {
      return;
    }
    done += length;
  }
}

} // namespace savepoint::drivers::command
