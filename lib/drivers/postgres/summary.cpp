#include "drivers/postgres/internal/summary.hpp"

#include "base/binary.hpp"
#include "base/error.hpp"
#include "drivers/postgres/internal/access.hpp"
#include "hash/sha256.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace savepoint::drivers::postgres {

namespace {

constexpr std::size_t k_flush_at = std::size_t{64} << 10U;

bool is_plain_word(const std::string& name) {
  const auto is_first = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const auto is_other = [&](char c) { return is_first(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && is_first(name.front()) && std::ranges::all_of(name, is_other);
}

/// Whether an entry says something of the content. Others name the database itself, or group large
/// objects by owners.
bool is_content(const ArchiveEntry& entry, const ContentRules& rules) {
  static const std::set<std::string> k_never{"DATABASE", "DATABASE PROPERTIES", "BLOBS",
                                             "BLOB METADATA"};
  if (k_never.contains(entry.kind) || entry.tag.starts_with("DATABASE ")) {
    return false;
  }
  return rules.with_privileges || (entry.kind != "ACL" && entry.kind != "DEFAULT ACL");
}

/// Rows, large objects, and how far sequences have come.
bool is_data(const ArchiveEntry& entry) {
  return entry.kind.ends_with("DATA") || entry.kind == "SEQUENCE SET" ||
         entry.kind.starts_with("BLOB") || entry.tag.starts_with("LARGE OBJECT ");
}

BinaryWriter described(const ArchiveEntry& entry, const ContentRules& rules) {
  BinaryWriter out;
  for (const std::string& text :
       {entry.kind, entry.schema, entry.tag, rules.with_owners ? entry.owner : std::string(),
        entry.definition, entry.copy}) {
    out.string(text);
  }
  return out;
}

/// In whatever order they came.
std::string digest_of(std::vector<hash::Digest> parts) {
  std::ranges::sort(parts);
  hash::Sha256 all;
  for (const hash::Digest& part : parts) {
    all.update(part.view());
  }
  return all.finish().hex();
}

/// By find(), which is much faster here than looking at each byte.
std::uint64_t count_lines(std::string_view text) {
  std::uint64_t count = 0;
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string_view::npos; ++at) {
    ++count;
  }
  return count;
}

} // namespace

void ArchiveSummary::take(ByteView bytes) {
  hasher_.update(bytes);
  lines_ += count_lines(as_text(bytes));
  tail_ += as_text(bytes.last(std::min(bytes.size(), k_end_of_rows.size())));
  tail_.erase(0, tail_.size() - std::min(tail_.size(), k_end_of_rows.size()));
}

void ArchiveSummary::data(const ArchiveEntry&, std::uint64_t, ByteView bytes) {
  if (bytes.size() >= k_flush_at) {
    flush();
    take(bytes);
    return;
  }
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  if (pending_.size() >= k_flush_at) {
    flush();
  }
}

void ArchiveSummary::flush() {
  take(pending_);
  pending_.clear();
}

void ArchiveSummary::end_of_data(const ArchiveEntry& entry, std::uint64_t large_object) {
  flush();
  const std::array<std::byte, 16> checksum = hasher_.finish();
  if (large_object != 0) {
    BinaryWriter out;
    out.string("large object");
    out.varint(large_object);
    out.raw(checksum);
    objects_.push_back(hash::sha256(out.view()));
    ++large_objects_;
  } else {
    data_[entry.id] = checksum;
  }
  if (entry.kind == "TABLE DATA") {
    constexpr std::uint64_t k_lines_at_end = 3;
    if (tail_ != k_end_of_rows) {
      throw CorruptionError("the archive of a PostgreSQL database is damaged: the rows of a table "
                            "end too early");
    }
    rows_.push_back({entry.schema, entry.tag, lines_ - k_lines_at_end});
  }
  lines_ = 0;
  tail_.clear();
}

std::string ArchiveSummary::content() const {
  std::vector<hash::Digest> parts = objects_;
  for (const ArchiveEntry& entry : head_->entries) {
    if (is_content(entry, rules_)) {
      BinaryWriter out = described(entry, rules_);
      const auto data = data_.find(entry.id);
      if (data != data_.end()) {
        out.raw(data->second);
      }
      parts.push_back(hash::sha256(out.view()));
    }
  }
  return digest_of(std::move(parts));
}

std::string ArchiveSummary::schema() const {
  std::vector<hash::Digest> parts;
  for (const ArchiveEntry& entry : head_->entries) {
    if (is_content(entry, rules_) && !is_data(entry)) {
      parts.push_back(hash::sha256(described(entry, rules_).view()));
    }
  }
  return digest_of(std::move(parts));
}

std::string table_name(const std::string& schema, const std::string& table) {
  const auto part = [](const std::string& name) {
    return is_plain_word(name) ? name : quote_name(name);
  };
  return schema == "public" ? part(table) : part(schema) + "." + part(table);
}

} // namespace savepoint::drivers::postgres
