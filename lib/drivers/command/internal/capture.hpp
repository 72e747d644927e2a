#pragma once

#include "database/driver.hpp"
#include "hash/sha256.hpp"
#include "process/child.hpp"

#include <cstdint>
#include <string_view>

namespace savepoint::drivers::command {

/// The member of a component's details that has the SHA-256 of the dump.
inline constexpr std::string_view k_digest = "sha256";

/// What the dump command writes. An end that is not clean, or comes before the first byte, is a
/// DatabaseError.
class CommandCapture final : public database::Capture {
public:
  /// `cancellation` must outlive the capture.
  CommandCapture(const database::Target& target, const Cancellation& cancellation);

  [[nodiscard]] database::StreamShape shape() const override;
  [[nodiscard]] std::size_t read(std::span<std::byte> into) override;
  [[nodiscard]] manifest::DatabaseComponent describe() override;

private:
  void finish();

  database::Target target_;
  process::Child dump_;
  hash::Sha256 hash_;
  std::uint64_t size_ = 0;
  bool is_finished_ = false;
};

} // namespace savepoint::drivers::command
