#include "manifest/entries.hpp"

#include "cli/snapshot_words.hpp"

#include "base/error.hpp"

#include <string>
#include <utility>

namespace savepoint::tools {
namespace {

/// Whether it came to an answer: not so if it was interrupted, or asked for what is not there.
bool has_looked(const store::Operation& verification) {
  return !verification.has_failed() ||
         verification.exit_code == static_cast<int>(ExitCode::corrupt);
}

/// The newest look at a snapshot decides, if it was taken before.
std::optional<Timestamp> verified_at(const manifest::Summary& summary,
                                     const std::vector<store::Operation>& verifications) {
  const std::string id = summary.id.text();
  for (const store::Operation& one : verifications) {
    if (has_looked(one) && one.at >= summary.created_at &&
        (one.snapshot.empty() || one.snapshot == id)) {
      return one.has_failed() ? std::nullopt : std::optional(one.at);
    }
  }
  return std::nullopt;
}

} // namespace

ShortIds short_ids_of(const std::vector<manifest::Summary>& all) {
  ShortIds ids;
  std::vector<std::string> short_ids = cli::short_ids(all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    ids.emplace(all[i].id.text(), std::move(short_ids[i]));
  }
  return ids;
}

std::vector<Entry> entries_of(const std::vector<manifest::Summary>& shown,
                              const std::vector<store::Operation>& verifications,
                              const ShortIds& short_ids) {
  std::vector<Entry> entries;
  entries.reserve(shown.size());
  for (const manifest::Summary& summary : shown) {
    entries.push_back(
        {.summary = &summary,
         .short_id = short_ids.empty() ? std::string() : short_ids.at(summary.id.text()),
         .verified_at = verified_at(summary, verifications)});
  }
  return entries;
}

} // namespace savepoint::tools
