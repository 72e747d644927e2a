#include "restore/internal/random_name.hpp"

#include <random>

namespace savepoint::restore {

std::string random_name() {
  static constexpr std::string_view k_digits = "0123456789abcdef";
  std::random_device random;
  std::string name;
  while (name.size() < 16) {
    for (std::random_device::result_type bits = random(), i = 0; i < 8; ++i, bits >>= 4U) {
      name += k_digits[bits & 15U];
    }
  }
  return name;
}

} // namespace savepoint::restore
