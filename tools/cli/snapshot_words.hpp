#pragma once

#include "manifest/summary.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::cli {

/// So many letters of a commit stand beside a snapshot.
inline constexpr std::size_t k_short_commit = 8;

/// "main at 1a2b3c4d"; empty where neither is known.
[[nodiscard]] std::string head_in_words(const std::optional<std::string>& branch,
                                        const std::optional<std::string>& commit);

// Cells of a list of snapshots, printable.

/// "main@1a2b3c4d+", with a plus where there was work in progress.
[[nodiscard]] std::string branch_and_commit(const manifest::Summary& summary);
/// How many databases it has: "-" for none.
[[nodiscard]] std::string databases_of(const manifest::Summary& summary);
/// Tags, pin, gaps and note: what people wrote, and what they should know.
[[nodiscard]] std::string remarks(const manifest::Summary& summary);
/// For each the shortest end of its id that selects it alone, from a dash on.
[[nodiscard]] std::vector<std::string> short_ids(const std::vector<manifest::Summary>& snapshots);

} // namespace savepoint::cli
