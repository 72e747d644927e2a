#pragma once

#include "base/timestamp.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace savepoint {

/// The name of a snapshot: `YYYYMMDD-HHMMSS-xxxx`, in UTC, then four or more hex digits of the
/// digest of its content. It is also the name of the manifest's file, so nothing else is accepted.
class SnapshotId {
public:
  /// Reads a whole id; nothing if `text` is not exactly one.
  [[nodiscard]] static std::optional<SnapshotId> parse(std::string_view text);

  /// Makes the id of a snapshot taken at `time` whose digest begins with `hex_digits` (4 to 64).
  [[nodiscard]] static SnapshotId make(Timestamp time, std::string_view hex_digits);

  [[nodiscard]] const std::string& text() const { return text_; }

  friend auto operator<=>(const SnapshotId&, const SnapshotId&) = default;

private:
  explicit SnapshotId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

} // namespace savepoint
