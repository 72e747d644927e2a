#include "snapshot/logged.hpp"

#include "base/printable.hpp"

#include <algorithm>

namespace savepoint::snapshot {

void log_taken(store::Operation& line, const Taken& taken) {
  line.snapshot = taken.manifest.id->text();
  line.bytes_added = taken.manifest.bytes_added;
  const std::vector<manifest::LeftOut>& left_out = taken.manifest.left_out;
  const auto first = std::ranges::find(left_out, true, &manifest::LeftOut::is_error);
  if (first != left_out.end()) {
    const auto gaps = std::ranges::count(left_out, true, &manifest::LeftOut::is_error);
    line.error = "left out " + quoted(first->path) + ": " + printable(first->reason) +
                 (gaps > 1 ? ", and " + std::to_string(gaps - 1) + " more" : "");
  }
}

} // namespace savepoint::snapshot
