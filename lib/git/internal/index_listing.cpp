#include "git/internal/index_format.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/printable.hpp"

#include <charconv>

namespace savepoint::git {
namespace {

using std::string_view;

constexpr std::size_t k_sha1_size = 20;
constexpr std::size_t k_sha256_size = 32;
constexpr std::uint32_t k_assume_valid = 1U << 15U;
constexpr std::uint32_t k_intent_to_add = 1U << 29U;
constexpr std::uint32_t k_skip_worktree = 1U << 30U;

/// Walks over a listing; what is not as expected is damage.
class ListingReader {
public:
  ListingReader(string_view text, string_view name) : left_(text), name_(name) {}

  [[nodiscard]] bool at_end() const { return left_.empty(); }

  void expect(string_view words) {
    if (!left_.starts_with(words)) {
      fail();
    }
    left_.remove_prefix(words.size());
  }

  string_view until(char end) {
    const std::size_t length = left_.find(end);
    if (length == string_view::npos) {
      fail();
    }
    const string_view taken = left_.substr(0, length);
    left_.remove_prefix(length + 1);
    return taken;
  }

  std::uint32_t number(char end, int base = 10) {
    const string_view digits = until(end);
    std::uint32_t value = 0;
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (error != std::errc() || stop != digits.data() + digits.size()) {
      fail();
    }
    return value;
  }

  [[noreturn]] void fail() const {
    throw CorruptionError("cannot understand what git says of the index " + quoted(name_));
  }

private:
  string_view left_;
  string_view name_;
};

void read_stat(ListingReader& reader, IndexEntry& entry) {
  reader.expect("  ctime: ");
  entry.stat.ctime_seconds = reader.number(':');
  entry.stat.ctime_nanoseconds = reader.number('\n');
  reader.expect("  mtime: ");
  entry.stat.mtime_seconds = reader.number(':');
  entry.stat.mtime_nanoseconds = reader.number('\n');
  reader.expect("  dev: ");
  entry.stat.device = reader.number('\t');
  reader.expect("ino: ");
  entry.stat.inode = reader.number('\n');
  reader.expect("  uid: ");
  entry.stat.user = reader.number('\t');
  reader.expect("gid: ");
  entry.stat.group = reader.number('\n');
  reader.expect("  size: ");
  entry.stat.size = reader.number('\t');
  reader.expect("flags: ");
  const std::uint32_t flags = reader.number('\n', 16);
  entry.assume_valid = (flags & k_assume_valid) != 0;
  entry.intent_to_add = (flags & k_intent_to_add) != 0;
  entry.skip_worktree = (flags & k_skip_worktree) != 0;
}

} // namespace

IndexContent parse_listing(Bytes listing, string_view name) {
  IndexContent content;
  content.file = std::move(listing);
  ListingReader reader(as_text(content.file), name);
  while (!reader.at_end()) {
    IndexEntry entry;
    entry.mode = reader.number(' ', 8);
    const std::optional<std::string> object = from_hex(reader.until(' '));
    const std::uint32_t stage = reader.number('\t');
    entry.path = reader.until('\0');
    read_stat(reader, entry);
    const bool is_id = object && (object->size() == k_sha1_size || object->size() == k_sha256_size);
    if (!is_id || stage > 3 || entry.path.empty()) {
      reader.fail();
    }
    entry.stage = static_cast<std::uint8_t>(stage);
    content.paths.push_back(std::make_unique<char[]>(object->size()));
    object->copy(content.paths.back().get(), object->size());
    entry.object = as_bytes({content.paths.back().get(), object->size()});
    if (!content.entries.empty() && !in_order(content.entries.back(), entry)) {
      reader.fail();
    }
    content.entries.push_back(entry);
  }
  return content;
}

} // namespace savepoint::git
