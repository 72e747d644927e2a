#include "cli/progress_line.hpp"

#include "cli/progress_text.hpp"
#include "cli/terminal.hpp"
#include "json/value.hpp"

#include <utility>

namespace savepoint::cli {
namespace {

using std::chrono::steady_clock;

constexpr std::int64_t k_first_draw = 1'000'000'000;
constexpr std::int64_t k_between_draws = 100'000'000;

} // namespace

ProgressLine::ProgressLine(const Terminal& terminal)
    : terminal_(&terminal), started_(steady_clock::now()),
      next_draw_(terminal.tells_progress() ? 0 : k_first_draw) {}

ProgressLine::~ProgressLine() {
  clear();
}

void ProgressLine::stage(std::string_view name, std::uint64_t total_bytes) {
  const std::lock_guard lock(mutex_);
  stage_ = name;
  stage_began_ = steady_clock::now();
  total_ = total_bytes;
  files_ = 0;
  bytes_ = 0;
  if (terminal_->tells_progress()) {
    tell();
  }
}

void ProgressLine::advance(std::uint64_t files, std::uint64_t bytes) {
  files_.fetch_add(files, std::memory_order_relaxed);
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
  const std::int64_t now = (steady_clock::now() - started_) / std::chrono::nanoseconds(1);
  std::int64_t due = next_draw_.load(std::memory_order_relaxed);
  if (now >= due && next_draw_.compare_exchange_strong(due, now + k_between_draws)) {
    draw();
  }
}

void ProgressLine::draw() {
  const std::lock_guard lock(mutex_);
  if (terminal_->tells_progress()) {
    tell();
    return;
  }
  if (!terminal_->can_draw()) {
    return;
  }
  const StageProgress progress{.name = stage_,
                               .files = files_,
                               .bytes = bytes_,
                               .total = total_,
                               .elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
                                   steady_clock::now() - stage_began_)};
  terminal_->draw_line(progress_text(progress, terminal_->width() - 1));
  visible_ = true;
}

void ProgressLine::tell() const {
  json::Value progress = json::Value::object(
      {{"stage", stage_}, {"files", files_.load()}, {"bytes", bytes_.load()}, {"total", total_}});
  terminal_->write_line(json::print_line(json::Value::object({{"progress", std::move(progress)}})));
}

void ProgressLine::clear() {
  const std::lock_guard lock(mutex_);
  if (visible_) {
    terminal_->draw_line("");
    visible_ = false;
  }
}

} // namespace savepoint::cli
