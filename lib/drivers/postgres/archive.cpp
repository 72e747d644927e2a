#include "drivers/postgres/internal/archive.hpp"

#include "base/binary.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"

#include <algorithm>
#include <charconv>

namespace savepoint::drivers::postgres {

namespace {

constexpr std::string_view k_magic = "PGDMP";
constexpr std::byte k_custom_format{1};
constexpr std::byte k_int_size{4};
constexpr std::byte k_offset_size{8};
constexpr std::size_t k_number_size = 5; // a sign, then four bytes, the lowest first
constexpr std::size_t k_time_numbers = 7;
constexpr std::size_t k_offset_field = 9; // what is known, then the offset, the lowest byte first
constexpr std::byte k_offset_known{2};

constexpr std::byte k_block_of_data{1};
constexpr std::byte k_block_of_objects{3};

[[noreturn]] void damaged(std::string_view why) {
  throw CorruptionError("the archive of a PostgreSQL database is damaged: " + std::string(why));
}

/// More bytes are needed than there are.
struct Incomplete {};

std::int64_t number_of(ByteView bytes) {
  std::int64_t value = 0;
  for (std::size_t i = 4; i > 0; --i) {
    value = value * 256 + std::to_integer<std::int64_t>(bytes[i]);
  }
  if (bytes[0] != std::byte{0} && bytes[0] != std::byte{1}) {
    damaged("a number has no sign");
  }
  return bytes[0] == std::byte{0} ? value : -value;
}

class HeadReader {
public:
  explicit HeadReader(ByteView bytes) : bytes_(bytes) {}

  ByteView raw(std::size_t size) {
    if (bytes_.size() - at_ < size) {
      throw Incomplete();
    }
    at_ += size;
    return bytes_.subspan(at_ - size, size);
  }
  std::byte byte() { return raw(1)[0]; }
  std::int64_t number() { return number_of(raw(k_number_size)); }
  /// Nothing for one that is missing.
  std::optional<std::string> text() {
    const std::int64_t size = number();
    if (size < 0) {
      return std::nullopt;
    }
    return std::string(as_text(raw(static_cast<std::size_t>(size))));
  }
  std::string text_or_empty() { return text().value_or(""); }
  [[nodiscard]] std::size_t position() const { return at_; }

private:
  ByteView bytes_;
  std::size_t at_ = 0;
};

int parse_format(HeadReader& in) {
  if (as_text(in.raw(k_magic.size())) != k_magic) {
    damaged("it does not begin like one");
  }
  const int major = std::to_integer<int>(in.byte());
  const int minor = std::to_integer<int>(in.byte());
  in.byte(); // revision
  if (major != 1 || minor < k_oldest_format || minor > k_newest_format) {
    throw NotFoundError("archives of PostgreSQL in format " + std::to_string(major) + "." +
                            std::to_string(minor) + " are not known to this version of savepoint",
                        "use the client programs of PostgreSQL 12 to 18, or a newer savepoint");
  }
  if (in.byte() != k_int_size || in.byte() != k_offset_size || in.byte() != k_custom_format) {
    damaged("it is not in the custom format of a usual machine");
  }
  return minor;
}

ArchiveEntry parse_entry(HeadReader& in, int format) {
  ArchiveEntry entry;
  entry.begin = in.position();
  entry.id = in.number();
  entry.has_data = in.number() != 0;
  in.text(); // the OIDs of catalog and object
  in.text();
  entry.tag = in.text_or_empty();
  entry.kind = in.text_or_empty();
  in.number(); // section
  entry.definition = in.text_or_empty();
  in.text(); // how to drop it
  entry.copy = in.text_or_empty();
  entry.schema = in.text_or_empty();
  in.text(); // tablespace
  in.text(); // access method
  if (format >= 16) {
    in.number(); // kind of relation
  }
  entry.owner = in.text_or_empty();
  in.text(); // "false": once, whether the table has OIDs
  while (const auto dependency = in.text()) {
    std::int64_t id = 0;
    std::from_chars(dependency->data(), dependency->data() + dependency->size(), id);
    entry.dependencies.push_back(id);
  }
  in.raw(k_offset_field);
  entry.end = in.position();
  return entry;
}

ArchiveHead parse_all(ByteView bytes) {
  HeadReader in(bytes);
  ArchiveHead head;
  head.format = parse_format(in);
  if (head.format >= 15) {
    if (in.byte() != std::byte{0}) {
      damaged("its data are compressed");
    }
  } else if (in.number() != 0) {
    damaged("its data are compressed");
  }
  head.created_at = in.position();
  in.raw(k_time_numbers * k_number_size);
  head.created_end = in.position();
  head.database = in.text_or_empty();
  head.server = in.text_or_empty();
  in.text(); // version of the dump program
  head.count_at = in.position();
  const std::int64_t count = in.number();
  for (std::int64_t i = 0; i < count; ++i) {
    head.entries.push_back(parse_entry(in, head.format));
  }
  head.size = in.position();
  return head;
}

} // namespace

int oldest_restore_for(int format) {
  return format <= 14 ? 12 : format == 15 ? 16 : 17;
}

const ArchiveEntry* ArchiveHead::find(std::int64_t id) const {
  const auto found = std::ranges::find(entries, id, &ArchiveEntry::id);
  return found == entries.end() ? nullptr : &*found;
}

std::optional<ArchiveHead> parse_head(ByteView bytes) {
  try {
    return parse_all(bytes);
  } catch (const Incomplete&) {
    return std::nullopt;
  }
}

void forget_time(std::span<std::byte> head, const ArchiveHead& parsed) {
  // Seconds, minutes, hours, day, month, years since 1900, daylight saving: 1 January 2000.
  constexpr std::array<std::uint8_t, k_time_numbers> k_fixed{0, 0, 0, 1, 0, 100, 0};
  for (std::size_t i = 0; i < k_time_numbers; ++i) {
    const std::span<std::byte> field =
        head.subspan(parsed.created_at + i * k_number_size, k_number_size);
    std::ranges::fill(field, std::byte{0});
    field[1] = std::byte{k_fixed[i]};
  }
}

void set_positions(std::span<std::byte> head, const ArchiveHead& parsed,
                   const std::map<std::int64_t, std::uint64_t>& data_at) {
  for (const ArchiveEntry& entry : parsed.entries) {
    if (const auto known = data_at.find(entry.id); known != data_at.end()) {
      BinaryWriter field;
      field.u8(std::to_integer<std::uint8_t>(k_offset_known));
      field.u64(known->second);
      std::ranges::copy(field.take(), head.subspan(entry.end - k_offset_field).begin());
    }
  }
}

Bytes without_entries(ByteView head, const ArchiveHead& parsed,
                      const std::set<std::int64_t>& drop) {
  const ByteView start = head.first(parsed.count_at);
  BinaryWriter out;
  out.raw(start);
  std::uint32_t count = 0;
  for (const ArchiveEntry& entry : parsed.entries) {
    count += drop.contains(entry.id) ? 0U : 1U;
  }
  out.u8(0);
  out.u32(count);
  for (const ArchiveEntry& entry : parsed.entries) {
    if (!drop.contains(entry.id)) {
      out.raw(head.subspan(entry.begin, entry.end - entry.begin));
    }
  }
  return out.take();
}

void ArchiveData::pass(ByteView bytes) {
  passed_ += bytes.size();
  while (!bytes.empty()) {
    if (at_ == At::data) {
      const std::size_t size = std::min<std::uint64_t>(bytes.size(), left_);
      reader_->data(*entry_, object_, bytes.first(size));
      bytes = bytes.subspan(size);
      left_ -= size;
      if (left_ == 0) {
        at_ = At::length;
      }
      continue;
    }
    if (at_ == At::block) {
      if (bytes[0] != k_block_of_data && bytes[0] != k_block_of_objects) {
        damaged("where data should begin is something else");
      }
      has_objects_ = bytes[0] == k_block_of_objects;
      block_at_ = passed_ - bytes.size();
      at_ = At::entry_id;
      bytes = bytes.subspan(1);
      continue;
    }
    const std::size_t size = std::min(bytes.size(), k_number_size - number_size_);
    std::copy_n(bytes.begin(), size, number_.begin() + static_cast<std::ptrdiff_t>(number_size_));
    bytes = bytes.subspan(size);
    number_size_ += size;
    if (number_size_ == k_number_size) {
      number_size_ = 0;
      take_number(number_of(number_));
    }
  }
}

void ArchiveData::take_number(std::int64_t value) {
  if (value < 0) {
    damaged("a length is negative");
  }
  const auto number = static_cast<std::uint64_t>(value);
  switch (at_) {
  case At::entry_id: {
    const auto found = by_id_.find(value);
    if (found == by_id_.end() || !found->second->has_data || !seen_.insert(value).second) {
      damaged("it has data that its table of contents does not know");
    }
    entry_ = found->second;
    reader_->begin_of_data(*entry_, block_at_);
    at_ = has_objects_ ? At::object_id : At::length;
    break;
  }
  case At::object_id:
    if (number == 0) {
      at_ = At::block;
    } else {
      object_ = number;
      at_ = At::length;
    }
    break;
  case At::length:
    if (number > 0) {
      left_ = number;
      at_ = At::data;
      break;
    }
    reader_->end_of_data(*entry_, object_);
    at_ = has_objects_ ? At::object_id : At::block;
    object_ = 0;
    break;
  case At::block:
  case At::data:
    bug("a number was read where none is");
  }
}

void ArchiveData::expect_complete() const {
  const auto expected = std::ranges::count_if(head_->entries, &ArchiveEntry::has_data);
  if (at_ != At::block || seen_.size() != static_cast<std::size_t>(expected)) {
    damaged("it ends too early");
  }
}

} // namespace savepoint::drivers::postgres
