#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace savepoint::cli {

/// How far a stage of long work has come.
struct StageProgress {
  std::string name;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t total = 0;              ///< Bytes; 0: not known.
  std::chrono::milliseconds elapsed{0}; ///< Since the stage began.
};

/// "staging: 10 files, 0.5 GiB of 2.0 GiB (25 %), 85.3 MiB/s, 18 s left", or as much of it as fits
/// into `width` columns. How fast it goes, and how long it will take, is said after a second.
[[nodiscard]] std::string progress_text(const StageProgress& progress, std::size_t width);

} // namespace savepoint::cli
