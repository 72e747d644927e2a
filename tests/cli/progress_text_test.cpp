#include "cli/progress_text.hpp"

#include "support/catch.hpp"

using savepoint::cli::progress_text;
using savepoint::cli::StageProgress;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t k_mib = std::uint64_t{1} << 20U;

} // namespace

TEST_CASE("progress has bytes, how fast it goes and how long it will take") {
  const StageProgress half{
      .name = "staging", .files = 10, .bytes = 512 * k_mib, .total = 2048 * k_mib, .elapsed = 4s};
  CHECK(progress_text(half, 100) ==
        "staging: 10 files, 512.0 MiB of 2.0 GiB (25 %), 128.0 MiB/s, 13 s left");
  const StageProgress slow{
      .name = "staging", .files = 0, .bytes = 512 * k_mib, .total = 2048 * k_mib, .elapsed = 64s};
  CHECK(progress_text(slow, 100) ==
        "staging: 512.0 MiB of 2.0 GiB (25 %), 8.0 MiB/s, 3 min 13 s left");
}

TEST_CASE("what is not known is not said") {
  const StageProgress open{.name = "reading files", .files = 1, .bytes = 3 * k_mib, .elapsed = 2s};
  CHECK(progress_text(open, 100) == "reading files: 1 file, 3.0 MiB, 1.5 MiB/s");
  const StageProgress new_one{.name = "a", .bytes = 10, .total = 100, .elapsed = 999ms};
  CHECK(progress_text(new_one, 100) == "a: 10 B of 100 B (10 %)");
  CHECK(progress_text({.name = "a", .total = 100, .elapsed = 5s}, 100) == "a: 0 B of 100 B (0 %)");
  CHECK(progress_text({.name = "a", .files = 3, .elapsed = 5s}, 100) == "a: 3 files, 0 B");
}

TEST_CASE("where there is more than was expected, nobody knows how much") {
  CHECK(progress_text({.name = "a", .bytes = 100, .total = 100, .elapsed = 0s}, 100) ==
        "a: 100 B of 100 B (100 %)");
  CHECK(progress_text({.name = "a", .bytes = 300, .total = 100, .elapsed = 2s}, 100) ==
        "a: 300 B, 150 B/s");
}

TEST_CASE("progress fits into every width, what is least needed gives way first") {
  const StageProgress half{
      .name = "staging", .files = 10, .bytes = 512 * k_mib, .total = 2048 * k_mib, .elapsed = 4s};
  CHECK(progress_text(half, 65) == "staging: 512.0 MiB of 2.0 GiB (25 %), 128.0 MiB/s, 13 s left");
  CHECK(progress_text(half, 50) == "staging: 512.0 MiB of 2.0 GiB (25 %), 13 s left");
  CHECK(progress_text(half, 39) == "staging: 512.0 MiB of 2.0 GiB (25 %)");
  CHECK(progress_text(half, 30) == "staging: 512.0 MiB of 2.0 GiB");
  CHECK(progress_text(half, 12) == "staging: 51…");
}
