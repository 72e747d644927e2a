#pragma once

#include "database/driver.hpp"
#include "drivers/postgres/internal/programs.hpp"
#include "drivers/postgres/internal/session.hpp"

#include <chrono>
#include <filesystem>
#include <memory>

namespace savepoint::drivers::postgres {

/// Driver::open_capture.
[[nodiscard]] std::unique_ptr<database::Capture>
open_capture(const database::Target& target, const std::filesystem::path& scratch,
             std::chrono::milliseconds wait, const Cancellation& cancellation,
             const std::filesystem::path& versions);

/// What a capture of a transaction needs to know.
struct CaptureRequest {
  const database::Target& target;
  const Access& access;
  std::filesystem::path scratch;
  std::chrono::milliseconds wait{};
  const Cancellation& cancellation;
  std::filesystem::path versions;
};

/// Captures what the open transaction of `session` sees: REPEATABLE READ, so that it sees one
/// state. The transaction must stay open as long as the capture lives.
[[nodiscard]] std::unique_ptr<database::Capture>
capture_transaction(std::shared_ptr<Session> session, const CaptureRequest& request);

} // namespace savepoint::drivers::postgres
