#pragma once

#include "manifest/manifest.hpp"
#include "manifest/sealed_document.hpp"
#include "json/value.hpp"

#include <string>
#include <string_view>

namespace savepoint::manifest {

inline constexpr Format k_manifest_format{"savepoint-manifest", 3};
inline constexpr Format k_marks_format{"savepoint-marks", 1};

/// Reads the members of a manifest. Throws CorruptionError for what is missing or of another kind;
/// members it does not know it leaves to the comparison of `text` with a new print.
[[nodiscard]] Manifest from_json(const json::Value& document);

/// The lowest version that has all members of `manifest`: what it is printed with.
[[nodiscard]] std::int64_t version_of(const Manifest& manifest);

/// The id that a manifest with these contents gets, with so many hex digits (4 to 64).
class IdMaker {
public:
  explicit IdMaker(const Manifest& manifest);
  [[nodiscard]] SnapshotId with_digits(std::size_t count) const;

private:
  Timestamp created_at_;
  std::string digits_;
};

/// Adds sizes that may have been read from disk: stops at the largest number a document can hold.
[[nodiscard]] std::uint64_t add_sizes(std::uint64_t a, std::uint64_t b);

/// The bytes of the config files that are stored with the config, and not with the code.
[[nodiscard]] std::uint64_t bytes_of_config(const ConfigComponent& config);

} // namespace savepoint::manifest
