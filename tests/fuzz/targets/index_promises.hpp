#pragma once

#include "fuzz/promise.hpp"
#include "git/internal/index_format.hpp"

namespace savepoint::fuzz {

/// What everybody who reads an index relies on. One that is not all there goes to git instead.
inline void promise_index(const git::IndexContent& index) {
  if (index.needs_git) {
    return;
  }
  const git::IndexEntry* previous = nullptr;
  for (const git::IndexEntry& entry : index.entries) {
    promise(!entry.path.empty() && entry.path.find('\0') == std::string_view::npos,
            "a path is a path");
    promise(entry.object.size() == 20 || entry.object.size() == 32, "an id has one of two lengths");
    promise(entry.stage <= 3, "there are three stages of a conflict");
    promise(previous == nullptr || git::in_order(*previous, entry), "entries are in order");
    previous = &entry;
  }
}

} // namespace savepoint::fuzz
