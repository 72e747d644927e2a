#include "restore/logged.hpp"

#include "base/printable.hpp"

namespace savepoint::restore {

void log_restored(store::Operation& line, const Restored& restored) {
  line.snapshot = restored.snapshot.text();
  line.safety = restored.safety ? restored.safety->text() : std::string();
  line.changes = restored.changes.size();
  if (!restored.missing.empty()) {
    const std::size_t others = restored.missing.size() - 1;
    line.error = "could not give " + quoted(restored.missing.front()) +
                 (others > 0 ? ", and " + std::to_string(others) + " more" : "");
  }
}

} // namespace savepoint::restore
