#pragma once

#include "base/error.hpp"

#include <string_view>

namespace savepoint::fuzz {

/// Ends the program, and so the run, if a parser did not keep its word.
inline void promise(bool kept, std::string_view what) {
  if (!kept) {
    bug(what);
  }
}

/// Runs `work`; that it refuses what it was given is fine.
template <typename Work> void unless_refused(Work work) {
  try {
    work();
  } catch (const Error&) {
    return;
  }
}

} // namespace savepoint::fuzz
