#include "manifest/safety.hpp"

namespace savepoint::manifest {
namespace {

constexpr std::string_view k_note = "before restoring ";
constexpr std::string_view k_then_restored = "then-restored:";

void add_id(std::vector<SnapshotId>& ids, std::string_view text, std::string_view prefix) {
  if (text.starts_with(prefix)) {
    if (const auto id = SnapshotId::parse(text.substr(prefix.size()))) {
      ids.push_back(*id);
    }
  }
}

} // namespace

std::string safety_note(const Manifest& target) {
  return std::string(k_note) + (target.id ? target.id->text() : std::string());
}

std::string then_restored_tag(const SnapshotId& target) {
  return std::string(k_then_restored) + target.text();
}

std::vector<SnapshotId> restored_after(const Manifest& safety, const Marks& marks) {
  std::vector<SnapshotId> ids;
  add_id(ids, safety.note, k_note);
  for (const std::string& tag : marks.tags) {
    add_id(ids, tag, k_then_restored);
  }
  return ids;
}

} // namespace savepoint::manifest
