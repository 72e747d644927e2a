#include "cli/progress_text.hpp"

#include "cli/text.hpp"

#include <algorithm>

namespace savepoint::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds k_before_rate{1};

/// "18 s", "2 min 5 s".
std::string time_left(std::uint64_t bytes, std::uint64_t per_second) {
  const seconds left(static_cast<std::int64_t>(bytes / per_second) + 1);
  return left < std::chrono::minutes(1) ? std::to_string(left.count()) + " s"
                                        : human_duration(left);
}

} // namespace

std::string progress_text(const StageProgress& progress, std::size_t width) {
  // More than was expected: nobody knows how much there is.
  const std::uint64_t total = progress.bytes > progress.total ? 0 : progress.total;
  const std::string files = progress.files == 0 ? "" : counted(progress.files, "file") + ", ";
  std::string bytes = human_size(progress.bytes);
  std::string percent;
  if (total > 0) {
    const double part = static_cast<double>(progress.bytes) / static_cast<double>(total);
    bytes += " of " + human_size(total);
    percent = " (" + std::to_string(static_cast<int>(part * 100)) + " %)";
  }
  const auto elapsed = static_cast<std::uint64_t>(progress.elapsed.count());
  const bool is_known = progress.elapsed >= k_before_rate && progress.bytes > 0;
  const std::uint64_t rate =
      is_known
          ? std::max<std::uint64_t>(static_cast<std::uint64_t>(static_cast<double>(progress.bytes) *
                                                               1000 / static_cast<double>(elapsed)),
                                    1)
          : 0;
  const std::string speed = is_known ? ", " + human_size(rate) + "/s" : "";
  const std::string left =
      is_known && total > 0 ? ", " + time_left(total - progress.bytes, rate) + " left" : "";
  const std::string begin = progress.name + ": ";
  // What is dispensable goes first where there is no room.
  for (const std::string& text :
       {begin + files + bytes + percent + speed + left, begin + bytes + percent + speed + left,
        begin + bytes + percent + left, begin + bytes + percent}) {
    if (columns(text) <= width) {
      return text;
    }
  }
  return shortened(begin + bytes, width);
}

} // namespace savepoint::cli
