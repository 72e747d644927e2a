#include "git/internal/index_format.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

namespace savepoint::git {
namespace {

using std::string_view;

constexpr std::size_t k_header_size = 12;
constexpr std::size_t k_fixed_entry_size = 40; // without object and flags
constexpr std::size_t k_longest_path = 65535;
constexpr std::size_t k_path_block = std::size_t{256} * 1024;

constexpr std::uint32_t k_name_length_mask = 0x0fff;
constexpr std::uint32_t k_stage_mask = 0x3000;
constexpr std::uint32_t k_extended = 0x4000;
constexpr std::uint32_t k_assume_valid = 0x8000;
constexpr std::uint32_t k_skip_worktree = 0x4000; // of the second flags
constexpr std::uint32_t k_intent_to_add = 0x2000;

/// The bytes do not fit. Internal to the parser, which may then try another length of ids.
struct Misfit {
  const char* why;
};

std::uint32_t u16_at(const std::byte* at) {
  return std::to_integer<std::uint32_t>(at[0]) << 8U | std::to_integer<std::uint32_t>(at[1]);
}
std::uint32_t u32_at(const std::byte* at) {
  return u16_at(at) << 16U | u16_at(at + 2);
}

/// Paths of version 4, which the file gives as differences to the path before.
class PathStore {
public:
  explicit PathStore(std::vector<std::unique_ptr<char[]>>& blocks) : blocks_(&blocks) {}

  string_view add(string_view begin, string_view end) {
    const std::size_t size = begin.size() + end.size();
    if (size > left_) {
      left_ = std::max(size, k_path_block);
      blocks_->push_back(std::make_unique<char[]>(left_));
      next_ = blocks_->back().get();
    }
    char* const path = next_;
    std::copy(begin.begin(), begin.end(), path);
    std::copy(end.begin(), end.end(), path + begin.size());
    next_ += size;
    left_ -= size;
    return {path, size};
  }

private:
  std::vector<std::unique_ptr<char[]>>* blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

class IndexParser {
public:
  IndexParser(IndexContent& content, std::size_t object_size)
      : content_(&content), file_(content.file), object_size_(object_size), paths_(content.paths) {}

  void run() {
    if (file_.size() < k_header_size + object_size_) {
      throw Misfit{"it is too short"};
    }
    if (as_text(file_.first(4)) != "DIRC") {
      throw Misfit{"it does not begin as an index does"};
    }
    version_ = u32_at(&file_[4]);
    if (version_ < 2 || version_ > 4) {
      throw Misfit{"its version is unknown"};
    }
    const std::uint32_t count = u32_at(&file_[8]);
    end_ = file_.size() - object_size_;
    at_ = k_header_size;
    read_entries(count);
    read_extensions();
    // A split index has nameless entries: they replace some of the index it builds on.
    if (!ordered_ && !content_->needs_git) {
      throw Misfit{"its entries are out of order"};
    }
  }

private:
  [[nodiscard]] std::size_t left() const { return end_ - at_; }

  const std::byte* take(std::size_t size) {
    if (size > left()) {
      throw Misfit{"it ends too early"};
    }
    const std::byte* const taken = file_.data() + at_;
    at_ += size;
    return taken;
  }

  void read_entries(std::uint32_t count) {
    if (count > left() / (k_fixed_entry_size + object_size_ + 2)) {
      throw Misfit{"it ends too early"};
    }
    content_->entries.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      const IndexEntry entry = read_entry();
      ordered_ = ordered_ && !entry.path.empty() &&
                 (content_->entries.empty() || in_order(content_->entries.back(), entry));
      content_->entries.push_back(entry);
    }
  }

  IndexEntry read_entry() {
    const std::size_t begin = at_;
    const std::byte* const fixed = take(k_fixed_entry_size);
    IndexEntry entry;
    entry.stat = {u32_at(fixed),      u32_at(fixed + 4),  u32_at(fixed + 8),
                  u32_at(fixed + 12), u32_at(fixed + 16), u32_at(fixed + 20),
                  u32_at(fixed + 28), u32_at(fixed + 32), u32_at(fixed + 36)};
    entry.mode = u32_at(fixed + 24);
    check_type(entry.mode);
    entry.object = {take(object_size_), object_size_};
    const std::uint32_t flags = u16_at(take(2));
    entry.stage = static_cast<std::uint8_t>((flags & k_stage_mask) >> 12U);
    entry.assume_valid = (flags & k_assume_valid) != 0;
    if ((flags & k_extended) != 0) {
      if (version_ < 3) {
        throw Misfit{"an entry has flags of a later version"};
      }
      const std::uint32_t more = u16_at(take(2));
      entry.skip_worktree = (more & k_skip_worktree) != 0;
      entry.intent_to_add = (more & k_intent_to_add) != 0;
    }
    entry.path = version_ == 4 ? read_shortened_path() : read_path(begin);
    const std::size_t length = std::min<std::size_t>(entry.path.size(), k_name_length_mask);
    if (length != (flags & k_name_length_mask)) {
      throw Misfit{"the length of a name is wrong"};
    }
    return entry;
  }

  void check_type(std::uint32_t mode) {
    constexpr std::uint32_t k_file = 010;
    constexpr std::uint32_t k_symlink = 012;
    constexpr std::uint32_t k_directory = 004;
    const std::uint32_t type = mode >> 12U;
    if (type == k_directory) {
      content_->needs_git = true; // a whole directory in one entry: sparse
    } else if (type != k_file && type != k_symlink && type != k_submodule >> 12U) {
      throw Misfit{"an entry is of no known type"};
    }
  }

  /// The bytes up to the next NUL, which is taken as well.
  string_view read_name() {
    const string_view rest = as_text(file_.subspan(at_, left()));
    const std::size_t length = rest.find('\0');
    if (length == string_view::npos) {
      throw Misfit{"a name does not end"};
    }
    at_ += length + 1;
    return rest.substr(0, length);
  }

  string_view read_path(std::size_t begin) {
    const string_view path = read_name();
    const std::size_t size = at_ - begin;
    const std::size_t padding = (8 - size % 8) % 8;
    const std::byte* const zeros = take(padding);
    if (std::any_of(zeros, zeros + padding, [](std::byte byte) { return byte != std::byte{0}; })) {
      throw Misfit{"there is something between two entries"};
    }
    return path;
  }

  string_view read_shortened_path() {
    const std::size_t dropped = read_offset();
    const string_view suffix = read_name();
    if (dropped > previous_.size() || previous_.size() - dropped + suffix.size() > k_longest_path) {
      throw Misfit{"a name does not fit the one before"};
    }
    previous_ = paths_.add(previous_.substr(0, previous_.size() - dropped), suffix);
    return previous_;
  }

  /// The "offset encoding" of pack files.
  std::size_t read_offset() {
    auto byte = std::to_integer<std::size_t>(*take(1));
    std::size_t value = byte & 0x7fU;
    while ((byte & 0x80U) != 0) {
      if (value > k_longest_path) {
        throw Misfit{"a name does not fit the one before"};
      }
      byte = std::to_integer<std::size_t>(*take(1));
      value = ((value + 1) << 7U) + (byte & 0x7fU);
    }
    return value;
  }

  void read_extensions() {
    while (left() > 0) {
      const string_view signature = as_text({take(4), 4});
      const std::uint32_t size = u32_at(take(4));
      const ByteView body{take(size), size};
      if (signature == "TREE") {
        read_cache_tree(as_text(body));
      } else if (signature == "REUC") {
        content_->resolve_undo = as_text(body);
      } else if (signature[0] < 'A' || signature[0] > 'Z') {
        if (signature[0] < 'a' || signature[0] > 'z') {
          throw Misfit{"an extension has no name"};
        }
        content_->needs_git = true;
      }
    }
  }

  void read_cache_tree(string_view body) {
    struct Open {
      std::string path;
      std::uint64_t children;
    };
    std::vector<Open> open;
    while (!body.empty()) {
      const string_view name = take_until(body, '\0');
      const std::optional<std::uint64_t> entries = take_number(body, ' ');
      const std::uint64_t children = take_number(body, '\n').value_or(0);
      CacheTreeNode node;
      node.valid = entries.has_value();
      if (node.valid) {
        if (body.size() < object_size_) {
          throw Misfit{"its cache tree ends too early"};
        }
        node.object = body.substr(0, object_size_);
        body.remove_prefix(object_size_);
      }
      if (open.empty() != content_->cache_tree.empty() || open.empty() != name.empty() ||
          name.size() > k_longest_path) {
        throw Misfit{"its cache tree has no single root"};
      }
      if (!open.empty()) {
        const std::string& parent = open.back().path;
        node.path = parent.empty() ? std::string(name) : parent + "/" + std::string(name);
        --open.back().children;
      }
      open.push_back({node.path, children});
      content_->cache_tree.push_back(std::move(node));
      while (!open.empty() && open.back().children == 0) {
        open.pop_back();
      }
    }
    if (!open.empty()) {
      throw Misfit{"its cache tree ends too early"};
    }
  }

  static string_view take_until(string_view& body, char end) {
    const std::size_t length = body.find(end);
    if (length == string_view::npos) {
      throw Misfit{"its cache tree ends too early"};
    }
    const string_view taken = body.substr(0, length);
    body.remove_prefix(length + 1);
    return taken;
  }

  /// A decimal number; nothing for a negative one.
  static std::optional<std::uint64_t> take_number(string_view& body, char end) {
    const string_view digits = take_until(body, end);
    if (digits.starts_with('-')) {
      return std::nullopt;
    }
    std::uint64_t value = 0;
    if (digits.empty() || digits.size() > 10) {
      throw Misfit{"its cache tree has no number where one is due"};
    }
    for (const char digit : digits) {
      if (digit < '0' || digit > '9') {
        throw Misfit{"its cache tree has no number where one is due"};
      }
      value = value * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    return value;
  }

  IndexContent* content_;
  ByteView file_;
  std::size_t object_size_;
  PathStore paths_;
  string_view previous_;
  std::uint32_t version_ = 0;
  bool ordered_ = true;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
};

} // namespace

bool in_order(const IndexEntry& first, const IndexEntry& second) {
  const int order = first.path.compare(second.path);
  return order < 0 || (order == 0 && first.stage < second.stage);
}

IndexContent parse_index(Bytes file, string_view name) {
  IndexContent content;
  content.file = std::move(file);
  const char* why = nullptr;
  for (const std::size_t object_size : {std::size_t{20}, std::size_t{32}}) {
    try {
      IndexParser(content, object_size).run();
      return content;
    } catch (const Misfit& misfit) {
      why = why == nullptr ? misfit.why : why;
    }
    content.entries.clear();
    content.paths.clear();
    content.cache_tree.clear();
    content.resolve_undo = {};
    content.needs_git = false;
  }
  throw CorruptionError("the git index " + quoted(name) + " is damaged: " + why,
                        "git fsck may tell more; git read-tree HEAD makes a new index");
}

} // namespace savepoint::git
