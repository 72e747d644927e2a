#pragma once

#include "manifest/content.hpp"
#include "store/chunks.hpp"
#include "store/internal/content_list.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace savepoint::store {

/// Walks the lists of a content, parents before children, and gives its pieces in their order. A
/// list is read when its first piece is asked for.
class ListCursor {
public:
  using VisitList = std::function<void(const hash::Digest&)>;

  /// Requires a content of form list; `source` must outlive the cursor. `visit_list` is told the id
  /// of each list before it is read.
  ListCursor(const ChunkSource& source, const manifest::Content& content,
             VisitList visit_list = nullptr);

  /// The next piece, which stays until the call after; null at the end.
  ///
  /// Throws CorruptionError if a list is damaged or they do not add up.
  [[nodiscard]] const ListEntry* next();

private:
  struct Open {
    ContentList list;
    std::size_t next = 0;
  };

  void open(const hash::Digest& id, std::uint64_t length, std::optional<unsigned> level);

  const ChunkSource* source_;
  manifest::Content content_;
  VisitList visit_list_;
  std::vector<Open> open_; // the uppermost first
  bool has_begun_ = false;
};

/// Throws CorruptionError: `content` is not what it should be.
[[noreturn]] void damaged_content(const manifest::Content& content, std::string_view why);

} // namespace savepoint::store
