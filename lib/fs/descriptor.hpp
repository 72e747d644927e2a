#pragma once

#include <utility>

namespace savepoint::fs {

/// An open file descriptor, closed at the end. -1 means none.
class Descriptor {
public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      close();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  void close() noexcept;
  /// Closes and returns what the system says to that: 0, or the errno of a write that failed late.
  [[nodiscard]] int close_checked() noexcept;

private:
  int number_ = -1;
};

} // namespace savepoint::fs
