#include "fuzz/targets.hpp"

#include <cstddef>
#include <cstdint>

// What libFuzzer calls; the build says which target it is for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  savepoint::fuzz::SAVEPOINT_FUZZ_TARGET(std::as_bytes(std::span(data, size)));
  return 0;
}
