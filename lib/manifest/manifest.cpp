#include "manifest/manifest.hpp"

#include "base/error.hpp"
#include "manifest/internal/document.hpp"

#include <algorithm>

namespace savepoint::manifest {
namespace {

constexpr std::size_t k_fewest_digits = 4;
constexpr std::size_t k_most_digits = 64;
constexpr std::size_t k_time_length = 16; // of an id: YYYYMMDD-HHMMSS-

SnapshotId free_id(const Manifest& manifest,
                   const std::function<bool(const SnapshotId&)>& is_taken) {
  const IdMaker maker(manifest);
  for (std::size_t count = k_fewest_digits; count <= k_most_digits; ++count) {
    const SnapshotId id = maker.with_digits(count);
    if (!is_taken(id)) {
      return id;
    }
  }
  bug("every id of a snapshot is taken");
}

void check_id(const Manifest& manifest) {
  const std::size_t digits = manifest.id ? manifest.id->text().size() - k_time_length : 0;
  if (digits == 0 || IdMaker(manifest).with_digits(digits) != manifest.id) {
    throw CorruptionError("its id is not that of its content");
  }
}

} // namespace

std::uint64_t Manifest::bytes() const {
  std::uint64_t sum = code ? code->bytes : 0;
  sum = add_sizes(sum, config ? bytes_of_config(*config) : 0);
  for (const DatabaseComponent& database : databases) {
    sum = add_sizes(sum, database.size);
  }
  return sum;
}

std::string seal(Manifest& manifest, const std::function<bool(const SnapshotId&)>& is_taken) {
  // Times are printed to the millisecond; what is sealed must equal what is read back.
  manifest.created_at = std::chrono::floor<std::chrono::milliseconds>(manifest.created_at);
  std::ranges::sort(manifest.databases, {}, &DatabaseComponent::name);
  if (manifest.state.empty()) {
    manifest.state = state_of(manifest);
  }
  manifest.id = free_id(manifest, is_taken);
  std::string text = print_sealed(to_json(manifest));
  // A snapshot that nobody can read back must not come to be, whoever filled it in wrongly.
  static_cast<void>(parse(text, "the new manifest"));
  return text;
}

Manifest parse(std::string_view text, std::string_view what) {
  const json::Value document = parse_sealed(text, what, k_manifest_format);
  try {
    Manifest manifest = from_json(document);
    if (to_json(manifest) != document) {
      throw CorruptionError("it is not as we would have printed it");
    }
    check_id(manifest);
    return manifest;
  } catch (const CorruptionError& error) {
    throw CorruptionError(std::string(what) + " is damaged: " + error.what());
  }
}

} // namespace savepoint::manifest
