#include "store/internal/summary_bytes.hpp"

#include "base/binary.hpp"
#include "hash/checksum.hpp"

#include <chrono>

namespace savepoint::store {

namespace {

void write_flag(BinaryWriter& writer, bool flag) {
  writer.u8(flag ? 1 : 0);
}

void write_optional(BinaryWriter& writer, const std::optional<std::string>& text) {
  write_flag(writer, text.has_value());
  if (text) {
    writer.string(*text);
  }
}

bool read_flag(BinaryReader& reader) {
  const std::uint8_t number = reader.u8();
  if (number > 1) {
    reader.damaged("a flag is neither yes nor no");
  }
  return number == 1;
}

std::optional<std::string> read_optional(BinaryReader& reader) {
  if (!read_flag(reader)) {
    return std::nullopt;
  }
  return std::string(reader.string());
}

SnapshotId read_id(BinaryReader& reader) {
  const std::optional<SnapshotId> id = SnapshotId::parse(reader.string());
  if (!id) {
    reader.damaged("a snapshot has no proper id");
  }
  return *id;
}

std::vector<manifest::ComponentSummary> read_components(BinaryReader& reader) {
  std::vector<manifest::ComponentSummary> components(reader.count(3));
  for (manifest::ComponentSummary& component : components) {
    component.kind = reader.string();
    component.name = reader.string();
    component.bytes = reader.varint();
  }
  return components;
}

manifest::Marks read_marks(BinaryReader& reader) {
  manifest::Marks marks;
  marks.note = reader.string();
  marks.tags.resize(reader.count(1));
  for (std::string& tag : marks.tags) {
    tag = reader.string();
  }
  marks.pinned = read_flag(reader);
  return marks;
}

} // namespace

Bytes encode_summary(const manifest::Summary& summary) {
  BinaryWriter writer;
  writer.string(summary.id.text());
  writer.varint(summary.sequence);
  writer.i64(summary.created_at.time_since_epoch().count());
  for (const std::string* text : {&summary.trigger, &summary.project, &summary.worktree}) {
    writer.string(*text);
  }
  write_optional(writer, summary.branch);
  write_optional(writer, summary.commit);
  write_flag(writer, summary.dirty);
  writer.string(summary.state);
  writer.varint(summary.bytes);
  writer.varint(summary.bytes_added);
  write_flag(writer, summary.complete);
  writer.varint(summary.components.size());
  for (const manifest::ComponentSummary& component : summary.components) {
    writer.string(component.kind);
    writer.string(component.name);
    writer.varint(component.bytes);
  }
  writer.string(summary.marks.note);
  writer.varint(summary.marks.tags.size());
  for (const std::string& tag : summary.marks.tags) {
    writer.string(tag);
  }
  write_flag(writer, summary.marks.pinned);
  writer.u64(hash::checksum64(writer.view()));
  return writer.take();
}

// The members are read in the order in which they are written: braces keep it.
manifest::Summary decode_summary(ByteView bytes) {
  BinaryReader reader(bytes, "the catalog");
  manifest::Summary summary{
      .id = read_id(reader),
      .sequence = reader.varint(),
      .created_at = Timestamp(std::chrono::nanoseconds(reader.i64())),
      .trigger = std::string(reader.string()),
      .project = std::string(reader.string()),
      .worktree = std::string(reader.string()),
      .branch = read_optional(reader),
      .commit = read_optional(reader),
      .dirty = read_flag(reader),
      .state = std::string(reader.string()),
      .bytes = reader.varint(),
      .bytes_added = reader.varint(),
      .complete = read_flag(reader),
      .components = read_components(reader),
      .marks = read_marks(reader),
  };
  const ByteView checked = bytes.first(reader.position());
  if (reader.u64() != hash::checksum64(checked)) {
    reader.damaged("a snapshot does not match its checksum");
  }
  reader.expect_end();
  return summary;
}

} // namespace savepoint::store
