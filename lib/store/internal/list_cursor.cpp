#include "store/internal/list_cursor.hpp"

#include "base/error.hpp"

#include <string>
#include <utility>

namespace savepoint::store {

ListCursor::ListCursor(const ChunkSource& source, const manifest::Content& content,
                       VisitList visit_list)
    : source_(&source), content_(content), visit_list_(std::move(visit_list)) {}

void ListCursor::open(const hash::Digest& id, std::uint64_t length, std::optional<unsigned> level) {
  if (visit_list_) {
    visit_list_(id);
  }
  ContentList list = decode_content_list(source_->get(id));
  if (level && list.level != *level) {
    damaged_content(content_, "a list is on the wrong level");
  }
  if (length_of(list) != length) {
    damaged_content(content_, "its pieces do not add up to its size");
  }
  open_.push_back({std::move(list), 0});
}

const ListEntry* ListCursor::next() {
  if (!has_begun_) {
    has_begun_ = true;
    open(content_.id, content_.size, std::nullopt);
  }
  while (!open_.empty()) {
    Open& lowest = open_.back();
    if (lowest.next == lowest.list.entries.size()) {
      open_.pop_back();
      continue;
    }
    const ListEntry& entry = lowest.list.entries[lowest.next++];
    if (lowest.list.level == 0) {
      return &entry;
    }
    open(*entry.id, entry.length, lowest.list.level - 1U);
  }
  return nullptr;
}

void damaged_content(const manifest::Content& content, std::string_view why) {
  throw CorruptionError("content '" + content.id.hex() + "' is damaged: " + std::string(why));
}

} // namespace savepoint::store
