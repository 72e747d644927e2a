#pragma once

#include "database/driver.hpp"

namespace savepoint::drivers::sqlite {

/// Driver::open_capture.
[[nodiscard]] std::unique_ptr<database::Capture> open_capture(const database::Target& target,
                                                              const std::filesystem::path& scratch,
                                                              std::chrono::milliseconds wait,
                                                              const Cancellation& cancellation);

} // namespace savepoint::drivers::sqlite
