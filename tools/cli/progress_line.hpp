#pragma once

#include "base/progress.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace savepoint::cli {

class Terminal;

/// One line on stderr that says how far long work has come, how fast it goes and how long it will
/// take. It appears after a second, only on a terminal, and is gone when the work is done. A
/// program that set SAVEPOINT_PROGRESS=json gets lines of JSON instead:
/// {"progress":{"stage","files","bytes","total"}}.
class ProgressLine final : public Progress {
public:
  /// `terminal` must outlive it.
  explicit ProgressLine(const Terminal& terminal);
  ~ProgressLine() override;
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void stage(std::string_view name, std::uint64_t total_bytes) override;
  void advance(std::uint64_t files, std::uint64_t bytes) override;
  /// Takes the line off the screen; the next advance may bring it back.
  void clear();

private:
  void draw();
  void tell() const;

  const Terminal* terminal_;
  std::chrono::steady_clock::time_point started_;
  std::atomic<std::int64_t> next_draw_; // nanoseconds since started_
  std::atomic<std::uint64_t> files_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::mutex mutex_; // guards what follows
  std::string stage_;
  std::uint64_t total_ = 0;
  std::chrono::steady_clock::time_point stage_began_;
  bool visible_ = false;
};

} // namespace savepoint::cli
